package plugin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/weirflow/weir/elastic/engine"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// elastic answers from Elasticsearch or OpenSearch; which of them it is, is found out by the first question.
type elastic struct {
	cfg engine.Config
	to  *searcher

	mu     sync.Mutex
	engine *engine.Engine
}

// newElastic returns one that asks the data streams of a namespace; key is an API key, "" for none or where Grafana's basic authentication
// is used.
func newElastic(address, namespace, key string, client *http.Client) (*elastic, error) {
	base, err := url.Parse(address)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, &query.Error{Part: "URL", Text: fmt.Sprintf("%q is none of Elasticsearch: write https://HOST:9200", address)}
	}
	if namespace == "" {
		namespace = "default"
	}
	return &elastic{cfg: engine.ConfigOf(namespace), to: &searcher{base: base, key: key, client: client}}, nil
}

// searcher sends requests to a server, by Grafana's HTTP settings.
type searcher struct {
	base   *url.URL
	key    string
	client *http.Client
}

// Perform implements [engine.Performer].
func (s *searcher) Perform(r *http.Request) (*http.Response, error) {
	r.URL.Scheme, r.URL.Host, r.URL.Path = s.base.Scheme, s.base.Host, strings.TrimSuffix(s.base.Path, "/")+r.URL.Path
	if s.key != "" {
		r.Header.Set("Authorization", "ApiKey "+s.key)
	}
	return s.client.Do(r) //nolint:wrapcheck // who asks explains it
}

// get returns the engine.
func (x *elastic) get(ctx context.Context) (*engine.Engine, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.engine != nil {
		return x.engine, nil
	}
	openSearch, err := engine.IsOpenSearch(ctx, x.to)
	if err != nil {
		return nil, err
	}
	x.cfg.OpenSearch = openSearch
	x.engine, err = engine.New(x.cfg, engine.Deps{Client: x.to})
	return x.engine, err
}

// through puts a question to the engine.
func through[Q, A any](ctx context.Context, x *elastic, by func(*engine.Engine, context.Context, Q) (A, error), q Q) (A, error) {
	e, err := x.get(ctx)
	if err != nil {
		var none A
		return none, err
	}
	return by(e, ctx, q)
}

// Aggregate implements [query.Engine].
func (x *elastic) Aggregate(ctx context.Context, q query.Question) (query.Result, error) {
	return through(ctx, x, (*engine.Engine).Aggregate, q)
}

// Records implements [query.Engine].
func (x *elastic) Records(ctx context.Context, q query.Question) (*flow.Batch, error) {
	return through(ctx, x, (*engine.Engine).Records, q)
}

// Sessions implements [query.SessionReader].
func (x *elastic) Sessions(ctx context.Context, q query.Question) (*flow.SessionBatch, error) {
	return through(ctx, x, (*engine.Engine).Sessions, q)
}

// Values implements [query.ValuesReader].
func (x *elastic) Values(ctx context.Context, q query.ValuesQuestion) (query.ValuesAnswer, error) {
	return through(ctx, x, (*engine.Engine).Values, q)
}

// Graph implements [query.GraphReader].
func (x *elastic) Graph(ctx context.Context, q query.GraphQuestion) (query.Graph, error) {
	return through(ctx, x, (*engine.Engine).Graph, q)
}

// Alerts implements [query.AlertReader].
func (x *elastic) Alerts(ctx context.Context, q query.AlertQuestion) ([]flow.Alert, error) {
	return through(ctx, x, (*engine.Engine).Alerts, q)
}

// Interfaces implements [query.InterfaceReader].
func (x *elastic) Interfaces(ctx context.Context, q query.InterfaceQuestion) ([]query.Interface, error) {
	return through(ctx, x, (*engine.Engine).Interfaces, q)
}

// Exporters implements [query.ExporterReader].
func (x *elastic) Exporters(ctx context.Context) ([]query.Exporter, error) {
	return through(ctx, x, func(e *engine.Engine, ctx context.Context, _ nothing) ([]query.Exporter, error) {
		return e.Exporters(ctx)
	}, nothing{})
}

// errNoStream says that changes of alerts are not told as they come: they are asked for again and again.
var errNoStream = errors.New("no stream of alerts in Elasticsearch")

// follow gives the changes of alerts to take as they come.
func (c *connection) follow(ctx context.Context, after string, take func(query.AlertEvent) error) error {
	if c.following == nil {
		return errNoStream
	}
	return c.following.FollowAlerts(ctx, after, take)
}

// templates returns those of links into other tools, which a collector alone has.
func (c *connection) templates(ctx context.Context) ([]query.PivotTemplate, error) {
	if c.collector == nil {
		return []query.PivotTemplate{}, nil
	}
	return c.collector.PivotTemplates(ctx)
}

// checkElastic says whether Elasticsearch answers, and has anything to answer with.
func (d *Datasource) checkElastic(ctx context.Context) *backend.CheckHealthResult {
	exporters, err := d.conn.asking.Exporters(ctx)
	if err != nil {
		return unhealthy(explain(err))
	}
	if len(exporters) > 0 {
		return d.healthy(&query.Collector{}, exporters)
	}
	flows, err := d.conn.asking.Aggregate(ctx, query.Question{Measure: query.Flows})
	switch {
	case err != nil:
		return unhealthy(explain(err))
	case len(flows.Rows) == 1 && flows.Rows[0][0] == uint64(0):
		return unhealthy("The server answers, but has no flows in this namespace: see weir-elastic check, or name another namespace")
	}
	return &backend.CheckHealthResult{Status: backend.HealthStatusOk, Message: "Connected. Nothing is known of exporters."}
}
