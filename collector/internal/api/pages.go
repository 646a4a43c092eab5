package api

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pivot/link"
	"github.com/weirflow/weir/shared/query"
)

// mountPages serves the pages of Deps beside the API. The address of the alerts on a host is both: a browser is shown the page, a
// program is told JSON.
func (h *handler) mountPages(mux *http.ServeMux) {
	linked := h.linkedRoute(link.PathAlerts)
	alerts := http.Handler(h.bounded(&linked))
	for path, page := range h.deps.Pages {
		rt := route{method: http.MethodGet, path: path, page: true, serve: func(w http.ResponseWriter, r *http.Request) error {
			page.ServeHTTP(w, r)
			return nil
		}}
		if path == link.PathAlerts {
			alerts = negotiated(h.bounded(&rt), alerts)
			continue
		}
		mux.Handle(rt.pattern(), h.bounded(&rt))
	}
	mux.Handle(linked.pattern(), alerts)
}

func negotiated(page, data http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept")
		if prefersPage(r) {
			page.ServeHTTP(w, r)
			return
		}
		data.ServeHTTP(w, r)
	})
}

// prefersPage tells whether a browser asks.
func prefersPage(r *http.Request) bool {
	return weight(r.Header, "text/html") > weight(r.Header, query.TypeJSON)
}

// refuse answers with an error: as a page where one was wanted.
func (h *handler) refuse(page bool, w http.ResponseWriter, r *http.Request, err error) {
	refuse(page, h.deps.PageError, answer{w, r}, err)
}

// answer is a request that is being answered.
type answer struct {
	w http.ResponseWriter
	r *http.Request
}

func refuse(page bool, show func(http.ResponseWriter, *http.Request, error), a answer, err error) {
	if !page || show == nil {
		writeError(a.w, err)
		return
	}
	var refused *refusal
	if errors.As(err, &refused) {
		refused.headers(a.w.Header())
	}
	show(a.w, a.r, err)
}

// weight returns how much a media type is wanted that is named as such, 0 to 1 (RFC 9110, 12.5.1). Wildcards do not count: who takes
// anything is told JSON, as ever.
func weight(h http.Header, media string) float64 {
	for _, list := range h.Values("Accept") {
		for part := range strings.SplitSeq(list, ",") {
			name, params, _ := strings.Cut(part, ";")
			if !strings.EqualFold(strings.TrimSpace(name), media) {
				continue
			}
			text, found := strings.CutPrefix(strings.TrimSpace(params), "q=")
			if !found {
				return 1
			}
			q, err := strconv.ParseFloat(text, 64)
			if err != nil || !(q >= 0 && q <= 1) {
				return 0
			}
			return q
		}
	}
	return 0
}

// Affordable returns the check by which questions over a budget are refused, for pages that ask as the API does. Of deps, Hours counts.
func Affordable(cfg Config, deps Deps) func(query.Question) error {
	h := &handler{cfg: cfg, deps: deps, reg: flow.NewRegistry()}
	return h.affordable
}
