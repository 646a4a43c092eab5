package link

import (
	"context"
	"fmt"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pivot"
	"github.com/weirflow/weir/shared/query"
)

// Reader answers with alerts that have their links, and with the links of anything.
type Reader struct {
	set    *pivot.Set
	alerts query.AlertReader
}

var (
	_ query.AlertReader = (*Reader)(nil)
	_ query.PivotReader = (*Reader)(nil)
)

// NewReader returns a reader of the alerts of another, which has them without links.
func NewReader(set *pivot.Set, alerts query.AlertReader) *Reader {
	return &Reader{set: set, alerts: alerts}
}

// Alerts implements [query.AlertReader].
func (r *Reader) Alerts(ctx context.Context, q query.AlertQuestion) ([]flow.Alert, error) {
	list, err := r.alerts.Alerts(ctx, q)
	if err != nil || q.Bare {
		return list, err
	}
	r.set.Attach(list)
	return list, nil
}

// Pivots implements [query.PivotReader].
func (r *Reader) Pivots(ctx context.Context, q query.PivotQuestion) ([]flow.AlertPivot, error) {
	if sub, ok := pivot.ParseSubject(q.Subject); ok {
		if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
			return nil, &query.Error{Part: "from", Text: "is not before to"}
		}
		sub.From, sub.To = q.From, q.To
		return r.set.Of(sub), nil
	}
	list, err := r.alerts.Alerts(ctx, query.AlertQuestion{ID: q.Subject, Bare: true})
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].ID == q.Subject {
			return r.set.OfAlert(&list[i]), nil
		}
	}
	return nil, &query.Error{Part: "subject", Text: fmt.Sprintf("%q is neither an address, a port such as tcp/443, an AS such as AS64500, nor the id of an alert that is kept", q.Subject)}
}
