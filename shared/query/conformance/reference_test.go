package conformance_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

func TestReferenceMeetsItself(t *testing.T) {
	conformance.Run(t, func(_ *testing.T, b *flow.Batch) query.Engine { return conformance.NewReference(b) })
}

// start is the time of the first record of talkers.
var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// talkers are five records a second apart, written down by hand so that the answers below can be checked by reading.
func talkers(t *testing.T) *flow.Batch {
	t.Helper()
	b := flow.NewBatch(5, flow.NewSymbols())
	for _, line := range []string{
		`{"event.end":"2026-03-02T08:00:00Z","event.id":"00000000000000000000000000000001-1-1","source.ip":"10.0.0.1","destination.port":53,"network.bytes":100,"network.packets":1,"weir.source.group":["users","dmz"]}`,
		`{"event.end":"2026-03-02T08:00:01Z","event.id":"00000000000000000000000000000001-1-2","source.ip":"10.0.0.2","destination.port":443,"network.bytes":300,"network.packets":3,"weir.source.group":["users"]}`,
		`{"event.end":"2026-03-02T08:00:02Z","event.id":"00000000000000000000000000000001-1-3","source.ip":"9.0.0.1","network.bytes":200,"network.packets":2}`,
		`{"event.end":"2026-03-02T08:00:03Z","event.id":"00000000000000000000000000000002-1-1","source.ip":"10.0.0.1","destination.port":53,"network.bytes":7000,"weir.invalid":"no_packets"}`,
		`{"event.end":"2026-03-02T08:00:04Z","event.id":"00000000000000000000000000000002-1-2","source.ip":"10.0.0.2","destination.port":443,"network.bytes":300,"network.packets":3,"weir.duplicate_of":"00000000000000000000000000000001-1-2"}`,
	} {
		if err := flow.ParseJSON([]byte(line), flow.NewRegistry(), b); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name string
		q    query.Question
		want [][]any
		more bool
	}{
		{"total", query.Question{}, [][]any{{uint64(600)}}, false},
		{"flows", query.Question{Measure: query.Flows}, [][]any{{uint64(3)}}, false},
		{"all copies", query.Question{AllCopies: true}, [][]any{{uint64(900)}}, false},
		{"only what was set aside", query.Question{Invalid: true}, [][]any{{uint64(7000)}}, false},
		{"nothing selected is a total of 0", query.Question{Filter: "source.ip : 192.0.2.1"}, [][]any{{uint64(0)}}, false},
		{"nothing selected is an empty list", query.Question{Filter: "source.ip : 192.0.2.1", By: []string{"source.ip"}}, [][]any{}, false},
		{"from is inside, to is not", query.Question{From: start, To: start.Add(time.Second)}, [][]any{{uint64(100)}}, false},
		{"bounds between records", query.Question{From: start.Add(1), To: start.Add(time.Second + 1)}, [][]any{{uint64(300)}}, false},
		{"bits a second from the first to the last record", query.Question{Measure: query.BPS}, [][]any{{2400.0}}, false},
		{"packets a second of a given range", query.Question{Measure: query.PPS, From: start, To: start.Add(time.Minute)}, [][]any{{0.1}}, false},
		{"a range of no length counts as a second", query.Question{Measure: query.PPS, Filter: "source.ip : 10.0.0.2"}, [][]any{{3.0}}, false},
		{"distinct", query.Question{Measure: query.Distinct, Field: "weir.source.group"}, [][]any{{uint64(2)}}, false},
		{"top, greatest first", query.Question{By: []string{"source.ip"}}, [][]any{{"10.0.0.2", uint64(300)}, {"9.0.0.1", uint64(200)}, {"10.0.0.1", uint64(100)}}, false},
		{"equal sums by address, not by text", query.Question{By: []string{"source.ip"}, Measure: query.Flows}, [][]any{{"9.0.0.1", uint64(1)}, {"10.0.0.1", uint64(1)}, {"10.0.0.2", uint64(1)}}, false},
		{"absent is null and last", query.Question{By: []string{"destination.port"}, Measure: query.Flows}, [][]any{{uint64(53), uint64(1)}, {uint64(443), uint64(1)}, {nil, uint64(1)}}, false},
		{"a list counts under each value", query.Question{By: []string{"weir.source.group"}}, [][]any{{"users", uint64(400)}, {nil, uint64(200)}, {"dmz", uint64(100)}}, false},
		{"the rest is other", query.Question{By: []string{"source.ip"}, Limit: 1}, [][]any{{"10.0.0.2", uint64(300)}, {"other", uint64(300)}}, true},
		{"other after an offset", query.Question{By: []string{"source.ip"}, Limit: 1, Offset: 1}, [][]any{{"9.0.0.1", uint64(200)}, {"other", uint64(100)}}, true},
		{"no other of distinct values", query.Question{By: []string{"source.ip"}, Measure: query.Distinct, Field: "destination.port", Limit: 1}, [][]any{{"10.0.0.1", uint64(1)}}, true},
		{"two fields", query.Question{By: []string{"network.transport", "source.ip"}, Limit: 2}, [][]any{{nil, "10.0.0.2", uint64(300)}, {nil, "9.0.0.1", uint64(200)}, {"other", "other", uint64(100)}}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := conformance.NewReference(talkers(t)).Aggregate(t.Context(), c.q)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got.Rows); diff != "" || got.Truncated != c.more {
				t.Errorf("truncated %v, rows (-wanted +got):\n%s", got.Truncated, diff)
			}
		})
	}
}

func TestRecords(t *testing.T) {
	e := conformance.NewReference(talkers(t))
	for _, c := range []struct {
		name string
		q    query.Question
		want []uint32 // numbers of the records in their sets
	}{
		{"by time", query.Question{}, []uint32{1, 2, 3}},
		{"limit and offset", query.Question{Limit: 1, Offset: 1}, []uint32{2}},
		{"offset beyond the end", query.Question{Offset: 100}, nil},
		{"measure and groups play no part", query.Question{Measure: "nonsense", By: []string{"nonsense"}, Limit: 1}, []uint32{1}},
	} {
		b, err := e.Records(t.Context(), c.q)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var got []uint32
		for i := range b.Records {
			got = append(got, b.Records[i].ID.Record)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-wanted +got):\n%s", c.name, diff)
		}
	}
}

func TestExporters(t *testing.T) {
	b := flow.NewBatch(0, flow.NewSymbols())
	for range 2 {
		b.Datagrams = append(b.Datagrams, flow.Datagram{Exporter: flow.AddrFrom4(0xc0000201), Domain: 3, Protocol: flow.IPFIX, Records: 5})
	}
	got, err := conformance.NewReference(b).Exporters(t.Context())
	want := []query.Exporter{{IP: "192.0.2.1", Domain: 3, Protocol: "ipfix", Datagrams: 2, Records: 10}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-wanted +got):\n%s", err, diff)
	}
}

// TestListed: the list is as long as it is said to be, and all of it can be asked.
func TestListed(t *testing.T) {
	list := conformance.Listed()
	if len(list) < 100 {
		t.Errorf("%d questions", len(list))
	}
	for _, asked := range list {
		if _, err := asked.Question.Prepare(flow.NewRegistry()); err != nil && asked.Name != "too many rows" {
			t.Errorf("%s: %v", asked.Name, err)
		}
	}
	conformance.RunListed(t, func(_ *testing.T, b *flow.Batch) query.Engine { return conformance.NewReference(b) })
}
