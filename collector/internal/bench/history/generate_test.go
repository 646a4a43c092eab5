//go:build cgo

package history_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/bench/history"
	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// end is where the histories of the tests end: a Monday morning.
var end = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func config(t *testing.T) history.Config {
	c := history.DefaultConfig(t.TempDir())
	c.Days, c.Records, c.Until = 1, 24_000, end
	return c
}

func open(t *testing.T, c history.Config) *duckdb.Store {
	t.Helper()
	s, err := duckdb.Open(t.Context(), store.Config{Dir: history.DataDir(c.Dir), Threads: 2}, store.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// top asks for a top list and returns its numbers by group.
func top(t *testing.T, s *duckdb.Store, q query.Question) map[string]uint64 {
	t.Helper()
	res, err := s.Aggregate(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]uint64{}
	for _, row := range res.Rows {
		name, _ := row[0].(string)
		if len(q.By) == 0 {
			name = "total"
		}
		got[name], _ = row[len(row)-1].(uint64)
	}
	return got
}

func TestGenerate(t *testing.T) {
	c := config(t)
	m, err := history.Generate(t.Context(), c, history.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Stored != c.Records || m.Sessions != c.Records*3/4 || !m.End().Equal(end) || m.Hours != 24 {
		t.Errorf("made %+v", m)
	}
	s := open(t, c)
	if st := s.Stats(); st.SealedFiles != 2*24 || st.SealedRows != 24_000 || st.SessionRows != 18_000 {
		t.Errorf("stored %+v", st)
	}
	directions := top(t, s, query.Question{By: []string{"network.direction"}, Measure: query.Flows})
	if directions["outbound"] != 6000 || directions["internal"] != 2000 || directions["inbound"] != 16_000 {
		t.Errorf("directions %v", directions)
	}
	groups := top(t, s, query.Question{By: []string{"weir.destination.group"}, Measure: query.Flows, Filter: "network.direction : inbound"})
	if n := groups[history.Group]; n < 16_000/20*3/4 || n > 16_000/20*5/4 { // a twentieth of the inside
		t.Errorf("groups %v", groups)
	}
	if names := top(t, s, query.Question{By: []string{"observer.ingress.interface.name"}, Limit: 100}); len(names) != 8 {
		t.Errorf("interfaces %v", names)
	}
	if states := top(t, s, query.Question{By: []string{"weir.tcp.state"}, Measure: query.Sessions}); len(states) != 4 {
		t.Errorf("states %v", states)
	}
	night := top(t, s, query.Question{Measure: query.Flows, From: end.Add(-6 * time.Hour), To: end.Add(-5 * time.Hour)})["total"]
	day := top(t, s, query.Question{Measure: query.Flows, From: end.Add(-17 * time.Hour), To: end.Add(-16 * time.Hour)})["total"]
	if night == 0 || day < night*5/4 { // a Sunday afternoon beside a Monday night
		t.Errorf("%d records by day, %d by night", day, night)
	}
	sessionsAreThoseOfRecords(t, s)
}

// sessionsAreThoseOfRecords: the sum over sessions is the sum over records.
func sessionsAreThoseOfRecords(t *testing.T, s *duckdb.Store) {
	list, err := s.Sessions(t.Context(), query.Question{Limit: query.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	var sum uint64
	for i := range list.Sessions {
		sum += list.Sessions[i].Client.Bytes + list.Sessions[i].Server.Bytes
		if d := list.Sessions[i].Direction; d != flow.Inbound && d != flow.Internal {
			t.Fatalf("a session goes %s", d)
		}
	}
	if want := top(t, s, query.Question{})["total"]; sum != want || len(list.Sessions) != 18_000 {
		t.Errorf("%d sessions with %d bytes, records with %d", len(list.Sessions), sum, want)
	}
}

// TestGenerateAgain: what was interrupted is taken up without a record twice, what is there is kept, what is missing is added.
func TestGenerateAgain(t *testing.T) {
	c := config(t)
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := history.Generate(ctx, c, history.Deps{Log: &stopper{after: 8, stop: cancel}, Terminal: true, Now: jumping()}); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	if m, err := history.ReadMarker(c.Dir); err != nil || m.Hours == 0 || m.Hours >= 24 {
		t.Fatalf("interrupted with %+v, %v", m, err)
	}
	m, err := history.Generate(t.Context(), c, history.Deps{})
	if err != nil || m.Stored != c.Records {
		t.Fatalf("taken up: %+v, %v", m, err)
	}
	c.Until = end.Add(3*time.Hour + time.Minute)
	longer, err := history.Generate(t.Context(), c, history.Deps{})
	if err != nil || longer.Hours != 27 || longer.Stored <= m.Stored || !longer.Start.Equal(m.Start) {
		t.Fatalf("made longer: %+v, %v", longer, err)
	}
	if again, err := history.Generate(t.Context(), c, history.Deps{}); err != nil || again != longer {
		t.Errorf("asked again: %+v, %v", again, err)
	}
	if st := open(t, c).Stats(); uint64(st.SealedRows) != longer.Stored || uint64(st.SessionRows) != longer.Sessions {
		t.Errorf("stored %+v, made %+v", st, longer)
	}
	c.Seed++
	if _, err := history.Generate(t.Context(), c, history.Deps{}); !errors.Is(err, history.ErrOther) {
		t.Errorf("another seed: %v", err)
	}
}

// stopper is a log that ends the run after some writes.
type stopper struct {
	after int
	stop  func()
}

func (s *stopper) Write(p []byte) (int, error) {
	if s.after--; s.after == 0 {
		s.stop()
	}
	return io.Discard.Write(p)
}

// jumping returns a clock that goes on by a second whenever it is asked.
func jumping() func() time.Time {
	at := end
	return func() time.Time {
		at = at.Add(time.Second)
		return at
	}
}

func TestConfig(t *testing.T) {
	for name, spoil := range map[string]func(*history.Config){
		"no folder":          func(c *history.Config) { c.Dir = "" },
		"uptimes would wrap": func(c *history.Config) { c.Days = 46 },
		"no days":            func(c *history.Config) { c.Days = 0 },
		"hours without any":  func(c *history.Config) { c.Records = 1000 },
		"ends at no time":    func(c *history.Config) { c.Until = time.Time{} },
	} {
		c := config(t)
		spoil(&c)
		if _, err := history.Generate(t.Context(), c, history.Deps{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
