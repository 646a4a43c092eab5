package conformance

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/query"
)

// checkErrors wants *query.Error with the part that is wrong, from both methods where both read the part.
func checkErrors(t *testing.T, open Open) {
	engine := open(t, filtertest.RandomBatch(rand.New(rand.NewPCG(2, 2)), 8))
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		part    string
		records bool
		q       query.Question
	}{
		{"filter", true, query.Question{Filter: "source.prot : 80"}},
		{"limit", true, query.Question{Limit: query.MaxLimit + 1}},
		{"offset", true, query.Question{Offset: -1}},
		{"offset", true, query.Question{Offset: query.MaxOffset + 1}},
		{"from", true, query.Question{From: noon, To: noon}},
		{"measure", false, query.Question{Measure: "octets"}},
		{"measure", false, query.Question{Measure: query.Distinct, Field: "source.prot"}},
		{"by", false, query.Question{By: []string{"source.prot"}}},
		{"by", false, query.Question{By: []string{"weir.elements"}}},
		{"by", false, query.Question{By: []string{"@timestamp"}, Interval: "1m"}},
		{"more", false, query.Question{More: []query.Measure{"octets"}}},
		{"more", false, query.Question{More: []query.Measure{query.Bytes}}},
		{"more", false, query.Question{More: []query.Measure{query.Distinct}}},
		{"interval", false, query.Question{Interval: "5"}},
		{"interval", false, query.Question{Interval: "0m"}},
		{"interval", false, query.Question{Interval: "2w1d"}},
		{"interval", false, query.Question{Interval: "600d"}},
		{"interval", false, query.Question{Interval: "1s", From: noon, To: noon.AddDate(1, 0, 0)}},
		{"zone", false, query.Question{Interval: "1d", Zone: "Europe/Berlyn"}},
		{"zone", false, query.Question{Interval: "1d", Zone: "Local"}},
		{"fill", false, query.Question{Interval: "1d", Fill: "last"}},
		{"compare", false, query.Question{Compare: "1d", To: noon}},
		{"compare", false, query.Question{Compare: "yesterday", From: noon, To: noon.Add(1)}},
		{"compare", false, query.Question{Compare: "90s", Interval: "1m", From: noon, To: noon.Add(1)}},
		{"compare", false, query.Question{Compare: "1d", More: []query.Measure{query.Flows}, From: noon, To: noon.Add(1)}},
		{"percentile", false, query.Question{Percentile: 95}},
		{"percentile", false, query.Question{Percentile: 101, Interval: "5m"}},
		{"percentile", false, query.Question{Percentile: 95, Interval: "1d", Zone: "Europe/Berlin"}},
		{"direction", false, query.Question{Direction: "out", By: []string{"source.ip"}}},
		{"direction", false, query.Question{Direction: query.DirectionBoth, By: []string{"related.ip"}}},
		{"direction", false, query.Question{Direction: query.DirectionBoth, By: []string{"source.ip"}, Measure: query.Flows}},
		{"spread", false, query.Question{Spread: true}},
		{"spread", false, query.Question{Spread: true, Interval: "30s"}},
		{"spread", false, query.Question{Spread: true, Interval: "1m", Measure: query.Flows}},
		{"spread", false, query.Question{Spread: true, Interval: "1m", More: []query.Measure{query.Packets}}},
	} {
		_, err := engine.Aggregate(t.Context(), c.q)
		wantPart(t, c.part, c.q, err)
		if c.records {
			_, err = engine.Records(t.Context(), c.q)
			wantPart(t, c.part, c.q, err)
		}
	}
}

func wantPart(t *testing.T, part string, q query.Question, err error) {
	t.Helper()
	var bad *query.Error
	if !errors.As(err, &bad) || bad.Part != part {
		t.Errorf("%s: %v, should be a *query.Error about %s", show(q), err, part)
	}
}
