//go:build cgo

package duckdb_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// sealedFiles returns the paths of all files below flows.
func sealedFiles(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(filepath.Join(dir, string(store.Flows)), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			list = append(list, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// until waits for what happens in the background.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	duckdb.Until(t, what, done)
}

func TestAnHourIsSealedWhenItHasPassed(t *testing.T) {
	dir, clock := t.TempDir(), newClock(noon)
	s := open(t, store.Config{Dir: dir}, store.Deps{Now: clock.now})
	c := newCapture(30, flow.NetFlow9)
	c.play(t, s, 0, 10, 1, 2)
	clock.add(time.Hour)
	until(t, "the first hour is sealed", func() bool { return s.Stats().SealedFiles == 1 && s.Stats().HotFiles == 0 })
	c.play(t, s, 10, 20, 1, 2)
	clock.add(time.Hour)
	c.play(t, s, 20, 30, 1, 2) // the batch comes before the housekeeper
	until(t, "the second hour is sealed", func() bool { return s.Stats().SealedFiles == 2 })
	want := []string{"flows/date=2026-03-02/hour=12/part-1.parquet", "flows/date=2026-03-02/hour=13/part-1.parquet"}
	if got := sealedFiles(t, dir); !slices.Equal(got, want) {
		t.Errorf("files %q, should be %q", got, want)
	}
	holds(t, s, c.records())
	st := s.Stats()
	if st.HotFiles != 1 || st.HotRows != 100 || st.SealedRows != 200 {
		t.Errorf("%+v", st)
	}
}

func TestAFullFileIsSealed(t *testing.T) {
	s := open(t, store.Config{SealRows: 60, CommitRows: 1}, store.Deps{Now: newClock(noon).now})
	c := newCapture(30, flow.NetFlow9)
	c.play(t, s, 0, 30, 1, 2)
	until(t, "full files are sealed", func() bool { return s.Stats().SealedFiles >= 4 && s.Stats().HotFiles <= 1 })
	holds(t, s, c.records())
}

func TestRetentionDeletesSealedFiles(t *testing.T) {
	dir, clock := t.TempDir(), newClock(noon)
	cfg, deps := store.Config{Dir: dir, Retention: 3 * time.Hour}, store.Deps{Now: clock.now}
	s := open(t, cfg, deps)
	c := newCapture(30, flow.NetFlow9)
	for hour := range 3 {
		c.play(t, s, hour*10, (hour+1)*10, 1, 2)
		clock.add(time.Hour)
	}
	until(t, "all hours are sealed", func() bool { return s.Stats().SealedFiles == 3 })
	clock.add(time.Minute)
	until(t, "the first hour is deleted", func() bool { return s.Stats().Expired == 1 && len(sealedFiles(t, dir)) == 2 })
	holds(t, s, 200)
	clock.add(24 * time.Hour)
	until(t, "all is deleted", func() bool { return len(sealedFiles(t, dir)) == 0 })
	holds(t, s, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	holds(t, open(t, cfg, deps), 0)
}

// TestQuestionsSeeEveryRecordOnce asks while records are appended, sealed and deleted.
func TestQuestionsSeeEveryRecordOnce(t *testing.T) {
	s := open(t, store.Config{SealRows: 50, CommitRows: 20}, store.Deps{})
	c := newCapture(120, flow.NetFlow9)
	done := make(chan struct{})
	asked := make(chan error)
	for range 2 {
		go func() { asked <- askOnAndOn(t, s, done) }()
	}
	c.play(t, s, 0, 120, 1, 2)
	if err := s.SealAll(t.Context()); err != nil {
		t.Error(err)
	}
	close(done)
	for range 2 {
		if err := <-asked; err != nil {
			t.Error(err)
		}
	}
	holds(t, s, c.records())
}

// askOnAndOn wants the number of flows never to fall and always to be whole batches' worth of commits.
func askOnAndOn(t *testing.T, s *duckdb.Store, done chan struct{}) error {
	last := uint64(0)
	for {
		select {
		case <-done:
			return nil
		default:
		}
		res, err := s.Aggregate(t.Context(), query.Question{Measure: query.Flows})
		if err != nil {
			return err
		}
		n := res.Rows[0][0].(uint64)
		if n < last || n%recordsPerSet != 0 {
			t.Errorf("%d flows after %d", n, last)
		}
		last = n
	}
}

func TestOddFolderNames(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "it's [a] *folder")
	s := open(t, store.Config{Dir: dir}, store.Deps{})
	c := newCapture(3, flow.NetFlow9)
	c.play(t, s, 0, 2, 1, 2)
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.play(t, s, 2, 3, 1, 2)
	holds(t, s, c.records())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	holds(t, open(t, store.Config{Dir: dir, ReadOnly: true}, store.Deps{}), c.records())
}

// TestTheDatabaseStaysSmall: what is sealed gives its room free.
func TestTheDatabaseStaysSmall(t *testing.T) {
	s := open(t, store.Config{}, store.Deps{})
	m, b := newMix(2, flow.NewAccount()), flow.NewBatch(0, nil)
	var sizes []int64
	for range 5 {
		for range 4 {
			m.fill(b, 700, noon.UnixNano()+int64(m.datagrams)*1e6)
			if err := s.WriteBatch(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.SealAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, s.Stats().DatabaseBytes)
	}
	if sizes[4] > 2*sizes[1] {
		t.Errorf("the database grows with every seal: %d bytes", sizes)
	}
}

func TestNewest(t *testing.T) {
	s := open(t, store.Config{}, store.Deps{})
	if newest, err := s.Newest(t.Context()); err != nil || !newest.IsZero() {
		t.Errorf("an empty store has its newest record at %s, %v", newest, err)
	}
	c := newCapture(9, flow.NetFlow9)
	want := func(n int) {
		t.Helper()
		end := time.Unix(1_772_438_400+int64(n/3)-1, 0).UTC()
		if newest, err := s.Newest(t.Context()); err != nil || !newest.Equal(end) {
			t.Errorf("newest %s, %v; should be %s", newest, err, end)
		}
	}
	c.play(t, s, 3, 6, 1)
	want(5)
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	want(5)
	c.play(t, s, 0, 3, 1) // later records may be older
	want(5)
	c.play(t, s, 6, 9, 1)
	want(8)
}

// TestRecordsAreCommittedInTime: nobody has to call Flush.
func TestRecordsAreCommittedInTime(t *testing.T) {
	s := open(t, store.Config{CommitEvery: time.Millisecond}, store.Deps{})
	c, b := newCapture(1, flow.NetFlow9), flow.NewBatch(0, flow.NewSymbols())
	c.datagram(b, 0, 1, 2)
	if err := s.WriteBatch(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteAlerts(t.Context(), []flow.Alert{alert("a", flow.AlertActive, noon)}); err != nil {
		t.Fatal(err)
	}
	until(t, "records are settled", func() bool { return c.account.Streams()[0].Stored.Load() == uint64(c.records()) })
	holds(t, s, c.records())
	until(t, "the alert is there", func() bool {
		list, err := s.Alerts(t.Context(), query.AlertQuestion{})
		return err == nil && len(list) == 1
	})
}

func TestAClosedStoreSaysSo(t *testing.T) {
	s := open(t, store.Config{}, store.Deps{})
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	c, b := newCapture(1, flow.NetFlow9), flow.NewBatch(0, flow.NewSymbols())
	c.datagram(b, 0, 1)
	_, asked := s.Aggregate(t.Context(), query.Question{})
	for what, err := range map[string]error{
		"write": s.WriteBatch(t.Context(), b), "flush": s.Flush(t.Context()), "seal": s.SealAll(t.Context()), "ask": asked,
		"alerts": s.WriteAlerts(t.Context(), nil),
	} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if dropped := c.account.Streams()[0].Dropped[flow.DroppedStore].Load(); dropped != recordsPerSet {
		t.Errorf("%d records count as dropped", dropped)
	}
}

// TestAQuestionCanBeGivenUp: the context ends it, and the store answers the next one.
func TestAQuestionCanBeGivenUp(t *testing.T) {
	s := open(t, store.Config{Connections: 1}, store.Deps{})
	c := newCapture(3, flow.NetFlow9)
	c.play(t, s, 0, 3, 1, 2)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Aggregate(ctx, query.Question{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	holds(t, s, c.records())
}
