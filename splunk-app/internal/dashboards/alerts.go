package dashboards

// alerts is all alerts, to be narrowed by severity, detector and address.
func alerts() Dashboard {
	const ofAll = alert + " signature_id=$detector|s$ (src=$address|s$ OR dest=$address|s$ OR actors=$address|s$ OR victims=$address|s$)"
	const chosen = ofAll + " severity IN ($severity$)"
	number := func(severity, title string) Panel {
		p := single("n_"+severity, title, "A click shows only these.", spl(ofAll+" severity="+severity, latestAlerts+`
			| stats count`)).of(3)
		p.Options["majorColor"] = severityColors()[severity]
		p.Clicks = []Click{{Token: "severity", Fixed: severity}}
		return p
	}
	return Dashboard{
		Name: "alerts", Title: "Alerts", Time: "-24h@h,now",
		Description: "Alerts by severity and detector, and the list with the ways on from each.",
		Inputs: []Input{
			{Token: "severity", Type: "input.multiselect", Title: "Severity", Options: object{"defaultValue": []string{"critical", "high", "medium", "low", "informational"}, "items": choices("critical", "high", "medium", "low", "informational")}},
			{Token: "detector", Type: "input.dropdown", Title: "Detector", Source: "detectors", Options: object{"defaultValue": "*", "items": "> frame(label, value) | prepend(all) | objects()"}},
			{Token: "address", Type: "input.text", Title: "Address", Options: object{"defaultValue": "*"}},
		},
		Sources: []Source{{ID: "detectors", SPL: spl(alert, `
			| stats count BY signature_id, signature
			| sort 200 signature_id
			| eval label=signature." (".signature_id.")"
			| table label, signature_id`)}},
		Rows: []Row{
			{Height: 110, Panels: []Panel{number("critical", "Critical"), number("high", "High"), number("medium", "Medium"), number("low", "Low")}},
			{Height: 260, Panels: []Panel{
				counts("raised", "Alerts raised, by severity", "Select a range to look closer.", "alerts",
					spl(chosen+" change=raised", `
						| timechart count BY severity`)).of(7).with("seriesColorsByField", severityColors()),
				list("detectors_table", "Alerts by detector", "A click shows only its alerts.",
					spl(chosen, latestAlerts+`
						| stats count AS alerts, sum(eval(if(state="active" OR state="clearing", 1, 0))) AS open, max(severity_id) AS severity_id, latest(_time) AS last BY signature_id, signature
						| sort 50 -severity_id, -alerts
						| eval last=strftime(last, "%m-%d %H:%M")
						| rename signature_id AS detector
						| table detector, signature, alerts, open, last`), Click{Fields: []string{"detector", "signature"}, Token: "detector", Value: "row.detector.value"}).of(5).with("count", 6).wide("detector", 140).wide("signature", 170),
			}},
			{Height: 480, Panels: []Panel{
				alertTable("all", "Alerts", "The latest first. A click on an address leads to the host in these minutes, on what happened to its flows, on the page to the collector's page of the alert, or its events.",
					spl(chosen, latestAlerts+`
						| sort 1000 -_time`+alertColumns+`
						| eval techniques=mvjoin(mitre_technique_id, " ")
						| table severity, state, began, signature, description, src, dest, measured, techniques, page, _from, _to, _spl, _page`)).of(12).with("count", 12).wide("techniques", 95).wide("signature", 130),
			}},
		},
	}
}

// choices are the items of an input.
func choices(words ...string) []any {
	var list []any
	for _, w := range words {
		list = append(list, object{"label": w, "value": w})
	}
	return list
}
