package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// collector asks a collector, so that those who ask the same share an answer.
type collector struct {
	client *query.Client
	share  *sharer
	keep   time.Duration
}

// maxCells is how large an answer may be that is kept to be used again.
const maxCells = 20_000

// linksKept is for how long the templates of links are used again: they change with weir.yaml, and every panel wants them.
const linksKept = time.Minute

// ask puts a question at a path of the API.
func ask[Q, A any](ctx context.Context, c *collector, path string, q Q, by func(context.Context, Q) (A, error), size func(A) int) (A, error) {
	text, err := json.Marshal(q)
	if err != nil {
		var none A
		return none, fmt.Errorf("write question: %w", err)
	}
	return shared(ctx, c.share, question[A]{
		key: path + string(text), keep: c.keep,
		ask:   func(ctx context.Context) (A, error) { return by(ctx, q) },
		small: func(a A) bool { return size(a) <= maxCells },
	})
}

func (c *collector) aggregate(ctx context.Context, q query.Question) (query.Result, error) {
	return ask(ctx, c, query.PathAggregate, q, c.client.Aggregate, func(r query.Result) int { return len(r.Rows) * len(r.Columns) })
}

func (c *collector) records(ctx context.Context, q query.Question) (*flow.Batch, error) {
	return ask(ctx, c, query.PathRecords, q, c.client.Records, func(b *flow.Batch) int { return 20 * len(b.Records) })
}

func (c *collector) sessions(ctx context.Context, q query.Question) (*flow.SessionBatch, error) {
	return ask(ctx, c, query.PathSessions, q, c.client.Sessions, func(b *flow.SessionBatch) int { return 20 * len(b.Sessions) })
}

func (c *collector) graph(ctx context.Context, q query.GraphQuestion) (query.Graph, error) {
	return ask(ctx, c, query.PathGraph, q, c.client.Graph, func(g query.Graph) int { return 8 * (len(g.Edges) + len(g.Nodes)) })
}

func (c *collector) values(ctx context.Context, q query.ValuesQuestion) (query.ValuesAnswer, error) {
	return ask(ctx, c, query.PathValues, q, c.client.Values, func(a query.ValuesAnswer) int { return 2 * len(a.Values) })
}

func (c *collector) alerts(ctx context.Context, q query.AlertQuestion) ([]flow.Alert, error) {
	return ask(ctx, c, query.PathAlerts, q, c.client.Alerts, func(list []flow.Alert) int { return 50 * len(list) })
}

func (c *collector) interfaces(ctx context.Context, q query.InterfaceQuestion) ([]query.Interface, error) {
	return ask(ctx, c, query.PathInterfaces, q, c.client.Interfaces, func(list []query.Interface) int {
		n := 0
		for i := range list {
			n += 40 + 10*len(list[i].Points)
		}
		return n
	})
}

// nothing is the question of paths that are read by GET.
type nothing struct{}

func (c *collector) exporters(ctx context.Context) ([]query.Exporter, error) {
	get := func(ctx context.Context, _ nothing) ([]query.Exporter, error) { return c.client.Exporters(ctx) }
	return ask(ctx, c, query.PathExporters, nothing{}, get, func(list []query.Exporter) int { return 50 * len(list) })
}

func (c *collector) pivotTemplates(ctx context.Context) ([]query.PivotTemplate, error) {
	return shared(ctx, c.share, question[[]query.PivotTemplate]{
		key: query.PathConfig + "pivots", keep: linksKept, ask: c.client.PivotTemplates, small: func([]query.PivotTemplate) bool { return true },
	})
}
