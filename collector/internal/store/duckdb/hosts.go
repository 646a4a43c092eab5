//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hostindex"
	"github.com/weirflow/weir/collector/internal/store/hot"
	"github.com/weirflow/weir/collector/internal/store/parquet"
)

// hosts is the host indexes of the sealed files, as far as they have been used: their heads, of some 60 bytes for a row group.
type hosts struct {
	mu    sync.Mutex
	heads map[store.Part]*hostindex.Index // nil: there is none that can be used
	names map[string]string               // texts of hostindex.Index.Empty, each once
	tries map[store.Part]int              // how often the housekeeper has made one since the store was opened

	layouts     map[store.Part]*parquet.Layout // of files that were read lately by places; nil: it cannot be
	layoutBytes int
}

// maxTries is how often an index is made that cannot be used.
const maxTries = 3

// hostsOf returns the host index of a file; nil where there is none yet. What is broken is removed, so that the housekeeper makes another.
func (s *Store) hostsOf(f *store.Sealed) *hostindex.Index {
	s.hosts.mu.Lock()
	x, known := s.hosts.heads[f.Part]
	s.hosts.mu.Unlock()
	if known {
		return x
	}
	x, err := s.readHosts(f)
	if err != nil {
		s.brokenHosts(f, err)
		return nil
	}
	s.hosts.put(f.Part, x)
	return x
}

func (h *hosts) put(p store.Part, x *hostindex.Index) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.heads == nil {
		h.heads, h.names = map[store.Part]*hostindex.Index{}, map[string]string{}
	}
	if x != nil { // most files have the same columns
		if _, ok := h.names[x.Empty]; !ok {
			h.names[x.Empty] = x.Empty
		}
		x.Empty = h.names[x.Empty]
	}
	h.heads[p] = x
}

// count adds up the indexes that can be used.
func (h *hosts) count(st *Stats) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, x := range h.heads {
		if x != nil {
			st.HostFiles++
			st.HostBytes += x.Size
		}
	}
}

// forget drops what is known of the index of a part.
func (h *hosts) forget(p store.Part) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.heads, p)
	if l := h.layouts[p]; l != nil {
		h.layoutBytes -= l.Bytes()
	}
	delete(h.layouts, p)
}

// try counts that an index is made.
func (h *hosts) try(p store.Part) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.tries == nil {
		h.tries = map[store.Part]int{}
	}
	h.tries[p]++
}

func (h *hosts) tried(p store.Part) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tries[p] >= maxTries
}

// readHosts reads the head of a file's index; nil where there is none.
func (s *Store) readHosts(f *store.Sealed) (*hostindex.Index, error) {
	file, err := os.Open(s.path(f.Part.IndexPath()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer closeRead(file)
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	x, err := hostindex.Read(file, info.Size())
	if err == nil && (x.Rows != f.Rows || x.Bytes != f.Bytes) {
		return nil, fmt.Errorf("%w: it is of a file with %d rows and %d bytes, not %d and %d", hostindex.ErrBroken, x.Rows, x.Bytes, f.Rows, f.Bytes)
	}
	return x, err
}

// closeRead closes a file that was read: nothing can be lost.
func closeRead(f *os.File) { _ = f.Close() }

// brokenHosts takes a file's index out of use.
func (s *Store) brokenHosts(f *store.Sealed, err error) {
	s.counts.hostsBroken.Add(1)
	path := s.path(f.Part.IndexPath())
	s.deps.Log.Warn("a host index cannot be used; it is made anew, and questions read the whole file until then", "file", path, "error", err)
	s.hosts.put(f.Part, nil)
	if s.cfg.ReadOnly || !errors.Is(err, hostindex.ErrBroken) {
		return
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.deps.Log.Warn("remove a broken host index", "file", path, "error", err)
	}
}

// findHosts returns the row groups of a file that may hold what the condition needs; nil where the whole file must be read.
func (s *Store) findHosts(f *store.Sealed, x *hostindex.Index, c hostindex.Condition) hostindex.Bitmap {
	file, err := os.Open(s.path(f.Part.IndexPath()))
	if err != nil {
		s.brokenHosts(f, err)
		return nil
	}
	defer closeRead(file)
	found, err := x.Find(file, c)
	if err != nil {
		s.brokenHosts(f, err)
		return nil
	}
	return found
}

// addHosts makes the index of one file that has none, the newest first, and tells whether there was one to make.
func (s *Store) addHosts(ctx context.Context) (bool, error) {
	f := s.withoutHosts()
	if f == nil {
		return false, nil
	}
	c, err := s.connect()
	if err != nil {
		return false, err
	}
	defer c.close()
	s.hosts.try(f.Part)
	s.tryHosts(ctx, c, f.Part, s.path(f.Path), nil)
	s.hosts.forget(f.Part)
	return true, nil
}

// tryHosts makes an index. That it cannot be made is told and counted: questions do without.
func (s *Store) tryHosts(ctx context.Context, c *conn, part store.Part, path string, view *hot.View) {
	if err := s.makeHosts(ctx, c, part, path, view); err != nil {
		if ctx.Err() == nil {
			s.counts.hostsFailed.Add(1)
			s.deps.Log.Error("make a host index: questions about hosts read the whole file", "file", path, "error", err)
		}
		return
	}
	s.counts.hostsMade.Add(1)
}

// withoutHosts returns the newest file of which there is no index, unless one was made in vain several times.
func (s *Store) withoutHosts() *store.Sealed {
	_, sealed := s.files.snapshot()
	var newest *store.Sealed
	for _, f := range sealed {
		if newest != nil && !f.CommitTo.After(newest.CommitTo) || s.hosts.tried(f.Part) || s.files.isMissing(f.Path) || s.hostsOf(&f.Sealed) != nil {
			continue
		}
		newest = &f.Sealed
	}
	return newest
}

// removeHosts removes the index of a part whose file goes, or went.
func (s *Store) removeHosts(p store.Part) error {
	s.hosts.forget(p)
	if err := os.Remove(s.path(p.IndexPath())); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove host index: %w", err)
	}
	return nil
}

// removeStrayHosts removes indexes that were not finished, or whose files are not in the manifest.
func (s *Store) removeStrayHosts() error {
	return s.removeStrayBeside(store.ParseIndexPath, s.wasSealed)
}

// removeStrayBeside removes files beside sealed ones that were not finished, or whose parts are not known.
func (s *Store) removeStrayBeside(parse func(path string) (store.Part, bool), known func(store.Part) bool) error {
	err := filepath.WalkDir(s.path(store.IndexDir), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(s.cfg.Dir, path)
		if err != nil {
			return err
		}
		complete, isTemp := strings.CutSuffix(rel, store.TempSuffix)
		if part, ok := parse(complete); ok && (isTemp || !known(part)) {
			return os.Remove(path)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove what is beside no file: %w", err)
	}
	return nil
}
