package plugin

import (
	"context"
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/grafana-datasource/pkg/frames"
	"github.com/weirflow/weir/grafana-datasource/pkg/model"
	"github.com/weirflow/weir/shared/query"
)

// aggregate answers series and top lists.
func (d *Datasource) aggregate(ctx context.Context, q *asked) (data.Frames, error) {
	if q.alert {
		q.More, q.Percent = nil, false // a rule takes one number of each group
	}
	question, err := q.Aggregate(q.window)
	if err != nil {
		return nil, err
	}
	res, err := q.asks.aggregate(ctx, question)
	if err != nil {
		return nil, err
	}
	a := &frames.Aggregate{Result: res, Groups: len(question.By), Percent: q.Percent, Links: d.links(ctx, q), Info: frames.Info{
		Executed: executed(query.PathAggregate, question, commandOf(question, "")), From: question.From, To: question.To,
		Interval: question.Interval, Exactness: res.Exactness, Loss: res.Loss, Notes: q.notes(),
	}}
	if res.Truncated && !a.EndsWithOther() {
		a.Info.Cut = fmt.Sprintf("Only the first %d rows are shown: raise the limit, or narrow the filter.", len(res.Rows))
	}
	if q.QueryType == model.Top {
		return a.Table(), nil
	}
	switch q.Format {
	case model.Multi:
		return a.Multi(), nil
	case model.Table:
		if !q.alert {
			return a.Table(), nil
		}
	}
	return a.Wide(), nil
}
