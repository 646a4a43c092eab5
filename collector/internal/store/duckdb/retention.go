//go:build cgo

package duckdb

import (
	"cmp"
	"slices"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
)

// expired is the files that retention lets go of.
type expired struct {
	files   []*sealedPart
	bytes   int64 // theirs, and of what was made of them
	forRoom int   // how many of them, the last ones, would have been kept if there were room
}

func (e *expired) paths() []string {
	list := make([]string, len(e.files))
	for i, f := range e.files {
		list[i] = f.Path
	}
	return list
}

// expired returns the files whose time is over, and then the ones that were committed first until the folder keeps to its bounds.
func (s *Store) expired() expired {
	_, sealed := s.files.snapshot()
	slices.SortFunc(sealed, func(a, b *sealedPart) int {
		return cmp.Or(a.CommitTo.Compare(b.CommitTo), cmp.Compare(a.Path, b.Path))
	})
	var e expired
	for len(sealed) > 0 && sealed[0].Expired(s.deps.Now(), s.cfg.Retention) {
		e.add(sealed[0], s.room(sealed[0]))
		sealed = sealed[1:]
	}
	for excess := s.excess() - e.bytes; excess > 0 && len(sealed) > 0; sealed = sealed[1:] {
		room := s.room(sealed[0])
		e.add(sealed[0], room)
		e.forRoom++
		excess -= room
	}
	return e
}

func (e *expired) add(f *sealedPart, room int64) {
	e.files = append(e.files, f)
	e.bytes += room
}

// room returns what a sealed file takes, with its rollup and its host index.
func (s *Store) room(f *sealedPart) int64 {
	n := f.Bytes
	if x := s.hostsOf(&f.Sealed); x != nil {
		n += x.Size
	}
	s.files.mu.Lock()
	defer s.files.mu.Unlock()
	if f.Part.Kind == store.Flows {
		r := s.files.rolled[f.Part]
		n += r.Bytes + r.SumsBytes
	}
	return n
}

// excess returns how much more the store takes than it may.
func (s *Store) excess() (n int64) {
	if s.cfg.RetentionSize > 0 {
		st := s.Stats()
		n = st.SealedBytes + st.HostBytes + st.RollupBytes + st.DatabaseBytes - s.cfg.RetentionSize
	}
	return max(n, s.lackOfSpace())
}

// roomEvery is how long it takes until more is deleted for room on the disk: what was deleted last may be held open a while, or
// its place taken by others.
const roomEvery = time.Minute

// lackOfSpace returns how much less is free on the disk than is to be.
func (s *Store) lackOfSpace() int64 {
	now := s.deps.Now()
	if s.cfg.KeepFree == 0 || now.Sub(s.roomMade) < roomEvery {
		return 0
	}
	free, total, err := s.deps.Space(s.cfg.Dir)
	if err != nil {
		s.deps.Log.Warn("the room left on the disk is not known: store.keep_free has no effect", "error", err)
		s.roomMade = now
		return 0
	}
	lack := int64(s.cfg.KeepFree*float64(total)) - int64(free)
	if lack > 0 {
		s.roomMade = now
	}
	return lack
}

// countExpired counts and tells of files that have been let go of.
func (s *Store) countExpired(e *expired) {
	s.counts.expired.Add(uint64(len(e.files)))
	s.counts.expiredForRoom.Add(uint64(e.forRoom))
	s.counts.expiredBytes.Add(uint64(max(e.bytes, 0)))
	last := e.files[len(e.files)-1]
	s.deps.Log.Info("retention lets go of sealed files", "files", len(e.files), "for_room", e.forRoom, "bytes", e.bytes, "committed_until", last.CommitTo)
}
