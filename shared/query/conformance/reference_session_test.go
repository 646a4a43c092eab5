package conformance_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

func TestReferenceMeetsItselfOnSessions(t *testing.T) {
	conformance.RunSessions(t, func(_ *testing.T, told []*flow.SessionBatch) conformance.SessionEngine {
		return conformance.NewReference(flow.NewBatch(0, flow.NewSymbols())).WithSessions(told...)
	})
}

// told is what is told of three sessions, written down by hand so that the answers below can be checked by reading: the first is told
// of again in the second batch, having grown and ended a minute later.
func told(t *testing.T) []*flow.SessionBatch {
	t.Helper()
	symbols := flow.NewSymbols()
	one, two := &flow.SessionBatch{Symbols: symbols}, &flow.SessionBatch{Symbols: symbols}
	for _, x := range []struct {
		b    *flow.SessionBatch
		text string
	}{
		{one, `{"id":"00000000000000000000000000000001","start":"2026-03-02T08:00:00Z","end":"2026-03-02T08:00:30Z","client":{"ip":"10.0.0.1","port":50000},"server":{"ip":"192.0.2.1","port":22},
			"transport":"tcp","bytes_out":100,"state":"EST","exporters":["198.51.100.1"],"open":true}`},
		{one, `{"id":"00000000000000000000000000000002","start":"2026-03-02T07:59:00Z","end":"2026-03-02T08:00:10Z","client":{"ip":"10.0.0.1","port":50001},"server":{"ip":"192.0.2.1","port":443},
			"transport":"tcp","bytes_out":5000,"state":"EST","exporters":["198.51.100.1","198.51.100.2"],"open":true}`},
		{one, `{"id":"00000000000000000000000000000003","start":"2026-03-02T08:00:00Z","end":"2026-03-02T08:00:00Z","client":{"ip":"10.0.0.2","port":0},"server":{"ip":"192.0.2.1","port":0},
			"transport":"icmp","bytes_out":64,"state":"Q","exporters":["198.51.100.2"],"open":false}`},
		{two, `{"id":"00000000000000000000000000000001","start":"2026-03-02T08:00:00Z","end":"2026-03-02T08:01:30Z","client":{"ip":"10.0.0.1","port":50000},"server":{"ip":"192.0.2.1","port":22},
			"transport":"tcp","bytes_out":900,"state":"EST","exporters":["198.51.100.1"],"open":false}`},
	} {
		if err := flow.ParseSessionJSON([]byte(x.text), x.b); err != nil {
			t.Fatal(err)
		}
	}
	return []*flow.SessionBatch{one, two}
}

func TestSessionAnswers(t *testing.T) {
	const count = query.Sessions
	n := func(v uint64) any { return v }
	for _, c := range []struct {
		name string
		q    query.Question
		want [][]any
		more bool
	}{
		{"each session once", query.Question{Measure: count}, [][]any{{n(3)}}, false},
		{"filter on the last state", query.Question{Measure: count, Filter: "client.bytes : 100"}, [][]any{{n(0)}}, false},
		{"by client", query.Question{Measure: count, By: []string{"client.ip"}}, [][]any{{"10.0.0.1", n(2)}, {"10.0.0.2", n(1)}}, false},
		{"no port is null", query.Question{Measure: count, By: []string{"server.port"}}, [][]any{{n(22), n(1)}, {n(443), n(1)}, {nil, n(1)}}, false},
		{"under each exporter", query.Question{Measure: count, By: []string{"observer.ip"}}, [][]any{{"198.51.100.1", n(2)}, {"198.51.100.2", n(2)}}, false},
		{"the rest is other", query.Question{Measure: count, By: []string{"server.port"}, Limit: 1}, [][]any{{n(22), n(1)}, {"other", n(2)}}, true},
		{"from and to are about the last end", query.Question{Measure: count, From: start.Add(30 * time.Second), To: start.Add(90 * time.Second)}, [][]any{{n(0)}}, false},
		{"from is inside", query.Question{Measure: count, From: start.Add(90 * time.Second)}, [][]any{{n(1)}}, false},
		{"flows stay on records", query.Question{Measure: query.Flows}, [][]any{{n(0)}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := conformance.NewReference(flow.NewBatch(0, flow.NewSymbols())).WithSessions(told(t)...)
			got, err := e.Aggregate(t.Context(), c.q)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got.Rows); diff != "" || got.Truncated != c.more {
				t.Errorf("truncated %v, rows (-wanted +got):\n%s", got.Truncated, diff)
			}
			if last := got.Columns[len(got.Columns)-1]; c.q.Measure == count && last != (query.Column{Name: "sessions", Type: "unsigned", Unit: "sessions"}) {
				t.Errorf("column %+v", last)
			}
		})
	}
}

func TestSessionLists(t *testing.T) {
	e := conformance.NewReference(flow.NewBatch(0, flow.NewSymbols())).WithSessions(told(t)...)
	for _, c := range []struct {
		name string
		q    query.Question
		want []uint64 // ids
	}{
		{"by start, then id", query.Question{}, []uint64{2, 1, 3}},
		{"limit and offset", query.Question{Limit: 1, Offset: 1}, []uint64{1}},
		{"offset beyond the end", query.Question{Offset: 100}, nil},
		{"filter", query.Question{Filter: "client.bytes > 800 and weir.tcp.state : EST"}, []uint64{2, 1}},
		{"range", query.Question{To: start.Add(10 * time.Second)}, []uint64{3}},
		{"measure, field and by are ignored", query.Question{Measure: "octets", Field: "x", By: []string{"y"}, Limit: 1}, []uint64{2}},
	} {
		b, err := e.Sessions(t.Context(), c.q)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []uint64
		for i := range b.Sessions {
			got = append(got, b.Sessions[i].ID.Lo)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-wanted +got):\n%s", c.name, diff)
		}
	}
}
