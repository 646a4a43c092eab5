package api

import (
	"net/http"
	"reflect"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pivot/link"
	"github.com/weirflow/weir/shared/query"
)

// linkRoutes are the routes of links into other tools, and of links from them.
func (h *handler) linkRoutes() []route {
	pivots := route{method: "POST", path: query.PathPivots, name: "pivots", summary: "Links into other tools: of an alert, an address, a port or an AS", asks: reflect.TypeFor[query.PivotQuestion](), gives: reflect.TypeFor[[]flow.AlertPivot](), media: query.TypeJSON}
	if h.deps.Pivots != nil {
		pivots.serve = h.pivots
	}
	return []route{pivots, h.linkedRoute(query.PathAlerts)}
}

// linkedRoute answers the addresses by which other tools link to the alerts on a host.
func (h *handler) linkedRoute(path string) route {
	return route{method: "GET", path: path, name: "linkedAlerts", summary: "The same by an address that other tools can link to", gives: reflect.TypeFor[[]flow.Alert](), media: query.TypeJSON, params: []string{"host", "from", "to", "limit"}, serve: h.linkedAlerts}
}

func (h *handler) pivots(w http.ResponseWriter, r *http.Request) error {
	var q query.PivotQuestion
	if err := readJSON(r, &q); err != nil {
		return err
	}
	list, err := h.deps.Pivots.Pivots(r.Context(), q)
	if err != nil {
		return err
	}
	if list == nil {
		list = []flow.AlertPivot{}
	}
	return writeJSON(w, list)
}

func (h *handler) linkedAlerts(w http.ResponseWriter, r *http.Request) error {
	q, err := link.ParseAlerts(r.URL.Query(), h.deps.Now())
	if err != nil {
		return err
	}
	return h.tellAlerts(w, r, q)
}
