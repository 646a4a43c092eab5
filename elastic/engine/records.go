package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// Records implements [query.Engine].
func (e *Engine) Records(ctx context.Context, q query.Question) (*flow.Batch, error) {
	p, err := q.PrepareRecords(e.reg)
	if err != nil {
		return nil, err
	}
	list := listing[hit]{offset: p.Offset, limit: p.Limit, same: sameDatagram, compare: compareRecords}
	err = e.reading(ctx, e.cfg.Flows, func(r *reading) error {
		d := inTime(selection(&p), timeField)
		d.needed, d.skip = p.Offset+p.Limit, p.Offset
		return r.each(d, func(page []hit) (bool, error) { return list.add(page), nil })
	})
	if err != nil {
		return nil, fmt.Errorf("records: %w", err)
	}
	b, _, err := e.records(list.end())
	if err != nil {
		return nil, fmt.Errorf("records: %w", err)
	}
	return b, nil
}

// sameDatagram tells whether two records next to each other in the server's order may have changed places: it orders event.id as text.
func sameDatagram(a, b *hit) bool {
	return string(a.Sort[0]) == string(b.Sort[0]) && a.event().Datagram == b.event().Datagram
}

func compareRecords(a, b hit) int { return query.CompareID(a.event(), b.event()) }

// event returns the event.id by which the document was sorted second.
func (h *hit) event() flow.EventID {
	if len(h.Sort) < 2 {
		return flow.EventID{}
	}
	id, _ := flow.ParseEventID(unquoted(h.Sort[1]))
	return id
}

// listing puts the documents of a list in order, which the server has sorted but for those that are equal in its eyes, and cuts it.
type listing[T any] struct {
	offset, limit int
	same          func(a, b *T) bool
	compare       func(a, b T) int

	waiting []T // the last ones that are the same
	kept    []T
	past    int // that were put in order
}

// add takes documents, and tells whether more are needed.
func (l *listing[T]) add(page []T) (more bool) {
	for i := range page {
		if n := len(l.waiting); n > 0 && !l.same(&l.waiting[n-1], &page[i]) {
			l.settle()
		}
		if len(l.kept) == l.limit {
			return false
		}
		l.waiting = append(l.waiting, page[i])
	}
	return true
}

// settle puts those that wait in order.
func (l *listing[T]) settle() {
	slices.SortStableFunc(l.waiting, l.compare)
	for _, x := range l.waiting {
		if l.past++; l.past > l.offset && len(l.kept) < l.limit {
			l.kept = append(l.kept, x)
		}
	}
	l.waiting = l.waiting[:0]
}

// end returns the list.
func (l *listing[T]) end() []T {
	l.settle()
	return l.kept
}
