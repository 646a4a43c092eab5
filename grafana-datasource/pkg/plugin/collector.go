package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/grafana-datasource/pkg/frames"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// collector asks a collector, so that those who ask the same share an answer.
type collector struct {
	client source
	// templates returns those of links into other tools.
	templates func(context.Context) ([]query.PivotTemplate, error)
	share     *sharer
	keep      time.Duration // for so long an answer is used again
	own       bool          // answers are not shared at all
	waited    atomic.Bool   // an answer was not there already
}

// cellBytes is about what a cell of an answer takes in memory.
const cellBytes = 64

// asking returns how one asker's questions are asked: their answers are kept for a time, or are the asker's own.
func (c *collector) asking(keep time.Duration, own bool) *collector {
	return &collector{client: c.client, templates: c.templates, share: c.share, keep: keep, own: c.own || own}
}

// linksKept is for how long the templates of links are used again: they change with weir.yaml, and every panel wants them.
const linksKept = time.Minute

// linksBytes is about what the templates of links take in memory.
const linksBytes = 64 << 10

// kind is a kind of question: where it is asked, how, and how large an answer is, in cells of a table.
type kind[Q, A any] struct {
	path string
	by   func(context.Context, Q) (A, error)
	size func(A) int
}

// ask puts a question to the collector.
func ask[Q, A any](ctx context.Context, c *collector, k kind[Q, A], q Q) (A, error) {
	text, err := json.Marshal(q)
	if err != nil {
		var none A
		return none, fmt.Errorf("write question: %w", err)
	}
	return shared(ctx, c.share, question[A]{
		key: k.path + string(text), keep: c.keep, own: c.own, waited: &c.waited,
		ask:  func(ctx context.Context) (A, error) { return k.by(ctx, q) },
		size: func(a A) int { return cellBytes * k.size(a) },
	})
}

func (c *collector) aggregate(ctx context.Context, q query.Question) (query.Result, error) {
	return ask(ctx, c, kind[query.Question, query.Result]{query.PathAggregate, c.client.Aggregate, func(r query.Result) int { return len(r.Rows) * len(r.Columns) }}, q)
}

func (c *collector) records(ctx context.Context, q query.Question) (*flow.Batch, error) {
	return ask(ctx, c, kind[query.Question, *flow.Batch]{query.PathRecords, c.client.Records, func(b *flow.Batch) int { return 20 * len(b.Records) }}, q)
}

func (c *collector) sessions(ctx context.Context, q query.Question) (*flow.SessionBatch, error) {
	return ask(ctx, c, kind[query.Question, *flow.SessionBatch]{query.PathSessions, c.client.Sessions, func(b *flow.SessionBatch) int { return 20 * len(b.Sessions) }}, q)
}

func (c *collector) graph(ctx context.Context, q query.GraphQuestion) (query.Graph, error) {
	return ask(ctx, c, kind[query.GraphQuestion, query.Graph]{query.PathGraph, c.client.Graph, func(g query.Graph) int { return 8 * (len(g.Edges) + len(g.Nodes)) }}, q)
}

func (c *collector) values(ctx context.Context, q query.ValuesQuestion) (query.ValuesAnswer, error) {
	return ask(ctx, c, kind[query.ValuesQuestion, query.ValuesAnswer]{query.PathValues, c.client.Values, func(a query.ValuesAnswer) int { return 2 * len(a.Values) }}, q)
}

func (c *collector) alerts(ctx context.Context, q query.AlertQuestion) ([]flow.Alert, error) {
	return ask(ctx, c, kind[query.AlertQuestion, []flow.Alert]{query.PathAlerts, c.client.Alerts, func(list []flow.Alert) int { return 100 * len(list) }}, q)
}

func (c *collector) interfaces(ctx context.Context, q query.InterfaceQuestion) ([]query.Interface, error) {
	size := func(list []query.Interface) (n int) {
		for i := range list {
			n += 40 + 10*len(list[i].Points)
		}
		return n
	}
	return ask(ctx, c, kind[query.InterfaceQuestion, []query.Interface]{query.PathInterfaces, c.client.Interfaces, size}, q)
}

// nothing is the question of paths that are read by GET.
type nothing struct{}

// asOf is when somebody asks for what is so now: who asks at another moment does not share the answer.
type asOf struct{ At time.Time }

func (c *collector) exporters(ctx context.Context, at time.Time) ([]query.Exporter, error) {
	get := func(ctx context.Context, _ asOf) ([]query.Exporter, error) { return c.client.Exporters(ctx) }
	return ask(ctx, c, kind[asOf, []query.Exporter]{query.PathExporters, get, func(list []query.Exporter) int { return 50 * len(list) }}, asOf{at})
}

// links returns what is made of the templates of links into other tools. A collector that does not tell them has none.
func (c *collector) links(ctx context.Context, of func([]query.PivotTemplate) frames.Links) (frames.Links, error) {
	return shared(ctx, c.share, question[frames.Links]{
		key: query.PathConfig + "pivots", keep: linksKept, size: func(frames.Links) int { return linksBytes },
		ask: func(ctx context.Context) (frames.Links, error) {
			templates, err := c.templates(ctx)
			if err != nil && ctx.Err() == nil {
				templates, err = nil, nil
			}
			return of(templates), err
		},
	})
}

// loss returns what is known to be missing from a range, for answers that do not carry it: those of rows. How many flows there are is the
// cheapest question whose answer does. A collector that does not tell it is taken for one without: the answer is one all the same.
func (c *collector) loss(ctx context.Context, q query.Question) query.Loss {
	res, err := c.aggregate(ctx, query.Question{From: q.From, To: q.To, Measure: query.Flows})
	if err != nil {
		return query.Loss{}
	}
	return res.Loss
}
