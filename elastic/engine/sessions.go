package engine

import (
	"context"
	"fmt"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

var _ query.SessionReader = (*Engine)(nil)

// Names of fields of sessions in documents.
const (
	openField    = "weir.session.open"
	sessionField = "weir.session.id"
	toldField    = "weir.session.told"
	startField   = "event.start"
)

// Sessions implements [query.SessionReader].
func (e *Engine) Sessions(ctx context.Context, q query.Question) (*flow.SessionBatch, error) {
	p, err := q.PrepareSessions(e.reg)
	if err != nil {
		return nil, err
	}
	list := listing[flow.Session]{offset: p.Offset, limit: p.Limit, same: sameStart, compare: compareSessions}
	out := &flow.SessionBatch{Symbols: flow.NewSymbols()}
	err = e.reading(ctx, e.cfg.Sessions, func(r *reading) error {
		r.symbols = out.Symbols
		d := inTime(selection(&p), startField)
		d.needed = p.Offset + p.Limit
		return r.eachSession(d, func(b *flow.SessionBatch) (bool, error) { return list.add(b.Sessions), nil })
	})
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	out.Sessions = append(make([]flow.Session, 0, len(list.kept)), list.end()...)
	exporters, err := e.knownExporters(ctx)
	if err != nil {
		return nil, err
	}
	query.AddClocks(out.Sessions, exporters)
	return out, nil
}

func sameStart(a, b *flow.Session) bool { return a.Start == b.Start }

func compareSessions(a, b flow.Session) int { return query.CompareSessions(&a, &b) }

func isOpen(open bool) filter.ElasticQuery {
	return filter.ElasticQuery{Term: map[string]any{openField: open}}
}

// eachSession gives the sessions whose last state is selected to take, page by page. Of a session that is told of while it is
// open there is a document of each state: the last counts, which may not be selected.
func (r *reading) eachSession(d documents, take func(*flow.SessionBatch) (more bool, err error)) error {
	if r.symbols == nil {
		r.symbols = flow.NewSymbols()
	}
	return r.each(d, func(page []hit) (bool, error) {
		b, err := r.e.sessionsOf(page, r.symbols)
		if err != nil {
			return false, err
		}
		if err := r.dropSuperseded(b); err != nil {
			return false, err
		}
		return take(b)
	})
}

// idsAtOnce is how many sessions are looked up by a request.
const idsAtOnce = 1000

// dropSuperseded removes the states that are not the last of their sessions.
func (r *reading) dropSuperseded(b *flow.SessionBatch) error {
	var open []any
	for i := range b.Sessions {
		if s := &b.Sessions[i]; s.Open {
			open = append(open, s.ID.String())
		}
	}
	last := map[string]uint64{}
	for len(open) > 0 {
		n := min(len(open), idsAtOnce)
		if err := r.lastTold(open[:n], last); err != nil {
			return err
		}
		open = open[n:]
	}
	kept := b.Sessions[:0]
	for i := range b.Sessions {
		if s := &b.Sessions[i]; !s.Open || uint64(s.Told) >= last[s.ID.String()] {
			kept = append(kept, *s)
		}
	}
	b.Sessions = kept
	return nil
}

// lastTold finds how often sessions were told of.
func (r *reading) lastTold(ids []any, last map[string]uint64) error {
	res, err := r.search(&request{
		Query: filter.ElasticQuery{Terms: map[string][]any{sessionField: ids}},
		Aggs: map[string]aggregation{"groups": {
			Composite: &composite{Size: idsAtOnce, Sources: []map[string]source{{sessionField: {Terms: &sourceTerms{Field: sessionField}}}}},
			Aggs:      map[string]aggregation{"told": {Max: &onField{Field: toldField}}},
		}},
	})
	if err != nil {
		return err
	}
	for i := range res.Aggregations.Groups.Buckets {
		b := &res.Aggregations.Groups.Buckets[i]
		last[unquoted(b.Key[sessionField])] = uint64(b.Told.Value)
	}
	return nil
}

// addOpen adds the sessions that are open as far as is known, which the server cannot tell from earlier states of others.
func (a *asked) addOpen(t *tally, v *query.View, q filter.ElasticQuery) error {
	return a.eachOpen(q, func(b *flow.SessionBatch) error {
		return takeSessions(b, func(it *item, start, end int64) error {
			_, err := t.addOne(v, it, start, end)
			return err
		})
	})
}

// eachOpen gives the open sessions among what is selected to take.
func (a *asked) eachOpen(q filter.ElasticQuery, take func(*flow.SessionBatch) error) error {
	open := and(q, isOpen(true))
	n, err := a.r.count(open)
	switch {
	case err != nil:
		return err
	case n == 0:
		return nil
	case n > uint64(a.e.cfg.MaxRecords):
		return unsupported("filter", "%d states of open sessions are more than the %d that are read one by one: narrow the filter or the range", n, a.e.cfg.MaxRecords)
	}
	return a.r.eachSession(inTime(open, timeField), func(b *flow.SessionBatch) (bool, error) { return true, take(b) })
}
