package plugin

import (
	"context"
	"fmt"
	"slices"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/grafana-datasource/pkg/frames"
	"github.com/weirflow/weir/grafana-datasource/pkg/model"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// alerts answers alerts: a table, log lines, annotations, or how many there are.
func (d *Datasource) alerts(ctx context.Context, q *asked) (data.Frames, error) {
	if q.alert && q.Format != model.Wide {
		q.Format = model.Count
	}
	for _, by := range q.By {
		if !slices.Contains(frames.Counters(), by) {
			return nil, &query.Error{Part: "by", Text: fmt.Sprintf("alerts are counted by severity_label, detector, state or exporter, not %q", by)}
		}
	}
	question := q.AlertQuestion(q.window)
	all, err := q.asks.alerts(ctx, question)
	if err != nil {
		return nil, err
	}
	a := frames.Alerts{UID: d.uid, Links: d.links(ctx, q), Info: frames.Info{Executed: executed(query.PathAlerts, question, ""), From: question.From, To: question.To, Notes: q.unused()}}
	for i := range all {
		if q.SelectsAlert(&all[i]) {
			a.List = append(a.List, all[i])
		}
	}
	if q.Live && (q.Format == model.Table || q.Format == model.Logs) {
		a.Channel = d.channelOf(&q.Query)
	}
	switch q.Format {
	case model.Count:
		return a.Count(q.By), nil
	case model.Wide:
		if a.Info.Interval, err = q.AlertInterval(q.window); err != nil {
			return nil, err
		}
		return a.Series(q.By), nil
	}
	a.List, a.Info.Cut = lastAlerts(a.List, q.Limit)
	switch q.Format {
	case model.Logs:
		return a.Logs(), nil
	case model.Annotations:
		return a.Annotations(), nil
	}
	return a.Table(), nil
}

// maxAlerts is how many alerts are shown where nobody says.
const maxAlerts = 1000

// lastAlerts are the latest of a list, newest first.
func lastAlerts(list []flow.Alert, limit int) (last []flow.Alert, cut string) {
	if limit <= 0 {
		limit = maxAlerts
	}
	if len(list) > limit {
		cut = fmt.Sprintf("Only the latest %d of %d alerts are shown.", limit, len(list))
		list = list[len(list)-limit:]
	}
	last = slices.Clone(list)
	slices.Reverse(last)
	return last, cut
}
