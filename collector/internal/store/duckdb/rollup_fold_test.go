//go:build cgo

package duckdb_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// talkers is a batch of one hour: host n of 40 sends n records of 100 n bytes from 10.0.0.n.
func talkers(t *testing.T) *flow.Batch {
	t.Helper()
	b := flow.NewBatch(0, flow.NewSymbols())
	for n := 1; n <= 40; n++ {
		for i := range n {
			line := fmt.Sprintf(`{"event.id":"%032x-1-%d","event.end":"2026-03-02T08:%02d:10Z","source.ip":"10.0.0.%d","destination.ip":"10.9.0.1","network.bytes":%d,"network.packets":1,"network.direction":"inbound"}`,
				n, i, i, n, 100*n)
			if err := flow.ParseJSON([]byte(line), flow.NewRegistry(), b); err != nil {
				t.Fatal(err)
			}
		}
	}
	return addDatagrams(b, flow.NewAccount())
}

var (
	eight = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	// bySource is answered from sums of the hour.
	bySource = query.Question{By: []string{"source.ip"}, Limit: 2, From: eight, To: eight.Add(time.Hour)}
)

// folding opens a store in which every part has a rollup that keeps the addresses that carry most.
func folding(t *testing.T, cfg store.Config) *duckdb.Store {
	t.Helper()
	cfg.RollupRows, cfg.Talkers, cfg.ApproximateRows = 1, 1, 100
	s := open(t, cfg, store.Deps{})
	write(t, s, talkers(t))
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func answer(t *testing.T, s query.Engine, q query.Question) query.Result {
	t.Helper()
	res, err := s.Aggregate(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestTopTalkersFromRollups: what was not kept is in the row of the others, and the answer says how much one of them may lack.
func TestTopTalkersFromRollups(t *testing.T) {
	s := folding(t, store.Config{})
	const all = 100 * 40 * 41 * 81 / 6 // sum of n²
	for _, c := range []struct {
		name, want string
		ask        func(*query.Question)
	}{
		{"the greatest", fmt.Sprintf(`[["10.0.0.40",160000],["10.0.0.39",152100],["other",%d]] approximate`, all-160000-152100), func(*query.Question) {}},
		{"all that were kept", "approximate", func(q *query.Question) { q.Limit = 1000 }},
		{"every record", fmt.Sprintf(`[["10.0.0.40",160000],["10.0.0.39",152100],["other",%d]] exact`, all-160000-152100), func(q *query.Question) { q.Exact = true }},
		{"a filter by address", `[["10.0.0.3",900]] exact`, func(q *query.Question) { q.Filter = "source.ip : 10.0.0.3" }},
		{"an unrelated filter", `[["10.0.0.40",160000],["10.0.0.39",152100],["other",1901900]] approximate`, func(q *query.Question) { q.Filter = "network.direction : inbound" }},
		{"a filter that nothing passes", `[] approximate`, func(q *query.Question) { q.Filter = "network.direction : outbound" }},
		{"flows", `[["10.0.0.40",40],["10.0.0.39",39],["other",741]] approximate`, func(q *query.Question) { q.Measure = query.Flows }},
		{"a series", `[["2026-03-02T08:00:00Z","10.0.0.40",160000],["2026-03-02T08:00:00Z","other",2054000]] approximate`, func(q *query.Question) { q.Interval, q.Limit = "1h", 1 }},
		{"minutes", "exact", func(q *query.Question) { q.Interval = "1m" }},
		{"all, which are few", fmt.Sprintf(`[["10.9.0.1",%d]] exact`, all), func(q *query.Question) { q.By = []string{"destination.ip"} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := bySource
			c.ask(&q)
			res := answer(t, s, q)
			if got := text(t, res.Rows) + " " + string(res.Exactness); got != c.want && (len(c.want) >= 15 || !strings.HasSuffix(got, c.want)) {
				t.Errorf("%s\nshould be\n%s", got, c.want)
			}
			sum := uint64(0)
			for _, row := range res.Rows {
				if n, ok := row[len(row)-1].(uint64); ok {
					sum += n
				}
			}
			if q.Measure == "" && q.Filter == "" && sum != all {
				t.Errorf("the rows add up to %d, should to %d", sum, all)
			}
			if (res.MaxError != nil) != (res.Exactness == query.Approximate && q.Interval == "") {
				t.Errorf("max error %v of an answer that is %s", res.MaxError, res.Exactness)
			}
		})
	}
}

// TestTheErrorOfTopTalkers: no host has more than its row says by more than the answer says.
func TestTheErrorOfTopTalkers(t *testing.T) {
	s := folding(t, store.Config{})
	q := bySource
	q.Limit = 1000
	res := answer(t, s, q)
	if len(res.Rows) >= 41 || !res.Truncated {
		t.Fatalf("%d rows: nothing was folded", len(res.Rows))
	}
	// Those that were not kept have less than the least that was.
	least := res.Rows[len(res.Rows)-2][1].(uint64)
	if *res.MaxError >= float64(least) || *res.MaxError < 100 {
		t.Errorf("max error %v, the least that was kept has %d", *res.MaxError, least)
	}
	q.Measure = query.BPS
	if bps := answer(t, s, q); *bps.MaxError != *res.MaxError*8/3600 {
		t.Errorf("max error %v as a rate, %v in bytes", *bps.MaxError, *res.MaxError)
	}
	q.From, q.To = time.Time{}, time.Time{} // the records end within 39 minutes
	if bps := answer(t, s, q); *bps.MaxError != *res.MaxError*8/(39*60) || bps.Rows[0][1].(float64) != 160000*8/(39*60.) {
		t.Errorf("max error %v as a rate without bounds, %v in bytes; %v", *bps.MaxError, *res.MaxError, bps.Rows[0])
	}
}

// TestRollupsAreMadeAgain: a rollup that is lost, broken or of an earlier version costs nothing but time.
func TestRollupsAreMadeAgain(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"lost":   os.Remove,
		"cut":    func(path string) error { return os.Truncate(path, 100) },
		"folder": func(path string) error { return os.RemoveAll(filepath.Dir(filepath.Dir(filepath.Dir(path)))) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := folding(t, store.Config{Dir: dir})
			want := text(t, answer(t, s, bySource))
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			paths, err := filepath.Glob(filepath.Join(dir, "rollups", "*", "*", "*.parquet"))
			if err != nil || len(paths) != 1 {
				t.Fatal(paths, err)
			}
			if err := harm(paths[0]); err != nil {
				t.Fatal(err)
			}
			s = open(t, store.Config{Dir: dir, RollupRows: 1, Talkers: 1, ApproximateRows: 100}, store.Deps{})
			holds(t, s, 820)
			until(t, "the rollup is made again", func() bool { return s.Stats().RollupFiles == 1 })
			if got := text(t, answer(t, s, bySource)); got != want {
				t.Errorf("%s\nshould be\n%s", got, want)
			}
		})
	}
}

// TestABrokenRollupIsNotMissed: one that turns out to be broken while it is asked is left aside, and made again.
func TestABrokenRollupIsNotMissed(t *testing.T) {
	dir := t.TempDir()
	s := folding(t, store.Config{Dir: dir})
	paths, err := filepath.Glob(filepath.Join(dir, "rollups", "*", "*", "*.parquet"))
	if err != nil || len(paths) != 1 {
		t.Fatal(paths, err)
	}
	if err := os.WriteFile(paths[0], []byte("PAR1 is not what this is PAR1"), 0o600); err != nil {
		t.Fatal(err)
	}
	res := answer(t, s, query.Question{By: []string{"network.direction"}, From: eight, To: eight.Add(time.Hour), Measure: query.Flows})
	if got := text(t, res.Rows); got != `[["inbound",820]]` {
		t.Error(got)
	}
	until(t, "the rollup is made again", func() bool { return s.Stats().RollupFiles == 1 && s.Stats().RollupsMade == 2 })
}

// TestRollupsExpire: they go with their records.
func TestRollupsExpire(t *testing.T) {
	dir, clock := t.TempDir(), newClock(noon)
	s := open(t, store.Config{Dir: dir, Retention: time.Hour, RollupRows: 1}, store.Deps{Now: clock.now})
	write(t, s, talkers(t))
	clock.add(time.Hour)
	until(t, "the hour is sealed", func() bool { return s.Stats().RollupFiles == 1 && s.Stats().HotFiles == 0 })
	clock.add(3 * time.Hour)
	until(t, "all is deleted", func() bool {
		left, _ := filepath.Glob(filepath.Join(dir, "*", "date=*", "*", "*.parquet"))
		return s.Stats().Expired == 1 && len(left) == 0 && s.Stats().RollupFiles == 0
	})
	holds(t, s, 0)
}
