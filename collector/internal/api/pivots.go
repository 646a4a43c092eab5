package api

import (
	"net/http"
	"reflect"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pivot"
	"github.com/weirflow/weir/shared/pivot/link"
	"github.com/weirflow/weir/shared/query"
)

// linkRoutes are the routes of links into other tools, and of links from them.
func (h *handler) linkRoutes() []route {
	pivots := route{method: "POST", path: query.PathPivots, name: "pivots", summary: "Links into other tools: of an alert, an address, a port or an AS", asks: reflect.TypeFor[query.PivotQuestion](), gives: reflect.TypeFor[[]flow.AlertPivot](), media: query.TypeJSON}
	if h.deps.Pivots != nil {
		pivots.serve = h.pivots
	}
	listed := route{method: "GET", path: query.PathConfig + "pivots", name: "configPivots", summary: "Templates of links into other tools", gives: reflect.TypeFor[[]PivotSettings](), media: query.TypeJSON}
	if h.deps.Settings != nil {
		listed.serve = h.listed((*lists).Pivots)
	}
	return []route{pivots, listed, h.linkedRoute(query.PathAlerts)}
}

// PivotSettings is a link into another tool as configured, or built in.
type PivotSettings struct {
	Name      string   `json:"name"`
	Title     string   `json:"title"`
	URL       string   `json:"url"`        // with forms: docs/pivots.md
	AppliesTo []string `json:"applies_to"` // "address", "port", "as", "alert", "incident"
	Addresses string   `json:"addresses"`  // "all", "public", "private"
	Origin
}

// Pivots returns the templates of all links into other tools, in their order.
func (l *lists) Pivots() any {
	list := []PivotSettings{}
	for _, p := range pivot.List(l.cfg.Pivots) {
		kinds := make([]string, len(p.Applies))
		for i, k := range p.Applies {
			kinds[i] = string(k)
		}
		list = append(list, PivotSettings{Origin: l.origin(config.PivotSetting, p.Name), Name: p.Name, Title: p.Title, URL: p.URL, AppliesTo: kinds, Addresses: string(p.Addresses)})
	}
	return list
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
