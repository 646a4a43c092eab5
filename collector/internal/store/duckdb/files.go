//go:build cgo

package duckdb

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hot"
)

// hotPart is a hot file. Its members are used under the writer's lock.
type hotPart struct {
	part     store.Part
	file     *hot.File
	rows     atomic.Int64 // committed
	index    index
	from, to int64 // first and last commit, ns; 0 where they were before this process
	sealing  bool  // nothing is appended any more
	damaged  bool  // it cannot be written, or has fewer rows than were committed: to be sealed at once
}

// sealedPart is a file of the manifest.
type sealedPart struct {
	store.Sealed
	index index
}

// files is what the folder holds: hot files, of which the last may still grow, and sealed files.
type files struct {
	mu      sync.Mutex
	hot     []*hotPart
	sealed  []*sealedPart
	missing map[string]bool // paths of the manifest that are not there or not whole

	hotMissing []store.Part // whose hot files cannot be opened

	days     map[store.Part]store.DayRollup
	rolled   map[store.Part]store.Rollup // rollups of sealed files that can be read
	unrolled map[store.Part]bool         // files of which no rollup can be made
}

func (f *files) snapshot() (hot []*hotPart, sealed []*sealedPart) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.hot), slices.Clone(f.sealed)
}

// snapshotOf is the part of a snapshot that is of a kind.
func (f *files) snapshotOf(kind store.Kind) (hot []*hotPart, sealed []*sealedPart) {
	hot, sealed = f.snapshot()
	hot = slices.DeleteFunc(hot, func(h *hotPart) bool { return h.part.Kind != kind })
	return hot, slices.DeleteFunc(sealed, func(s *sealedPart) bool { return s.Part.Kind != kind })
}

func (f *files) isMissing(path string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.missing[path]
}

// next returns the part of the kind and hour with the number after all that exist.
func (f *files) next(p store.Part) store.Part {
	f.mu.Lock()
	defer f.mu.Unlock()
	p.N = 1
	for _, h := range f.hot {
		if h.part.Kind == p.Kind && h.part.Hour.Equal(p.Hour) {
			p.N = max(p.N, h.part.N+1)
		}
	}
	for _, s := range f.sealed {
		if s.Part.Kind == p.Kind && s.Part.Hour.Equal(p.Hour) {
			p.N = max(p.N, s.Part.N+1)
		}
	}
	for _, m := range f.hotMissing {
		if m.Kind == p.Kind && m.Hour.Equal(p.Hour) {
			p.N = max(p.N, m.N+1)
		}
	}
	return p
}

func (f *files) addHot(h *hotPart) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hot = append(f.hot, h)
}

// dropHot forgets a hot file and, where it was sealed, takes in the file.
func (f *files) dropHot(h *hotPart, became *sealedPart) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hot = slices.DeleteFunc(f.hot, func(o *hotPart) bool { return o == h })
	if became != nil {
		f.sealed = append(f.sealed, became)
	}
}

func (f *files) dropSealed(gone []*sealedPart) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sealed = slices.DeleteFunc(f.sealed, func(o *sealedPart) bool { return slices.Contains(gone, o) })
}

// lose notes that a file cannot be read.
func (f *files) lose(path string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.missing[path] = true
}

// growing returns a hot file of the kind and hour that has room and is not being sealed.
func (f *files) growing(kind store.Kind, hour time.Time, limit int64) *hotPart {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range f.hot {
		if h.part.Kind == kind && h.part.Hour.Equal(hour) && h.rows.Load() < limit && !h.sealing && !h.damaged {
			return h
		}
	}
	return nil
}

// committed notes rows that were committed at a time.
func (h *hotPart) committed(rows int, at int64) {
	h.file.Commit()
	h.rows.Add(int64(rows))
	if h.from == 0 {
		h.from = at
	}
	h.to = at
}
