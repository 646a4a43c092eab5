package pack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tagSets are the sets of checks that decide whether Splunk Cloud takes a package. AppInspect takes unknown names without a word and then checks
// next to nothing, so they are compared with what it lists.
var tagSets = []string{"cloud", "private_app", "private_classic", "private_victoria", "migration_victoria"}

// tool returns the path of a tool that scripts/setup installs; without it the test is left out, in continuous integration it fails.
func tool(t *testing.T, name string) string {
	t.Helper()
	file, err := filepath.Abs(filepath.Join("../../../.tools/splunk", name))
	if err == nil {
		_, err = os.Stat(file)
	}
	switch {
	case err == nil:
	case os.Getenv("WEIR_CI") == "1":
		t.Fatalf("no %s: scripts/setup test installs it", name)
	default:
		t.Skipf("no %s: scripts/setup test installs it", name)
	}
	return file
}

// packages builds the packages as scripts/splunk does, into a folder, and returns their files by name.
var packages = sync.OnceValues(func() (map[string]string, error) {
	folder, err := os.MkdirTemp("", "weir-splunk")
	if err != nil {
		return nil, err
	}
	s := Sources{Trees: "../../app", License: "../../../LICENSE", AMD64: filepath.Join(folder, "amd64"), ARM64: filepath.Join(folder, "arm64")}
	for _, architecture := range []string{"amd64", "arm64"} {
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(folder, architecture), "../../cmd/weir-splunk")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+architecture, "GOFLAGS=")
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%w: %s", err, out)
		}
	}
	made, err := s.Build()
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for name := range made {
		files[name] = filepath.Join(folder, "dist", name)
	}
	return files, Write(filepath.Join(folder, "dist"), made)
})

func TestMain(m *testing.M) {
	code := m.Run()
	if os.Getenv("WEIR_KEEP") == "" {
		removePackages()
	}
	os.Exit(code)
}

func removePackages() {
	if !built {
		return
	}
	if files, err := packages(); err == nil {
		for _, file := range files {
			os.RemoveAll(filepath.Dir(filepath.Dir(file)))
		}
	}
}

// built says that packages has been called.
var built bool

func builtPackages(t *testing.T) map[string]string {
	t.Helper()
	built = true
	files, err := packages()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// report is what AppInspect writes, as far as it matters here.
type report struct {
	Summary map[string]int
	Reports []struct {
		Groups []struct {
			Checks []struct {
				Name, Result string
				Messages     []struct{ Result, Message string }
			}
		}
	}
}

// inspect runs AppInspect with a set of checks.
func inspect(t *testing.T, executable, file, tags string) (r report) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "report.json")
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	// The exit code tells warnings from success, too: the report decides.
	said, _ := exec.CommandContext(ctx, executable, "inspect", file, "--mode", "precert", "--included-tags", tags, "--data-format", "json",
		"--output-file", out, "--max-messages", "all", "--skip-trusted-libraries-update", "--ci").CombinedOutput()
	text, err := os.ReadFile(out)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if len(r.Reports) != 1 || r.Summary["success"] < 10 {
		t.Fatalf("next to nothing was checked: %v", r.Summary)
	}
	return r
}

// found returns the names of checks that gave a result, and what they said.
func (r *report) found(results ...string) map[string]string {
	list := map[string]string{}
	for _, g := range r.Reports[0].Groups {
		for _, c := range g.Checks {
			if slices.Contains(results, c.Result) {
				list[c.Name] = fmt.Sprint(c.Messages)
			}
		}
	}
	return list
}

// allowed returns the warnings that a package may have with a set of checks.
func allowed(t *testing.T, id, tags string) (names []string) {
	t.Helper()
	text, err := os.ReadFile("testdata/warnings.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(line)
		if len(words) < 5 {
			t.Fatalf("a warning without a reason: %s", line)
		}
		if words[0] == id && (words[2] == "all" || words[2] == tags) {
			names = append(names, words[1])
		}
	}
	slices.Sort(names)
	return names
}

// TestAppInspect: Splunk's own checks find nothing in any package with any set of checks, but for the warnings that are listed with reasons.
func TestAppInspect(t *testing.T) {
	executable := tool(t, "appinspect/bin/splunk-appinspect")
	for name, file := range builtPackages(t) {
		id := App
		if strings.HasPrefix(name, AddOn) {
			id = AddOn
		}
		for _, tags := range tagSets {
			t.Run(name+"/"+tags, func(t *testing.T) {
				t.Parallel()
				r := inspect(t, executable, file, tags)
				for check, said := range r.found("error", "failure", "future_failure", "skipped") {
					t.Errorf("%s: %s", check, said)
				}
				for _, result := range []string{"error", "failure", "future_failure", "skipped"} {
					if r.Summary[result] != 0 {
						t.Errorf("%s: %d", result, r.Summary[result])
					}
				}
				warnings := r.found("warning")
				if diff := cmp.Diff(allowed(t, id, tags), slices.Sorted(maps.Keys(warnings))); diff != "" {
					t.Errorf("warnings are not those of testdata/warnings.txt:\n%s%v", diff, warnings)
				}
			})
		}
	}
}

// TestAppInspectARM: the package for arm64 is one.
func TestAppInspectARM(t *testing.T) {
	r := inspect(t, tool(t, "appinspect/bin/splunk-appinspect"), builtPackages(t)[AddOn+"-"+Version+"-arm64.tgz"], "aarch64_compatibility")
	for check, said := range r.found("error", "failure", "future_failure", "skipped", "warning") {
		t.Errorf("%s: %s", check, said)
	}
}

// TestAppInspectTags: the sets of checks exist.
func TestAppInspectTags(t *testing.T) {
	out, err := exec.Command(tool(t, "appinspect/bin/splunk-appinspect"), "list", "tags").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, tags := range append([]string{"aarch64_compatibility"}, tagSets...) {
		if !bytes.Contains(out, []byte(tags)) {
			t.Errorf("AppInspect knows no %s", tags)
		}
	}
}

// TestSlim: Splunk's packaging toolkit knows every setting of every file. Of the settings of an input's stanza it knows those alone that
// README/inputs.conf.spec names, which is why interval and start_by_shell stand there, too.
func TestSlim(t *testing.T) {
	slim := tool(t, "slim/bin/slim")
	for name, file := range builtPackages(t) {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			archive, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer archive.Close()
			p, err := FromArchive(archive)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range p.Files {
				to := filepath.Join(folder, p.ID, f.Name)
				if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(to, f.Data, f.Mode); err != nil {
					t.Fatal(err)
				}
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, slim, "validate", filepath.Join(folder, p.ID))
			cmd.Env = append(os.Environ(), "HOME="+folder, "SLIM_REPOSITORY="+folder)
			out, err := cmd.CombinedOutput()
			if err != nil || bytes.Contains(out, []byte("[WARNING]")) || bytes.Contains(out, []byte("[ERROR]")) || !bytes.Contains(out, []byte("validation complete")) {
				t.Errorf("%v:\n%s", err, out)
			}
		})
	}
}
