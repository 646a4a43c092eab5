//go:build cgo

package duckdb_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
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

// fewHosts are those of the records of fewHostsBatch: of both versions, beside each other and far apart.
var fewHosts = []string{"10.0.0.1", "10.0.0.2", "255.255.255.255", "::1", "2001:db8::1", "ffff::ffff:ffff:ffff:ffff"}

// fewHostsBatch is records over three days between few hosts, some of a host to itself.
func fewHostsBatch(seed uint64) *flow.Batch {
	rng := rand.New(rand.NewPCG(seed, 31))
	b := overDays(filtertest.RandomBatch(rng, 400))
	for i := range b.Records {
		r := &b.Records[i]
		if i%8 > 0 { // most count
			r.Invalid = flow.ReasonNone
			r.Present &^= flow.HasDuplicateOf
		}
		for _, side := range []*flow.Endpoint{&r.Source, &r.Destination} {
			if !side.IP.IsZero() {
				side.IP = flow.Addr(netip.MustParseAddr(fewHosts[rng.IntN(len(fewHosts))]).As16())
			}
		}
	}
	return b
}

// pinnedQuestion draws a question about hosts.
func pinnedQuestion(rng *rand.Rand) query.Question {
	q := rolledQuestion(rng)
	host := func() string { return fmt.Sprintf("%q", fewHosts[rng.IntN(len(fewHosts))]) }
	side := []string{"source.ip", "destination.ip", "related.ip"}[rng.IntN(3)]
	q.Filter = fmt.Sprintf("%s : %s", side, host())
	switch rng.IntN(6) {
	case 0:
		q.Filter = fmt.Sprintf("%s : (%s or %s)", side, host(), host())
	case 1:
		q.Filter += " and not network.direction : inbound"
	case 2:
		q.Filter = fmt.Sprintf("source.ip : %s and destination.ip : %s", host(), host())
	}
	q.By = [][]string{nil, nil, {"network.direction"}, {side}, {"source.ip"}, {"destination.ip", "network.direction"}}[rng.IntN(6)]
	return q
}

// TestSumsOfHostsGiveTheSameAsRecords asks random questions about hosts and wants what the reference makes of the records, of sums that were made while
// sealing and of those that are made again of the sealed files.
func TestSumsOfHostsGiveTheSameAsRecords(t *testing.T) {
	for seed := range uint64(2) {
		b, cfg := fewHostsBatch(seed), store.Config{Dir: t.TempDir(), RollupRows: 1}
		s, reference := rolledUp(t, cfg, b), conformance.NewReference(b)
		rng := rand.New(rand.NewPCG(seed, 33))
		askAboutHosts(t, s, reference, rng)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		paths, err := filepath.Glob(filepath.Join(cfg.Dir, "index", "flows", "*", "*", "*.sums"))
		if err != nil || len(paths) != 2 {
			t.Fatal(paths, err)
		}
		for _, path := range paths {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
		s = open(t, cfg, store.Deps{Symbols: b.Symbols})
		until(t, "the sums are made again", func() bool { return s.Stats().RollupFiles == 2 })
		askAboutHosts(t, s, reference, rng)
	}
}

// askAboutHosts asks random questions.
func askAboutHosts(t *testing.T, s *duckdb.Store, reference query.Engine, rng *rand.Rand) {
	t.Helper()
	asked, before, reg := 0, s.Stats().RollupAnswers, flow.NewRegistry()
	for range 60 {
		q := pinnedQuestion(rng)
		if _, err := q.Prepare(reg); err != nil {
			continue
		}
		asked++
		same(t, s, reference, q)
		if t.Failed() {
			t.FailNow()
		}
	}
	if n := s.Stats().RollupAnswers - before; int(n) < asked/6 {
		t.Errorf("only %d of %d questions were answered from sums", n, asked)
	}
}

// TestSumsOfAHost: which questions about a host sums of hosts answer, exactly.
func TestSumsOfAHost(t *testing.T) {
	s := folding(t, store.Config{})
	for name, c := range map[string]struct {
		q      query.Question
		want   string
		summed bool
	}{
		"one that the rollup folds":     {query.Question{Filter: "source.ip : 10.0.0.3"}, `[[900]]`, true},
		"on either side":                {query.Question{Filter: "related.ip : 10.9.0.1", Measure: query.Flows}, `[[820]]`, true},
		"one that is not there":         {query.Question{Filter: "related.ip : 10.9.0.2", Measure: query.Flows}, `[[0]]`, true},
		"on the other side":             {query.Question{Filter: "source.ip : 10.9.0.1", Measure: query.Flows}, `[[0]]`, true},
		"by direction":                  {query.Question{Filter: "source.ip : 10.0.0.3", By: []string{"network.direction"}}, `[["inbound",900]]`, true},
		"another direction":             {query.Question{Filter: "source.ip : 10.0.0.3 and network.direction : outbound"}, `[[0]]`, true},
		"two of them":                   {query.Question{Filter: "source.ip : (10.0.0.3 or 10.0.0.2)", By: []string{"source.ip"}}, `[["10.0.0.3",900],["10.0.0.2",400]]`, true},
		"one of two, twice":             {query.Question{Filter: "source.ip : (10.0.0.3 or 10.0.0.3)"}, `[[900]]`, true},
		"hours":                         {query.Question{Filter: "source.ip : 10.0.0.3", From: eight, To: eight.Add(2 * time.Hour), Interval: "1h", Fill: query.FillNone}, `[["2026-03-02T08:00:00Z",900]]`, true},
		"an hour and minutes beside it": {query.Question{Filter: "source.ip : 10.0.0.3", From: eight.Add(-time.Minute), To: eight.Add(61 * time.Minute)}, `[[900]]`, true},
		"part of an hour":               {query.Question{Filter: "source.ip : 10.0.0.3", From: eight, To: eight.Add(90 * time.Second)}, `[[600]]`, false},
		"minutes":                       {query.Question{Filter: "source.ip : 10.0.0.2", From: eight, To: eight.Add(2 * time.Minute), Interval: "1m"}, `[["2026-03-02T08:00:00Z",200],["2026-03-02T08:01:00Z",200]]`, false},
		"what it talked to":             {query.Question{Filter: "source.ip : 10.0.0.3", By: []string{"destination.ip"}}, `[["10.9.0.1",900]]`, false},
		"both addresses":                {query.Question{Filter: "source.ip : 10.0.0.3 and destination.ip : 10.9.0.1"}, `[[900]]`, false},
		"all but one":                   {query.Question{Filter: "not source.ip : 10.0.0.3", Measure: query.Flows}, `[[817]]`, false},
		"one or another thing":          {query.Question{Filter: "source.ip : 10.0.0.3 or network.direction : outbound", Measure: query.Flows}, `[[3]]`, false},
		"how many others":               {query.Question{Filter: "destination.ip : 10.9.0.1", Measure: query.Distinct, Field: "source.ip"}, `[[40]]`, false},
		"either of two, on either side": {query.Question{Filter: "related.ip : (10.0.0.3 or 10.9.0.1)", Measure: query.Flows}, `[[820]]`, false},
		"its rate, as long as it sends": {query.Question{Filter: "source.ip : 10.0.0.3", Measure: query.PPS}, `[[0.025]]`, true},
		"a copy or what is not counted": {query.Question{Filter: "source.ip : 10.0.0.3", AllCopies: true}, `[[900]]`, false},
		"a prefix of more than sixteen": {query.Question{Filter: "source.ip : 10.0.0.0/27", Measure: query.Flows}, `[[496]]`, false},
		"a prefix of four":              {query.Question{Filter: "source.ip : 10.0.0.0/30", Measure: query.Flows}, `[[6]]`, true},
		"both ways":                     {query.Question{Filter: "source.ip : 10.0.0.3", Direction: query.DirectionBoth}, `[[900,0]]`, true},
	} {
		t.Run(name, func(t *testing.T) {
			before := s.Stats().RollupAnswers
			res := answer(t, s, c.q)
			if got := text(t, res.Rows); got != c.want || res.Exactness != query.Exact {
				t.Errorf("%s, %s\nshould be\n%s", got, res.Exactness, c.want)
			}
			if summed := s.Stats().RollupAnswers > before; summed != c.summed {
				t.Errorf("answered from sums: %v", summed)
			}
		})
	}
}

// TestSumsOfHostsAreMadeAgain: where they are lost or broken, questions read records until they are made again.
func TestSumsOfHostsAreMadeAgain(t *testing.T) {
	q := query.Question{Filter: "related.ip : 10.0.0.3"}
	for name, harm := range map[string]func(path string) error{
		"lost":    os.Remove,
		"cut":     func(path string) error { return os.Truncate(path, 100) },
		"changed": func(path string) error { return os.WriteFile(path, []byte("weirsums is not what this is"), 0o600) },
	} {
		for _, closed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, closed %v", name, closed), func(t *testing.T) {
				cfg := store.Config{Dir: t.TempDir()}
				s := folding(t, cfg)
				if closed {
					if err := s.Close(); err != nil {
						t.Fatal(err)
					}
				}
				paths, err := filepath.Glob(filepath.Join(cfg.Dir, "index", "flows", "*", "*", "*.sums"))
				if err != nil || len(paths) != 1 {
					t.Fatal(paths, err)
				}
				if err := harm(paths[0]); err != nil {
					t.Fatal(err)
				}
				if closed {
					cfg.RollupRows = 1
					s = open(t, cfg, store.Deps{})
				}
				if got := text(t, answer(t, s, q).Rows); got != `[[900]]` {
					t.Error(got)
				}
				until(t, "they are made again", func() bool {
					answer(t, s, q)
					before := s.Stats().RollupAnswers
					answer(t, s, q)
					return s.Stats().RollupAnswers > before
				})
				if got := text(t, answer(t, s, q).Rows); got != `[[900]]` {
					t.Error(got)
				}
			})
		}
	}
}

// TestTooManyHosts: a file that would have more sums than allowed has none, and questions read its records.
func TestTooManyHosts(t *testing.T) {
	for limit, unsummed := range map[int64]int{41: 0, 40: 1} { // 40 senders and a receiver
		s := folding(t, store.Config{HostSums: limit})
		before := s.Stats()
		if got := text(t, answer(t, s, query.Question{Filter: "related.ip : 10.0.0.3"}).Rows); got != `[[900]]` {
			t.Errorf("%d sums allowed: %s", limit, got)
		}
		if st := s.Stats(); st.RollupFiles != 1 || st.RollupErrors > 0 || st.RollupUnsummed != unsummed || st.RollupAnswers-before.RollupAnswers != uint64(1-unsummed) {
			t.Errorf("%d sums allowed: %+v", limit, st)
		}
	}
}

// TestSumsOfHostsExpire: they go with their records, and what is of no file is removed.
func TestSumsOfHostsExpire(t *testing.T) {
	dir, clock := t.TempDir(), newClock(noon)
	s := open(t, store.Config{Dir: dir, Retention: time.Hour, RollupRows: 1}, store.Deps{Now: clock.now})
	write(t, s, talkers(t))
	clock.add(time.Hour)
	sums := func() []string {
		found, _ := filepath.Glob(filepath.Join(dir, "index", "flows", "*", "*", "*.sums*"))
		return found
	}
	until(t, "the hour is sealed", func() bool { return len(sums()) == 1 && s.Stats().HotFiles == 0 })
	data, err := os.ReadFile(sums()[0])
	if err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.RollupBytes <= int64(len(data)) {
		t.Errorf("rollups take %d bytes, of which %d are sums of hosts", st.RollupBytes, len(data))
	}
	path := sums()[0]
	clock.add(3 * time.Hour)
	until(t, "they are gone", func() bool { return len(sums()) == 0 })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, path + store.TempSuffix} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open(t, store.Config{Dir: dir}, store.Deps{Now: clock.now})
	if left := sums(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}
