package dashboards

// exporters is whether what is shown elsewhere can be believed: who has fallen silent, what is lost, whose clock is wrong.
func exporters() Dashboard {
	// Exporters are told of once a minute, and events come the latest first.
	latest := func(then string) string {
		return spl(exports, `
			| dedup dvc, weir.domain, weir.protocol`+then)
	}
	return Dashboard{
		Name: "exporters", Title: "Exporters", Time: "-4h@m,now",
		Description: "Health of what exports flows: silence, loss, clocks, templates, sampling. Works with any choice of flows.",
		Rows: []Row{
			{Height: 110, Panels: []Panel{
				single("heard", "Exporters", "Known.", latest(`
					| stats dc(dvc) AS exporters`)).of(2).in("-15m", "now"),
				alarm("silent", "Silent", "Longer than is usual.", latest(`
					| search faults=silent
					| stats dc(dvc) AS exporters`)).of(2).in("-15m", "now"),
				alarm("losing", "Losing data", "1 % and more.", latest(`
					| search faults IN (loss, samples_dropped)
					| stats dc(dvc) AS exporters`)).of(2).in("-15m", "now"),
				alarm("clocks", "Clocks off", "By 5 s, or unstable.", latest(`
					| search clock_status=bad OR faults IN (clock_offset, clock_unstable, uptime_frozen)
					| stats dc(dvc) AS exporters`)).of(2).in("-15m", "now"),
				alarm("waiting", "Without templates", "Data waits.", latest(`
					| where waiting_sets>0
					| stats dc(dvc) AS exporters`)).of(2).in("-15m", "now"),
				single("records", "Records", "Last minute.", latest(`
					| stats sum(records_per_second) AS rate
					| eval rate=round(coalesce(rate, 0))`)).of(2).with("unit", "/s").in("-15m", "now"),
			}},
			{Height: 240, Panels: []Panel{
				list("state", "Exporters", "The worst first, as they were told of last. A click on the address shows its traffic, on the rest its events.",
					latest(`
						| eval rank=case(status="critical", 3, status="warning", 2, status="notice", 1, true(), 0), last=strftime(last_seen, "%m-%d %H:%M:%S")
						| sort 500 -rank, dvc
						| eval "loss %"=round(gap_rate*100, 2), "clock s"=round(clock_offset, 1), "records/s"=round(records_per_second, 1), sampling=if(isnull(sampling_interval), "", "1:".sampling_interval), "what is wrong"=mvjoin(fault_texts, "; ")
						| rename weir.protocol AS protocol, weir.domain AS domain, waiting_sets AS waiting
						| eval _spl="`+"`weir_index`"+` sourcetype=weir:exporter dvc=".dvc
						| table status, dvc, protocol, domain, "records/s", last, "loss %", "clock s", templates, waiting, sampling, "what is wrong", _spl`),
					Click{Fields: []string{"dvc"}, NewTab: true, URL: "/app/weir/search?q=search%20%60weir_index%60%20sourcetype%3Dweir%3A*%20dvc%3D$row.dvc.value|u$&earliest=$time.earliest$&latest=$time.latest$"},
					Click{Fields: []string{"status", "what is wrong"}, NewTab: true, URL: "/app/weir/search?q=search%20$row._spl.value|u$&earliest=$time.earliest$&latest=$time.latest$"},
				).of(12).in("-15m", "now").colored("status", object{"critical": red, "warning": orange, "notice": blue, "ok": green}).wide("what is wrong", 420).wide("last", 115).wide("records/s", 95).wide("templates", 95).with("count", 6),
			}},
			{Height: 250, Panels: []Panel{
				rates("rate", "Records per second, by exporter", "Select a range to look closer.", "records/s",
					spl(exports, `
						| stats sum(records_per_second) AS rate BY _time, dvc
						| timechart limit=8 avg(rate) AS rate BY dvc`)).of(4),
				lines("loss", "Lost on the way, %, by exporter", "Of what was sent in five minutes, by sequence numbers.", "%",
					spl(exports, `
						| eval percent=gap_rate*100
						| timechart limit=8 max(percent) AS loss BY dvc`)).of(4),
				lines("offset", "What has to be added to clocks, s, by exporter", "Weir does so itself; logs of the same device are off by as much.", "s",
					spl(exports, `
						| timechart limit=8 avg(clock_offset) AS offset BY dvc`)).of(4),
			}},
			{Height: 250, Panels: []Panel{
				list("losses", "What was lost or refused, and why", "Counters since the start of what receives.",
					latest(`
						| eval lost=mvappend(losses, if(gaps>0, "missing by sequence numbers ".gaps, null()), if(sample_drops>0, "not sampled ".sample_drops, null()))
						| mvexpand lost
						| where isnotnull(lost)
						| rename weir.protocol AS protocol
						| table dvc, protocol, lost`)).of(5).in("-15m", "now").with("count", 6),
				list("components", "What receives and sends", "Collectors and inputs, as they told of themselves last.",
					spl(reports, `
						| dedup component, host
						| eval told=strftime(_time, "%m-%d %H:%M:%S"), lost=coalesce(events_lost, 0)
						| table told, component, host, state, message, records, lost`)).of(7).wide("message", 210).wide("told", 115).wide("component", 115).with("count", 6),
			}},
		},
	}
}

// lines is a line chart over time.
func lines(id, title, about, unit, search string) Panel {
	p := rates(id, title, about, unit, search)
	p.Type = "splunk.line"
	p.Options = object{"yAxisTitleText": unit, "xAxisTitleVisibility": "hide", "legendDisplay": "bottom", "nullValueDisplay": "connect"}
	return p
}
