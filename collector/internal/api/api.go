// Package api is the collector's HTTP interface: questions about records, sessions, alerts, exporters and interfaces in JSON. The daemon serves it on
// its socket and, on loopback, over TCP; query.Client speaks it. Wrong questions are answered with status 400 and a
// query.Failure that names the part, faults of the engine with 500, questions beyond the time limit with 504.
package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// Config bounds what questions may cost.
type Config struct {
	MaxBody    int64         // bytes of a request's body
	Timeout    time.Duration // of one question
	Concurrent int           // questions at a time; more wait for their turn within their timeout
}

// DefaultConfig returns the bounds for a machine of any size.
func DefaultConfig() Config {
	return Config{MaxBody: 1 << 20, Timeout: time.Minute, Concurrent: 8}
}

// Deps is what answers. Extra handlers are served beside the API under their patterns, for example "GET /metrics".
type Deps struct {
	Engine     query.Engine
	Sessions   query.SessionReader // nil: questions for sessions are refused
	Alerts     query.AlertReader
	Exporters  query.ExporterReader
	Interfaces query.InterfaceReader // nil: questions for interfaces are refused
	Collector  query.CollectorReader // nil: the route is not there
	Extra      map[string]http.Handler
}

// handler answers the questions.
type handler struct {
	cfg   Config
	deps  Deps
	reg   *flow.Registry
	turns chan struct{}
}

// New returns the handler of all routes.
func New(cfg Config, deps Deps) (http.Handler, error) {
	if deps.Engine == nil || deps.Alerts == nil || deps.Exporters == nil {
		return nil, errors.New("the API needs an engine, a reader of alerts and one of exporters")
	}
	if cfg.MaxBody <= 0 || cfg.Timeout <= 0 || cfg.Concurrent <= 0 {
		return nil, errors.New("the API's bounds must be greater than 0")
	}
	h := &handler{cfg: cfg, deps: deps, reg: flow.NewRegistry(), turns: make(chan struct{}, cfg.Concurrent)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+query.PathAggregate, h.bounded(h.aggregate))
	mux.HandleFunc("POST "+query.PathRecords, h.bounded(h.records))
	mux.HandleFunc("POST "+query.PathSessions, h.bounded(h.sessions))
	mux.HandleFunc("POST "+query.PathAlerts, h.bounded(h.alerts))
	mux.HandleFunc("GET "+query.PathExporters, h.bounded(h.exporters))
	mux.HandleFunc("POST "+query.PathInterfaces, h.bounded(h.interfaces))
	if deps.Collector != nil {
		mux.HandleFunc("GET "+query.PathCollector, h.bounded(h.collector))
	}
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, statusOfPath(r.URL.Path), errors.New(explainPath(r)))
	})
	for pattern, extra := range deps.Extra {
		mux.Handle(pattern, extra)
	}
	return mux, nil
}

// bounded gives a question its time, its turn and a body of bounded size, and answers with the error where there is one.
// Answers are whole before their first byte is sent, so an error always has its status.
func (h *handler) bounded(answer func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), h.cfg.Timeout)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, h.cfg.MaxBody)
		select {
		case h.turns <- struct{}{}:
			defer func() { <-h.turns }()
		case <-ctx.Done():
			writeError(w, http.StatusServiceUnavailable, errors.New("too many questions at a time: try again"))
			return
		}
		if err := answer(w, r); err != nil {
			writeError(w, statusOf(err), err)
		}
	}
}

func (h *handler) aggregate(w http.ResponseWriter, r *http.Request) error {
	var q query.Question
	if err := readJSON(r, &q); err != nil {
		return err
	}
	if q.Measure == query.Sessions && h.deps.Sessions == nil {
		return errNoSessions
	}
	res, err := h.deps.Engine.Aggregate(r.Context(), q)
	if err != nil {
		return err
	}
	return writeJSON(w, res)
}

func (h *handler) alerts(w http.ResponseWriter, r *http.Request) error {
	var q query.AlertQuestion
	if err := readJSON(r, &q); err != nil {
		return err
	}
	list, err := h.deps.Alerts.Alerts(r.Context(), q)
	if err != nil {
		return err
	}
	if list == nil {
		list = []flow.Alert{}
	}
	return writeJSON(w, list)
}

// errNoInterfaces is the answer of a collector that does not measure interfaces.
var errNoInterfaces = errors.New("this collector does not measure interfaces")

func (h *handler) interfaces(w http.ResponseWriter, r *http.Request) error {
	var q query.InterfaceQuestion
	if err := readJSON(r, &q); err != nil {
		return err
	}
	if h.deps.Interfaces == nil {
		return errNoInterfaces
	}
	list, err := h.deps.Interfaces.Interfaces(r.Context(), q)
	if err != nil {
		return err
	}
	if list == nil {
		list = []query.Interface{}
	}
	return writeJSON(w, list)
}

func (h *handler) exporters(w http.ResponseWriter, r *http.Request) error {
	list, err := h.deps.Exporters.Exporters(r.Context())
	if err != nil {
		return err
	}
	if list == nil {
		list = []query.Exporter{}
	}
	return writeJSON(w, list)
}

func (h *handler) collector(w http.ResponseWriter, r *http.Request) error {
	state, err := h.deps.Collector.Collector(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, state)
}
