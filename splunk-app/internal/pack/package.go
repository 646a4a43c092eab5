package pack

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// Version is the version of both packages (semantic versioning 2), which Splunk wants in three places of each.
const Version = "0.1.0"

// The ids of the apps, which are the names of their folders, too.
const (
	AddOn = "TA-weir" // the input, for forwarders
	App   = "weir"    // dashboards and searches, for search heads
)

// Executable is where the input's executable lies in [AddOn]. Splunk finds it by its name, which is that of the scheme.
const Executable = "bin/weir"

// File is a file of a package.
type File struct {
	Name string // below the app's folder, with slashes
	Data []byte
	Mode fs.FileMode // 0o644, of executables 0o755
}

// Package is an app with all its files, sorted by name.
type Package struct {
	ID    string
	Files []File
}

// FromTree reads the source tree of an app and fills the version in. Hidden files, and what Splunk or users write themselves (local,
// local.meta), have no place in a package: they are errors.
func FromTree(id string, tree fs.FS) (*Package, error) {
	p := &Package{ID: id}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		if base := path.Base(name); base[0] == '.' || base == "local" || base == "local.meta" || strings.HasSuffix(base, "~") {
			return fmt.Errorf("%s has no place in a package", name)
		}
		if entry.IsDir() {
			return nil
		}
		data, err := fs.ReadFile(tree, name)
		if err == nil {
			p.Add(name, filled(name, data), 0o644)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the sources of %s: %w", id, err)
	}
	return p, nil
}

// Add puts a file into the package, in place of one of that name.
func (p *Package) Add(name string, data []byte, mode fs.FileMode) {
	at, found := slices.BinarySearchFunc(p.Files, name, func(f File, name string) int { return strings.Compare(f.Name, name) })
	if found {
		p.Files[at] = File{name, data, mode}
		return
	}
	p.Files = slices.Insert(p.Files, at, File{name, data, mode})
}

// File returns the content of a file, nil where there is none.
func (p *Package) File(name string) []byte {
	for i := range p.Files {
		if p.Files[i].Name == name {
			return p.Files[i].Data
		}
	}
	return nil
}

// AddFile puts a file of the disk into the package.
func (p *Package) AddFile(name, file string, mode fs.FileMode) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("add %s to %s: %w", name, p.ID, err)
	}
	p.Add(name, data, mode)
	return nil
}

// filled puts version and build number where a text says %VERSION% and %BUILD%.
func filled(name string, data []byte) []byte {
	switch path.Ext(name) {
	case ".conf", ".manifest", ".txt":
		data = bytes.ReplaceAll(data, []byte("%VERSION%"), []byte(Version))
		data = bytes.ReplaceAll(data, []byte("%BUILD%"), []byte(build(Version)))
	}
	return data
}

// build makes a number of a version that grows with it: 1.2.3 is 10203. Splunk Web tells by it that pictures in browsers' caches are old.
func build(version string) string {
	var major, minor, patch int
	if n, err := fmt.Sscanf(version, "%d.%d.%d", &major, &minor, &patch); n != 3 || err != nil {
		return "0"
	}
	return fmt.Sprint(major*10000 + minor*100 + patch)
}
