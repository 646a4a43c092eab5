package dashboards

import "github.com/weirflow/weir/grafana-datasource/pkg/model"

const (
	inbound  = "network.direction : inbound"
	outbound = "network.direction : outbound"
)

func overview() Dashboard {
	backbone := model.Query{QueryType: model.Interfaces, Format: model.Points, Value: "share"}
	return Dashboard{
		Name: "overview", Title: "overview", From: "now-6h", Annotated: true,
		Description: "What the links carry, of what kind it is, and who sends and receives most of it.",
		Panels: []Panel{
			stat("Traffic", series("bps", "", 0), 6, "lastNotNull"),
			stat("Packets", series("pps", "", 0), 6, "lastNotNull"),
			stat("Alerts of high severity", model.Query{QueryType: model.Alerts, Format: model.Count, MinSeverity: 60}, 6, "sum"),
			stat("Exporters", model.Query{QueryType: model.Exporters, Format: model.Numeric, Value: "silent_seconds"}, 6, "count"),
			chart("Use of the links", backbone, 12, false),
			chart("Traffic by direction", series("bps", "", 5, "network.direction"), 12, true),
			chart("Protocols", series("bps", "", 8, "network.protocol"), 16, true),
			bars("Shares of protocols", top("bytes", "", "network.protocol"), 8),
			table("Inbound services", top("bytes", inbound, "network.transport", "destination.port", "network.protocol"), 8),
			table("External senders", top("bytes", inbound, "source.ip"), 8, sender),
			table("Internal receivers", top("bytes", "network.direction : (inbound or internal)", "destination.ip"), 8, receiver),
			alertTable("Alerts of high severity", model.Query{MinSeverity: 60}, 24),
			worldMap("Where traffic comes from", "bytes", inbound, "source.geo.country_iso_code"),
			worldMap("Where traffic goes to", "bytes", outbound, "destination.geo.country_iso_code"),
		},
	}
}

func host() Dashboard {
	both := series("bps", "source.ip : $host", 0)
	both.Both = true
	return Dashboard{
		Name: "host", Title: "host", From: "now-6h", Annotated: true,
		Description: "What a host did around a moment: sessions in and out, whom it talked to, what was reported of it. Without a host: all of them.",
		Panels: []Panel{
			chart("Out of and into the host", both, 12, false),
			chart("Services it uses and offers", series("bps", "related.ip : $host", 8, "network.protocol"), 12, true),
			alertTable("Alerts", model.Query{Host: "$host"}, 24),
			table("Sessions it opened", sessions("client.ip : $host"), 24, client, server),
			table("Sessions opened to it", sessions("server.ip : $host"), 24, client, server),
			table("Whom it sends to", top("bytes", "source.ip : $host", "destination.ip"), 8, receiver),
			table("Who sends to it", top("bytes", "destination.ip : $host", "source.ip"), 8, sender),
			table("What it calls", top("flows", "source.ip : $host", "network.transport", "destination.port"), 8),
			graph("Peers", "related.ip : $host", 24),
		},
	}
}

func ddos() Dashboard {
	wide := top("distinct(source.ip)", inbound, "destination.ip")
	wide.Percent = false
	many := top("packets", inbound, "destination.ip")
	many.More = []string{"bytes", "flows"}
	return Dashboard{
		Name: "ddos", Title: "DDoS", From: "now-1h", Annotated: true,
		Description: "Who is flooded, with what, from how many places and over which links.",
		Panels: []Panel{
			alertTable("Attacks", model.Query{Detectors: []string{"dos.*"}}, 24),
			chart("Inbound bit rate by target", series("bps", inbound, 8, "destination.ip"), 12, true),
			chart("Inbound packet rate by target", series("pps", inbound, 8, "destination.ip"), 12, true),
			table("Targets", many, 12, receiver),
			table("Targets by number of senders", wide, 12, receiver),
			chart("Answers that were not asked for (reflection)", series("bps", inbound+" and network.transport : udp and source.port : (17 or 19 or 53 or 111 or 123 or 137 or 161 or 389 or 1900 or 3702 or 11211)", 8, "source.port"), 12, true),
			chart("TCP without an answer (SYN)", series("pps", inbound+" and weir.tcp.flags : (SYN and not ACK)", 8, "destination.ip"), 12, true),
			chart("Where it comes in", series("bps", inbound, 8, "observer.ip", "observer.ingress.interface.name"), 12, true),
			table("Senders", top("packets", inbound, "source.ip", "destination.ip", "source.port"), 12, sender, receiver),
		},
	}
}

func leaving() Dashboard {
	pairs := top("bytes", outbound, "source.ip", "destination.ip", "destination.port")
	pairs.Limit = 25
	return Dashboard{
		Name: "leaving", Title: "data leaving", From: "now-24h", Annotated: true,
		Description: "Who sends much to outside, where to and by which way.",
		Panels: []Panel{
			alertTable("Alerts on data that leaves", model.Query{Detectors: []string{"exfil.*", "policy.*", "behav.volume*"}}, 24),
			chart("Outbound by sender", series("bps", outbound, 8, "source.ip"), 12, true),
			chart("Outbound by service", series("bps", outbound, 8, "network.protocol"), 12, true),
			table("Large sessions to outside (from 10 MB sent)", sessions(outbound+" and client.bytes > 10000000"), 24, client, server),
			table("From whom to whom", pairs, 14, sender, receiver),
			table("By DNS and ICMP", top("bytes", outbound+" and (destination.port : 53 or network.transport : icmp)", "source.ip", "network.protocol"), 10, sender),
		},
	}
}
