package plugin

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/grafana-datasource/pkg/model"
	"github.com/weirflow/weir/shared/query"
)

// asked is a query of a request with what is said of it besides.
type asked struct {
	model.Query
	window model.Window
	next   *model.Window // of the refresh after this one, where it can be asked about ahead
	alert  bool          // the answer must be one that alert rules and expressions take
	asks   *collector    // as this asker's questions are asked
}

// QueryData answers the queries of a panel or an alert rule at the same time. Each has its answer or its error; one that fails leaves the
// others alone. Queries that are switched off are left out.
func (d *Datasource) QueryData(ctx context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	res := backend.NewQueryDataResponse()
	var mu sync.Mutex
	var wg sync.WaitGroup
	by := askerOf(req)
	places := make(chan struct{}, d.places())
	for i := range req.Queries {
		q := &req.Queries[i]
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			answer, shown := d.answer(ctx, q, by)
			if !shown {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			res.Responses[q.RefID] = answer
		})
	}
	wg.Wait()
	return res, nil
}

// places is how many queries of one request are worked on at a time.
func (d *Datasource) places() int { return max(d.settings.Concurrent, 1) }

// asker is who asks.
type asker uint8

const (
	panel      asker = iota
	expression       // over the query, in a dashboard: it takes the shapes that rules take
	rule             // an alert rule
)

func askerOf(req *backend.QueryDataRequest) asker {
	switch {
	case req.Headers["FromAlert"] == "true":
		return rule
	case req.GetHTTPHeader("X-Grafana-From-Expr") == "true":
		return expression
	}
	return panel
}

// ruleInterval is the shortest bucket of rules that name none: theirs would be a second, of which the last ones are seldom complete.
const ruleInterval = "1m"

// answer answers one query; shown is false for one that is switched off.
func (d *Datasource) answer(ctx context.Context, from *backend.DataQuery, by asker) (res backend.DataResponse, shown bool) {
	defer func() {
		// A fault in one query must not end the process, which serves all data sources.
		if fault := recover(); fault != nil {
			log.DefaultLogger.Error("query failed", "fault", fault, "stack", string(debug.Stack()))
			res, shown = backend.ErrDataResponseWithSource(backend.StatusInternal, backend.ErrorSourcePlugin, fmt.Sprintf("a fault of the plugin: %v", fault)), true
		}
	}()
	if d.broken != nil {
		return failed(d.broken), true
	}
	q, err := d.read(from, by, false)
	if err == nil && q.Hide {
		return res, false
	}
	if err == nil {
		res.Frames, err = d.ask(ctx, &q)
	}
	if err != nil {
		return failed(err), true
	}
	if q.next != nil && !q.asks.waited.Load() {
		d.askAhead(ctx, from, by, q.next)
	}
	for _, f := range res.Frames {
		f.RefID = from.RefID
	}
	res.Status = backend.StatusOK
	return res, true
}

// askAhead asks what the next refresh of a panel will: somebody looks at it, as its answer was there already. So nobody waits for an answer
// but who looks first.
func (d *Datasource) askAhead(ctx context.Context, from *backend.DataQuery, by asker, next *model.Window) {
	share := d.collector.share
	if !share.first(fmt.Sprintf("ahead %d %d %d %s", by, next.From.UnixNano(), next.To.UnixNano(), from.JSON), aheadWithin) {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), aheadWithin)
		defer cancel()
		defer func() { _ = recover() }() // who asks for it later is told
		if q, err := d.read(from, by, true); err == nil {
			_, _ = d.ask(ctx, &q)
		}
	}()
}

// aheadWithin is how long an answer may take that nobody waits for yet.
const aheadWithin = 30 * time.Second

// read makes a query of what Grafana sends; ahead is for the window of the next refresh.
func (d *Datasource) read(from *backend.DataQuery, by asker, ahead bool) (asked, error) {
	parsed, err := model.Parse(from.JSON)
	if err != nil || parsed.Hide {
		return asked{Query: parsed}, err
	}
	q := asked{Query: parsed, alert: by != panel, window: model.Window{
		From: from.TimeRange.From, To: from.TimeRange.To, Interval: from.Interval, MaxPoints: from.MaxDataPoints,
	}}
	if !q.window.From.Before(q.window.To) {
		return q, &query.Error{Part: "time range", Text: "its beginning is not before its end"}
	}
	q.asks = d.collector.asking(0, true)
	if by != rule { // rules are few, and their ranges are meant as they are
		var keep time.Duration
		q.window, q.next, keep = q.window.Early(d.settings.share(), d.now())
		if ahead && q.next != nil {
			q.window = *q.next
		}
		q.asks = d.collector.asking(keep+keep/2, false)
	}
	if q.MinInterval == "" {
		q.MinInterval = d.settings.MinInterval
	}
	if q.MinInterval == "" && by == rule {
		q.MinInterval = ruleInterval
	}
	return q, q.Expand(q.window)
}

// unused says that a query has conditions which its type knows nothing of, rather than leave them out silently.
func (q *asked) unused() []string {
	if strings.TrimSpace(q.Filter) == "" && len(q.Adhoc) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("The filter is not used: it selects flows, not %s.", q.QueryType)}
}

// ask answers a query by its type.
func (d *Datasource) ask(ctx context.Context, q *asked) (data.Frames, error) {
	switch q.QueryType {
	case model.Series, model.Top:
		return d.aggregate(ctx, q)
	case model.Records, model.Sessions:
		return d.rows(ctx, q)
	case model.Alerts:
		return d.alerts(ctx, q)
	case model.Graph:
		return d.graph(ctx, q)
	case model.Interfaces:
		return d.interfaces(ctx, q)
	case model.Exporters:
		return d.exporters(ctx, q)
	}
	return nil, &query.Error{Part: "queryType", Text: fmt.Sprintf("no type %q", q.QueryType)}
}
