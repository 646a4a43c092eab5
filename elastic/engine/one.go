package engine

import (
	"math/bits"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// few counts what is selected, and tells whether it may be read one by one.
func (a *asked) few() (bool, error) {
	views := a.plan.Views()
	a.records = 0
	for i := range views {
		n, err := a.r.count(selection(&views[i].Plan))
		if err != nil {
			return false, err
		}
		a.records += n
	}
	return a.records <= uint64(a.e.cfg.MaxRecords), nil
}

// one answers by reading documents one by one.
func (a *asked) one() error {
	a.found = query.Rows{First: a.found.First, Last: a.found.Last}
	t, views := newTally(a.plan), a.plan.Views()
	var pieces uint64
	for i := range views {
		v := &views[i]
		err := a.eachItem(v, func(it *item, start, end int64) error {
			n, err := t.addOne(v, it, start, end)
			if pieces += n; err == nil && a.plan.Spread {
				err = a.plan.CheckPieces(pieces)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	t.rows(&a.found)
	return nil
}

// addOne adds a record or session to its bucket, or with Spread to all that it lasts in. It returns how many these are.
func (t *tally) addOne(v *query.View, it *item, start, end int64) (pieces uint64, err error) {
	if !t.plan.Spread {
		position := 0
		if t.timed() {
			position = int(v.Step.Number(end) - v.Base())
		}
		return 1, t.add(v, it, position, all)
	}
	start = min(max(start, end-int64(query.MaxSpread)), end)
	for number := v.Step.Number(start); number <= v.Step.Number(end); number++ {
		from, to := max(v.Step.Begin(number), start), min(v.Step.Begin(number+1), end)
		part := func(n uint64) uint64 {
			if start == end {
				return n
			}
			return share(n, to-start, end-start) - share(n, from-start, end-start)
		}
		pieces++
		if err := t.add(v, it, int(number-v.Base()), part); err != nil {
			return pieces, err
		}
	}
	return pieces, nil
}

// share is n * part / whole, cut; part is not greater than whole.
func share(n uint64, part, whole int64) uint64 {
	if part >= whole {
		return n
	}
	hi, lo := bits.Mul64(n, uint64(part))
	quotient, _ := bits.Div64(hi, lo, uint64(whole))
	return quotient
}

// eachItem reads what a view selects.
func (a *asked) eachItem(v *query.View, take func(it *item, start, end int64) error) error {
	if v.Measure == query.Sessions {
		return a.r.eachSession(inTime(selection(&v.Plan), timeField), func(b *flow.SessionBatch) (bool, error) { return true, takeSessions(b, take) })
	}
	return a.r.each(inTime(selection(&v.Plan), timeField), func(page []hit) (bool, error) {
		b, counts, err := a.e.records(page)
		if err != nil {
			return false, err
		}
		for i := range b.Records {
			r := &b.Records[i]
			start := r.End
			if r.Present.Has(flow.HasStart) {
				start = r.Start
			}
			it := item{
				documents: 1,
				get:       func(f *flow.Field) []flow.Value { return f.Get(nil, b, r) },
				amount:    func(amount query.Amount) uint64 { return amount.Of(r, counts[i]) },
			}
			if err := take(&it, start, r.End); err != nil {
				return false, err
			}
		}
		return true, nil
	})
}

func takeSessions(b *flow.SessionBatch, take func(it *item, start, end int64) error) error {
	for i := range b.Sessions {
		s := &b.Sessions[i]
		it := item{
			documents: 1,
			get:       func(f *flow.Field) []flow.Value { return f.OfSession(nil, b.Symbols, s) },
			amount:    func(query.Amount) uint64 { return 1 },
		}
		if err := take(&it, s.Start, s.End); err != nil {
			return err
		}
	}
	return nil
}

// refusal says why what is neither summed by the server nor few cannot be answered.
func (a *asked) refusal() error {
	most := a.e.cfg.MaxRecords
	if a.plan.Spread {
		return unsupported("spread", "Elasticsearch cannot spread records over time, and %d records are more than the %d that are read one by one: choose a shorter range, leave spread out, or ask the collector's own store", a.records, most)
	}
	return unsupported("by", "Elasticsearch tells times to the millisecond in groups, and %d records are more than the %d that are read one by one: leave times out, or narrow the filter", a.records, most)
}
