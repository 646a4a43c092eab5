package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// Open returns the engine under test, holding the records of the batch.
type Open func(t *testing.T, b *flow.Batch) query.Engine

// rounds and questions are how much is asked: enough that every field is grouped by several times.
const (
	rounds    = 3
	questions = 150
	records   = 250
)

// Run holds an engine to the reference: same records, same questions, same answers.
func Run(t *testing.T, open Open) {
	t.Helper()
	reg := flow.NewRegistry()
	for round := range rounds {
		t.Run(fmt.Sprintf("round %d", round), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(round), 42))
			b := filtertest.RandomBatch(rng, records)
			engine, reference := open(t, b), NewReference(b)
			for range questions {
				q := RandomQuestion(rng, reg, b)
				checkAggregate(t, engine, reference, q)
				checkRecords(t, engine, reference, q)
				if t.Failed() {
					return
				}
			}
		})
	}
	t.Run("nothing stored", func(t *testing.T) {
		empty := filtertest.RandomBatch(rand.New(rand.NewPCG(1, 1)), 0)
		engine, reference := open(t, empty), NewReference(empty)
		for _, q := range []query.Question{{}, {Measure: query.BPS}, {Measure: query.Distinct, Field: "source.ip"}, {By: []string{"source.ip"}}} {
			checkAggregate(t, engine, reference, q)
			checkRecords(t, engine, reference, q)
		}
	})
	t.Run("values and graphs", func(t *testing.T) {
		b := filtertest.RandomBatch(rand.New(rand.NewPCG(5, 5)), records)
		runDerived(t, open(t, b), NewReference(b), b)
	})
	t.Run("wrong questions", func(t *testing.T) {
		checkErrors(t, open)
		checkDerivedErrors(t, open)
	})
}

func checkAggregate(t *testing.T, engine, reference query.Engine, q query.Question) {
	t.Helper()
	want, refused := reference.Aggregate(t.Context(), q)
	got, err := engine.Aggregate(t.Context(), q)
	var bad *query.Error
	if errors.As(refused, &bad) { // too many rows for an answer
		wantPart(t, bad.Part, q, err)
		return
	}
	if err != nil || refused != nil {
		t.Errorf("%s\n%v (the reference: %v)", show(q), err, refused)
		return
	}
	got.Loss = query.Loss{} // what is known to be missing is no matter of the records
	if diff := difference(got, want); diff != "" {
		t.Errorf("%s\n%s\ngives\n%s\nshould be\n%s", show(q), diff, show(got), show(want))
	}
}

// difference compares results: floats up to rounding, all else exactly, types of values included.
func difference(got, want query.Result) string {
	rows, wantRows := got.Rows, want.Rows
	got.Rows, want.Rows = nil, nil
	if show(got) != show(want) {
		return "columns, exactness or truncation differ"
	}
	if rows == nil {
		return "rows are null in JSON, should be a list"
	}
	if len(rows) != len(wantRows) {
		return fmt.Sprintf("%d rows, should be %d", len(rows), len(wantRows))
	}
	for i := range rows {
		if len(rows[i]) != len(wantRows[i]) {
			return fmt.Sprintf("row %d has %d values", i, len(rows[i]))
		}
		for j := range rows[i] {
			if !sameValue(rows[i][j], wantRows[i][j]) {
				return fmt.Sprintf("row %d, %s: %#v, should be %#v", i, want.Columns[j].Name, rows[i][j], wantRows[i][j])
			}
		}
	}
	return ""
}

// roundingError is the relative error that summing in another order may bring.
const roundingError = 1e-9

func sameValue(got, want any) bool {
	a, isFloat := got.(float64)
	b, wantFloat := want.(float64)
	if isFloat && wantFloat {
		return math.Abs(a-b) <= roundingError*math.Max(math.Abs(a), math.Abs(b))
	}
	return got == want
}

func checkRecords(t *testing.T, engine, reference query.Engine, q query.Question) {
	t.Helper()
	got, err := engine.Records(t.Context(), q)
	if err != nil {
		t.Errorf("records of %s\n%v", show(q), err)
		return
	}
	want, err := reference.Records(t.Context(), q)
	if err != nil {
		t.Fatalf("the reference refuses records of %s: %v", show(q), err)
	}
	if len(got.Records) != len(want.Records) {
		t.Errorf("records of %s\n%d, should be %d", show(q), len(got.Records), len(want.Records))
		return
	}
	reg := flow.NewRegistry()
	for i := range got.Records {
		a := flow.AppendJSON(nil, reg, got, &got.Records[i])
		b := flow.AppendJSON(nil, reg, want, &want.Records[i])
		if string(a) != string(b) {
			t.Errorf("records of %s\nrecord %d is\n%s\nshould be\n%s", show(q), i, a, b)
			return
		}
	}
}

func show(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
