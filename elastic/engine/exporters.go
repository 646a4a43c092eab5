package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/query"
)

var _ query.ExporterReader = (*Engine)(nil)

// exporterSpan is how far back documents of exporters are looked at, in the server's words: one that has been told nothing of for longer is
// not known.
const exporterSpan = "now-7d"

// exportersAtOnce is how many exporters a request asks for: each with a whole document.
const exportersAtOnce = 500

// exporterColumns are what exporters are told apart by.
var exporterColumns = []string{"observer.ip", "weir.exporter.source", "weir.exporter.port", "weir.domain", "weir.protocol"}

// Exporters implements [query.ExporterReader]: the latest document of each exporter, source, port, domain and protocol of the last seven days,
// by the server's clock. Counters are those of the process that told them, since it began.
func (e *Engine) Exporters(ctx context.Context) ([]query.Exporter, error) {
	list := []query.Exporter{}
	err := e.reading(ctx, e.cfg.Exporters, func(r *reading) (err error) {
		list, err = r.exporters()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("exporters: %w", err)
	}
	slices.SortFunc(list, func(a, b query.Exporter) int {
		return cmp.Or(cmp.Compare(a.IP, b.IP), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Domain, b.Domain), cmp.Compare(a.Protocol, b.Protocol))
	})
	return list, nil
}

func (r *reading) exporters() ([]query.Exporter, error) {
	list := []query.Exporter{}
	c := &composite{Size: min(exportersAtOnce, r.e.cfg.PageGroups)}
	for _, name := range exporterColumns {
		c.Sources = append(c.Sources, map[string]source{name: {Terms: &sourceTerms{Field: name, MissingBucket: true}}})
	}
	latest := map[string]aggregation{"latest": {TopHits: &topHits{Size: 1, Sort: []map[string]sortOrder{{timeField: {Order: "desc"}}}}}}
	recent := within(timeField, filter.ElasticSpan{GreaterEqual: exporterSpan})
	for {
		res, err := r.search(&request{Query: recent, Aggs: map[string]aggregation{"groups": {Composite: c, Aggs: latest}}})
		if err != nil {
			return nil, err
		}
		for i := range res.Aggregations.Groups.Buckets {
			for _, h := range res.Aggregations.Groups.Buckets[i].Latest.Hits.Hits {
				x, err := r.e.reader.Exporter(h.Source)
				if err != nil {
					return nil, fmt.Errorf("document %s: %w", h.ID, err)
				}
				list = append(list, x)
			}
		}
		if len(res.Aggregations.Groups.Buckets) < c.Size {
			return list, nil
		}
		c.After = res.Aggregations.Groups.After
	}
}
