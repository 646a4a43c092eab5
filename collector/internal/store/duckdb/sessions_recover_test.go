//go:build cgo

package duckdb_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
	"github.com/weirflow/weir/shared/session"
)

// TestHotSessionConformance holds the engine to the reference while nothing is sealed, with names of its own in answers.
func TestHotSessionConformance(t *testing.T) {
	conformance.RunSessions(t, func(t *testing.T, told []*flow.SessionBatch) conformance.SessionEngine {
		s := open(t, store.Config{}, store.Deps{})
		for _, b := range told {
			tell(t, s, b)
		}
		return s
	})
}

// lookups returns n sessions of one record from a first on, a millisecond apart.
func lookups(symbols *flow.Symbols, first, n int) *flow.SessionBatch {
	b := &flow.SessionBatch{Symbols: symbols}
	for i := first; i < first+n; i++ {
		s := flow.Session{Start: noon.UnixNano() + int64(i)*1e6, Transport: 17, Records: 1, ExporterCount: 1, State: flow.StateQ, Confidence: 1}
		s.End, s.Born = s.Start+1e9, s.Start
		s.Client.IP, s.Client.Port = flow.AddrFrom4(uint32(i)), 40000
		s.Server.IP, s.Server.Port = flow.AddrFrom4(0xc0000201), 53
		s.Exporters[0] = flow.AddrFrom4(0xc6336401)
		s.ID = session.IDOf(&s)
		b.Sessions = append(b.Sessions, s)
	}
	return b
}

func countSessions(t *testing.T, s *duckdb.Store) int {
	t.Helper()
	r, err := s.Aggregate(t.Context(), query.Question{Measure: query.Sessions})
	if err != nil {
		t.Fatal(err)
	}
	return int(r.Rows[0][0].(uint64))
}

// TestTornLogOfSessions: what hot files have of a transaction whose end is missing from the log does not count, as of records.
func TestTornLogOfSessions(t *testing.T) {
	const n = 70_000
	dir, torn, symbols := t.TempDir(), t.TempDir(), flow.NewSymbols()
	s := open(t, tornConfig(dir), store.Deps{})
	for i := range 2 {
		tell(t, s, lookups(symbols, i*n, n))
	}
	copyFolder(t, dir, torn)
	cutLast(t, filepath.Join(torn, store.FileName+".wal"))
	for round := 1; round <= 3; round++ {
		s := open(t, tornConfig(torn), store.Deps{})
		if got := countSessions(t, s); got != round*n {
			t.Errorf("round %d: %d sessions, should be %d", round, got, round*n)
		}
		tell(t, s, lookups(symbols, (round+1)*n, n))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAnUnreadableFileOfSessions: it is left out, and keeps no new sessions from being stored.
func TestAnUnreadableFileOfSessions(t *testing.T) {
	dir, symbols := t.TempDir(), flow.NewSymbols()
	s := open(t, store.Config{Dir: dir}, store.Deps{Now: newClock(noon).now})
	for i := range 2 {
		tell(t, s, lookups(symbols, i*10, 10))
		if err := s.SealAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "sessions", "date=2026-03-02", "hour=12", "part-1.parquet")
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, bytes.Repeat([]byte{'?'}, len(text)), 0o644) // of the same size, so that opening sees nothing
	}
	if err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Config{Dir: dir}, store.Deps{Now: newClock(noon).now})
	tell(t, s, lookups(symbols, 10, 20)) // the first ten are in the other file
	if got, st := countSessions(t, s), s.Stats(); got != 20 || st.Missing != 1 || st.SessionsStored != 10 {
		t.Errorf("%d sessions, %d files missing, %d sessions stored before; should be 20, 1, 10", got, st.Missing, st.SessionsStored)
	}
}

// TestAFolderThatCannotBeLookedInto is an error.
func TestAFolderThatCannotBeLookedInto(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may look into every folder")
	}
	dir := t.TempDir()
	sessions := filepath.Join(dir, "sessions")
	if err := os.Mkdir(sessions, 0o000); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(sessions, 0o755) }) // else it cannot be removed
	if _, err := duckdb.Open(t.Context(), store.Config{Dir: dir}, store.Deps{}); !errors.Is(err, os.ErrPermission) {
		t.Errorf("%v", err)
	}
}
