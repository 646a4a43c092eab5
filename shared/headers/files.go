package headers

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// extension of the files.
const extension = ".pcap"

// ErrNone says that there are no headers of an alert.
var ErrNone = errors.New("no headers were kept")

// ValidID tells whether a text can be the id of an alert, and so the name of a file.
func ValidID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	return !strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-'
	})
}

func (k *Keeper) path(id string) string { return filepath.Join(k.cfg.Dir, id+extension) }

// Open opens the capture of an alert in a folder of a keeper. The error wraps [ErrNone] where there is none.
func Open(dir, id string) (*os.File, error) {
	if !ValidID(id) {
		return nil, fmt.Errorf("%q is no id of an alert: %w", id, ErrNone)
	}
	f, err := os.Open(filepath.Join(dir, id+extension))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("alert %s: %w", id, ErrNone)
	}
	return f, err
}

// makeRoom removes the oldest files so that one more is not too many, and returns how many those were.
func (k *Keeper) makeRoom() (removed uint64) {
	entries, err := os.ReadDir(k.cfg.Dir)
	if err != nil {
		return 0 // the file that follows will tell
	}
	type aged struct {
		name string
		at   int64
	}
	var files []aged
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasSuffix(e.Name(), extension) {
			files = append(files, aged{e.Name(), info.ModTime().UnixNano()})
		}
	}
	slices.SortFunc(files, func(a, b aged) int {
		if a.at != b.at {
			return int(max(-1, min(1, a.at-b.at)))
		}
		return strings.Compare(a.name, b.name)
	})
	for len(files) >= k.cfg.Files {
		if err := os.Remove(filepath.Join(k.cfg.Dir, files[0].name)); err == nil {
			removed++
		}
		files = files[1:]
	}
	return removed
}
