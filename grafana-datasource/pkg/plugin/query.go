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
	written model.Query // with its macros
	window  model.Window
	next    *model.Window // of the refresh after this one, where it can be asked about ahead
	panel   string        // names the query whatever time it is, where answers of other times will do; "": they will not
	older   bool          // the answer is of an earlier time than asked for
	alert   bool          // the answer must be one that alert rules and expressions take
	asks    *collector    // as this asker's questions are asked
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
	q, err := d.read(from, by)
	if err == nil && q.Hide {
		return res, false
	}
	if err == nil {
		err = d.doWith(ctx, &q)
	}
	if err == nil {
		res.Frames, err = d.ask(ctx, &q)
	}
	if err != nil {
		return failed(err), true
	}
	d.answered(&q)
	if q.next != nil && q.panel != "" && !q.asks.waited.Load() && !d.has(&q, *q.next) {
		d.pursue(ctx, &q, *q.next)
	}
	for _, f := range res.Frames {
		f.RefID = from.RefID
	}
	res.Status = backend.StatusOK
	return res, true
}

// read makes a query of what Grafana sends.
func (d *Datasource) read(from *backend.DataQuery, by asker) (asked, error) {
	parsed, err := model.Parse(from.JSON)
	if err != nil || parsed.Hide {
		return asked{Query: parsed}, err
	}
	q := asked{written: parsed, alert: by != panel, window: model.Window{
		From: from.TimeRange.From, To: from.TimeRange.To, Interval: from.Interval, MaxPoints: from.MaxDataPoints,
	}}
	if !q.window.From.Before(q.window.To) {
		return q, &query.Error{Part: "time range", Text: "its beginning is not before its end"}
	}
	q.asks = d.collector.asking(0, true)
	if by != rule { // rules are few, and their ranges are meant as they are
		var keep time.Duration
		live := q.window.IsLive(d.now())
		q.window, q.next, keep = q.window.Early(d.settings.share(), d.now())
		if live && keep > 0 {
			q.panel = panelOf(from, by, q.window)
			keep += outdated(q.window)
		}
		q.asks = d.collector.asking(keep+keep/2, false)
	}
	if q.written.MinInterval == "" {
		q.written.MinInterval = d.settings.MinInterval
	}
	if q.written.MinInterval == "" && by == rule {
		q.written.MinInterval = ruleInterval
	}
	return q, q.about(q.window)
}

// about has the query be about a window.
func (q *asked) about(w model.Window) error {
	q.Query, q.window = q.written, w
	return q.Expand(w)
}

// notes says what is to be known of an answer besides.
func (q *asked) notes() (list []string) {
	if q.older {
		list = append(list, "As of "+q.window.To.UTC().Format(time.TimeOnly)+" UTC: the collector is busy with a newer answer.")
	}
	return list
}

// unused says that a query has conditions which its type knows nothing of, rather than leave them out silently.
func (q *asked) unused() []string {
	if strings.TrimSpace(q.Filter) == "" && len(q.Adhoc) == 0 {
		return q.notes()
	}
	return append(q.notes(), fmt.Sprintf("The filter is not used: it selects flows, not %s.", q.QueryType))
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
