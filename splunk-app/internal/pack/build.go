package pack

import (
	"fmt"
	"os"
	"path/filepath"
)

// Sources are where what goes into the packages lies on the disk.
type Sources struct {
	Trees   string // folder of the source trees, splunk-app/app
	License string // file that goes into both
	AMD64   string // executables for Linux; "": no package is made for that architecture
	ARM64   string
}

// Build returns the packages by the names of their archives: the app, and the add-on for each architecture whose executable there is.
func (s Sources) Build() (map[string]*Package, error) {
	made := map[string]*Package{}
	app, err := s.tree(App)
	if err != nil {
		return nil, err
	}
	made[App+"-"+Version+".tgz"] = app
	for _, a := range []struct{ executable, suffix string }{{s.AMD64, ""}, {s.ARM64, "-arm64"}} {
		if a.executable == "" {
			continue
		}
		addOn, err := s.tree(AddOn)
		if err != nil {
			return nil, err
		}
		if err := addOn.AddFile(Executable, a.executable, 0o755); err != nil {
			return nil, err
		}
		made[AddOn+"-"+Version+a.suffix+".tgz"] = addOn
	}
	return made, nil
}

func (s Sources) tree(id string) (*Package, error) {
	p, err := FromTree(id, os.DirFS(filepath.Join(s.Trees, id)))
	if err != nil {
		return nil, err
	}
	return p, p.AddFile("LICENSE", s.License, 0o644)
}

// Write puts archives into a folder, and removes those of other versions that lie there.
func Write(folder string, packages map[string]*Package) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(folder, "*.tgz"))
	if err != nil {
		return err
	}
	for _, file := range old {
		if packages[filepath.Base(file)] == nil {
			if err := os.Remove(file); err != nil {
				return err
			}
		}
	}
	for name, p := range packages {
		archive, err := p.Archive()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name), archive, 0o644); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}
