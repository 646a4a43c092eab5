// Package dashboards makes the dashboards that the plugin comes with. They are written to src/dashboards by its test with -update; what is
// the same in all of them (variables, links among each other, where panels stand) is said once here.
package dashboards

import (
	"encoding/json"
	"fmt"

	"github.com/weirflow/weir/grafana-datasource/pkg/model"
)

// Dashboard is a dashboard by what is its own.
type Dashboard struct {
	Name        string // of its file; its uid is weir-NAME
	Title       string
	Description string
	From        string // where its time range begins, such as now-6h
	Variables   []any  // besides data source, host and ad-hoc filters
	Annotated   bool   // alerts are marked in its charts
	Panels      []Panel
}

// Panel is a panel by what is its own. Panels stand beside each other until a row of 24 columns is full.
type Panel struct {
	Type        string // of Grafana's panels: timeseries, table, stat, bargauge, logs, nodeGraph, geomap
	Title       string
	Description string
	Width       int // of 24 columns
	Height      int
	Query       model.Query
	Options     any
	Custom      any    // fieldConfig.defaults.custom
	Unit        string // where it is not the answer's
	Color       string // mode of colors, where it is not Grafana's own
	Hosts       []Host // fields that hold addresses, whose rows lead to the host's dashboard
}

// Host is a field with an address and what the address is in a link's title.
type Host struct{ Field, Words string }

// object is a JSON object.
type object = map[string]any

// All returns the dashboards, the first being the one to begin with.
func All() []Dashboard {
	return []Dashboard{overview(), host(), ddos(), alerts(), leaving(), exporters(), interfaces()}
}

// JSON returns the dashboard as Grafana 11 takes it.
func (d *Dashboard) JSON() ([]byte, error) {
	variables := append([]any{sourceVariable()}, d.Variables...)
	out := object{
		"uid": "weir-" + d.Name, "title": "Weir: " + d.Title, "description": d.Description, "tags": []string{"weir"},
		"schemaVersion": 39, "version": 1, "editable": true, "graphTooltip": 1, "refresh": "1m", "timezone": "browser",
		"time":        object{"from": d.From, "to": "now"},
		"templating":  object{"list": append(variables, hostVariable(d.Name == "host"), filtersVariable())},
		"annotations": object{"list": d.annotations()},
		"links":       links(),
		"panels":      d.panels(),
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", d.Name, err)
	}
	return append(text, '\n'), nil
}

// source is the data source that was chosen.
func source() object { return object{"type": "weir-flow-datasource", "uid": "${datasource}"} }

func sourceVariable() object {
	return object{"name": "datasource", "label": "Collector", "type": "datasource", "query": "weir-flow-datasource", "hide": 0, "refresh": 1, "current": object{}, "options": []any{}}
}

// hostVariable is the host that is looked at. It goes along from dashboard to dashboard, but only the host's own shows it.
func hostVariable(shown bool) object {
	hide := 2
	if shown {
		hide = 0
	}
	none := object{"text": "", "value": ""}
	return object{"name": "host", "label": "Host", "type": "textbox", "query": "", "hide": hide, "current": none, "options": []any{none}}
}

// filtersVariable are ad-hoc filters, which all panels about flows and sessions follow.
func filtersVariable() object {
	return object{"name": "filters", "label": "Filters", "type": "adhoc", "datasource": source(), "filters": []any{}, "hide": 0}
}

// exporterVariable is the exporter that is looked at.
func exporterVariable() object {
	return object{
		"name": "exporter", "label": "Exporter", "type": "query", "datasource": source(), "query": object{"refId": "variable", "kind": "exporters"},
		"includeAll": true, "allValue": "*", "multi": false, "refresh": 2, "sort": 1, "hide": 0, "current": object{"text": "All", "value": "$__all"}, "options": []any{},
	}
}

func (d *Dashboard) annotations() []any {
	list := []any{object{
		"builtIn": 1, "datasource": object{"type": "grafana", "uid": "-- Grafana --"}, "enable": true, "hide": true, "iconColor": "rgba(0, 211, 255, 1)",
		"name": "Annotations & Alerts", "type": "dashboard",
	}}
	if d.Annotated {
		list = append(list, object{
			"name": "Weir alerts", "datasource": source(), "enable": true, "iconColor": "red",
			"target": target(model.Query{QueryType: model.Alerts, Format: model.Annotations, MinSeverity: 60}, "Anno"),
		})
	}
	return list
}

// links lead to the other dashboards with time, collector and host.
func links() []any {
	return []any{object{
		"type": "dashboards", "title": "Weir", "tags": []string{"weir"}, "asDropdown": false, "includeVars": true, "keepTime": true, "targetBlank": false, "icon": "external link", "tooltip": "", "url": "",
	}}
}

func (d *Dashboard) panels() []any {
	var list []any
	x, y, row := 0, 0, 0
	for i := range d.Panels {
		p := &d.Panels[i]
		if x+p.Width > 24 {
			x, y, row = 0, y+row, 0
		}
		list = append(list, p.object(i+1, x, y))
		x, row = x+p.Width, max(row, p.Height)
	}
	return list
}

// object is the panel as Grafana takes it.
func (p *Panel) object(id, x, y int) object {
	defaults := object{}
	if p.Custom != nil {
		defaults["custom"] = p.Custom
	}
	if p.Unit != "" {
		defaults["unit"] = p.Unit
	}
	if p.Color != "" {
		defaults["color"] = object{"mode": p.Color}
	}
	var menu []any
	for _, h := range p.Hosts {
		menu = append(menu, object{
			"title": "Investigate " + h.Words,
			"url":   "/d/weir-host?${datasource:queryparam}&${__url_time_range}&var-host=${__data.fields[\"" + h.Field + "\"]}",
		})
	}
	if menu != nil {
		defaults["links"] = menu
	}
	out := object{
		"id": id, "type": p.Type, "title": p.Title, "datasource": source(), "gridPos": object{"x": x, "y": y, "w": p.Width, "h": p.Height},
		"targets": []any{target(p.Query, "A")}, "fieldConfig": object{"defaults": defaults, "overrides": []any{}},
	}
	if p.Description != "" {
		out["description"] = p.Description
	}
	if p.Options != nil {
		out["options"] = p.Options
	}
	return out
}

// targeted is a query as panels have it.
type targeted struct {
	RefID      string `json:"refId"`
	Datasource object `json:"datasource"`
	model.Query
}

func target(q model.Query, ref string) targeted { return targeted{ref, source(), q} }
