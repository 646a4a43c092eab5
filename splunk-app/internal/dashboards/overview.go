package dashboards

// overview is what is looked at first: what burns, and how much goes where.
func overview() Dashboard {
	return Dashboard{
		Name: "overview", Title: "Overview", Time: "-4h@m,now",
		Description: "What is wrong now, and how much traffic goes where.",
		Rows: []Row{
			{Height: 110, Panels: []Panel{
				alarm("open", "Open alerts, critical and high", "Alerts that go on.",
					spl(alert, openAlerts+`
						| search severity IN (critical, high)
						| stats count`)).of(3),
				alarm("attacks", "Floods in progress", "See DDoS.",
					spl(alert+` signature_id="dos.*"`, openAlerts+`
						| stats count`)).of(2),
				single("volume", "Traffic", needsFlows,
					spl(traffic, `
						| stats sum(bytes) AS bytes
						| eval GB=round(coalesce(bytes, 0)/1000000000, 1)
						| fields GB`)).of(2).with("unit", "GB").with("numberPrecision", 1),
				single("leaving", "Sent to outside", "By inside networks. "+needsFlows,
					spl(traffic+" direction IN (inbound, outbound)", `
						| stats sum(eval(if(direction="outbound", coalesce(bytes_out, bytes), bytes_in))) AS bytes
						| eval GB=round(coalesce(bytes, 0)/1000000000, 2)
						| fields GB`)).of(2).with("unit", "GB").with("numberPrecision", 2),
				alarm("troubled", "Exporters in trouble", "Silence, loss, clocks: see Exporters.",
					spl(exports, `
						| dedup dvc, weir.domain, weir.protocol
						| search status IN (warning, critical)
						| stats dc(dvc) AS exporters`)).of(3).in("-15m", "now"),
			}},
			{Height: 280, Panels: []Panel{
				rates("direction", "Traffic by direction, bit/s", "Seen from the inside networks. Select a range to look closer. "+needsTraffic, "bit/s",
					spl(traffic, `
						| eval along=8*coalesce(bytes_out, bytes), back=8*bytes_in
						| eval inbound=case(direction="inbound", along, direction="outbound", back), outbound=case(direction="outbound", along, direction="inbound", back)
						| eval internal=if('weir.direction'="internal", 8*bytes, null()), external=if('weir.direction'="external", 8*bytes, null())
						| timechart minspan=1m per_second(inbound) AS inbound, per_second(outbound) AS outbound, per_second(internal) AS internal, per_second(external) AS external`)).of(8).
					with("seriesColorsByField", object{"inbound": blue, "outbound": orange, "internal": gray, "external": yellow}),
				counts("severity", "Alerts raised, by severity", "", "alerts",
					spl(alert+" change=raised", `
						| timechart count BY severity`)).of(4).with("seriesColorsByField", severityColors()),
			}},
			{Height: 260, Panels: []Panel{
				rates("transport", "Traffic by protocol, bit/s", needsTraffic, "bit/s",
					spl(traffic, `
						| eval bits=bytes*8
						| timechart minspan=1m limit=5 per_second(bits) AS bps BY transport`)).of(4),
				rates("service", "Traffic by service, bit/s", "Services by port. "+needsTraffic, "bit/s",
					spl(traffic, `
						| eval bits=bytes*8
						| timechart minspan=1m limit=7 per_second(bits) AS bps BY app`)).of(4),
				rates("group", "Traffic by traffic group, bit/s", "What goes from one group to another counts for both. "+needsTraffic, "bit/s",
					spl(traffic, `
						| eval group=mvdedup(mvappend('weir.source.group', 'weir.destination.group')), bits=bytes*8
						| where isnotnull(group)
						| timechart minspan=1m limit=7 per_second(bits) AS bps BY group`)).of(4).with("stackMode", "auto"),
			}},
			{Height: 400, Panels: []Panel{
				list("talkers", "Top talkers", "Hosts by what they sent and received. A click leads to the host. "+needsTraffic,
					spl(traffic, `
						| eval host_name=mvappend(src, dest)
						| stats sum(bytes) AS bytes, sum(packets) AS packets, count BY host_name
						| sort 50 -bytes
						| eval MB=round(bytes/1000000, 1)
						| rename host_name AS address
						| table address, MB, packets, count`), hostOfTime("address")).of(4),
				alertTable("newest", "Open alerts", "The most severe first. A click on an address leads to the host in these minutes, on what happened to its flows.",
					spl(alert, openAlerts+`
						| sort 50 -severity_id, -_time`+alertColumns+`
						| table severity, began, description, src, dest, page, _from, _to, _spl, _page`)).of(8),
			}},
		},
	}
}
