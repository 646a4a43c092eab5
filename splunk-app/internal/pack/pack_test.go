package pack

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestBuild: the packages of the source trees, as they are shipped.
func TestBuild(t *testing.T) {
	executable := filepath.Join(t.TempDir(), "some")
	if err := os.WriteFile(executable, []byte("\x7fELF"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := Sources{Trees: "../../app", License: "../../../LICENSE", AMD64: executable, ARM64: executable}
	packages, err := s.Build()
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) != 3 || packages["weir-"+Version+".tgz"] == nil || packages["TA-weir-"+Version+".tgz"] == nil || packages["TA-weir-"+Version+"-arm64.tgz"] == nil {
		t.Fatal(packages)
	}
	for name, p := range packages {
		archive, err := p.Archive()
		if err != nil {
			t.Fatal(err)
		}
		again, err := p.Archive()
		if err != nil || !bytes.Equal(archive, again) {
			t.Error("the same files give different archives", err)
		}
		back, err := FromArchive(bytes.NewReader(archive))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, back); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		for _, f := range back.Files {
			if isExecutable := f.Name == Executable; isExecutable != (f.Mode == 0o755) || !isExecutable && f.Mode != 0o644 {
				t.Errorf("%s: %s has %s", name, f.Name, f.Mode)
			}
			if bytes.Contains(f.Data, []byte("%VERSION%")) || bytes.Contains(f.Data, []byte("%BUILD%")) {
				t.Errorf("%s: %s has no version", name, f.Name)
			}
		}
		for _, file := range []string{"default/app.conf", "app.manifest"} {
			if !bytes.Contains(back.File(file), []byte(Version)) {
				t.Errorf("%s: no version in %s", name, file)
			}
		}
	}
}

// TestArchive: as Splunk's checks want it: no leading dot, nobody's files, a time that says nothing, folders before what is in them.
func TestArchive(t *testing.T) {
	p := &Package{ID: "some"}
	p.Add("default/app.conf", []byte("x"), 0o644)
	p.Add("bin/some", []byte("y"), 0o755)
	p.Add("default/app.conf", []byte("z"), 0o644)
	archive, err := p.Archive()
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil || z.Name != "" || !z.ModTime.IsZero() {
		t.Fatal(z, err)
	}
	var names []string
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" || !h.ModTime.Equal(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%+v", h)
		}
		names = append(names, h.FileInfo().Mode().String()+" "+h.Name)
	}
	want := []string{"drwxr-xr-x some/", "drwxr-xr-x some/bin/", "-rwxr-xr-x some/bin/some", "drwxr-xr-x some/default/", "-rw-r--r-- some/default/app.conf"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	if string(p.File("default/app.conf")) != "z" || p.File("none") != nil {
		t.Error("a file is not the last that was added")
	}
}

// TestNoPlace: what Splunk refuses, or users write themselves, does not get into a package.
func TestNoPlace(t *testing.T) {
	for _, name := range []string{".gitignore", "default/.swp", "local/app.conf", "metadata/local.meta", "default/app.conf~"} {
		if _, err := FromTree("some", fstest.MapFS{name: {}}); err == nil || !strings.Contains(err.Error(), "no place") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, h := range []tar.Header{{Name: "./some/x"}, {Name: "../x"}, {Name: "/etc/x"}, {Name: "some/../../x"}, {Name: "some/x", Typeflag: tar.TypeSymlink, Linkname: "/etc"}} {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		w := tar.NewWriter(z)
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		w.Close()
		z.Close()
		if p, err := FromArchive(&out); err == nil {
			t.Errorf("%s: %+v", h.Name, p)
		}
	}
}

// TestWrite: packages of other versions go, other files stay.
func TestWrite(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "splunk")
	p := &Package{ID: "some"}
	p.Add("a", []byte("a"), 0o644)
	if err := Write(folder, map[string]*Package{"some-1.0.0.tgz": p}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "notes"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(folder, map[string]*Package{"some-1.0.1.tgz": p}); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(left) != 2 || filepath.Base(left[0]) != "notes" || filepath.Base(left[1]) != "some-1.0.1.tgz" {
		t.Error(left, err)
	}
}

func TestBuildNumber(t *testing.T) {
	for version, want := range map[string]string{"0.1.0": "100", "1.2.3": "10203", "new": "0"} {
		if got := build(version); got != want {
			t.Errorf("%s: %s, want %s", version, got, want)
		}
	}
}

// FuzzFromArchive: whatever an archive holds, it is a package of one folder or refused.
func FuzzFromArchive(f *testing.F) {
	p := &Package{ID: "some"}
	p.Add("default/app.conf", []byte("x"), 0o644)
	archive, err := p.Archive()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(archive)
	f.Add(archive[:len(archive)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := FromArchive(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, file := range p.Files {
			if !fs.ValidPath(p.ID+"/"+file.Name) || p.ID == "" {
				t.Errorf("%s/%s", p.ID, file.Name)
			}
		}
	})
}
