package conformance

import (
	"cmp"
	"context"
	"slices"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// Reference answers questions about a batch in memory, by going through all of it: slow and plain. It is safe for concurrent use.
type Reference struct {
	batch     *flow.Batch
	sessions  *flow.SessionBatch // in their last state
	alerts    []flow.Alert
	reg       *flow.Registry
	exporters []query.Exporter
}

var (
	_ query.Engine         = (*Reference)(nil)
	_ query.SessionReader  = (*Reference)(nil)
	_ query.AlertReader    = (*Reference)(nil)
	_ query.ExporterReader = (*Reference)(nil)
)

// NewReference returns an engine over the batch, which must not change any more, and the alerts.
func NewReference(b *flow.Batch, alerts ...flow.Alert) *Reference {
	r := &Reference{batch: b, sessions: &flow.SessionBatch{Symbols: b.Symbols}, alerts: alerts, reg: flow.NewRegistry(), exporters: []query.Exporter{}}
	for i := range b.Datagrams {
		d := &b.Datagrams[i]
		ip := d.Exporter.String()
		known := func(e query.Exporter) bool {
			return e.IP == ip && e.Domain == d.Domain && e.Protocol == d.Protocol.String()
		}
		at := slices.IndexFunc(r.exporters, known)
		if at < 0 {
			at = len(r.exporters)
			r.exporters = append(r.exporters, query.Exporter{IP: ip, Domain: d.Domain, Protocol: d.Protocol.String()})
		}
		r.exporters[at].Datagrams++
		r.exporters[at].Records += uint64(d.Records)
	}
	return r
}

// Exporters implements [query.ExporterReader]: the datagrams and records of each, in order of appearance.
func (e *Reference) Exporters(context.Context) ([]query.Exporter, error) {
	return slices.Clone(e.exporters), nil
}

// Alerts implements [query.AlertReader].
func (e *Reference) Alerts(_ context.Context, q query.AlertQuestion) ([]flow.Alert, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	return query.SelectAlerts(e.alerts, q), nil
}

// Records implements [query.Engine].
func (e *Reference) Records(_ context.Context, q query.Question) (*flow.Batch, error) {
	p, err := q.PrepareRecords(e.reg)
	if err != nil {
		return nil, err
	}
	found := e.selected(&p)
	slices.SortFunc(found, func(a, b *flow.Record) int {
		if a.End != b.End {
			return cmp.Compare(a.End, b.End)
		}
		return query.CompareID(a.ID, b.ID)
	})
	found = found[min(p.Offset, len(found)):]
	found = found[:min(p.Limit, len(found))]
	out := flow.NewBatch(len(found), e.batch.Symbols)
	out.Datagrams = append(out.Datagrams, e.batch.Datagrams...)
	for _, r := range found {
		copied := out.Grow()
		*copied = *r
		copied.ElementsOff = uint32(len(out.Elements))
		out.Elements = append(out.Elements, e.batch.ElementsOf(r)...)
	}
	return out, nil
}

func (e *Reference) selected(p *query.Plan) []*flow.Record {
	if p.Measure == query.Sessions {
		return nil
	}
	match := filter.Predicate(p.Node)
	var found []*flow.Record
	for i := range e.batch.Records {
		if r := &e.batch.Records[i]; p.Selects(r) && match(e.batch, r) {
			found = append(found, r)
		}
	}
	return found
}

func combinations(fields []*flow.Field, get func(*flow.Field) []flow.Value) [][]flow.Value {
	all := [][]flow.Value{nil}
	for _, f := range fields {
		var longer [][]flow.Value
		for _, before := range all {
			for _, v := range distinct(get(f)) {
				longer = append(longer, append(slices.Clone(before), v))
			}
		}
		all = longer
	}
	return all
}

// distinct returns the values each once, or one of kind 0 where there are none.
func distinct(values []flow.Value) []flow.Value {
	if len(values) == 0 {
		return []flow.Value{{}}
	}
	seen := map[flow.Value]bool{}
	return slices.DeleteFunc(values, func(v flow.Value) bool {
		again := seen[v]
		seen[v] = true
		return again
	})
}

// keyOf tells groups apart; lengths keep texts from running into each other.
func keyOf(values []flow.Value) string {
	var key []byte
	for _, v := range values {
		text := v.String()
		key = append(key, byte(v.Kind), byte(len(text)), byte(len(text)>>8))
		key = append(key, text...)
	}
	return string(key)
}
