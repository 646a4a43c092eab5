package frames

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/shared/flow"
)

// Alerts is an answer of alerts with what is needed to show it.
type Alerts struct {
	List  []flow.Alert
	UID   string // of the data source, for links to the flows behind an alert
	Links Links
	Info  Info
	// Channel is the address of a stream of changes; "": none.
	Channel string
}

// severityColors are the colors of severities, in Grafana's names.
var severityColors = []struct{ label, color string }{{"critical", "dark-red"}, {"high", "red"}, {"medium", "orange"}, {"low", "yellow"}, {"info", "blue"}}

func severityMappings() data.ValueMappings {
	mapper := data.ValueMapper{}
	for i, s := range severityColors {
		mapper[s.label] = data.ValueMappingResult{Color: s.color, Index: i}
	}
	return data.ValueMappings{mapper}
}

// Table makes a table, an alert a row. Its columns do not depend on the alerts, so a stream of changes goes on with it.
func (a *Alerts) Table() data.Frames {
	f := tableOf("alerts", append(a.shown(), a.hidden()...)...)
	frames := a.Info.apply(data.Frames{f}, data.FrameTypeTable, data.VisTypeTable)
	f.Meta.Channel = a.Channel
	f.Meta.UniqueRowIDFields = []int{len(a.shown())} // the id, first of the hidden columns
	return frames
}

func (a *Alerts) shown() []column {
	return []column{
		instant("start", "Start", each(a.List, func(x *flow.Alert) *time.Time { return &x.Start })),
		text("severity_label", "Severity", a.texts(func(x *flow.Alert) string { return x.SeverityLabel })).colored(severityMappings()).width(90),
		text("title", "Alert", a.texts(func(x *flow.Alert) string { return x.Title })).linked(a.rowLinks()),
		text("detector", "Detector", a.texts(func(x *flow.Alert) string { return x.Detector })),
		text("state", "State", a.texts(func(x *flow.Alert) string { return string(x.State) })),
		text("actor", "Actor", a.texts(func(x *flow.Alert) string { return foremost(x.Actors) })).linked(render(a.Links.Address, "${__value.raw}")),
		text("victim", "Victim", a.texts(func(x *flow.Alert) string { return foremost(x.Victims) })).linked(render(a.Links.Address, "${__value.raw}")),
		number("actors_total", "Actors", each(a.List, func(x *flow.Alert) *float64 { return float(x.ActorsTotal) })),
		number("victims_total", "Victims", each(a.List, func(x *flow.Alert) *float64 { return float(x.VictimsTotal) })),
		text("service", "Service", a.texts(serviceOf)),
		text("measured", "Measured", a.texts(measuredOf)),
		number("peak_bps", "Peak", each(a.List, func(x *flow.Alert) *float64 { return peakOf(x) })).unit("bps"),
		instant("last", "Last seen", each(a.List, func(x *flow.Alert) *time.Time { return &x.Last })),
		instant("end", "End", each(a.List, func(x *flow.Alert) *time.Time { return x.End })),
		instant("detected_at", "Detected", each(a.List, func(x *flow.Alert) *time.Time { return &x.DetectedAt })),
		number("severity", "Severity (0-100)", each(a.List, func(x *flow.Alert) *float64 { return float(x.Severity) })),
		number("confidence", "Confidence", each(a.List, func(x *flow.Alert) *float64 { return &x.Confidence })).unit(percent),
		text("groups", "Groups", a.texts(func(x *flow.Alert) string { return strings.Join(x.Groups, ", ") })),
		text("techniques", "ATT&CK", a.texts(techniquesOf)),
		text("exporters", "Exporters", a.texts(func(x *flow.Alert) string { return strings.Join(x.Exporters, ", ") })),
		text("sampling", "Sampling", a.texts(func(x *flow.Alert) string { return x.Sampling })),
		text("filter", "Filter of its flows", a.texts(func(x *flow.Alert) string { return x.Evidence.Filter })),
	}
}

// hidden are columns that links are made of.
func (a *Alerts) hidden() []column {
	list := []column{
		text("id", "ID", a.texts(func(x *flow.Alert) string { return x.ID })).hidden(),
		text("link_flows", "", a.texts(a.flowsOf)).hidden(),
		text("link_runbook", "", a.texts(func(x *flow.Alert) string { return x.RunbookURL })).hidden(),
	}
	for i, l := range a.Links.Alert {
		list = append(list, text(linkName(i), "", a.texts(func(x *flow.Alert) string { return pivotOf(x, l.Title) })).hidden())
	}
	return list
}

func linkName(i int) string { return fmt.Sprintf("link_%d", i) }

// rowLinks are links of which each row has its own address, in a hidden column.
func (a *Alerts) rowLinks() []data.DataLink {
	list := []data.DataLink{{Title: "Flows behind this alert", URL: `${__data.fields["link_flows"]:raw}`}}
	for i, l := range a.Links.Alert {
		list = append(list, data.DataLink{Title: l.Title, URL: `${__data.fields["` + linkName(i) + `"]:raw}`, TargetBlank: true})
	}
	return list
}

func (a *Alerts) texts(value func(*flow.Alert) string) []string { return each(a.List, value) }

// flowsOf is the address of the flows behind an alert, in Explore.
func (a *Alerts) flowsOf(x *flow.Alert) string {
	q := map[string]any{"queryType": "records", "filter": x.Evidence.Filter, "limit": 1000}
	return ExploreURL(a.UID, q, millis(x.Evidence.From), millis(x.Evidence.To))
}

func pivotOf(x *flow.Alert, title string) string {
	for _, p := range x.Pivots {
		if p.Title == title {
			return p.URL
		}
	}
	return ""
}

// foremost is the first of a list that is an address, else the first.
func foremost(names []string) string {
	for _, n := range names {
		if _, err := netip.ParseAddr(n); err == nil {
			return n
		}
	}
	if len(names) > 0 {
		return names[0]
	}
	return ""
}

func serviceOf(x *flow.Alert) string {
	if x.Service == nil {
		return ""
	}
	return fmt.Sprintf("%s/%d", x.Service.Transport, x.Service.Port)
}

func measuredOf(x *flow.Alert) string {
	if x.Measured.Name == "" {
		return ""
	}
	return fmt.Sprintf("%s %s (threshold %s)", x.Measured.Name, amount(x.Measured.Value, x.Measured.Unit), amount(x.Threshold, x.Measured.Unit))
}

func peakOf(x *flow.Alert) *float64 {
	if x.DoS == nil {
		return nil
	}
	return &x.DoS.PeakBPS
}

func techniquesOf(x *flow.Alert) string {
	return strings.Join(each(x.Techniques, func(t *flow.Technique) string { return t.ID + " " + t.Name }), ", ")
}
