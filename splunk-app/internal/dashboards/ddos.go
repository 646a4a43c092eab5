package dashboards

// ddos is for who is under attack: what comes, how much, from whom, and what to block.
func ddos() Dashboard {
	const victim = `(src=$victim|s$ OR dest=$victim|s$)`
	// What comes to the victim: of a session that it seems to have opened, as answers to forged questions do, what the other side sent.
	const towards = `
		| eval sender=if(src=$victim|s$, dest, src), sender_port=if(src=$victim|s$, dest_port, src_port), victim_port=if(src=$victim|s$, src_port, dest_port)
		| eval sender_as=if(src=$victim|s$, 'destination.as.number', 'source.as.number')
		| eval bytes=if(src=$victim|s$, bytes_in, coalesce(bytes_out, bytes)), packets=if(src=$victim|s$, packets_in, coalesce(packets_out, packets))
		| where bytes>0`
	floods := alert + ` signature_id="dos.*"`
	return Dashboard{
		Name: "ddos", Title: "DDoS", Time: "-4h@m,now",
		Description: "Floods in progress and past: victims, vectors, rates, senders, and what to block.",
		Inputs: []Input{{
			Token: "victim", Type: "input.dropdown", Title: "Victim", Source: "victims",
			Options: object{"selectFirstSearchResult": true, "items": "> frame(label, value) | objects()"},
		}},
		Sources: []Source{{ID: "victims", SPL: spl(floods, latestAlerts+`
			| stats max(peak_bps) AS peak, max(severity_id) AS severity BY dest
			| sort 100 -severity, -peak
			| eval label=dest
			| table label, dest`)}},
		Rows: []Row{
			{Height: 110, Panels: []Panel{
				alarm("now", "Floods in progress", "Open alerts.", spl(floods, openAlerts+`
					| stats count`)).of(3),
				alarm("victims_now", "Victims now", "Hosts under attack.", spl(floods, openAlerts+`
					| stats dc(dest) AS victims`)).of(3),
				single("peak", "Strongest peak", "In the time chosen.", spl(floods, `
					| stats max(peak_bps) AS peak
					| eval Mbps=round(coalesce(peak, 0)/1000000)
					| fields Mbps`)).of(3).with("unit", "Mbit/s"),
				single("senders", "Most senders", "Of one flood; many are estimated.", spl(floods, `
					| stats max(actors_total) AS senders
					| eval senders=coalesce(senders, 0)`)).of(3),
			}},
			{Height: 220, Panels: []Panel{
				list("floods", "Floods", "Those that go on first. A click on the victim shows it below, on what happened its flows. Works with flows: none, too.",
					spl(floods, latestAlerts+`
						| eval going=if(state="active" OR state="clearing", 1, 0)
						| sort 100 -going, -severity_id, -_time`+alertColumns+`
						| eval "Mbit/s"=round(peak_bps/1000000, 1), "packets/s"=tostring(round(peak_pps), "commas"), senders=actors_total, vectors=mvjoin(vectors, ", "), victim=dest
						| eval ended=strftime(end_time, "%H:%M:%S")
						| table severity, state, began, ended, victim, description, vectors, "Mbit/s", "packets/s", senders, page, _from, _to, _spl, _page`),
					Click{Fields: []string{"victim"}, Token: "victim", Value: "row.victim.value"},
					searchClick("_spl", "description", "vectors"), Click{Fields: []string{"page"}, URL: "$row._page.value|n$", NewTab: true},
				).colored("severity", severityColors()).wide("description", 330).wide("began", 115).of(12).with("count", 5),
			}},
			{Height: 270, Panels: []Panel{
				rates("rate", "Traffic to $victim$ by the senders' port, bit/s", "What answers from one port in a flood is a reflector's service. Select a range to look closer. "+needsTraffic, "bit/s",
					spl(traffic+" "+victim, towards+`
						| eval port=transport."/".coalesce(sender_port, "any"), bits=bytes*8
						| timechart minspan=1m limit=6 per_second(bits) AS bps BY port`)).of(8),
				{
					ID: "vectors", Type: "splunk.bar", Title: "Vectors by their peak, Mbit/s", About: "Works with flows: none, too.", Width: 4,
					Options: object{"yAxisTitleText": "Mbit/s", "xAxisTitleVisibility": "hide", "legendDisplay": "off", "seriesColors": []string{orange}},
					SPL: spl(floods, latestAlerts+`
						| mvexpand vectors
						| stats max(peak_bps) AS peak BY vectors
						| sort 8 -peak
						| eval "Mbit/s"=round(peak/1000000, 1)
						| table vectors, "Mbit/s"`),
				},
			}},
			{Height: 300, Panels: []Panel{
				list("block", "What to block towards $victim$", "Traffic by what a filter can name, the greatest first. Look at what else is lost before it is blocked. "+needsTraffic,
					spl(traffic+" "+victim, towards+`
						| eval port=coalesce(sender_port, "any")
						| stats sum(bytes) AS bytes, sum(packets) AS packets, dc(sender) AS senders BY transport, port
						| eventstats sum(bytes) AS all
						| sort 20 -bytes
						| eval "share %"=round(bytes*100/all, 1), MB=round(bytes/1000000, 1), "B/packet"=round(bytes/packets), rule="deny ".transport." any".if(port="any", "", " port ".port)." to ".$victim|s$
						| table rule, "share %", MB, senders, "B/packet"`)).of(5).with("count", 7).wide("rule", 220),
				list("top", "Senders to $victim$", "By volume; of a forged sender nothing can be said. A click leads to the host. "+needsTraffic,
					spl(traffic+" "+victim, towards+`
						| stats sum(bytes) AS bytes, sum(packets) AS packets, values(sender_as) AS as BY sender
						| sort 100 -bytes
						| eval MB=round(bytes/1000000, 2), AS=mvjoin(as, ", ")
						| table sender, AS, MB, packets`), hostOfTime("sender")).of(4).with("count", 7),
				list("named", "Senders that the alerts name", "The foremost of each flood. Works with flows: none, too.",
					spl(floods+" victims=$victim|s$", latestAlerts+`
						| mvexpand actors
						| stats dc(id) AS floods, max(_time) AS last BY actors
						| sort 100 -floods, -last
						| eval last=strftime(last, "%m-%d %H:%M")
						| rename actors AS sender
						| table sender, floods, last`), hostOfTime("sender")).of(3).with("count", 7),
			}},
		},
	}
}
