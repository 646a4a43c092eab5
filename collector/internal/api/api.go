// Package api is the collector's HTTP interface, version 1: questions about records, sessions, alerts, exporters and interfaces in
// JSON, described by an OpenAPI document that is generated from the Go types ([OpenAPI]). The daemon serves it on its socket and
// over TCP; query.Client speaks it. Every answer that is not a success is a query.Failure: what is wrong, which part of the request,
// and how to mend it.
package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/weirflow/weir/collector/internal/settings"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// Config bounds what questions may cost.
type Config struct {
	MaxBody    int64         // bytes of a request's body
	Timeout    time.Duration // of one question, waiting included
	Concurrent int           // questions at a time; more wait for their turn within their timeout
	PerToken   int           // of those, the questions of one token or, without one, of one address
	// Budget is the most that one question for groups may cost by [Cost], in groups times hours; 0 is no bound.
	Budget float64
	Stream StreamConfig
}

// DefaultConfig returns the bounds for a machine of any size.
func DefaultConfig() Config {
	return Config{MaxBody: 1 << 20, Timeout: time.Minute, Concurrent: 8, PerToken: 6, Budget: 1e10, Stream: DefaultStreamConfig()}
}

// Deps is what answers. Extra handlers are served beside the API under their patterns, for example "GET /metrics".
type Deps struct {
	Engine     query.Engine
	Sessions   query.SessionReader // nil: questions for sessions are refused
	Alerts     query.AlertReader
	Exporters  query.ExporterReader
	Interfaces query.InterfaceReader            // nil: questions for interfaces are refused
	Collector  query.CollectorReader            // nil: the route is not there
	Pivots     query.PivotReader                // links into other tools; nil: the route is not there
	Live       *Live                            // alerts as they change; nil: the route is not there
	Tokens     Tokens                           // who may ask; nil: the route is not there
	Sealer     query.Sealer                     // seals all that is stored; nil: the route is not there
	Settings   *settings.Manager                // what is configured, and can be changed; nil: the routes are not there
	Captures   string                           // folder of captures around alerts; "": the route is not there
	Hours      func(from, to time.Time) float64 // how many hours of a range are stored, for [Cost]; nil: what the range says
	Now        func() time.Time                 // nil: the wall clock
	Extra      map[string]http.Handler
	Pages      map[string]http.Handler // by their paths, for GET: they take their turns as questions do
	// PageError answers a browser with what is wrong, with its status; nil: in JSON.
	PageError func(w http.ResponseWriter, r *http.Request, err error)
}

// handler answers the questions.
type handler struct {
	cfg   Config
	deps  Deps
	reg   *flow.Registry
	turns *turns
}

// New returns the handler of all routes. Who may ask is the business of [Guard].
func New(cfg Config, deps Deps) (http.Handler, error) {
	if deps.Engine == nil || deps.Alerts == nil || deps.Exporters == nil {
		return nil, errors.New("the API needs an engine, a reader of alerts and one of exporters")
	}
	if cfg.MaxBody <= 0 || cfg.Timeout <= 0 || cfg.Concurrent <= 0 || cfg.PerToken <= 0 {
		return nil, errors.New("the API's bounds must be greater than 0")
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	h := &handler{cfg: cfg, deps: deps, reg: flow.NewRegistry(), turns: newTurns(cfg.Concurrent, cfg.PerToken)}
	routes := h.routes()
	document, err := OpenAPI()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for i := range routes {
		if routes[i].serve != nil {
			mux.Handle(routes[i].pattern(), h.bounded(&routes[i]))
		}
	}
	h.mountPages(mux)
	mux.HandleFunc("GET "+PathOpenAPI, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", query.TypeJSON)
		_, _ = w.Write(document) // an error means that the reader has gone
	})
	for pattern, extra := range deps.Extra {
		mux.Handle(pattern, extra)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { h.refuse(prefersPage(r), w, r, unknown(mux, r)) })
	return compressed(mux), nil
}
