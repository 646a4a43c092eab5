package engine

import (
	"cmp"
	"context"
	"fmt"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

var _ query.AlertReader = (*Engine)(nil)

// Alerts implements [query.AlertReader]. The server selects those that begin before the range's end and were seen, or ended, after its start.
func (e *Engine) Alerts(ctx context.Context, q query.AlertQuestion) ([]flow.Alert, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	var list []flow.Alert
	limit := cmp.Or(q.Limit, query.MaxLimit)
	err := e.reading(ctx, e.cfg.Alerts, func(r *reading) error {
		d := inTime(alertSelection(q), startField)
		d.needed = q.Limit
		return r.each(d, func(page []hit) (bool, error) {
			for i := range page {
				a, err := e.reader.Alert(page[i].Source)
				if err != nil {
					return false, fmt.Errorf("document %s: %w", page[i].ID, err)
				}
				if q.Selects(&a) {
					list = append(list, a)
				}
			}
			return len(list) < limit, nil // they come in the order that is wanted
		})
	})
	if err != nil {
		return nil, fmt.Errorf("alerts: %w", err)
	}
	return query.SelectAlerts(list, q), nil
}

func alertSelection(q query.AlertQuestion) filter.ElasticQuery {
	var all filter.ElasticBool
	if q.ID != "" {
		all.Filter = append(all.Filter, filter.ElasticQuery{Term: map[string]any{"event.id": q.ID}})
	}
	if !q.To.IsZero() && q.To.UnixNano() > 0 {
		all.Filter = append(all.Filter, within(startField, filter.ElasticSpan{Less: timeText(q.To.UnixNano())}))
	}
	if !q.From.IsZero() && q.From.UnixNano() > 0 {
		since := filter.ElasticSpan{GreaterEqual: timeText(q.From.UnixNano())}
		// The last evidence is before the end, which comes after a time without any.
		all.Filter = append(all.Filter, filter.ElasticQuery{Bool: &filter.ElasticBool{
			Should: []filter.ElasticQuery{within(timeField, since), within("event.end", since)}, MinimumShouldMatch: 1,
		}})
	}
	if len(all.Filter) == 0 {
		return filter.ElasticQuery{MatchAll: &struct{}{}}
	}
	return filter.ElasticQuery{Bool: &all}
}

func within(field string, span filter.ElasticSpan) filter.ElasticQuery {
	return filter.ElasticQuery{Range: map[string]filter.ElasticSpan{field: span}}
}
