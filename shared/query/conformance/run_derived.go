package conformance

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// derived answers what is made of top lists.
type derived interface {
	query.ValuesReader
	query.GraphReader
}

// RandomValuesQuestion returns a valid question for values of records: of any field, with prefixes of values in either case.
func RandomValuesQuestion(rng *rand.Rand, reg *flow.Registry, b *flow.Batch) query.ValuesQuestion {
	base := RandomQuestion(rng, reg, b)
	q := query.ValuesQuestion{Filter: base.Filter, From: base.From, To: base.To, Limit: pick(rng, []int{0, 1, 3, 1000})}
	for {
		f := pick(rng, reg.Fields())
		if f.Scope != flow.ScopeRecord || f.Kind == flow.KindObject {
			continue
		}
		q.Field = f.Name
		if values := f.Get(nil, b, &b.Records[rng.IntN(len(b.Records))]); len(values) > 0 && rng.IntN(3) > 0 {
			text := values[0].String()
			q.Prefix = text[:rng.IntN(min(len(text), 9)+1)]
		}
		return q
	}
}

// RandomGraphQuestion returns a valid question for a graph.
func RandomGraphQuestion(rng *rand.Rand, reg *flow.Registry, b *flow.Batch) query.GraphQuestion {
	base := RandomQuestion(rng, reg, b)
	return query.GraphQuestion{
		Filter: base.Filter, From: base.From, To: base.To, AllCopies: base.AllCopies, Limit: pick(rng, []int{0, 1, 5, 1000}),
		Measure: pick(rng, []query.Measure{"", query.Bytes, query.Packets, query.Flows}),
		By:      pick(rng, []string{"", "source.ip", "destination.ip", "source.port", "weir.source.group", "destination.as.number", "source.geo.country_iso_code", "source.mac"}),
	}
}

// runDerived asks an engine for values and graphs.
func runDerived(t *testing.T, engine, reference query.Engine, b *flow.Batch) {
	t.Helper()
	reg, rng := flow.NewRegistry(), rand.New(rand.NewPCG(9, 9))
	for range questions / 2 {
		values, graph := RandomValuesQuestion(rng, reg, b), RandomGraphQuestion(rng, reg, b)
		same(t, engine, reference, values, derived.Values)
		same(t, engine, reference, graph, derived.Graph)
		if t.Failed() {
			return
		}
	}
}

// same wants the same answer from an engine and the reference.
func same[Q, A any](t *testing.T, engine, reference query.Engine, q Q, ask func(derived, context.Context, Q) (A, error)) {
	t.Helper()
	want, err := ask(reference.(derived), t.Context(), q)
	if err != nil {
		t.Fatalf("the reference refuses %s: %v", show(q), err)
	}
	e, ok := engine.(derived)
	if !ok {
		t.Fatalf("%T answers no questions for values and graphs", engine)
	}
	got, err := ask(e, t.Context(), q)
	if err != nil {
		t.Errorf("%s\n%v", show(q), err)
		return
	}
	withoutLoss(&got)
	if show(got) != show(want) {
		t.Errorf("%s\ngives\n%s\nshould be\n%s", show(q), show(got), show(want))
	}
}

// withoutLoss forgets what is known to be missing, which is no matter of the records.
func withoutLoss(answer any) {
	switch a := answer.(type) {
	case *query.ValuesAnswer:
		a.Loss = query.Loss{}
	case *query.Graph:
		a.Loss = query.Loss{}
	}
}

// checkDerivedErrors wants *query.Error with the part that is wrong.
func checkDerivedErrors(t *testing.T, open Open) {
	engine, ok := open(t, filtertest.RandomBatch(rand.New(rand.NewPCG(3, 3)), 8)).(derived)
	if !ok {
		t.Fatal("the engine answers no questions for values and graphs")
	}
	for _, c := range []struct {
		part string
		q    query.ValuesQuestion
	}{
		{"field", query.ValuesQuestion{}},
		{"field", query.ValuesQuestion{Field: "source.prot"}},
		{"field", query.ValuesQuestion{Field: "weir.elements"}},
		{"field", query.ValuesQuestion{Field: "source.mac", Sessions: true}},
		{"filter", query.ValuesQuestion{Field: "source.ip", Filter: "source.ip : 10.0.0.1) or (source.ip : *"}},
		{"limit", query.ValuesQuestion{Field: "source.ip", Limit: -1}},
	} {
		_, err := engine.Values(t.Context(), c.q)
		wantPart(t, c.part, query.Question{Field: c.q.Field, Filter: c.q.Filter}, err)
	}
	for _, c := range []struct {
		part string
		q    query.GraphQuestion
	}{
		{"by", query.GraphQuestion{By: "related.ip"}},
		{"by", query.GraphQuestion{By: "source.prot"}},
		{"measure", query.GraphQuestion{Measure: query.BPS}},
		{"limit", query.GraphQuestion{Limit: query.MaxEdges + 1}},
		{"filter", query.GraphQuestion{Filter: "source.prot : 80"}},
	} {
		_, err := engine.Graph(t.Context(), c.q)
		wantPart(t, c.part, query.Question{By: []string{c.q.By}, Filter: c.q.Filter}, err)
	}
}
