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
		{"from", true, query.Question{From: noon, To: noon}},
		{"measure", false, query.Question{Measure: "octets"}},
		{"measure", false, query.Question{Measure: query.Distinct, Field: "source.prot"}},
		{"by", false, query.Question{By: []string{"source.prot"}}},
		{"by", false, query.Question{By: []string{"weir.elements"}}},
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
