package plugin

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf16"

	"github.com/weirflow/weir/grafana-datasource/pkg/complete"
	"github.com/weirflow/weir/grafana-datasource/pkg/frames"
	"github.com/weirflow/weir/grafana-datasource/pkg/model"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// maxVariable is how many values a variable has where nobody says.
const maxVariable = 500

// variable answers the values of a template variable.
func (d *Datasource) variable(ctx context.Context, q model.VariableQuery) ([]model.VariableValue, error) {
	w, asks, err := d.shared(q.Range)
	if err != nil {
		return nil, err
	}
	var list []model.VariableValue
	switch q.Kind {
	case "", "values":
		return fieldValues(ctx, asks, q, w)
	case "fields":
		list = fieldNames(q.Sessions)
	case "exporters":
		list, err = exporterNames(ctx, asks, w)
	case "interfaces":
		list, err = interfaceNames(ctx, asks, q, w)
	case "detectors":
		list, err = detectorNames(ctx, asks, w)
	default:
		return nil, &query.Error{Part: "kind", Text: fmt.Sprintf("no kind %q: use values, fields, exporters, interfaces or detectors", q.Kind)}
	}
	return withPrefix(list, q.Prefix), err
}

// shared is a range as those who ask the same share it, and how it is asked.
func (d *Datasource) shared(r model.TimeSpan) (model.Window, *collector, error) {
	from, to, err := d.span(r)
	w, keep := model.Window{From: from, To: to}.Share(d.settings.share(), d.now())
	return w, d.collector.asking(keep, false), err
}

func fieldValues(ctx context.Context, asks *collector, q model.VariableQuery, w model.Window) ([]model.VariableValue, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = maxVariable
	}
	a, err := asks.values(ctx, query.ValuesQuestion{Field: q.Field, Prefix: q.Prefix, Filter: q.Filter, From: w.From, To: w.To, Limit: limit, Sessions: q.Sessions})
	if err != nil {
		return nil, err
	}
	out := make([]model.VariableValue, len(a.Values))
	for i, v := range a.Values {
		out[i] = model.VariableValue{Text: v.Value, Value: v.Value}
	}
	return out, nil
}

func fieldNames(sessions bool) []model.VariableValue {
	out := []model.VariableValue{}
	for _, f := range model.Fields(frames.Title) {
		if sessions && f.Session || !sessions && f.Record {
			out = append(out, model.VariableValue{Text: f.Name, Value: f.Name})
		}
	}
	return out
}

func exporterNames(ctx context.Context, asks *collector, w model.Window) ([]model.VariableValue, error) {
	list, err := asks.exporters(ctx, w.To)
	if err != nil {
		return nil, err
	}
	var names []string
	for i := range list {
		names = append(names, list[i].IP)
	}
	return distinct(names), nil
}

func interfaceNames(ctx context.Context, asks *collector, q model.VariableQuery, w model.Window) ([]model.VariableValue, error) {
	list, err := asks.interfaces(ctx, query.InterfaceQuestion{Exporter: q.Exporter, From: w.From, To: w.To})
	if err != nil {
		return nil, err
	}
	var names []string
	for i := range list {
		names = append(names, list[i].Name)
	}
	return distinct(names), nil
}

func detectorNames(ctx context.Context, asks *collector, w model.Window) ([]model.VariableValue, error) {
	list, err := asks.alerts(ctx, query.AlertQuestion{From: w.From, To: w.To, Bare: true})
	if err != nil {
		return nil, err
	}
	var names []string
	for i := range list {
		names = append(names, list[i].Detector)
	}
	slices.Sort(names)
	return distinct(names), nil
}

// maxCompletions is how many values a completion offers.
const maxCompletions = 20

// complete answers how a filter may go on at the cursor.
func (d *Datasource) complete(ctx context.Context, r model.CompleteRequest) (model.CompleteAnswer, error) {
	before := upTo(r.Text, r.Cursor)
	reg := flow.NewRegistry()
	p := complete.At(before, reg)
	a := model.CompleteAnswer{From: units(before[:p.Begin]), To: units(before), Kind: p.Kind, Options: complete.Options(p, model.Fields(frames.Title), r.Sessions)}
	if p.Field != nil {
		a.Field = p.Field.Name
	}
	if p.Kind == complete.Value && p.Field != nil && len(p.Field.Values) == 0 && p.Field.Kind != flow.KindObject {
		w, asks, err := d.shared(r.Range)
		if err != nil {
			return a, err
		}
		values, err := asks.values(ctx, query.ValuesQuestion{Field: p.Field.Name, Prefix: p.Prefix, From: w.From, To: w.To, Limit: maxCompletions, Sessions: r.Sessions})
		if err != nil {
			return a, err
		}
		for _, v := range values.Values {
			a.Options = append(a.Options, model.Completion{Label: v.Value, Insert: complete.Insert(v.Value) + " ", Detail: fmt.Sprint(v.Count)})
		}
	}
	if a.Options == nil {
		a.Options = []model.Completion{}
	}
	return a, nil
}

// upTo is the text before the cursor, which counts in UTF-16 units.
func upTo(text string, cursor int) string {
	n := 0
	for i, c := range text {
		if n >= cursor {
			return text[:i]
		}
		n += utf16.RuneLen(c)
	}
	return text
}

// units is the length of a text in UTF-16 units.
func units(text string) (n int) {
	for _, c := range text {
		n += utf16.RuneLen(c)
	}
	return n
}
