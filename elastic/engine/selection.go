package engine

import (
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// Names of fields in documents.
const (
	timeField      = "@timestamp"
	idField        = "event.id"
	invalidField   = "weir.invalid"
	duplicateField = "weir.duplicate_of"
)

// selection is the query for what a plan or view selects.
func selection(p *query.Plan) filter.ElasticQuery {
	var b filter.ElasticBool
	if span, ok := spanOf(p); !ok {
		return filter.ElasticQuery{MatchNone: &struct{}{}}
	} else if span != (filter.ElasticSpan{}) {
		b.Filter = append(b.Filter, filter.ElasticQuery{Range: map[string]filter.ElasticSpan{timeField: span}})
	}
	if p.Measure != query.Sessions {
		selectKinds(p, &b)
	}
	if n, all := p.Node.(filter.And); !all || len(n) > 0 {
		b.Filter = append(b.Filter, filter.Elastic(p.Node))
	}
	if len(b.Filter)+len(b.MustNot) == 0 {
		return filter.ElasticQuery{MatchAll: &struct{}{}}
	}
	return filter.ElasticQuery{Bool: &b}
}

// selectKinds leaves out copies, and what was set aside or what was not.
func selectKinds(p *query.Plan, b *filter.ElasticBool) {
	invalid := exists(invalidField)
	if p.Invalid {
		b.Filter = append(b.Filter, invalid)
	} else {
		b.MustNot = append(b.MustNot, invalid)
	}
	if !p.AllCopies {
		b.MustNot = append(b.MustNot, exists(duplicateField))
	}
}

func exists(name string) filter.ElasticQuery {
	return filter.ElasticQuery{Exists: &filter.ElasticExists{Field: name}}
}

// spanOf bounds @timestamp; false means that nothing lies in it. An index holds no time before 1970, and refuses to be asked for one.
func spanOf(p *query.Plan) (span filter.ElasticSpan, some bool) {
	if p.HasStop {
		if p.Stop <= 0 {
			return span, false
		}
		span.Less = timeText(p.Stop)
	}
	if p.HasStart && p.Start > 0 {
		span.GreaterEqual = timeText(p.Start)
	}
	return span, true
}

func timeText(ns int64) string { return string(flow.AppendTime(nil, ns)) }

// and adds a clause to a query.
func and(q filter.ElasticQuery, more ...filter.ElasticQuery) filter.ElasticQuery {
	if q.MatchAll != nil && len(more) == 1 {
		return more[0]
	}
	return filter.ElasticQuery{Bool: &filter.ElasticBool{Filter: append([]filter.ElasticQuery{q}, more...)}}
}

// stored returns the fields of documents that hold a field's values; none where aggregations see them less exactly: they have
// times in ms.
func (e *Engine) stored(f *flow.Field) []*flow.Field {
	switch {
	case f.Kind == flow.KindTime:
		return nil
	case f.Name == "related.port": // it is in no document
		return []*flow.Field{e.reg.Lookup("source.port"), e.reg.Lookup("destination.port")}
	}
	return []*flow.Field{f}
}
