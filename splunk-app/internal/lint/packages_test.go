package lint_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/splunk-app/internal/lint"
	"github.com/weirflow/weir/splunk-app/internal/pack"
)

// known is what Weir emits.
func known() lint.Known {
	k := lint.Known{Fields: map[string][]string{}}
	for _, kind := range cim.Kinds() {
		for _, f := range cim.Fields(kind) {
			k.Fields[kind.Sourcetype()] = append(k.Fields[kind.Sourcetype()], f.Name)
		}
	}
	return k
}

// executable stands for the input's: an ELF file without libraries.
func executable(t testing.TB) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "weir")
	if err := os.WriteFile(file, elfFile(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// elfFile is the least that is one: a header for Linux on amd64 (System V ABI, figure 4-3).
func elfFile() []byte {
	header := make([]byte, 64)
	copy(header, "\x7fELF\x02\x01\x01")
	header[16], header[18], header[20] = 2, 62, 1 // an executable, for amd64, of version 1
	header[52], header[54], header[58] = 64, 56, 64
	return header
}

func sources(t testing.TB) map[string]*pack.Package {
	t.Helper()
	made, err := pack.Sources{Trees: "../../app", License: "../../../LICENSE", AMD64: executable(t)}.Build()
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// TestTrees: there is nothing to find in what is shipped.
func TestTrees(t *testing.T) {
	for name, p := range sources(t) {
		for _, f := range lint.Check(p, known()) {
			t.Errorf("%s: %s", name, f)
		}
	}
}

// TestArchives: nor in the archives that make has built, whose executables are the real ones. Without any, or with those of other sources, the test is
// left out; in continuous integration it fails.
func TestArchives(t *testing.T) {
	missing := t.Skipf
	if os.Getenv("WEIR_CI") == "1" {
		missing = t.Fatalf
	}
	archives, err := filepath.Glob("../../../dist/splunk/*.tgz")
	if err != nil || len(archives) < 2 {
		missing("no archives in dist/splunk, but %v: make build", archives)
	}
	made := sources(t)
	for _, file := range archives {
		in, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := pack.FromArchive(in)
		in.Close()
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		name := filepath.Base(file)
		if name != p.ID+"-"+pack.Version+".tgz" && name != p.ID+"-"+pack.Version+"-arm64.tgz" {
			t.Errorf("%s holds %s", file, p.ID)
			continue
		}
		if !same(p, made[p.ID+"-"+pack.Version+".tgz"]) {
			missing("%s is of other sources: make build", file)
		}
		for _, f := range lint.Check(p, known()) {
			t.Errorf("%s: %s", file, f)
		}
	}
}

// same tells whether two packages differ in executables alone.
func same(a, b *pack.Package) bool {
	if len(a.Files) != len(b.Files) {
		return false
	}
	for i := range a.Files {
		x, y := a.Files[i], b.Files[i]
		if x.Name != y.Name || x.Name != pack.Executable && !bytes.Equal(x.Data, y.Data) {
			return false
		}
	}
	return true
}
