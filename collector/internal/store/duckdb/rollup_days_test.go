//go:build cgo

package duckdb_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

// committedOverHours opens a store with the batch committed over four hours of a day that is over, and its rollup.
func committedOverHours(t *testing.T, cfg store.Config, b *flow.Batch) (*duckdb.Store, *clock) {
	t.Helper()
	clk := newClock(noon)
	cfg.RollupRows, cfg.ApproximateRows = 1, 1
	s := open(t, cfg, store.Deps{Symbols: b.Symbols, Now: clk.now})
	account, n := flow.NewAccount(), len(b.Records)
	for i := range 4 {
		write(t, s, addDatagrams(part(b, n*i/4, n*(i+1)/4), account))
		clk.add(time.Hour)
	}
	until(t, "all hours have rollups", func() bool { return s.Stats().RollupFiles == 4 && s.Stats().HotFiles == 0 })
	if s.Stats().RollupDays != 0 {
		t.Fatal("the day is not over, and has a rollup")
	}
	clk.add(24 * time.Hour)
	until(t, "the day has a rollup", func() bool { return s.Stats().RollupDays == 1 })
	return s, clk
}

// TestDaysGiveTheSameAsRecords is TestRollupsGiveTheSameAsRecords with a rollup of a day.
func TestDaysGiveTheSameAsRecords(t *testing.T) {
	b := overDays(filtertest.RandomBatch(rand.New(rand.NewPCG(31, 1)), 400))
	for i := range b.Records {
		if i%8 > 0 {
			b.Records[i].Invalid = flow.ReasonNone
			b.Records[i].Present &^= flow.HasDuplicateOf
		}
	}
	dir := t.TempDir()
	s, _ := committedOverHours(t, store.Config{Dir: dir}, b)
	reference := conformance.NewReference(b)
	rng, reg := rand.New(rand.NewPCG(32, 1)), flow.NewRegistry()
	for range 150 {
		q := rolledQuestion(rng)
		if _, err := q.Prepare(reg); err != nil {
			continue
		}
		same(t, s, reference, q)
		if t.Failed() {
			return
		}
	}
	// Only the rollup of the day is needed for days.
	paths, err := filepath.Glob(filepath.Join(dir, "rollups", "*", "*", "*.parquet"))
	if err != nil || len(paths) != 4 {
		t.Fatal(paths, err)
	}
	for _, p := range paths {
		if err := os.WriteFile(p, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	same(t, s, reference, query.Question{By: []string{"source.ip"}, Limit: 5})
	same(t, s, reference, query.Question{By: []string{"network.transport"}, Interval: "1h"})
	if n := s.Stats().RollupErrors; n != 0 {
		t.Errorf("%d rollups were found to be broken", n)
	}
}

// manyTalkers is a batch of some hours of a day in which 300 hosts send amounts at random.
func manyTalkers(t *testing.T) *flow.Batch {
	t.Helper()
	rng := rand.New(rand.NewPCG(41, 1))
	b := flow.NewBatch(0, flow.NewSymbols())
	for i := range 2000 {
		n := int(300 * rng.Float64() * rng.Float64())
		line := fmt.Sprintf(`{"event.id":"%032x-1-1","event.end":"2026-03-02T%02d:%02d:10Z","source.ip":"10.0.%d.%d","destination.ip":"10.9.0.1","network.bytes":%d,"network.packets":%d,"network.direction":"inbound"}`,
			i, i/500, rng.IntN(60), n/100, n%100, 40+rng.IntN(100_000)/(n+1), 1+rng.IntN(9))
		if err := flow.ParseJSON([]byte(line), flow.NewRegistry(), b); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// TestTheErrorOfDays: whatever hours and the day folded, no host has less than its row says, or more than that and the error.
func TestTheErrorOfDays(t *testing.T) {
	s, _ := committedOverHours(t, store.Config{Talkers: 10}, manyTalkers(t))
	for _, m := range []query.Measure{query.Bytes, query.Packets, query.Flows} {
		q := query.Question{By: []string{"source.ip"}, Measure: m, Limit: 1000}
		got := answer(t, s, q)
		q.Exact = true
		want := answer(t, s, q)
		if got.Exactness != query.Approximate || want.Exactness != query.Exact || got.MaxError == nil || len(got.Rows) >= len(want.Rows) {
			t.Fatalf("%s, %d rows of %d", got.Exactness, len(got.Rows), len(want.Rows))
		}
		shown, sum, all := map[any]uint64{}, uint64(0), uint64(0)
		for _, row := range got.Rows {
			shown[row[0]] = row[1].(uint64)
			sum += row[1].(uint64)
		}
		for _, row := range want.Rows {
			has := row[1].(uint64)
			all += has
			if has < shown[row[0]] || has > shown[row[0]]+uint64(*got.MaxError) {
				t.Errorf("%s of %v: %d, shown as %d with an error of %v", m, row[0], has, shown[row[0]], *got.MaxError)
			}
		}
		if sum != all {
			t.Errorf("the rows add up to %d %s, should to %d", sum, m, all)
		}
		if got.Rows[0][0] != want.Rows[0][0] {
			t.Errorf("the greatest is %v, should be %v", got.Rows[0], want.Rows[0])
		}
	}
}

// TestDaysExpire: the rollup of a day goes with its first hour, the others stay.
func TestDaysExpire(t *testing.T) {
	dir := t.TempDir()
	s, clock := committedOverHours(t, store.Config{Dir: dir, Retention: 72 * time.Hour}, manyTalkers(t))
	clock.add(44*time.Hour + time.Minute) // noon is 72 hours ago
	until(t, "an hour is deleted", func() bool {
		left, _ := filepath.Glob(filepath.Join(dir, "days", "*", "*", "*"))
		return s.Stats().Expired == 1 && len(left) == 0
	})
	if st := s.Stats(); st.RollupDays != 0 || st.RollupFiles != 3 {
		t.Errorf("%+v", st)
	}
	holds(t, s, 1500)
	res := answer(t, s, query.Question{By: []string{"network.direction"}, Measure: query.Flows})
	if got := text(t, res.Rows); got != `[["inbound",1500]]` {
		t.Error(got)
	}
}

// TestDaysAreMadeAgain: as rollups of parts are.
func TestDaysAreMadeAgain(t *testing.T) {
	dir := t.TempDir()
	s, clock := committedOverHours(t, store.Config{Dir: dir}, manyTalkers(t))
	want := text(t, answer(t, s, query.Question{By: []string{"network.direction"}}))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "days")); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Config{Dir: dir, RollupRows: 1}, store.Deps{Now: clock.now})
	if got := text(t, answer(t, s, query.Question{By: []string{"network.direction"}})); got != want {
		t.Errorf("%s, should be %s", got, want)
	}
	until(t, "the day is made again", func() bool { return s.Stats().RollupDays == 1 })
}
