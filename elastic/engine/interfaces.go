package engine

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/query"
)

var _ query.InterfaceReader = (*Engine)(nil)

// Names of fields of interfaces in documents.
const (
	exporterField       = "observer.ip"
	interfaceKindField  = "weir.interface.kind"
	interfaceIndexField = "weir.interface.index"
)

// Interfaces implements [query.InterfaceReader]: it reads the minutes that are selected, of which there may be ten times [Config].MaxRecords.
func (e *Engine) Interfaces(ctx context.Context, q query.InterfaceQuestion) ([]query.Interface, error) {
	sums, err := query.NewInterfaceSums(q)
	if err != nil {
		return nil, err
	}
	list := listing[minute]{limit: minutesPerRecord * e.cfg.MaxRecords, same: sameMinute, compare: compareMinutes}
	err = e.reading(ctx, e.cfg.Interfaces, func(r *reading) error {
		by := []map[string]sortOrder{{exporterField: {Order: "asc"}}, {interfaceIndexField: {Order: "asc"}}, byTime(timeField, "asc")}
		return r.each(documents{ElasticQuery: interfaceSelection(q), by: by}, func(page []hit) (bool, error) {
			for i := range page {
				m, err := e.minuteOf(&page[i])
				if err != nil {
					return false, err
				}
				if !list.add([]minute{m}) {
					return false, unsupported("from", "there are more than %d minutes: choose a shorter range, or name the exporter or the interface", list.limit)
				}
			}
			// What is in order is added up, so that it need not be kept.
			for i := range list.kept {
				sums.Add(&list.kept[i].Minute)
			}
			list.limit, list.kept = list.limit-len(list.kept), list.kept[:0]
			return true, nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("interfaces: %w", err)
	}
	for _, m := range list.end() {
		sums.Add(&m.Minute)
	}
	return sums.Answer(), nil
}

// minutesPerRecord is how many minutes may be read for each record that may be: they are small.
const minutesPerRecord = 10

// minute is a part of a minute.
type minute struct {
	interfaces.Minute
	part uint64
}

func (e *Engine) minuteOf(h *hit) (minute, error) {
	m, part, err := e.reader.Interface(h.Source)
	if err != nil {
		return minute{}, fmt.Errorf("document %s: %w", h.ID, err)
	}
	return minute{m, part}, nil
}

func sameMinute(a, b *minute) bool {
	return a.Exporter == b.Exporter && a.Index == b.Index && a.At == b.At
}

func compareMinutes(a, b minute) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Run, b.Run), cmp.Compare(a.part, b.part))
}

func interfaceSelection(q query.InterfaceQuestion) filter.ElasticQuery {
	kind, _ := interfaces.ParseKind(q.Kind) // it has been checked
	all := filter.ElasticBool{Filter: []filter.ElasticQuery{{Term: map[string]any{interfaceKindField: kind.String()}}}}
	if q.Exporter != "" {
		all.Filter = append(all.Filter, filter.ElasticQuery{Term: map[string]any{exporterField: q.Exporter}})
	}
	if q.Index != nil {
		all.Filter = append(all.Filter, filter.ElasticQuery{Term: map[string]any{interfaceIndexField: *q.Index}})
	}
	for _, bound := range []struct {
		at   time.Time
		span func(text string) filter.ElasticSpan
	}{
		{q.From, func(text string) filter.ElasticSpan { return filter.ElasticSpan{GreaterEqual: text} }},
		{q.To, func(text string) filter.ElasticSpan { return filter.ElasticSpan{Less: text} }},
	} {
		if !bound.at.IsZero() {
			all.Filter = append(all.Filter, within(timeField, bound.span(string(flow.AppendTime(nil, max(bound.at.UnixNano(), 0))))))
		}
	}
	return filter.ElasticQuery{Bool: &all}
}
