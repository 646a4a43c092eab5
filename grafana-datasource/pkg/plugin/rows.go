package plugin

import (
	"context"
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/grafana-datasource/pkg/frames"
	"github.com/weirflow/weir/grafana-datasource/pkg/model"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// defaultRows is how many records or sessions the collector tells where nobody says.
const defaultRows = 100

// rows answers records and sessions.
func (d *Datasource) rows(ctx context.Context, q *asked) (data.Frames, error) {
	if q.alert {
		return nil, &query.Error{Part: "queryType", Text: fmt.Sprintf("alert rules take numbers, not %s: use top or series", q.QueryType)}
	}
	question, err := q.Rows(q.window)
	if err != nil {
		return nil, err
	}
	r := frames.Rows{Fields: q.Fields, Registry: flow.NewRegistry(), Links: d.links(ctx, q), Info: frames.Info{
		From: question.From, To: question.To, Exactness: query.Exact, Loss: q.asks.loss(ctx, question), Notes: q.notes(),
	}}
	if q.QueryType == model.Sessions {
		batch, err := q.asks.sessions(ctx, question)
		if err != nil {
			return nil, err
		}
		r.Info.Executed = executed(query.PathSessions, question, commandOf(question, "--sessions"))
		r.Info.Cut = cutAt(len(batch.Sessions), q)
		return r.Sessions(batch), nil
	}
	batch, err := q.asks.records(ctx, question)
	if err != nil {
		return nil, err
	}
	r.Info.Executed = executed(query.PathRecords, question, commandOf(question, "--records"))
	r.Info.Cut = cutAt(len(batch.Records), q)
	return r.Records(batch), nil
}

// cutAt says that there may be more where as many came as were asked for.
func cutAt(rows int, q *asked) string {
	limit := q.Limit
	if limit == 0 {
		limit = defaultRows
	}
	if rows < limit {
		return ""
	}
	return fmt.Sprintf("Only the first %d %s are shown, the oldest: raise the limit, or choose a shorter range.", rows, q.QueryType)
}
