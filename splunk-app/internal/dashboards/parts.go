package dashboards

import "strings"

// Bases of searches. What is told of flows is a choice of whoever feeds Splunk: all records, sums of minutes, sessions, nothing. Where records are
// told of, sessions are, too; so the macro weir_volume takes sums and sessions, which together are all traffic, once. Copies of what another exporter
// told of, and impossible records, are left out of sums.
const (
	index   = "`weir_index` "
	traffic = index + "`weir_volume`" + ` NOT weir.duplicate_of=* NOT weir.invalid=*`
	session = index + `sourcetype="weir:session"`
	alert   = index + `sourcetype="weir:alert"`
	exports = index + `sourcetype="weir:exporter"`
	reports = index + `sourcetype="weir:status"`
	// latestAlerts is alerts as they were told of last, and openAlerts those that go on.
	latestAlerts = "\n| `weir_last_state`"
	openAlerts   = latestAlerts + "\n| search state IN (active, clearing)"
	aboutHost    = `(src=$host|s$ OR dest=$host|s$)`
	// ways are what the host sent and received. A record of one direction has only its bytes.
	ways = `| eval sent=if(src=$host|s$, coalesce(bytes_out, bytes), bytes_in), received=if(src=$host|s$, bytes_in, coalesce(bytes_out, bytes))`
)

// What panels need of what the collector, or the input, tells Splunk of flows.
const (
	needsFlows    = "Needs flows." // in few words
	needsTraffic  = "Needs flows: sessions, aggregated or all."
	needsSessions = "Needs flows: sessions or all."
)

// Colors of severities and states, seen on a dark background.
const (
	red, orange, yellow, blue, gray, green = "#E5534B", "#F0883E", "#E3B341", "#539BF5", "#768390", "#57AB5A"
)

// severityColors are by the words of CIM.
func severityColors() object {
	return object{"critical": red, "high": orange, "medium": yellow, "low": blue, "informational": gray}
}

// match makes colors of a column's words.
func match(colors object) []any {
	var list []any
	for _, word := range []string{"critical", "high", "warning", "medium", "bad", "low", "notice", "informational", "unknown", "ok", "good"} {
		if c, ok := colors[word]; ok {
			list = append(list, object{"match": word, "value": c})
		}
	}
	return list
}

// single is a number.
func single(id, title, about, search string) Panel {
	return Panel{ID: id, Type: "splunk.singlevalue", Title: title, About: about, SPL: search, Options: object{"majorFontSize": 34, "sparklineDisplay": "off", "trendDisplay": "off"}}
}

// alarm is a number that is red from 1 on, and green below.
func alarm(id, title, about, search string) Panel {
	p := single(id, title, about, search).with("majorColor", "> majorValue | rangeValue(levels)")
	p.Context = object{"levels": []any{object{"to": 1, "value": green}, object{"from": 1, "value": red}}}
	return p
}

// rates is an area chart over time of bit/s, or of another unit. Selecting a range in it sets the time.
func rates(id, title, about, unit, search string) Panel {
	return Panel{
		ID: id, Type: "splunk.area", Title: title, About: about, SPL: search, Clicks: []Click{{Zoom: true}},
		Options: object{"stackMode": "stacked", "yAxisTitleText": unit, "xAxisTitleVisibility": "hide", "legendDisplay": "bottom", "nullValueDisplay": "zero", "areaOpacity": 0.7},
	}
}

// counts is columns over time.
func counts(id, title, about, unit, search string) Panel {
	return Panel{
		ID: id, Type: "splunk.column", Title: title, About: about, SPL: search, Clicks: []Click{{Zoom: true}},
		Options: object{"stackMode": "stacked", "yAxisTitleText": unit, "xAxisTitleVisibility": "hide", "legendDisplay": "bottom"},
	}
}

// list is a table. Columns whose names begin with _ are not shown, but clicks know them.
func list(id, title, about, search string, clicks ...Click) Panel {
	return Panel{ID: id, Type: "splunk.table", Title: title, About: about, SPL: search, Clicks: clicks, Options: object{"showInternalFields": false, "fontSize": "small", "count": 10}}
}

// colored gives cells of a column colors by their words.
func (p Panel) colored(column string, colors object) Panel {
	name := "colors_" + strings.ReplaceAll(column, " ", "_")
	p.format(column)["rowBackgroundColors"] = `> table | seriesByName("` + column + `") | matchValue(` + name + `)`
	p.format(column)["rowColors"] = `> table | seriesByName("` + column + `") | matchValue(` + name + `) | maxContrast(tableRowColorMaxContrast)`
	p.set(name, match(colors))
	return p
}

// wide gives a column a width in pixels.
func (p Panel) wide(column string, pixels int) Panel {
	p.format(column)["width"] = pixels
	return p
}

func (p *Panel) set(name string, value any) {
	if p.Context == nil {
		p.Context = object{}
	}
	p.Context[name] = value
}

func (p *Panel) format(column string) object {
	columns, ok := p.Options["columnFormat"].(object)
	if !ok {
		columns = object{}
		p.Options["columnFormat"] = columns
	}
	one, ok := columns[column].(object)
	if !ok {
		one = object{}
		columns[column] = one
	}
	return one
}

// with sets an option.
func (p Panel) with(name string, value any) Panel {
	p.Options[name] = value
	return p
}

// of sets the width, in twelfths of the row.
func (p Panel) of(twelfths int) Panel {
	p.Width = twelfths
	return p
}

// in sets the time that the panel shows, whatever the time picker says.
func (p Panel) in(earliest, latest string) Panel {
	p.Span = Span{earliest, latest}
	return p
}

// Where clicks lead: a host in the row's minutes (columns _from and _to), or in those of the time picker.
func hostOfRow(columns ...string) Click {
	return hostClick(columns, "$row._from.value$", "$row._to.value$")
}

func hostOfTime(columns ...string) Click {
	return hostClick(columns, "$time.earliest$", "$time.latest$")
}

// hostClick leads to the host that the clicked cell names.
func hostClick(columns []string, from, to string) Click {
	return Click{Fields: columns, URL: "/app/weir/host?form.host=$value|u$&form.time.earliest=" + from + "&form.time.latest=" + to}
}

// searchClick leads to a search, which is the value of a column, in the row's minutes.
func searchClick(column string, columns ...string) Click {
	return Click{Fields: columns, NewTab: true, URL: "/app/weir/search?q=search%20$row." + column + ".value|u$&earliest=$row._from.value$&latest=$row._to.value$"}
}

// alertColumns make a table of alerts, one a row. _page is the alert's page in the collector where that is known.
const alertColumns = `
	| eval src=if(src="unknown", null(), src), dest=if(dest="unknown", null(), dest)
	| eval began=strftime(start_time, "%m-%d %H:%M:%S"), _from=window_start, _to=window_end, _spl=spl
	| eval measured=case(isnull(measured), null(), measured>=10000000, tostring(round(measured/1000000), "commas")." M".replace(unit, "bytes", "B"), true(), tostring(round(measured), "commas")." ".unit)
	| eval _page=coalesce(mvindex(pivots, mvfind(pivot_titles, "^Weir$")), "/app/weir/search?q=search%20%60weir_index%60%20sourcetype%3Dweir%3Aalert%20id%3D".id)
	| eval page=if(isnull(mvfind(pivot_titles, "^Weir$")), "events", "collector"), flows="flows"`

// alertTable is a list of alerts whose addresses lead to hosts, whose words lead to what is behind them.
func alertTable(id, title, about, search string) Panel {
	return list(id, title, about, search,
		hostOfRow("src", "dest"), searchClick("_spl", "flows", "description"), Click{Fields: []string{"page"}, URL: "$row._page.value|n$", NewTab: true},
	).colored("severity", severityColors()).wide("description", 400).wide("began", 115).wide("src", 120).wide("dest", 120)
}
