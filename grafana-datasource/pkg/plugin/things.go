package plugin

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/grafana-datasource/pkg/frames"
	"github.com/weirflow/weir/grafana-datasource/pkg/model"
	"github.com/weirflow/weir/shared/query"
)

// graph answers who talks to whom.
func (d *Datasource) graph(ctx context.Context, q *asked) (data.Frames, error) {
	if q.alert {
		return nil, &query.Error{Part: "queryType", Text: "alert rules take numbers, not graphs: use top or series"}
	}
	question, err := q.Graph(q.window)
	if err != nil {
		return nil, err
	}
	answer, err := q.asks.graph(ctx, question)
	if err != nil {
		return nil, err
	}
	g := frames.Graph{Graph: answer, By: cmp.Or(question.By, "source.ip"), Links: d.links(ctx, q), Info: frames.Info{
		Executed: executed(query.PathGraph, question, ""), From: question.From, To: question.To, Exactness: answer.Exactness, Loss: answer.Loss, Notes: q.notes(),
	}}
	return g.Frames(), nil
}

// interfaces answers exporters' interfaces: a table, one number of each, or what passed them over time.
func (d *Datasource) interfaces(ctx context.Context, q *asked) (data.Frames, error) {
	if q.alert && q.Format == model.Table {
		q.Format = model.Numeric
	}
	question, err := q.InterfaceQuestion(q.window)
	if err != nil {
		return nil, err
	}
	list, err := q.asks.interfaces(ctx, question)
	if err != nil {
		return nil, err
	}
	a := frames.Interfaces{List: list, Info: frames.Info{Executed: executed(query.PathInterfaces, question, ""), From: question.From, To: question.To, Notes: q.unused()}}
	switch q.Format {
	case model.Points:
		a.Info.Interval = fmt.Sprintf("%ds", question.Interval)
		return a.Points(cmp.Or(q.Value, model.PointValues()[0])), nil
	case model.Numeric:
		return a.Numeric(cmp.Or(q.Value, model.InterfaceValues()[0])), nil
	}
	return a.Table(), nil
}

// exporters answers exporters with their loss accounts: a table, or one number of each.
func (d *Datasource) exporters(ctx context.Context, q *asked) (data.Frames, error) {
	if q.alert {
		q.Format = model.Numeric
	}
	all, err := q.asks.exporters(ctx, q.window.To)
	if err != nil {
		return nil, err
	}
	a := frames.Exporters{Now: earlier(q.window.To, d.now()), Info: frames.Info{Executed: "GET " + query.PathExporters, From: q.window.From, To: q.window.To, Notes: q.unused()}}
	wanted := strings.TrimSpace(q.Exporter)
	for i := range all {
		if wanted == "" || all[i].IP == wanted {
			a.List = append(a.List, all[i])
		}
	}
	if q.Format == model.Numeric {
		return a.Numeric(cmp.Or(q.Value, model.ExporterValues()[0])), nil
	}
	return a.Table(), nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
