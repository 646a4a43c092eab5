//go:build cgo

package duckdb_test

import (
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// hourly stores ten datagrams in each of some hours, and returns when all are sealed.
func hourly(t *testing.T, s *duckdb.Store, clock *clock, hours int) {
	t.Helper()
	c := newCapture(10*hours, flow.NetFlow9)
	for i := range hours {
		c.play(t, s, 10*i, 10*i+10, 1, 2)
		clock.add(time.Hour)
		if err := s.SealAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// diskUse is what the store's files take.
func diskUse(st store.Stats) int64 {
	return st.SealedBytes + st.HostBytes + st.RollupBytes + st.DatabaseBytes
}

// TestRetentionBySize: the files committed first go, until the folder keeps to the bound.
func TestRetentionBySize(t *testing.T) {
	dir, clock := t.TempDir(), newClock(noon)
	s := open(t, store.Config{Dir: dir}, store.Deps{Now: clock.now})
	hourly(t, s, clock, 6)
	until(t, "all have an index", func() bool { return s.Stats().HostFiles == 6 })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Config{Dir: dir, ReadOnly: true}, store.Deps{Now: clock.now})
	whole := s.Stats()
	paths := sealedFiles(t, dir)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	per := whole.SealedBytes / 6
	bound := diskUse(whole) - 2*per // two or three files have to go
	s = open(t, store.Config{Dir: dir, RetentionSize: bound}, store.Deps{Now: clock.now})
	until(t, "the folder keeps to its bound", func() bool { st := s.Stats(); return st.Expired > 0 && diskUse(st) <= bound })
	until(t, "the files are gone", func() bool { return len(sealedFiles(t, dir)) == s.Stats().SealedFiles })
	left, st := sealedFiles(t, dir), s.Stats()
	if st.ExpiredForRoom != st.Expired || st.Expired > 3 || int64(st.ExpiredBytes) < int64(st.Expired)*per/2 {
		t.Errorf("%d files went, %d of them for room, %d bytes", st.Expired, st.ExpiredForRoom, st.ExpiredBytes)
	}
	if n := len(paths) - len(left); n != int(st.Expired) || left[0] != paths[n] {
		t.Errorf("left are %v of %v", left, paths)
	}
	r, err := s.Aggregate(t.Context(), query.Question{Measure: query.Flows})
	if err != nil {
		t.Fatal(err)
	}
	if n := r.Rows[0][0].(uint64); n != uint64(st.SealedRows) || n == 0 {
		t.Errorf("%d records are left, the files have %d", n, st.SealedRows)
	}
	before := r.Loss.DeletedBefore
	if before == nil || !before.After(eight) || before.After(eight.Add(time.Minute)) {
		t.Fatalf("records of before %v are said to be deleted", before)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Config{Dir: dir, ReadOnly: true}, store.Deps{Now: clock.now})
	for from, want := range map[time.Time]bool{{}: true, before.Add(-time.Second): true, before.Add(time.Second): false} {
		r, err := s.Aggregate(t.Context(), query.Question{Measure: query.Flows, From: from})
		if err != nil || (r.Loss.DeletedBefore != nil) != want {
			t.Errorf("from %v, opened anew: %v, %v", from, r.Loss.DeletedBefore, err)
		}
	}
}

// TestKeepFree: files go while the disk has too little room, at most once a minute.
func TestKeepFree(t *testing.T) {
	dir, clock := t.TempDir(), newClock(noon)
	var free atomic.Int64
	free.Store(500)
	deps := store.Deps{Now: clock.now, Space: func(string) (uint64, uint64, error) { return uint64(free.Load()), 1000, nil }}
	s := open(t, store.Config{Dir: dir, KeepFree: 0.1}, deps)
	hourly(t, s, clock, 3)
	if st := s.Stats(); st.Expired > 0 {
		t.Fatalf("%d files went though there was room", st.Expired)
	}
	free.Store(99) // one byte is lacking
	until(t, "a file goes", func() bool { return s.Stats().Expired == 1 })
	clock.add(30 * time.Second)
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.Expired > 1 {
		t.Errorf("%d files went within a minute", st.Expired)
	}
	clock.add(time.Minute)
	until(t, "another goes", func() bool { return s.Stats().Expired == 2 })
	free.Store(100)
	clock.add(time.Hour)
	until(t, "the files are gone", func() bool { return len(sealedFiles(t, dir)) == 1 })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Fatal(err)
	}
}
