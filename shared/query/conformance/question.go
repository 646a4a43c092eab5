package conformance

import (
	"math/rand/v2"
	"time"

	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// RandomQuestion returns a valid question that suits the records of a batch: any measure, up to three groups, filters, bounds of
// time on, beside and between the records' times; half of them with intervals, comparisons, both directions and so on.
func RandomQuestion(rng *rand.Rand, reg *flow.Registry, b *flow.Batch) query.Question {
	var fields []string
	for _, f := range reg.Fields() {
		if f.Scope == flow.ScopeRecord && f.Kind != flow.KindObject {
			fields = append(fields, f.Name)
		}
	}
	measures := []query.Measure{"", query.Bytes, query.Packets, query.Flows, query.BPS, query.PPS, query.Distinct}
	q := query.Question{
		Measure: measures[rng.IntN(len(measures))], Limit: []int{0, 1, 3, 1000}[rng.IntN(4)],
		AllCopies: rng.IntN(2) == 0, Invalid: rng.IntN(5) == 0,
	}
	if q.Measure == query.Distinct {
		q.Field = fields[rng.IntN(len(fields))]
	}
	if rng.IntN(2) == 0 {
		q.Filter = filtertest.Random(rng, reg).String()
	}
	order := rng.Perm(len(fields))
	for i := range rng.IntN(4) {
		q.By = append(q.By, fields[order[i]])
	}
	if len(q.By) > 0 && rng.IntN(4) == 0 {
		q.Offset = rng.IntN(4)
	}
	q.From, q.To = randomRange(rng, func() time.Time { return bound(rng, b) })
	if rng.IntN(2) == 0 {
		q = asSeries(rng, within(rng, q, time.Unix(0, filtertest.Start).UTC()), func(q query.Question) bool {
			_, err := q.Prepare(reg)
			return err == nil
		})
	}
	return q
}

// randomRange draws bounds of time, each absent now and then.
func randomRange(rng *rand.Rand, draw func() time.Time) (from, to time.Time) {
	if rng.IntN(3) > 0 {
		from, to = draw(), draw()
	}
	switch {
	case from.After(to):
		from, to = to, from
	case from.Equal(to):
		to = time.Time{}
	}
	if rng.IntN(4) == 0 {
		from = time.Time{}
	}
	if rng.IntN(4) == 0 {
		to = time.Time{}
	}
	return from, to
}

// bound is a record's time, or a nanosecond beside it.
func bound(rng *rand.Rand, b *flow.Batch) time.Time {
	return time.Unix(0, b.Records[rng.IntN(len(b.Records))].End+rng.Int64N(3)-1).UTC()
}
