package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/collector/internal/token"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// PathOpenAPI is where the description of the API is.
const PathOpenAPI = "/api/v1/openapi.json"

// route is one thing that can be asked, and all that the OpenAPI document says of it.
type route struct {
	method, path  string // path may have {id}, {name} or {version} in it
	name, summary string
	asks          reflect.Type                                       // of the body; nil: none
	gives         reflect.Type                                       // of the answer; nil where lines or another media type say it
	media         string                                             // of the answer
	params        []string                                           // of the query string
	arrow         bool                                               // whether the answer may also be an Arrow stream
	unbounded     bool                                               // neither its time nor its turn is limited
	page          bool                                               // it reads its parameters itself
	changes       bool                                               // it changes settings: scope admin, conditions and dry runs
	admin         bool                                               // it needs the scope admin, and is no question
	serve         func(w http.ResponseWriter, r *http.Request) error // nil: this collector has no such thing
}

func (rt *route) pattern() string { return rt.method + " " + rt.path }

// routes are all routes of the API; those without serve are described and not served.
func (h *handler) routes() []route {
	question := reflect.TypeFor[query.Question]()
	list := []route{
		{method: "POST", path: query.PathAggregate, name: "aggregate", summary: "A total, a top list by fields, a series or a percentile", asks: question, gives: reflect.TypeFor[query.Result](), media: query.TypeJSON, arrow: true, serve: h.aggregate},
		{method: "POST", path: query.PathValues, name: "values", summary: "The values of a field, most frequent first: completion of filters", asks: reflect.TypeFor[query.ValuesQuestion](), gives: reflect.TypeFor[query.ValuesAnswer](), media: query.TypeJSON, serve: h.values},
		{method: "POST", path: query.PathGraph, name: "graph", summary: "Who talks to whom: nodes and edges with the most traffic", asks: reflect.TypeFor[query.GraphQuestion](), gives: reflect.TypeFor[query.Graph](), media: query.TypeJSON, serve: h.graph},
		{method: "POST", path: query.PathRecords, name: "records", summary: "Records, a JSON object a line, oldest first", asks: question, gives: reflect.TypeFor[record](), media: query.TypeLines, arrow: true, serve: h.records},
		{method: "POST", path: query.PathSessions, name: "sessions", summary: "Sessions, a JSON object a line, oldest first", asks: question, gives: reflect.TypeFor[session](), media: query.TypeLines, serve: h.sessions},
		{method: "POST", path: query.PathAlerts, name: "alerts", summary: "Alerts that overlap a time range, by start", asks: reflect.TypeFor[query.AlertQuestion](), gives: reflect.TypeFor[[]flow.Alert](), media: query.TypeJSON, serve: h.alerts},
		{method: "GET", path: query.PathExporters, name: "exporters", summary: "Exporters with their loss accounts", gives: reflect.TypeFor[[]query.Exporter](), media: query.TypeJSON, serve: h.exporters},
		{method: "POST", path: query.PathInterfaces, name: "interfaces", summary: "Exporters' interfaces and what passed them", asks: reflect.TypeFor[query.InterfaceQuestion](), gives: reflect.TypeFor[[]query.Interface](), media: query.TypeJSON, serve: h.interfaces},
	}
	list = append(list, h.linkRoutes()...)
	return append(list, h.optional()...)
}

// optional are the routes that not every collector serves.
func (h *handler) optional() []route {
	list := []route{
		{method: "GET", path: query.PathCollector, name: "collector", summary: "How the collector itself does", gives: reflect.TypeFor[query.Collector](), media: query.TypeJSON},
		{method: "GET", path: query.PathPcap + "{id}", name: "pcap", summary: "Capture of the packet headers around an alert", media: query.TypePcap},
		{method: "GET", path: query.PathAlertStream, name: "alertStream", summary: "Changes of alerts as they come (server-sent events)", media: typeEvents, unbounded: true},
		{method: "GET", path: query.PathConfig + "groups", name: "configGroups", summary: "Traffic groups", gives: reflect.TypeFor[[]Group](), media: query.TypeJSON},
		{method: "GET", path: query.PathConfig + "policies", name: "configPolicies", summary: "Policies", gives: reflect.TypeFor[[]Policy](), media: query.TypeJSON},
		{method: "GET", path: query.PathConfig + "exporters", name: "configExporters", summary: "What is configured of exporters", gives: reflect.TypeFor[[]ExporterSettings](), media: query.TypeJSON},
	}
	list = append(list, route{method: "GET", path: PathTokens, name: "tokens", summary: "Tokens, without their secrets (scope admin)", gives: reflect.TypeFor[[]token.Token](), media: query.TypeJSON})
	list = append(list, route{method: "POST", path: query.PathSeal, name: "seal", summary: "Write all that is not sealed yet to Parquet files, and wait for it (scope admin)", gives: reflect.TypeFor[query.Sealed](), media: query.TypeJSON, unbounded: true, admin: true})
	if h.deps.Sealer != nil {
		list[7].serve = h.seal
	}
	if h.deps.Tokens != nil {
		list[6].serve = h.tokens
	}
	if h.deps.Collector != nil {
		list[0].serve = h.collector
	}
	if h.deps.Captures != "" {
		list[1].serve = h.pcap
	}
	if h.deps.Live != nil {
		list[2].serve = h.stream
	}
	if h.deps.Settings != nil {
		list[3].serve = h.listed((*lists).Groups)
		list[4].serve = h.listed((*lists).Policies)
		list[5].serve = h.listed((*lists).Exporters)
	}
	return append(list, h.settingRoutes()...)
}

const (
	bodyWithin   = 15 * time.Second // how long the body of a request may take to arrive
	answerWithin = 5 * time.Minute  // how long an answer may take to be read, besides what making it takes
)

// bounded gives a question its time, its turn and a body of bounded size, and answers with the error where there is one.
// Answers are whole before their first byte is sent, so an error always has its status.
func (h *handler) bounded(rt *route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := rt.checkParams(r); err != nil {
			h.refuse(rt.page, w, r, err)
			return
		}
		if rt.unbounded {
			if err := rt.serve(w, r); err != nil {
				h.refuse(rt.page, w, r, err)
			}
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), h.cfg.Timeout)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, h.cfg.MaxBody)
		// A body that trickles in would hold a connection, an answer that is not read a turn. Deadlines of connections are of the wall
		// clock; not every writer has them (tests have none).
		deadlines := http.NewResponseController(w)
		_ = deadlines.SetReadDeadline(time.Now().Add(bodyWithin))
		_ = deadlines.SetWriteDeadline(time.Now().Add(h.cfg.Timeout + answerWithin))
		body, err := readBody(r, rt.asks != nil)
		_ = deadlines.SetReadDeadline(time.Time{})
		if err != nil {
			h.refuse(rt.page, w, r, err)
			return
		}
		r = r.WithContext(context.WithValue(ctx, bodyKey{}, body))
		done, err := h.turns.take(ctx, payer(r))
		if err != nil {
			h.refuse(rt.page, w, r, err)
			return
		}
		defer done()
		if err := rt.serve(w, r); err != nil {
			h.refuse(rt.page, w, r, err)
		}
	}
}

// checkParams refuses what the route does not know: a misspelled parameter would be ignored silently.
func (rt *route) checkParams(r *http.Request) error {
	if r.URL.RawQuery == "" || rt.page {
		return nil
	}
	for name := range r.URL.Query() {
		if !slices.Contains(rt.params, name) {
			hint := "questions are sent in the body"
			if len(rt.params) > 0 {
				hint = "it takes " + strings.Join(rt.params, ", ")
			}
			return &refusal{status: http.StatusBadRequest, part: name, text: fmt.Sprintf("%s takes no such parameter: %s", rt.path, hint)}
		}
	}
	return nil
}

// unknown says what is wrong with a request that no route takes.
func unknown(mux *http.ServeMux, r *http.Request) error {
	var takes []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := mux.Handler(other); pattern != "/" && pattern != "" {
			takes = append(takes, method)
		}
	}
	if len(takes) == 0 {
		return &refusal{status: http.StatusNotFound, part: "path", text: fmt.Sprintf("no such path: %.200s (%s lists all)", r.URL.Path, PathOpenAPI)}
	}
	return &refusal{
		status: http.StatusMethodNotAllowed, part: "method", allow: strings.Join(takes, ", "),
		text: fmt.Sprintf("%.200s wants %s, not %.20s", r.URL.Path, strings.Join(takes, " or "), r.Method),
	}
}

// errGone marks questions whose asker did not wait for the answer.
var errGone = errors.New("who asked has gone")
