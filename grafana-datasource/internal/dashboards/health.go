package dashboards

import "github.com/weirflow/weir/grafana-datasource/pkg/model"

func alerts() Dashboard {
	count := func(by string) model.Query {
		return model.Query{QueryType: model.Alerts, Format: model.Count, By: []string{by}}
	}
	return Dashboard{
		Name: "alerts", Title: "security alerts", From: "now-24h",
		Description: "What the detectors found, as it comes.",
		Panels: []Panel{
			bars("By severity", count("severity_label"), 6),
			bars("By detector", count("detector"), 12),
			bars("By state", count("state"), 6),
			alertTable("Alerts", model.Query{MinSeverity: 20}, 24),
			{
				Type: "logs", Title: "As they came", Width: 24, Height: 12, Query: model.Query{QueryType: model.Alerts, Format: model.Logs, Live: true},
				Options: object{"showTime": true, "wrapLogMessage": true, "enableLogDetails": true, "sortOrder": "Descending", "dedupStrategy": "none"},
			},
			graph("Who talks to whom on ports of administration", "destination.port : (22 or 23 or 445 or 3389 or 5900)", 24),
		},
	}
}

func exporters() Dashboard {
	number := func(value string) model.Query {
		return model.Query{QueryType: model.Exporters, Format: model.Numeric, Value: value, Exporter: "$exporter"}
	}
	invalid := series("flows", "", 0)
	invalid.Invalid = true
	return Dashboard{
		Name: "exporters", Title: "exporters", From: "now-6h", Variables: []any{exporterVariable()},
		Description: "Whether all exporters send, and what is lost of what they send: what is missing here is missing everywhere else.",
		Panels: []Panel{
			table("Exporters", model.Query{QueryType: model.Exporters, Exporter: "$exporter"}, 24),
			bars("Silent for", number("silent_seconds"), 8),
			bars("Lost on the way (gaps)", number("gaps"), 8),
			bars("Dropped here", number("dropped"), 8),
			chart("Records", series("flows", "observer.ip : $exporter", 20, "observer.ip"), 12, true),
			chart("Records set aside as impossible", invalid, 12, false),
			bars("Clock off by", number("clock_offset_seconds"), 8),
			bars("Waiting for a template", number("waiting_sets"), 8),
			table("Sampling", top("flows", "observer.ip : $exporter", "observer.ip", "weir.protocol", "weir.sampling.source"), 8),
		},
	}
}

func interfaces() Dashboard {
	points := func(value string) model.Query {
		return model.Query{QueryType: model.Interfaces, Format: model.Points, Value: value, Exporter: "$exporter"}
	}
	p95 := model.Query{
		QueryType: model.Top, Measure: "bps", Interval: "5m", Percentile: 95, Limit: 20, Filter: "observer.ip : $exporter",
		By: []string{"observer.ip", "observer.ingress.interface.name"},
	}
	return Dashboard{
		Name: "interfaces", Title: "interfaces", From: "now-6h", Variables: []any{exporterVariable()},
		Description: "How much the interfaces are used and what goes wrong on them, by counters (SNMP, sFlow) and by flows.",
		Panels: []Panel{
			table("Interfaces", model.Query{QueryType: model.Interfaces, Exporter: "$exporter"}, 24),
			chart("Utilization", points("share"), 12, false),
			chart("Bit rate", points("bps"), 12, false),
			chart("Errors", points("errors"), 12, false),
			chart("Discards", points("discards"), 12, false),
			chart("Bit rate by flows", points("flow_bps"), 12, false),
			table("What 95 % of five minutes stay below, by flows", p95, 12),
			chart("Protocols", series("bps", "observer.ip : $exporter", 8, "network.protocol"), 12, true),
			table("Who fills them", top("bytes", "observer.ip : $exporter", "observer.ingress.interface.name", "source.ip"), 12, sender),
		},
	}
}
