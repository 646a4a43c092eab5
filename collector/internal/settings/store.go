package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/durable"
	"github.com/weirflow/weir/shared/query"
)

// DirName is the folder of versions in the data folder.
const DirName = "settings"

// Bounds of what is kept.
const (
	MaxVersions = 200     // the oldest go
	MaxSize     = 1 << 20 // bytes of the values of all settings together
)

// format is the version of the files; others are not read.
const format = 1

// suffix ends the names of files, before which stands the number of the version.
const suffix = ".json"

// version is a file.
type version struct {
	Format   int                       `json:"format"`
	Version  int                       `json:"version"`
	Time     time.Time                 `json:"time"`
	Token    string                    `json:"token"`
	Address  string                    `json:"address"`
	Action   string                    `json:"action"`
	Changes  []query.SettingDifference `json:"changes"`
	Settings []held                    `json:"settings"`
}

// held is a setting that came through the API.
type held struct {
	config.Setting
	Version int `json:"version"` // in which it was last changed
}

// store is the versions on disk, or nowhere where dir is "". One process at a time writes, as the data folder is locked.
type store struct{ dir string }

// numbers returns the versions that are there, oldest first.
func (s *store) numbers() (list []int, err error) {
	if s.dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) { // opening the store says what is wrong with the folder
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	for _, e := range entries {
		stem, ok := strings.CutSuffix(e.Name(), suffix)
		if n, err := strconv.Atoi(stem); ok && err == nil && n > 0 && e.Type().IsRegular() {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return list, nil
}

func (s *store) path(n int) string { return filepath.Join(s.dir, fmt.Sprintf("%08d%s", n, suffix)) }

// read returns a version; it wraps [ErrNone] where it is not there.
func (s *store) read(n int) (v version, err error) {
	text, err := os.ReadFile(s.path(n))
	if errors.Is(err, fs.ErrNotExist) {
		return v, fmt.Errorf("version %d: %w", n, ErrNone)
	}
	if err != nil {
		return v, fmt.Errorf("settings: %w", err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return v, fmt.Errorf("settings: %s is damaged (move it away to go back to the version before it): %w", s.path(n), err)
	}
	if v.Format != format || v.Version != n {
		return v, fmt.Errorf("settings: %s is of another format, or not of this version: a newer weir wrote it, or it was renamed", s.path(n))
	}
	for i := range v.Settings {
		v.Settings[i].Value = canonical(v.Settings[i].Value)
	}
	for i := range v.Changes {
		v.Changes[i].Before, v.Changes[i].After = canonical(v.Changes[i].Before), canonical(v.Changes[i].After)
	}
	return v, nil
}

// write keeps a version: whole and durable beside it, then under its name. After an error it is not there.
func (s *store) write(v *version) error {
	v.Format = format
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false) // people read it
	enc.SetIndent("", " ")
	err := enc.Encode(v)
	if err == nil {
		err = os.MkdirAll(s.dir, 0o700)
	}
	path := s.path(v.Version)
	if err == nil {
		err = durable.Replace(path, text.Bytes())
	}
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	if err := errors.Join(syncDir(s.dir), syncDir(filepath.Dir(s.dir))); err != nil {
		return fmt.Errorf("settings: %w", errors.Join(err, os.Remove(path)))
	}
	return nil
}

// prune removes versions that are too old to be kept.
func (s *store) prune(newest int) error {
	list, err := s.numbers()
	if err != nil {
		return err
	}
	for _, n := range list {
		if n > newest-MaxVersions {
			break
		}
		if err := os.Remove(s.path(n)); err != nil {
			return fmt.Errorf("settings: %w", err)
		}
	}
	return nil
}

// syncDir makes a rename durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
