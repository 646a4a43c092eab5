package servertest

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

//go:embed java
var sources embed.FS

// tools is the folder that scripts/elastic-servers fills.
type tools string

// toolsOf returns .tools/elastic of the repository that the test runs in.
func toolsOf(t testing.TB) tools {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return tools(filepath.Join(dir, ".tools", "elastic"))
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("the test does not run inside the repository")
		}
	}
}

func (d tools) path(elem ...string) string {
	return filepath.Join(append([]string{string(d)}, elem...)...)
}

// missing skips a test whose tools are not installed, or fails it where they must be.
func missing(t testing.TB, format string, args ...any) {
	t.Helper()
	what := fmt.Sprintf(format, args...)
	if os.Getenv("WEIR_CI") == "1" {
		t.Fatalf("%s: run scripts/setup test", what)
	}
	t.Skipf("SKIPPED, not tested: %s (run scripts/setup test)", what)
}

// jdk is the folder of a JDK.
type jdk string

func (j jdk) command(name string) string { return filepath.Join(string(j), "bin", name) }

var javaVersion = regexp.MustCompile(`JAVA_VERSION="(\d+)`)

// findJDK returns an installed JDK with at least the version from, and below the version below.
func findJDK(from, below int) (jdk, bool) {
	found := []string{os.Getenv("JAVA_HOME")}
	dirs, _ := filepath.Glob("/usr/lib/jvm/*") // the pattern is right
	found = append(found, dirs...)
	if java, err := exec.LookPath("javac"); err == nil {
		if real, err := filepath.EvalSymlinks(java); err == nil {
			found = append(found, filepath.Dir(filepath.Dir(real)))
		}
	}
	for _, dir := range found {
		release, err := os.ReadFile(filepath.Join(dir, "release"))
		m := javaVersion.FindSubmatch(release)
		if err != nil || m == nil {
			continue
		}
		v, _ := strconv.Atoi(string(m[1])) // digits
		if _, err := os.Stat(jdk(dir).command("javac")); err == nil && v >= from && v < below {
			return jdk(dir), true
		}
	}
	return "", false
}

// compile compiles the sources in folders of java on a class path, into a jar which is kept in the tools' folder until sources change. The
// name of what it makes holds the sources' hash, so that test binaries of several versions can run at the same time.
func (d tools) compile(j jdk, name, classPath string, folders ...string) (jar string, err error) {
	hash := sha256.New()
	fmt.Fprintln(hash, j, classPath)
	var files []string
	for _, folder := range folders {
		err = errors.Join(err, fs.WalkDir(sources, "java/"+folder, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			text, err := sources.ReadFile(path)
			fmt.Fprintf(hash, "%s %d\n%s", path, len(text), text)
			files = append(files, path)
			return err
		}))
	}
	if err != nil {
		return "", err
	}
	jar = d.path("classes", name+"-"+hex.EncodeToString(hash.Sum(nil))[:16]+".jar")
	if _, err := os.Stat(jar); err == nil {
		return jar, nil
	}
	return jar, d.build(j, jar, classPath, files)
}

func (d tools) build(j jdk, jar, classPath string, files []string) (err error) {
	if err := os.MkdirAll(filepath.Dir(jar), 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(jar), "build")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	args := []string{"-nowarn", "-proc:none", "-implicit:none", "-cp", classPath, "-d", filepath.Join(work, "classes")}
	for _, f := range files {
		at := filepath.Join(work, f)
		text, err := sources.ReadFile(f)
		if err != nil {
			return err
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, text, 0o644)); err != nil {
			return err
		}
		args = append(args, at)
	}
	if out, err := exec.Command(j.command("javac"), args...).CombinedOutput(); err != nil {
		return fmt.Errorf("javac: %w\n%s", err, out)
	}
	tmp := filepath.Join(work, "all.jar")
	if out, err := exec.Command(j.command("jar"), "cf", tmp, "-C", filepath.Join(work, "classes"), ".").CombinedOutput(); err != nil {
		return fmt.Errorf("jar: %w\n%s", err, out)
	}
	return os.Rename(tmp, jar)
}
