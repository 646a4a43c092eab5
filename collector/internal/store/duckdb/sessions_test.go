//go:build cgo

package duckdb_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
	"github.com/weirflow/weir/shared/session"
)

// TestSessionConformance holds the engine to the reference over sessions whose tellings are sealed, and sealed in part.
func TestSessionConformance(t *testing.T) {
	for name, sealed := range map[string]func(i int) bool{
		"sealed": func(int) bool { return true }, "mixed": func(i int) bool { return i == 0 },
	} {
		t.Run(name, func(t *testing.T) {
			conformance.RunSessions(t, func(t *testing.T, told []*flow.SessionBatch) conformance.SessionEngine {
				deps := store.Deps{}
				if len(told) > 0 {
					deps.Symbols = told[0].Symbols
				}
				s := open(t, store.Config{}, deps)
				for i, b := range told {
					tell(t, s, b)
					if sealed(i) {
						if err := s.SealAll(t.Context()); err != nil {
							t.Fatal(err)
						}
					}
				}
				return s
			})
		})
	}
}

func tell(t *testing.T, s *duckdb.Store, b *flow.SessionBatch) {
	t.Helper()
	if err := s.WriteSessions(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// randomTold is random sessions in one batch, each in its last state.
func randomTold(n int) *flow.SessionBatch {
	b := filtertest.LastStates(filtertest.RandomSessions(rand.New(rand.NewPCG(9, 9)), n))
	for i := range b.Sessions {
		s := &b.Sessions[i]
		s.Born -= int64(i%3) * 1e9
		s.ID = session.IDOf(s)
	}
	slices.SortFunc(b.Sessions, func(a, b flow.Session) int { return query.CompareSessions(&a, &b) })
	return b
}

func allSessions(t *testing.T, s *duckdb.Store) []flow.Session {
	t.Helper()
	b, err := s.Sessions(t.Context(), query.Question{Limit: query.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	return b.Sessions
}

// TestSessionsAreWhole: everything that a session holds comes back, from hot files, sealed files and after a restart.
func TestSessionsAreWhole(t *testing.T) {
	dir, want := t.TempDir(), randomTold(300)
	check := func(when string, s *duckdb.Store) {
		if diff := cmp.Diff(want.Sessions, allSessions(t, s)); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
	}
	s := open(t, store.Config{Dir: dir}, store.Deps{Symbols: want.Symbols})
	tell(t, s, want)
	check("hot", s)
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("sealed", s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	check("another process", open(t, store.Config{Dir: dir}, store.Deps{Symbols: want.Symbols}))
	if st := s.Stats(); st.SessionRows != 300 || st.SealedRows+st.HotRows != 0 || st.Sessions != 300 {
		t.Errorf("%+v", st)
	}
}

// TestSessionsStoredBefore: what an earlier process stored is not appended again, what it stored in part is superseded, whatever
// number its tellings have now.
func TestSessionsStoredBefore(t *testing.T) {
	dir, all := t.TempDir(), randomTold(100)
	for i := range all.Sessions {
		all.Sessions[i].Open, all.Sessions[i].Told = false, 0
	}
	earlier := &flow.SessionBatch{Sessions: slices.Clone(all.Sessions), Symbols: all.Symbols}
	for i := range earlier.Sessions {
		if s := &earlier.Sessions[i]; i%2 == 0 {
			s.Open, s.Told, s.Records = i%4 == 0, uint32(i%7), s.Records-1
		}
	}
	s := open(t, store.Config{Dir: dir}, store.Deps{Symbols: all.Symbols})
	tell(t, s, earlier)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Config{Dir: dir}, store.Deps{Symbols: all.Symbols})
	grown := &flow.SessionBatch{Sessions: slices.Clone(all.Sessions), Symbols: all.Symbols}
	for i := range grown.Sessions { // told of while open, with fewer records, then in the end
		grown.Sessions[i].Open, grown.Sessions[i].Records = true, 0
		all.Sessions[i].Told = 1
	}
	if err := s.WriteSessions(t.Context(), grown); err != nil {
		t.Fatal(err)
	}
	tell(t, s, all)
	got := allSessions(t, s)
	for i := range got {
		got[i].Told = 1
	}
	if diff := cmp.Diff(all.Sessions, got); diff != "" {
		t.Error(diff)
	}
	if st := s.Stats(); st.SessionsStored != 125 { // the whole ones twice, and those with a record less once
		t.Errorf("%d found stored", st.SessionsStored)
	}
	// What was whole, too, when it was stored first has no id: it stays superseded when sealed, and for later processes.
	if err := errors.Join(s.SealAll(t.Context()), s.Close()); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Config{Dir: dir, ReadOnly: true}, store.Deps{Symbols: all.Symbols})
	got = allSessions(t, s)
	for i := range got {
		got[i].Told = 1
	}
	if diff := cmp.Diff(all.Sessions, got); diff != "" {
		t.Errorf("another process: %s", diff)
	}
	if n := countSessions(t, s); n != len(all.Sessions) {
		t.Errorf("%d sessions counted", n)
	}
}

// TestSessionsExpire: retention lets go of sessions as of records.
func TestSessionsExpire(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	s := open(t, store.Config{Retention: 24 * time.Hour}, store.Deps{Now: func() time.Time { return now }})
	tell(t, s, randomTold(10))
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(allSessions(t, s)); n != 10 {
		t.Fatalf("%d sessions", n)
	}
	now = now.Add(48 * time.Hour)
	for deadline := time.Now().Add(20 * time.Second); len(allSessions(t, s)) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("they stay")
		}
	}
}
