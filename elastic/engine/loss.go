package engine

import (
	"context"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/query"
)

// exportersAge is for how long exporters are not asked for again where an answer only tells of them: their documents come by the minute.
const exportersAge = time.Minute

// known is what is known of exporters, as of some time.
type known struct {
	sync.Mutex
	exporters []query.Exporter
	at        time.Time
}

// knownExporters returns what [Engine.Exporters] does, or did within [exportersAge]. The list must not be changed.
func (e *Engine) knownExporters(ctx context.Context) ([]query.Exporter, error) {
	e.known.Lock()
	defer e.known.Unlock()
	if now := e.now(); !e.known.at.IsZero() && now.Sub(e.known.at) < exportersAge {
		return e.known.exporters, nil
	}
	list, err := e.Exporters(ctx)
	if err != nil {
		return nil, err
	}
	e.known.exporters, e.known.at = list, e.now()
	return list, nil
}

// loss returns what is known to be missing: the sums over the exporters, and what was noticed at about the time of a question.
func (e *Engine) loss(ctx context.Context, from, to time.Time) (l query.Loss, err error) {
	list, err := e.knownExporters(ctx)
	if err != nil {
		return l, err
	}
	for i := range list {
		l.Gaps += list[i].Gaps
		for _, n := range list[i].Dropped {
			l.Dropped += n
		}
	}
	l.InRange, err = e.lossWithin(ctx, from, to)
	return l, err
}

// lateExport is how long after its end a flow is exported, mostly: what is missing then is of the time before.
const lateExport = time.Minute

// lossWithin sums what documents of exporters say was lost in a time that a range, from <= t < to, has a part of; zero times have no bound. nil:
// none says so, as of what was replayed, or of the time before exporters had such documents.
func (e *Engine) lossWithin(ctx context.Context, from, to time.Time) (*query.LossInRange, error) {
	selected := filter.ElasticBool{Filter: []filter.ElasticQuery{{Exists: &filter.ElasticExists{Field: lostFrom}}}}
	if !from.IsZero() {
		selected.Filter = append(selected.Filter, within(timeField, filter.ElasticSpan{GreaterEqual: from.UTC().Format(time.RFC3339Nano)}))
	}
	if !to.IsZero() {
		selected.Filter = append(selected.Filter, within(lostFrom, filter.ElasticSpan{Less: to.Add(lateExport).UTC().Format(time.RFC3339Nano)}))
	}
	res, err := e.searchAt(ctx, "/"+e.cfg.Exporters+"/_search?ignore_unavailable=true", &request{
		Query: filter.ElasticQuery{Bool: &selected}, TrackTotalHits: true,
		Aggs: map[string]aggregation{"gaps": {Sum: &onField{Field: "weir.exporter.lost.gaps"}}, "dropped": {Sum: &onField{Field: "weir.exporter.lost.dropped"}}},
	})
	if err != nil || res.Hits.Total.Value == 0 {
		return nil, err
	}
	return &query.LossInRange{Gaps: uint64(res.Aggregations.Gaps.Value), Dropped: uint64(res.Aggregations.Dropped.Value)}, nil
}

// lostFrom is the field with the beginning of the time that a document of an exporter tells losses of; its end is the document's own.
const lostFrom = "weir.exporter.lost.from"
