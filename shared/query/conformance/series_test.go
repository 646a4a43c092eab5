package conformance_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

// conversation is a few records over four minutes, written down by hand so that the answers below can be checked by reading. One is a
// biflow, one lasts two minutes.
func conversation(t *testing.T) *flow.Batch {
	t.Helper()
	b := flow.NewBatch(5, flow.NewSymbols())
	for _, line := range []string{
		`{"event.start":"2026-03-02T08:00:00Z","event.end":"2026-03-02T08:00:30Z","event.id":"00000000000000000000000000000001-1-1","source.ip":"10.0.0.1","destination.ip":"10.0.0.9","destination.port":443,"source.bytes":600,"destination.bytes":60,"network.packets":1}`,
		`{"event.start":"2026-03-02T08:00:15Z","event.end":"2026-03-02T08:02:15Z","event.id":"00000000000000000000000000000001-1-2","source.ip":"10.0.0.2","destination.ip":"10.0.0.9","destination.port":443,"network.bytes":1201,"network.packets":4}`,
		`{"event.start":"2026-03-02T08:02:20Z","event.end":"2026-03-02T08:02:20Z","event.id":"00000000000000000000000000000001-1-3","source.ip":"10.0.0.9","source.port":443,"destination.ip":"10.0.0.1","network.bytes":300,"network.packets":3}`,
		`{"event.start":"2026-03-02T08:03:00Z","event.end":"2026-03-02T08:03:10Z","event.id":"00000000000000000000000000000001-1-4","source.ip":"10.0.0.3","destination.ip":"10.0.0.1","destination.port":53,"network.bytes":30,"network.packets":1}`,
	} {
		if err := flow.ParseJSON([]byte(line), flow.NewRegistry(), b); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

const (
	m0 = "2026-03-02T08:00:00Z"
	m1 = "2026-03-02T08:01:00Z"
	m2 = "2026-03-02T08:02:00Z"
	m3 = "2026-03-02T08:03:00Z"
)

func minutes(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }

// more is the part by which a number exceeds another, rounded as floats are.
func more(now, earlier float64) float64 { return now/earlier - 1 }

func TestAnswersOverTime(t *testing.T) {
	u := func(n uint64) uint64 { return n }
	bySource := []string{"source.ip"}
	for _, c := range []struct {
		name string
		q    query.Question
		want [][]any
	}{
		{"a series has no gaps", query.Question{Interval: "1m"}, [][]any{{m0, u(660)}, {m1, u(0)}, {m2, u(1501)}, {m3, u(30)}}},
		{"gaps are null", query.Question{Interval: "1m", Fill: query.FillNull}, [][]any{{m0, u(660)}, {m1, nil}, {m2, u(1501)}, {m3, u(30)}}},
		{"gaps are left", query.Question{Interval: "1m", Fill: query.FillNone}, [][]any{{m0, u(660)}, {m2, u(1501)}, {m3, u(30)}}},
		{"a range is filled to its ends", query.Question{Interval: "2m", From: minutes(-2), To: minutes(6), Measure: query.Flows}, [][]any{
			{"2026-03-02T07:58:00Z", u(0)}, {m0, u(1)}, {m2, u(3)}, {"2026-03-02T08:04:00Z", u(0)}}},
		{"nothing in a range is 0", query.Question{Interval: "1m", From: minutes(60), To: minutes(61)}, [][]any{{"2026-03-02T09:00:00Z", u(0)}}},
		{"nothing at all has no rows", query.Question{Interval: "1m", Filter: "source.port : 1"}, [][]any{}},
		{"rates are of the part in the range", query.Question{Interval: "1m", Measure: query.BPS, From: minutes(3), To: minutes(3).Add(30 * time.Second)}, [][]any{{m3, 8.0}}},
		{"the same groups in every bucket, then other", query.Question{Interval: "2m", By: bySource, Limit: 2}, [][]any{
			{m0, "10.0.0.2", u(0)}, {m0, "10.0.0.1", u(660)}, {m0, "other", u(0)},
			{m2, "10.0.0.2", u(1201)}, {m2, "10.0.0.1", u(0)}, {m2, "other", u(330)}}},
		{"several measures", query.Question{Measure: query.Flows, More: []query.Measure{query.Bytes, query.Packets}}, [][]any{{u(4), u(2191), u(9)}}},
		{"two minutes before", query.Question{From: minutes(2), To: minutes(4), Compare: "2m", By: bySource}, [][]any{
			{"10.0.0.2", u(1201), u(0), nil}, {"10.0.0.9", u(300), u(0), nil}, {"10.0.0.3", u(30), u(0), nil}, {"10.0.0.1", u(0), u(660), -1.0}}},
		{"other is compared, too", query.Question{From: minutes(2), To: minutes(4), Compare: "2m", By: bySource, Limit: 1}, [][]any{
			{"10.0.0.2", u(1201), u(0), nil}, {"other", u(330), u(660), -0.5}}},
		{"each bucket with the one before", query.Question{From: minutes(2), To: minutes(4), Compare: "2m", Interval: "1m"}, [][]any{
			{m2, u(1501), u(660), more(1501, 660)}, {m3, u(30), u(0), nil}}},
		{"the percentile counts empty buckets", query.Question{Interval: "1m", Percentile: 50, Measure: query.BPS}, [][]any{{30 * 8 / 60.0}}},
		{"a percentile of groups", query.Question{Interval: "1m", Percentile: 100, By: bySource, Limit: 1}, [][]any{{"10.0.0.2", u(1201)}}},
		{"both directions of hosts", query.Question{By: bySource, Direction: query.DirectionBoth}, [][]any{
			{"10.0.0.9", u(360), u(1801)}, {"10.0.0.2", u(1201), u(0)}, {"10.0.0.1", u(600), u(390)}, {"10.0.0.3", u(30), u(0)}}},
		{"both directions of a server", query.Question{Filter: "destination.ip : 10.0.0.9 and destination.port : 443", Direction: query.DirectionBoth}, [][]any{{u(360), u(1801)}}},
		{"spread over the minutes", query.Question{Interval: "1m", Spread: true}, [][]any{
			{m0, u(660 + 450)}, {m1, u(600)}, {m2, u(151 + 300)}, {m3, u(30)}}},
		{"what is spread may lie before the range", query.Question{Interval: "1m", Spread: true, From: minutes(2), To: minutes(3)}, [][]any{
			{m0, u(450)}, {m1, u(600)}, {m2, u(451)}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := conformance.NewReference(conversation(t)).Aggregate(t.Context(), c.q)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got.Rows); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if spread := got.Exactness == query.Spread; spread != c.q.Spread {
				t.Errorf("exactness %s", got.Exactness)
			}
		})
	}
}

func TestColumnsOverTime(t *testing.T) {
	for _, c := range []struct {
		q    query.Question
		want []string
	}{
		{query.Question{Interval: "1m", By: []string{"source.ip"}, Measure: query.BPS}, []string{"@timestamp", "source.ip", "bps"}},
		{query.Question{Interval: "1m", Percentile: 95, Measure: query.BPS}, []string{"p95(bps)"}},
		{query.Question{By: []string{"source.ip"}, Direction: query.DirectionBoth}, []string{"source.ip", "out", "in"}},
		{query.Question{From: start, To: minutes(1), Compare: "1d"}, []string{"bytes", "earlier", "change"}},
		{query.Question{More: []query.Measure{query.Flows}}, []string{"bytes", "flows"}},
	} {
		got, err := conformance.NewReference(conversation(t)).Aggregate(t.Context(), c.q)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, column := range got.Columns {
			names = append(names, column.Name)
		}
		if diff := cmp.Diff(c.want, names); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

// TestGraphOfRecordsAndSessions: edges know the sessions that were opened along them, also those without records in the range.
func TestGraphOfRecordsAndSessions(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	told := filtertest.RandomSessions(rng, 150)
	ref := conformance.NewReference(filtertest.RandomBatch(rng, 250)).WithSessions(told...)
	for _, q := range []query.GraphQuestion{
		{}, {Limit: 3}, {By: "destination.port", Limit: 5, Measure: query.Flows}, {Filter: "network.transport : tcp", Limit: 4},
		{By: "weir.source.group"}, {From: minutes(2), To: minutes(6), Limit: 10}, {Filter: "not source.mac : *", Limit: 3},
	} {
		want, err := ref.Graph(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		got, err := query.DrawGraph(t.Context(), ref, q)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v: -want +got:\n%s", q, diff)
		}
	}
}

func TestGraphByHand(t *testing.T) {
	name := func(s string) *string { return &s }
	none := new(uint64)
	got, err := conformance.NewReference(conversation(t)).Graph(t.Context(), query.GraphQuestion{Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	want := []query.GraphEdge{
		{From: name("10.0.0.2"), To: name("10.0.0.9"), Traffic: query.Traffic{Bytes: 1201, Packets: 4, Flows: 1, Sessions: none}},
		{From: name("10.0.0.1"), To: name("10.0.0.9"), Traffic: query.Traffic{Bytes: 660, Packets: 1, Flows: 1, Sessions: none}},
	}
	if diff := cmp.Diff(want, got.Edges); diff != "" {
		t.Errorf("edges: -want +got:\n%s", diff)
	}
	if got.Other == nil || got.Other.Bytes != 330 || !got.Truncated || len(got.Nodes) != 3 || got.Nodes[1].In.Bytes != 1861 {
		t.Errorf("%+v, other %+v", got, got.Other)
	}
}

func TestValuesByHand(t *testing.T) {
	got, err := conformance.NewReference(conversation(t)).Values(t.Context(), query.ValuesQuestion{Field: "related.ip", Prefix: "10.0.0", Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	want := []query.Value{{Value: "10.0.0.1", Count: 3}, {Value: "10.0.0.9", Count: 3}}
	if diff := cmp.Diff(want, got.Values); diff != "" || !got.Truncated || got.Type != "ip" {
		t.Errorf("%+v: -want +got:\n%s", got, diff)
	}
}
