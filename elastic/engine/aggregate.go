package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// Aggregate implements [query.Engine].
func (e *Engine) Aggregate(ctx context.Context, q query.Question) (query.Result, error) {
	p, err := q.Prepare(e.reg)
	if err != nil {
		return query.Result{}, err
	}
	a := asked{e: e, plan: &p}
	err = e.reading(ctx, e.indices(&p), func(r *reading) error {
		a.r = r
		return a.answer()
	})
	if err != nil {
		return query.Result{}, fmt.Errorf("aggregate: %w", err)
	}
	if a.approximate && q.Exact {
		return query.Result{}, unsupported("exact", "Elasticsearch can answer this approximately only: narrow the filter or the range, or leave exact out")
	}
	loss, err := e.loss(ctx, q.From, q.To)
	if err != nil {
		return query.Result{}, err
	}
	res, err := p.Answer(a.found, loss)
	if err == nil && a.approximate {
		res.Exactness, res.MaxError = query.Approximate, a.maxError
	}
	return res, err
}

// Values implements [query.ValuesReader].
func (e *Engine) Values(ctx context.Context, q query.ValuesQuestion) (query.ValuesAnswer, error) {
	return query.ListValues(ctx, e, q)
}

// Graph implements [query.GraphReader].
func (e *Engine) Graph(ctx context.Context, q query.GraphQuestion) (query.Graph, error) {
	return query.DrawGraph(ctx, e, q)
}

func (e *Engine) indices(p *query.Plan) string {
	if p.Measure == query.Sessions {
		return e.cfg.Sessions
	}
	return e.cfg.Flows
}

// reading calls use with a point in time of indices.
func (e *Engine) reading(ctx context.Context, indices string, use func(*reading) error) error {
	r, err := e.open(ctx, indices)
	if err != nil {
		return err
	}
	defer r.close()
	return use(r)
}

// asked is a question that is being answered.
type asked struct {
	e    *Engine
	r    *reading
	plan *query.Plan

	found       query.Rows
	approximate bool
	maxError    *float64
	records     uint64 // that are selected, once they were counted
	unlisted    bool   // there are groups that no ranking lists
}

func (a *asked) answer() error {
	if err := a.cut(); err != nil {
		return err
	}
	summable := a.summable()
	var t *tally
	var err error
	if summable {
		if t, err = a.tops(); err == nil && !t.inexact || err != nil && !errors.Is(err, errManyGroups) {
			return err
		}
	}
	few, counted := a.few()
	switch {
	case counted != nil:
		return counted
	case few:
		return a.one()
	case !summable:
		return a.refusal()
	case err != nil:
		return a.estimated()
	}
	a.round(t)
	return nil
}

// tops finds groups and cells by the server's sums: those of series in two steps where that is possible, as the cells of all groups are many.
func (a *asked) tops() (*tally, error) {
	if a.plan.Series() && a.plan.Grouped() && a.plan.Sums() && a.single() {
		return a.series(nil)
	}
	t := newTally(a.plan)
	if err := a.sum(t, summary{timed: t.timed()}); err != nil {
		return nil, err
	}
	t.rows(&a.found)
	return t, nil
}

// summable tells whether the server's sums can answer.
func (a *asked) summable() bool {
	for _, f := range a.plan.Groups {
		if a.e.stored(f) == nil {
			return false
		}
	}
	return !a.plan.Spread && (a.plan.Of == nil || a.e.stored(a.plan.Of) != nil)
}

// single tells whether documents are in one group each.
func (a *asked) single() bool {
	for _, f := range a.plan.Groups {
		if f.List || f.Virtual && len(a.e.stored(f)) > 1 || a.plan.Measure == query.Sessions && f.Name == "observer.ip" {
			return false
		}
	}
	return true
}

// roundingBits is how many bits of a sum are right at least, where the server has rounded it.
const roundingBits = 51

// round says that the server's numbers do not hold the sums in full. A double differs from the number that it stands for by less than one part
// in 2^52, and so does a sum of them.
func (a *asked) round(t *tally) {
	a.approximate = true
	a.maxError = a.plan.MaxError(t.greatest>>roundingBits+1, &a.found)
}

// summary says what the server sums up.
type summary struct {
	timed    bool // by bucket, too
	all      bool // not by group
	distinct bool // distinct values are estimated
	// only returns clauses that select groups of a view; nil: all.
	only func(*query.View) filter.ElasticQuery
}

// sum adds up what the server sums, of all views.
func (a *asked) sum(t *tally, y summary) error {
	views := a.plan.Views()
	for i := range views {
		v := &views[i]
		s := summing{r: a.r, view: v, query: selection(&v.Plan), timed: y.timed, of: a.plan.Of != nil && !y.distinct, distinct: y.distinct}
		if y.only != nil {
			s.query = and(s.query, y.only(v))
		}
		if y.all {
			v.Groups = nil
		}
		s.by = v.Groups
		whole := s.query
		if a.plan.Measure == query.Sessions {
			s.query = and(whole, isOpen(false))
		}
		if err := s.run(func(it *item, position int) error { return t.add(v, it, position, all) }); err != nil {
			return err
		}
		t.inexact = t.inexact || s.inexact
		if a.plan.Measure != query.Sessions {
			continue
		}
		if err := a.addOpen(t, v, whole); err != nil {
			return err
		}
	}
	return nil
}

// cut finds the bounds of what is selected, where the question needs them, and cuts the range.
func (a *asked) cut() error {
	p := a.plan
	if p.HasStart && p.HasStop {
		return nil
	}
	needed := p.Step.Width > 0
	for _, l := range p.Lanes {
		needed = needed || l.Measure == query.BPS || l.Measure == query.PPS
	}
	if !needed {
		return nil
	}
	b := bounds{rows: &a.found}
	for _, v := range p.Views() {
		if err := a.bound(&v, &b); err != nil {
			return err
		}
	}
	if !b.any || p.Step.Width == 0 {
		return nil
	}
	return p.Cut(a.found.First, a.found.Last)
}

// bounds are the least and the greatest time of what is selected.
type bounds struct {
	rows *query.Rows
	any  bool
}

func (b *bounds) take(ns int64) {
	if !b.any {
		b.rows.First, b.rows.Last, b.any = ns, ns, true
	}
	b.rows.First, b.rows.Last = min(b.rows.First, ns), max(b.rows.Last, ns)
}

// bound takes the times of what a view selects.
func (a *asked) bound(v *query.View, b *bounds) error {
	q := selection(&v.Plan)
	if v.Measure == query.Sessions {
		if err := a.eachOpen(q, func(s *flow.SessionBatch) error {
			for i := range s.Sessions {
				b.take(s.Sessions[i].End)
			}
			return nil
		}); err != nil {
			return err
		}
		q = and(q, isOpen(false))
	}
	for _, order := range []string{"asc", "desc"} {
		ns, some, err := a.r.bound(q, order)
		if err != nil || !some {
			return err
		}
		b.take(ns)
	}
	return nil
}
