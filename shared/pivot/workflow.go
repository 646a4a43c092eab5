package pivot

import (
	"fmt"
	"net/netip"
	"strings"
)

// WorkflowFields are the fields of events, Weir's or others', whose values are addresses to go on from: those that Splunk's Common Information
// Model has, and ip.
func WorkflowFields() []string { return []string{"src", "dest", "ip", "src_ip", "dest_ip", "dvc"} }

// inEventMenu tells whether the actions of a field stand in the menu of the event, too, and not in that of the field alone: events mostly have
// src where they have src_ip, and a menu that says everything twice is no help.
func inEventMenu(field string) bool { return field == "src" || field == "dest" || field == "ip" }

// Splunk's own forms. It fills them in percent-encoded in links, and as they are in searches.
const (
	momentForm = "$_time$"
	startForm  = "$window_start$" // of alerts: seconds since 1970
	endForm    = "$window_end$"   // not included
)

// splunkApp is the app that the actions search in and whose dashboards they open.
const splunkApp = "weir"

// WorkflowActions returns a workflow_actions.conf of Splunk: what its menus of events and fields offer for an address. Searches and the
// dashboard of the host lie in the app weir. The collector's pages and Grafana need their base URLs (Collector, Grafana.URL), which must be https,
// as Splunk's rules for apps want it; without one the actions are there, but disabled, with a URL that stands for it: a link of Splunk's
// takes no macro that could hold it.
func WorkflowActions(cfg Config) (string, error) {
	for _, base := range []string{cfg.Collector, cfg.Grafana.URL} {
		if base == "" {
			continue
		}
		if err := CheckBase(base); err != nil {
			return "", fmt.Errorf("%s: %w", base, err)
		}
		if !strings.HasPrefix(strings.ToLower(base), "https://") {
			return "", fmt.Errorf("%s: Splunk's rules for apps want https", base)
		}
	}
	w := workflow{cfg: cfg}
	w.b.WriteString("# Written by weir pivots --workflow-actions: what the menus of events and fields offer for an address.\n")
	for _, field := range WorkflowFields() {
		w.moment(field)
	}
	for _, field := range []string{"src", "dest"} {
		w.window(field)
	}
	w.alert()
	return w.b.String(), w.err
}

// workflow writes the stanzas.
type workflow struct {
	cfg Config
	b   strings.Builder
	err error // the first
}

// action is what a stanza says.
type action struct {
	name, label string
	fields      []string // that an event must have; the menu of the first has the action
	menu        string
	alerts      bool // only of events that are alerts
	search      string
	link        string
	disabled    bool
}

// moment writes the actions for an address of any event: the minutes around it.
func (w *workflow) moment(field string) {
	form, menu := "$"+field+"$", "field_menu"
	if inEventMenu(field) {
		menu = "both"
	}
	add := func(a action) {
		a.name, a.fields, a.menu = a.name+"_"+field, []string{field}, menu
		w.write(&a)
	}
	around := func(macro string, seconds int) string {
		return fmt.Sprintf("`%s(\"%s\", %d)`", macro, momentForm, seconds)
	}
	add(action{name: "weir_flows", label: "Weir: flows of " + form + ", these minutes", search: w.flows(field) + " " + around("weir_around", 300)})
	add(action{name: "weir_sessions", label: "Weir: sessions of " + form + ", these minutes", search: w.sessions(field) + " " + around("weir_sessions_around", 300)})
	add(action{name: "weir_alerts", label: "Weir: alerts on " + form + ", this day", search: alertsOn(form) + " " + around("weir_around", 43200)})
	add(action{name: "weir_host", label: "Weir: host " + form + ", from this moment on", link: hostView(form, momentForm, "now")})
	link, disabled := w.collector("/host/{ip}?at={from}", map[string]string{"ip": form, "from": momentForm})
	add(action{name: "weir_collector", label: "Weir: page of host " + form + ", these minutes", link: link, disabled: disabled})
	link, disabled = w.grafana("/d/weir-host?var-host={ip}&time={from}&time.window=600000", map[string]string{"ip": form, "from": momentForm})
	add(action{name: "weir_grafana", label: "Grafana: host " + form + ", these minutes", link: link, disabled: disabled})
}

// window writes those for an address of an alert: the time that its evidence is of.
func (w *workflow) window(field string) {
	form := "$" + field + "$"
	add := func(a action) {
		a.name, a.fields, a.menu, a.alerts = a.name+"_"+field, []string{field, "window_start", "window_end"}, "both", true
		w.write(&a)
	}
	add(action{name: "weir_alert_flows", label: "Weir: flows of " + form + " during this alert", search: w.flows(field) + " `weir_window(" + startForm + ", " + endForm + ")`"})
	add(action{name: "weir_alert_sessions", label: "Weir: sessions of " + form + " during this alert", search: w.sessions(field) + " `weir_sessions_during(" + startForm + ", " + endForm + ")`"})
	add(action{name: "weir_alert_host", label: "Weir: host " + form + " during this alert", link: hostView(form, startForm, endForm)})
	values := map[string]string{"ip": form, "from": startForm, "to": endForm}
	link, disabled := w.collector("/host/{ip}?from={from}&to={to}", values)
	add(action{name: "weir_alert_collector", label: "Weir: page of host " + form + " during this alert", link: link, disabled: disabled})
	values = map[string]string{"ip": form, "from": startForm + "000", "to": endForm + "000"} // milliseconds, of whole seconds
	link, disabled = w.grafana("/d/weir-host?var-host={ip}&from={from}&to={to}", values)
	add(action{name: "weir_alert_grafana", label: "Grafana: host " + form + " during this alert", link: link, disabled: disabled})
}

// alert writes what there is for an alert as a whole.
func (w *workflow) alert() {
	w.write(&action{
		name: "weir_alert_evidence", label: "Weir: the flows behind this alert", fields: []string{"spl"}, menu: "both", alerts: true,
		search: "$spl$", // has its time with it
	})
	link, disabled := w.collector("/alert/{alert}", map[string]string{"alert": "$id$"})
	w.write(&action{name: "weir_alert_page", label: "Weir: page of this alert", fields: []string{"id", "signature_id"}, menu: "both", alerts: true, link: link, disabled: disabled})
}

// flows is the search for an address's records, or their sums: the filter that a pivot of the address has, in SPL.
func (w *workflow) flows(field string) string { return "`weir_index` `weir_flows` " + w.terms(field) }

func (w *workflow) sessions(field string) string {
	return "`weir_index` sourcetype=weir:session " + w.terms(field)
}

// terms is the filter of a pivot into Splunk for the address of a field.
func (w *workflow) terms(field string) string {
	stand := netip.MustParseAddr("192.0.2.1") // stands for the address until Splunk knows it
	sub := OfAddress(stand, sample.From, sample.To)
	text, err := Languages().SPL(sub.filter())
	if err != nil && w.err == nil {
		w.err = err
	}
	text = strings.ReplaceAll(text, stand.String(), "$"+field+"$")
	if field == "dvc" { // what a device tells of, besides what it does itself
		text = strings.TrimSuffix(text, ")") + ` OR dvc="$dvc$")`
	}
	return text
}

// alertsOn is the search for the alerts on an address, each as it was last told.
func alertsOn(form string) string { return "`weir_index` `weir_alerts_on(\"" + form + "\")`" }

// hostView is the address of the app's dashboard of a host.
func hostView(form, from, to string) string {
	return "/app/" + splunkApp + "/host?form.host=" + form + "&form.time.earliest=" + from + "&form.time.latest=" + to
}

// collector is a link to the collector's pages, and whether it is disabled for want of their URL.
func (w *workflow) collector(rest string, values map[string]string) (link string, disabled bool) {
	return w.link(w.cfg.Collector, "https://weir.example.net", rest, values)
}

func (w *workflow) grafana(rest string, values map[string]string) (link string, disabled bool) {
	return w.link(w.cfg.Grafana.URL, "https://grafana.example.net", rest, values)
}

func (w *workflow) link(base, stand, rest string, values map[string]string) (link string, disabled bool) {
	if base == "" {
		base, disabled = stand, true
	}
	t, err := Parse(strings.TrimRight(base, "/") + rest)
	if err == nil {
		link = t.fill(values)
	} else if w.err == nil {
		w.err = err
	}
	return link, disabled
}

// fill returns the link with another tool's forms in place of ours. That tool escapes its values for the URL alone, so that they may stand
// in plain places only.
func (t *Template) fill(values map[string]string) string {
	var b strings.Builder
	for i := range t.parts {
		if p := &t.parts[i]; p.use.form == nil {
			b.WriteString(p.literal)
		} else {
			b.WriteString(values[p.use.form.name])
		}
	}
	return b.String()
}

// write appends a stanza.
func (w *workflow) write(a *action) {
	line := func(key, value string) { fmt.Fprintf(&w.b, "%s = %s\n", key, value) }
	fmt.Fprintf(&w.b, "\n[%s]\n", a.name)
	line("label", a.label)
	line("fields", strings.Join(a.fields, ", "))
	if a.alerts {
		line("eventtypes", "weir_alert")
	}
	line("display_location", a.menu)
	switch { // said both ways: what is shipped disables them, and a file in local only adds to that
	case a.disabled:
		line("disabled", "1")
	case strings.HasPrefix(a.link, "https://"):
		line("disabled", "0")
	}
	if a.link != "" {
		line("type", "link")
		line("link.method", "get")
		line("link.target", "blank")
		line("link.uri", a.link)
		return
	}
	line("type", "search")
	line("search.app", splunkApp)
	line("search.view", "search")
	line("search.target", "blank")
	line("search.preserve_timerange", "1") // where the event's own time cannot be read
	line("search.search_string", a.search)
}
