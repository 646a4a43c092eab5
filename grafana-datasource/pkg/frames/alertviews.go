package frames

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/shared/flow"
)

// levels are severities as the logs panel names and colors them.
var levels = map[string]string{"critical": "critical", "high": "error", "medium": "warning", "low": "info", "info": "debug"}

// Logs makes log lines, an alert a line.
func (a *Alerts) Logs() data.Frames {
	f := tableOf("alerts",
		column{data.NewField("timestamp", nil, each(a.List, func(x *flow.Alert) time.Time { return x.Start }))},
		column{data.NewField("body", nil, a.texts(lineOf))},
		column{data.NewField("severity", nil, a.texts(func(x *flow.Alert) string { return levels[x.SeverityLabel] }))},
		column{data.NewField("id", nil, a.texts(func(x *flow.Alert) string { return x.ID + "-" + string(x.State) }))},
		column{data.NewField("labels", nil, each(a.List, labelsOf))},
		// Further fields are shown with their links when a line is opened.
		text("title", "Alert", a.texts(func(x *flow.Alert) string { return x.Title })).linked(a.rowLinks()),
		text("link_flows", "", a.texts(a.flowsOf)).hidden(),
	)
	for i, l := range a.Links.Alert {
		f.Fields = append(f.Fields, text(linkName(i), "", a.texts(func(x *flow.Alert) string { return pivotOf(x, l.Title) })).hidden().Field)
	}
	frames := a.Info.apply(data.Frames{f}, data.FrameTypeLogLines, data.VisTypeLogs)
	f.Meta.TypeVersion = data.FrameTypeVersion{0, 0}
	f.Meta.Channel = a.Channel
	return frames
}

// lineOf is an alert as a line of text.
func lineOf(x *flow.Alert) string {
	parts := []string{x.Title, x.Detector, string(x.State)}
	if m := measuredOf(x); m != "" {
		parts = append(parts, m)
	}
	if x.Evidence.Filter != "" {
		parts = append(parts, "flows: "+x.Evidence.Filter)
	}
	if x.Sampling != "" {
		parts = append(parts, x.Sampling)
	}
	return strings.Join(parts, " | ")
}

func labelsOf(x *flow.Alert) json.RawMessage {
	labels := map[string]string{"detector": x.Detector, "state": string(x.State), "severity": x.SeverityLabel}
	for name, value := range map[string]string{"actor": foremost(x.Actors), "victim": foremost(x.Victims), "service": serviceOf(x)} {
		if value != "" {
			labels[name] = value
		}
	}
	text, err := json.Marshal(labels)
	if err != nil {
		return json.RawMessage("{}")
	}
	return text
}

// Annotations makes annotations: each from the alert's start to its end, or to what was last seen of it.
func (a *Alerts) Annotations() data.Frames {
	f := tableOf("alerts",
		column{data.NewField("time", nil, each(a.List, func(x *flow.Alert) time.Time { return x.Start }))},
		column{data.NewField("timeEnd", nil, each(a.List, endOf))},
		column{data.NewField("title", nil, a.texts(func(x *flow.Alert) string { return x.Title }))},
		column{data.NewField("text", nil, a.texts(noteOf))},
		column{data.NewField("tags", nil, a.texts(tagsOf))},
	)
	return a.Info.apply(data.Frames{f}, data.FrameTypeTable, data.VisTypeTable)
}

func endOf(x *flow.Alert) time.Time {
	if x.End != nil {
		return *x.End
	}
	return x.Last
}

// noteOf is what an annotation says below its title. Grafana reads it as HTML, so nothing in it may be taken for that.
func noteOf(x *flow.Alert) string {
	parts := []string{fmt.Sprintf("%s, %s", x.Detector, x.SeverityLabel)}
	if m := measuredOf(x); m != "" {
		parts = append(parts, m)
	}
	if len(x.Actors) > 0 {
		parts = append(parts, "from "+someOf(x.Actors, x.ActorsTotal))
	}
	if len(x.Victims) > 0 {
		parts = append(parts, "to "+someOf(x.Victims, x.VictimsTotal))
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(strings.Join(parts, "; "))
}

func someOf(names []string, total uint64) string {
	const most = 3
	text := strings.Join(names[:min(most, len(names))], ", ")
	if total > most {
		text += fmt.Sprintf(" and %d more", total-most)
	}
	return text
}

// tagsOf are an annotation's tags. Commas part them, so they are left out of names.
func tagsOf(x *flow.Alert) string {
	tags := []string{x.SeverityLabel, x.Detector}
	for _, g := range x.Groups {
		tags = append(tags, strings.ReplaceAll(g, ",", " "))
	}
	return strings.Join(tags, ",")
}

// Counters are what alerts may be counted by.
func Counters() []string { return []string{"severity_label", "detector", "state", "exporter"} }

// Count makes a table of how many alerts there are by a field: texts and one number, which alert rules take. Every severity has a row, also
// where there is no alert of it, so that a rule sees zero and not the lack of data.
func (a *Alerts) Count(by []string) data.Frames {
	if len(by) == 0 {
		by = Counters()[:1]
	}
	counts, order := map[string]float64{}, []string{}
	add := func(key string, n float64) {
		if _, ok := counts[key]; !ok {
			order = append(order, key)
		}
		counts[key] += n
	}
	if len(by) == 1 && by[0] == "severity_label" {
		for _, s := range severityColors {
			add(s.label, 0)
		}
	}
	for i := range a.List {
		add(countKey(&a.List[i], by), 1)
	}
	if !slices.Equal(by, Counters()[:1]) {
		slices.Sort(order)
	}
	f := data.NewFrame("")
	for j, name := range by {
		f.Fields = append(f.Fields, text(name, Title(name), each(order, func(key *string) string { return strings.Split(*key, "\x00")[j] })).Field)
	}
	f.Fields = append(f.Fields, number("alerts", "Alerts", each(order, func(key *string) *float64 { n := counts[*key]; return &n })).Field)
	return a.Info.apply(data.Frames{f}, data.FrameTypeTable, data.VisTypeTable)
}

func counted(x *flow.Alert, by string) string {
	switch by {
	case "detector":
		return x.Detector
	case "state":
		return string(x.State)
	case "exporter":
		return foremost(x.Exporters)
	}
	return x.SeverityLabel
}
