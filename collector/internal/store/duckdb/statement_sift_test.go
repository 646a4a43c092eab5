//go:build cgo

package duckdb_test

import (
	"fmt"
	"testing"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// TestSiftedGroups: of very many groups the greatest are found by what buckets of them have, those of many distinct values as those of many bytes.
// There are 20,000 destinations: most have one record, 10.9.0.n has n sources that send once each, and 10.8.0.n one source that sends 50 n times.
func TestSiftedGroups(t *testing.T) {
	b := flow.NewBatch(0, flow.NewSymbols())
	n := 0
	add := func(source, destination string, bytes int) {
		n++
		line := fmt.Sprintf(`{"event.id":"%032x-1-1","event.end":"2026-03-02T08:00:10Z","source.ip":%q,"destination.ip":%q,"network.bytes":%d,"network.packets":1}`, n, source, destination, bytes)
		if err := flow.ParseJSON([]byte(line), flow.NewRegistry(), b); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20_000 {
		add("192.0.2.1", fmt.Sprintf("10.1.%d.%d", i/250, i%250), 100)
	}
	for host := 1; host <= 20; host++ {
		for i := range host {
			add(fmt.Sprintf("198.51.100.%d", i), fmt.Sprintf("10.9.0.%d", host), 100)
		}
		for range 50 * host {
			add("192.0.2.1", fmt.Sprintf("10.8.0.%d", host), 10)
		}
	}
	s := open(t, store.Config{}, store.Deps{})
	write(t, s, addDatagrams(b, flow.NewAccount()))
	distinct := query.Question{By: []string{"destination.ip"}, Measure: query.Distinct, Field: "source.ip", Limit: 3}
	for _, c := range []struct {
		name, want string
		ask        query.Question
	}{
		{"distinct values", `[["10.9.0.20",20],["10.9.0.19",19],["10.9.0.18",18]]`, distinct},
		{"distinct values of pairs", `[["10.1.0.0","192.0.2.1",1]]`, query.Question{By: []string{"destination.ip", "source.ip"}, Measure: query.Distinct, Field: "source.ip", Limit: 1}},
		{"bytes", fmt.Sprintf(`[["10.8.0.20",10000],["10.8.0.19",9500],["other",%d]]`, 20_000*100+210*100+210*500-19_500), query.Question{By: []string{"destination.ip"}, Limit: 2}},
		{"flows of pairs", fmt.Sprintf(`[["10.8.0.20","192.0.2.1",1000],["other","other",%d]]`, 20_000+210+210*50-1000),
			query.Question{By: []string{"destination.ip", "source.ip"}, Measure: query.Flows, Limit: 1}},
	} {
		if res := answer(t, s, c.ask); text(t, res.Rows) != c.want || !res.Truncated && c.ask.Measure == query.Distinct {
			t.Errorf("%s: %s, more %t\nshould be %s", c.name, text(t, res.Rows), res.Truncated, c.want)
		}
	}
}
