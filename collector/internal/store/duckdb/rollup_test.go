//go:build cgo

package duckdb_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

// overDays lays the records of a batch over three days, so that there are whole hours and minutes between them.
func overDays(b *flow.Batch) *flow.Batch {
	rng := rand.New(rand.NewPCG(11, 11))
	for i := range b.Records {
		r := &b.Records[i]
		if r.Present.Has(flow.HasEnd) {
			r.End = filtertest.Start + rng.Int64N(int64(72*time.Hour))/int64(time.Second)*int64(time.Second) + r.End%int64(time.Second)
		}
	}
	return b
}

// rolledUp opens a store that holds the batch in two sealed files with rollups and a hot file.
func rolledUp(t *testing.T, cfg store.Config, b *flow.Batch) *duckdb.Store {
	t.Helper()
	cfg.RollupRows = 1
	s := open(t, cfg, store.Deps{Symbols: b.Symbols})
	account, n := flow.NewAccount(), len(b.Records)
	for i, to := range []int{n * 4 / 10, n * 8 / 10, n} {
		write(t, s, addDatagrams(part(b, []int{0, n * 4 / 10, n * 8 / 10}[i], to), account))
		if i == 2 {
			break
		}
		if err := s.SealAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if st := s.Stats(); n > 0 && (st.RollupFiles != 2 || st.RollupErrors > 0) {
		t.Fatalf("%d rollups, %d errors", st.RollupFiles, st.RollupErrors)
	}
	return s
}

// rolledFields are those by which rollups tell apart, in groups that are told apart together.
var rolledFields = [][]string{
	{"observer.ip", "network.direction", "network.transport", "network.protocol", "network.iana_number"},
	{"observer.ip", "network.direction", "observer.ingress.interface.id", "observer.ingress.interface.name"},
	{"observer.ip", "network.direction", "observer.egress.interface.id", "observer.egress.interface.name"},
	{"network.direction", "source.as.number", "source.geo.country_iso_code", "weir.source.group"},
	{"network.direction", "destination.as.number", "destination.geo.country_iso_code", "weir.destination.group"},
	{"network.direction", "source.ip"}, {"network.direction", "destination.ip"}, {"network.direction", "destination.port", "network.transport"},
}

// rolledQuestion draws a question that rollups can answer.
func rolledQuestion(rng *rand.Rand) query.Question {
	fields := rolledFields[rng.IntN(len(rolledFields))]
	q := query.Question{
		Measure: []query.Measure{query.Bytes, query.Packets, query.Flows, query.BPS, query.PPS}[rng.IntN(5)], Limit: []int{1, 3, 1000}[rng.IntN(3)],
	}
	for _, i := range rng.Perm(len(fields))[:rng.IntN(3)] {
		q.By = append(q.By, fields[i])
	}
	if f := fields[rng.IntN(len(fields))]; rng.IntN(2) == 0 && len(fields) > 3 {
		q.Filter = []string{f + " : *", "not " + f + " : *", "network.direction : inbound", fmt.Sprintf("%s : * or network.direction : outbound", f)}[rng.IntN(4)]
	}
	day := func() time.Time {
		return time.Unix(0, filtertest.Start).Add(time.Duration(rng.Int64N(int64(76*time.Hour))) - 2*time.Hour).Truncate([]time.Duration{1, time.Millisecond, time.Minute, time.Hour}[rng.IntN(4)]).UTC()
	}
	q.From, q.To = day(), day()
	if q.From.After(q.To) {
		q.From, q.To = q.To, q.From
	}
	if q.Interval = []string{"", "1m", "5m", "1h", "6h", "1d", "1w", "7s"}[rng.IntN(8)]; q.Interval != "" {
		q.Fill = query.FillNone
		q.Zone = []string{"", "Europe/Berlin", "Asia/Kolkata"}[rng.IntN(3)]
		q.Percentile = []float64{0, 0, 95}[rng.IntN(3)]
	}
	if q.Percentile == 0 && rng.IntN(4) == 0 {
		q.Compare = []string{"1h", "1d"}[rng.IntN(2)]
	}
	if q.Measure != query.Flows && rng.IntN(4) == 0 {
		q.Direction = query.DirectionBoth
	}
	switch rng.IntN(4) {
	case 0:
		q.From = time.Time{}
	case 1:
		q.To = time.Time{}
	}
	return q
}

// TestRollupsGiveTheSameAsRecords asks random questions that rollups can answer and wants what the reference makes of the records.
func TestRollupsGiveTheSameAsRecords(t *testing.T) {
	b := overDays(filtertest.RandomBatch(rand.New(rand.NewPCG(21, 1)), 400))
	for i := range b.Records { // most count
		if i%8 > 0 {
			b.Records[i].Invalid = flow.ReasonNone
			b.Records[i].Present &^= flow.HasDuplicateOf
		}
	}
	s, reference := rolledUp(t, store.Config{}, b), conformance.NewReference(b)
	rng, reg := rand.New(rand.NewPCG(22, 1)), flow.NewRegistry()
	asked := 0
	for range 200 {
		q := rolledQuestion(rng)
		if _, err := q.Prepare(reg); err != nil {
			continue
		}
		asked++
		same(t, s, reference, q)
		if t.Failed() {
			return
		}
	}
	if n := s.Stats().RollupAnswers; int(n) < asked/2 {
		t.Errorf("only %d of %d questions were answered from rollups", n, asked)
	}
}

// same wants an engine to answer as another does.
func same(t *testing.T, engine, other query.Engine, q query.Question) {
	t.Helper()
	want, refused := other.Aggregate(t.Context(), q)
	got, err := engine.Aggregate(t.Context(), q)
	if refused != nil {
		if err == nil {
			t.Errorf("%s should be refused: %v", text(t, q), refused)
		}
		return
	}
	if err != nil {
		t.Errorf("%s\n%v", text(t, q), err)
		return
	}
	got.Loss, want.Loss = query.Loss{}, query.Loss{}
	if a, b := text(t, got), text(t, want); a != b {
		t.Errorf("%s\ngives\n%s\nshould be\n%s", text(t, q), a, b)
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
