package sink_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/elastic/sink"
	"github.com/weirflow/weir/shared/query"
)

// TestLossesOfExporters: documents of exporters tell what was lost since those before, also since those of an earlier run; in a replay they do not.
func TestLossesOfExporters(t *testing.T) {
	f := newFake(t)
	cfg := settings(t)
	cfg.Namespace = "losses"
	now := time.Date(2026, 3, 2, 12, 0, 30, 0, time.UTC)
	x := query.Exporter{IP: "192.0.2.1", Protocol: "ipfix", Gaps: 7, Dropped: map[string]uint64{"queue_full": 2, "store": 1}}
	run := func(cfg sink.Config) {
		t.Helper()
		out := start(t, cfg, sink.Deps{Server: f, Now: func() time.Time { return now }, Exporters: func() []query.Exporter { return []query.Exporter{x} }})
		now = now.Add(time.Minute)
		drain(t, out)
		if err := out.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	run(cfg)
	now, x.Gaps, x.Dropped = now.Add(time.Hour), 4, nil // of a new process
	run(cfg)
	cfg.EventTime = true
	run(cfg)
	var got [][]any
	docs := f.of("metrics-weir.exporter-losses")
	for _, id := range slices.Sorted(maps.Keys(docs)) {
		d := docs[id]
		got = append(got, []any{strings.TrimSuffix(d["@timestamp"].(string), ".000000000Z"), d["weir.exporter.lost.from"], d["weir.exporter.lost.gaps"], d["weir.exporter.lost.dropped"]})
	}
	want := [][]any{
		{"2026-03-02T12:01:30Z", "2026-03-02T12:00:30Z", 7.0, 3.0},
		{"2026-03-02T13:02:30Z", "2026-03-02T12:01:30Z", 4.0, 0.0},
		{"2026-03-02T13:03:30Z", nil, nil, nil},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
