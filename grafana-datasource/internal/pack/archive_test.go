package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// built is the archive that make build has made, read whole.
type built struct {
	plugin
	files map[string][]byte // below the folder
	modes map[string]fs.FileMode
}

const root = "../.."

// whole is the archive once it was read: it is large.
var whole *built

// readArchive reads the archive. Where there is none, or one of other sources, the test is left out; in continuous integration it fails.
func readArchive(t *testing.T) *built {
	t.Helper()
	if whole != nil {
		return whole
	}
	missing := t.Skipf
	if os.Getenv("WEIR_CI") == "1" {
		missing = t.Fatalf
	}
	names, err := filepath.Glob("../../../dist/weir-flow-datasource-*.zip")
	if err != nil || len(names) != 1 {
		missing("want one archive in dist/, not %v: make clean build", names)
	}
	z, err := zip.OpenReader(names[0])
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	b := &built{files: map[string][]byte{}, modes: map[string]fs.FileMode{}}
	for _, f := range z.File {
		top, name, ok := strings.Cut(f.Name, "/")
		if !ok || top != "weir-flow-datasource" {
			t.Errorf("%s is not in the plugin's folder", f.Name)
		}
		b.files[name], b.modes[name] = content(t, f), f.Mode()
	}
	if stale := b.stale(t); stale != "" {
		missing("the archive is of other sources (%s): make build", stale)
	}
	b.plugin = readMetadata(t, b.files["plugin.json"])
	if filepath.Base(names[0]) != b.ID+"-"+b.Info.Version+".zip" {
		t.Errorf("%s holds %s %s", names[0], b.ID, b.Info.Version)
	}
	whole = b
	return b
}

func content(t *testing.T, f *zip.File) []byte {
	t.Helper()
	in, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	all, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// stale is the first source that is not as it was when the archive was built; "": none. Both ways in which the validator compares them with
// the archive: the manifest of Go files, and the sources in the map of the front end.
func (b *built) stale(t *testing.T) string {
	t.Helper()
	listed := map[string]bool{}
	lines := bufio.NewScanner(bytes.NewReader(b.files["go_plugin_build_manifest"]))
	for lines.Scan() {
		sum, name, _ := strings.Cut(lines.Text(), ":")
		listed[name] = true
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || fmt.Sprintf("%x", sha256.Sum256(text)) != sum {
			return name
		}
	}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if err == nil && strings.HasSuffix(file, ".go") && !listed[strings.TrimPrefix(filepath.ToSlash(file), root+"/")] {
			return fmt.Errorf("%s is not listed", file)
		}
		return err
	})
	if err != nil {
		return err.Error()
	}
	var sources struct {
		Sources        []string
		SourcesContent []string
	}
	if err := json.Unmarshal(b.files["module.js.map"], &sources); err != nil {
		t.Fatal(err)
	}
	for i, name := range sources.Sources {
		_, below, _ := strings.Cut(name, "weir-flow-datasource/./")
		text, err := os.ReadFile(filepath.Join(root, "src", below))
		if below != "" && (err != nil || string(text) != sources.SourcesContent[i]) {
			return name
		}
	}
	return ""
}

// TestArchive: the archive is as Grafana's validator of plugins wants it, rule by rule.
func TestArchive(t *testing.T) {
	b := readArchive(t)
	for _, name := range []string{"plugin.json", "module.js", "module.js.map", "README.md", "CHANGELOG.md", "LICENSE", "go_plugin_build_manifest"} {
		if len(bytes.TrimSpace(b.files[name])) == 0 {
			t.Errorf("no %s", name)
		}
	}
	if !bytes.HasPrefix(b.files["module.js"], []byte("define(")) {
		t.Error("module.js is no AMD module")
	}
	if license, err := os.ReadFile("../../../LICENSE"); err != nil || !bytes.Equal(license, b.files["LICENSE"]) || !bytes.Contains(license, []byte("Apache License")) {
		t.Error("the license is another", err)
	}
	if !strings.Contains(string(b.files["CHANGELOG.md"]), "## "+b.Info.Version) {
		t.Errorf("CHANGELOG.md does not tell of %s", b.Info.Version)
	}
	var npm struct{ Version, License string }
	text, err := os.ReadFile(filepath.Join(root, "package.json"))
	if err == nil {
		err = json.Unmarshal(text, &npm)
	}
	if err != nil || npm.Version != b.Info.Version || npm.License != "Apache-2.0" {
		t.Errorf("package.json: %+v, %v", npm, err)
	}
	for name := range b.files {
		if name == "MANIFEST.txt" || strings.Contains(name, "__debug") || strings.HasPrefix(path.Base(name), ".") || name != "plugin.json" && path.Base(name) == "plugin.json" {
			t.Errorf("%s has no place in it", name)
		}
	}
}

// TestArchiveTexts: the page of the catalog is about using the plugin, and its pictures are there.
func TestArchiveTexts(t *testing.T) {
	b := readArchive(t)
	readme := strings.ToLower(string(b.files["README.md"]))
	for _, word := range []string{"yarn", "nodejs", "npm install", "this is a template"} {
		if strings.Contains(readme, word) {
			t.Errorf("README.md has %q, which users have no use for", word)
		}
	}
	shown := []string{b.Info.Logos.Small, b.Info.Logos.Large}
	for _, s := range b.Info.Screenshots {
		shown = append(shown, s.Path)
		if !strings.HasSuffix(s.Path, ".png") || s.Name == "" {
			t.Errorf("%+v", s)
		}
	}
	for _, d := range b.Includes {
		shown = append(shown, d.Path)
		if d.Type == "dashboard" && !json.Valid(b.files[d.Path]) {
			t.Errorf("%s is no JSON", d.Path)
		}
	}
	for _, name := range shown {
		if len(b.files[name]) == 0 || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "/") {
			t.Errorf("no %s", name)
		}
	}
	for _, found := range regexp.MustCompile(`src/(img/[a-z-]+\.png)`).FindAllSubmatch(b.files["README.md"], -1) {
		if len(b.files[string(found[1])]) == 0 {
			t.Errorf("README.md shows %s", found[1])
		}
	}
	for name, text := range b.files {
		if strings.HasSuffix(name, ".svg") && regexp.MustCompile(`(?i)<script|<iframe|\son[a-z]+=|href=`).Match(text) {
			t.Errorf("%s may do something", name)
		}
	}
}

// TestArchiveExecutables: each can be started, says whose it is, and needs nothing of the machine.
func TestArchiveExecutables(t *testing.T) {
	b := readArchive(t)
	systems := []string{"linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64.exe"}
	found := 0
	for name, file := range b.files {
		system, ok := strings.CutPrefix(name, b.Executable+"_")
		if !ok {
			if b.modes[name]&0o111 != 0 {
				t.Errorf("%s is executable", name)
			}
			continue
		}
		found++
		if !slices.Contains(systems, system) || b.modes[name] != 0o755 {
			t.Errorf("%s: %s", name, b.modes[name])
		}
		build, err := buildinfo.Read(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		set := map[string]string{}
		for _, s := range build.Settings {
			set[s.Key] = s.Value
		}
		if os, arch, _ := strings.Cut(strings.TrimSuffix(system, ".exe"), "_"); set["GOOS"] != os || set["GOARCH"] != arch || set["CGO_ENABLED"] != "0" {
			t.Errorf("%s: %v", name, set)
		}
		if flags := set["-ldflags"]; flags != "" && !strings.Contains(flags, fmt.Sprintf(`{"pluginID":%q,"version":%q}`, b.ID, b.Info.Version)) {
			t.Errorf("%s: %s", name, flags)
		}
	}
	if found != 1 && found != len(systems) {
		t.Errorf("%d executables: make build has one, make dist all", found)
	}
}

// TestSourceLayout: the plugin's folder has what the validator looks for beside the archive: Grafana's build tools where they are expected.
func TestSourceLayout(t *testing.T) {
	for name, want := range map[string]string{
		".config/webpack/webpack.config.ts": "@grafana/create-plugin",
		"Magefile.go":                       "grafana-plugin-sdk-go/build",
		"package.json":                      `"version"`,
		"src/plugin.json":                   "weir-flow-datasource",
		"src/module.ts":                     "DataSourcePlugin",
	} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: no %s, %v", name, want, err)
		}
	}
}
