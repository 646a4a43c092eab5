package dashboards

// host is what is known of one host in some minutes: where links from alerts, from other apps and from the collector lead.
func host() Dashboard {
	return Dashboard{
		Name: "host", Title: "Host", Time: "-60m@m,now",
		Description: "A host in some minutes: its alerts, what it sent and received, sessions in and out, peers, services, flows.",
		Inputs:      []Input{{Token: "host", Type: "input.text", Title: "Address"}},
		Rows: []Row{
			{Height: 110, Panels: hostNumbers()},
			{Height: 250, Panels: []Panel{
				rates("ways", "Sent and received by $host$, bit/s", "Select a range to look closer. "+needsTraffic, "bit/s",
					spl(traffic+" "+aboutHost, ways+`
						| eval sent=sent*8, received=received*8
						| timechart minspan=1m per_second(sent) AS sent, per_second(received) AS received`)).of(8).
					with("stackMode", "auto").with("seriesColorsByField", object{"sent": orange, "received": blue}),
				list("peers", "Peers of $host$", "By what went either way. A click leads to the peer. "+needsTraffic,
					spl(traffic+" "+aboutHost, ways+`
						| eval peer=if(src=$host|s$, dest, src)
						| stats sum(sent) AS sent, sum(received) AS received, count BY peer
						| eval "sent MB"=round(coalesce(sent, 0)/1000000, 2), "received MB"=round(coalesce(received, 0)/1000000, 2), all=coalesce(sent, 0)+coalesce(received, 0)
						| sort 50 -all
						| table peer, "sent MB", "received MB", count`), hostOfTime("peer")).of(4).with("count", 4),
			}},
			{Height: 230, Panels: []Panel{
				alertTable("alerts", "Alerts about $host$", "It acts or suffers in them, or exports. Works with flows: none, too.",
					spl(alert+` (src=$host|s$ OR dest=$host|s$ OR actors=$host|s$ OR victims=$host|s$ OR dvc=$host|s$)`, latestAlerts+`
						| sort 100 -_time`+alertColumns+`
						| table severity, state, began, description, src, dest, measured, flows, page, _from, _to, _spl, _page`)).of(12).with("count", 5),
			}},
			{Height: 300, Panels: []Panel{
				sessions("opened", "Sessions that $host$ opened", "src=$host|s$", "dest").of(6),
				sessions("accepted", "Sessions opened to $host$", "dest=$host|s$", "src").of(6),
			}},
			{Height: 280, Panels: []Panel{
				services("used", "Services that $host$ used", "src=$host|s$", "dest").of(6),
				services("offered", "Ports of $host$ that were called", "dest=$host|s$", "src").of(6),
			}},
			{Height: 330, Panels: []Panel{flows().of(12)}},
		},
	}
}

func hostNumbers() []Panel {
	return []Panel{
		alarm("open", "Open alerts", "They go on.",
			spl(alert+` (src=$host|s$ OR dest=$host|s$ OR actors=$host|s$ OR victims=$host|s$)`, openAlerts+`
				| stats count`)).of(2),
		single("sent", "Sent", needsFlows,
			spl(traffic+" "+aboutHost, ways+`
				| stats sum(sent) AS sent
				| eval MB=round(coalesce(sent, 0)/1000000, 1)
				| fields MB`)).of(2).with("unit", "MB").with("numberPrecision", 1),
		single("received", "Received", needsFlows,
			spl(traffic+" "+aboutHost, ways+`
				| stats sum(received) AS received
				| eval MB=round(coalesce(received, 0)/1000000, 1)
				| fields MB`)).of(2).with("unit", "MB").with("numberPrecision", 1),
		single("talked", "Peers", needsFlows,
			spl(traffic+" "+aboutHost, `
				| eval peer=if(src=$host|s$, dest, src)
				| stats dc(peer) AS peers`)).of(2),
		single("out", "Sessions it opened", needsSessions,
			spl(session+" src=$host|s$", `
				| stats dc(session_id) AS sessions`)).of(2),
		single("in", "Sessions opened to it", needsSessions,
			spl(session+" dest=$host|s$", `
				| stats dc(session_id) AS sessions`)).of(2),
	}
}

// sessions is a list of sessions, the latest first; peer is the field of the other side.
func sessions(id, title, which, peer string) Panel {
	return list(id, title, "A click on the address leads to that host in the minutes of the session, on the service to its flows. "+needsSessions,
		spl(session+" "+which, `
			| sort 200 -_time
			| eval began=strftime('session.start', "%m-%d %H:%M:%S"), "KB out"=round(bytes_out/1000, 1), "KB in"=round(bytes_in/1000, 1)
			| eval service=if(app="unknown" OR isnull(app), transport."/".coalesce(dest_port, "-"), app), seconds=round(duration, 1), state='weir.tcp.state', _from=round('session.start')-1, _to=round(_time)+2
			| eval _spl="`+"`weir_index`"+` sourcetype IN (weir:flow, weir:session) src=\"".src."\" dest=\"".dest."\" dest_port=".coalesce(dest_port, "*")
			| table began, `+peer+`, service, state, "KB out", "KB in", seconds, _from, _to, _spl`),
		hostOfRow(peer), searchClick("_spl", "service", "state")).with("count", 7).wide("began", 115).wide(peer, 125)
}

// services are what was called, by port; peer is the field of the other side.
func services(id, title, which, peer string) Panel {
	return list(id, title, "By volume. A click leads to the search. "+needsTraffic,
		spl(traffic+" "+which+" dest_port=*", `
			| stats sum(bytes) AS bytes, count, dc(`+peer+`) AS hosts BY transport, dest_port, app
			| sort 50 -bytes
			| eval MB=round(bytes/1000000, 2), service=transport."/".dest_port
			| eval _spl="`+"`weir_index`"+` sourcetype=weir:* `+which[:len(which)-len("$host|s$")]+`\"".$host|s$."\" transport=".transport." dest_port=".dest_port
			| table service, app, MB, count, hosts, _spl`),
		Click{Fields: []string{"service", "app"}, NewTab: true, URL: "/app/weir/search?q=search%20$row._spl.value|u$&earliest=$time.earliest$&latest=$time.latest$"}).with("count", 7)
}

// flows are single records, or what there is of them.
func flows() Panel {
	return list("flows", "Flows of $host$", "The latest 500. Needs flows: all for single records; else these are sums of minutes or sessions.",
		spl(index+`sourcetype IN ("weir:flow", "weir:traffic", "weir:session") `+aboutHost, `
			| eventstats count(eval(sourcetype="weir:flow")) AS records
			| where records=0 OR sourcetype="weir:flow"
			| sort 500 -_time
			| eval time=strftime(_time, "%H:%M:%S"), from=src.":".coalesce(src_port, "-"), to=dest.":".coalesce(dest_port, "-"), kind=replace(sourcetype, "weir:", ""), direction=coalesce(direction, 'weir.direction'), flags=mvjoin(tcp_flag, " ")
			| table time, from, to, transport, app, direction, bytes, packets, duration, flags, dvc, kind`)).with("count", 9).wide("from", 190).wide("to", 190)
}
