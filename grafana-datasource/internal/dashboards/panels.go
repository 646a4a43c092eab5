package dashboards

import "github.com/weirflow/weir/grafana-datasource/pkg/model"

// Queries that several dashboards have.

// series asks for a measure over time of the top groups.
func series(measure, filter string, limit int, by ...string) model.Query {
	return model.Query{QueryType: model.Series, Measure: measure, Filter: filter, Limit: limit, By: by}
}

// top asks for a top list with each row's share.
func top(measure, filter string, by ...string) model.Query {
	return model.Query{QueryType: model.Top, Measure: measure, Filter: filter, Limit: 10, By: by, Percent: true}
}

func sessions(filter string) model.Query {
	return model.Query{QueryType: model.Sessions, Filter: filter, Limit: 500}
}

// Panels that several dashboards have.

// chart draws lines; stacked ones add up to a whole.
func chart(title string, q model.Query, width int, stacked bool) Panel {
	custom := object{"fillOpacity": 10, "lineWidth": 1, "showPoints": "never"}
	if stacked {
		custom = object{"fillOpacity": 60, "lineWidth": 0, "showPoints": "never", "stacking": object{"mode": "normal", "group": "A"}}
	}
	return Panel{
		Type: "timeseries", Title: title, Width: width, Height: 8, Query: q, Custom: custom,
		Options: object{
			"legend":  object{"displayMode": "table", "placement": "right", "calcs": []string{"mean", "max"}, "showLegend": true},
			"tooltip": object{"mode": "multi", "sort": "desc"},
		},
	}
}

// table shows rows; a click on one leads on to its hosts.
func table(title string, q model.Query, width int, hosts ...Host) Panel {
	custom := object{"filterable": true, "inspect": false}
	if width < 12 {
		custom["minWidth"] = 70 // of a column, so that the numbers stand in it, too
	}
	return Panel{
		Type: "table", Title: title, Width: width, Height: 9, Query: q, Hosts: hosts,
		Custom: custom, Options: object{"showHeader": true, "cellHeight": "sm"},
	}
}

// alertTable shows alerts, changing as they change.
func alertTable(title string, q model.Query, width int) Panel {
	q.QueryType, q.Live = model.Alerts, true
	return table(title, q, width, Host{"actor", "the actor"}, Host{"victim", "the victim"})
}

// graph draws who talks to whom.
func graph(title, filter string, width int) Panel {
	return Panel{Type: "nodeGraph", Title: title, Width: width, Height: 12, Query: model.Query{QueryType: model.Graph, Filter: filter, Limit: 40}}
}

// worldMap marks countries, the larger the more a measure is. Grafana looks up where they are by their codes. Flows have countries where
// the collector is given a database of them.
func worldMap(title, measure, filter, country string) Panel {
	q := top(measure, filter+" and "+country+" : *", country)
	q.Limit = 50
	style := object{
		"size": object{"field": measure, "fixed": 5, "min": 4, "max": 24}, "color": object{"field": measure, "fixed": "blue"}, "opacity": 0.5,
		"symbol": object{"mode": "fixed", "fixed": "img/icons/marker/circle.svg"},
	}
	return Panel{
		Type: "geomap", Title: title, Width: 12, Height: 10, Query: q, Color: "continuous-BlPu",
		Description: "Empty where the collector has no database of countries: geo.country in weir.yaml.",
		Options: object{
			"view":     object{"id": "zero", "lat": 25, "lon": 0, "zoom": 1, "allLayers": true},
			"basemap":  object{"type": "default", "name": "Base", "config": object{}},
			"controls": object{"showZoom": true, "mouseWheelZoom": false, "showAttribution": true, "showScale": false, "showMeasure": false, "showDebug": false},
			"tooltip":  object{"mode": "details"},
			"layers": []any{object{
				"type": "markers", "name": title, "tooltip": true, "config": object{"showLegend": false, "style": style},
				"location": object{"mode": "lookup", "lookup": country, "gazetteer": "public/gazetteer/countries.json"},
			}},
		},
	}
}

// bars shows a number for each name.
func bars(title string, q model.Query, width int) Panel {
	return Panel{
		Type: "bargauge", Title: title, Width: width, Height: 8, Query: q,
		Options: object{"orientation": "horizontal", "displayMode": "basic", "reduceOptions": object{"values": true, "calcs": []string{}, "fields": ""}, "showUnfilled": true},
	}
}

// stat shows one number.
func stat(title string, q model.Query, width int, calc string) Panel {
	return Panel{
		Type: "stat", Title: title, Width: width, Height: 4, Query: q,
		Options: object{"graphMode": "area", "colorMode": "value", "reduceOptions": object{"values": false, "calcs": []string{calc}, "fields": ""}},
	}
}

// Fields of sides, by what they are called in links.
var (
	sender   = Host{"source.ip", "the sender"}
	receiver = Host{"destination.ip", "the receiver"}
	client   = Host{"client.ip", "the client"}
	server   = Host{"server.ip", "the server"}
)
