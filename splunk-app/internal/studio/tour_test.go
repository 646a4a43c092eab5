package studio_test

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/sink/cim"
)

// aggregated are the kinds of events where sums of minutes are told of, all those where every record is.
var (
	aggregated = []cim.Kind{cim.Traffic, cim.Alert, cim.Exporter, cim.Status}
	all        = []cim.Kind{cim.Flow, cim.Session, cim.Alert, cim.Exporter, cim.Status}
)

// overview: a click on a talker leads to the host in the same time; the host's dashboard asks about it.
func (l *lab) overview(t *testing.T) {
	o := l.open(t, "overview", minutes, aggregated...)
	o.valid()
	o.shown(o.expect("start", o.view.tokens(minutes), nil))
	o.picture("overview")
	to := o.leads("talkers", "address", intruder)
	want := "form.host=" + intruder + "&" + minutes
	if to.Path != "/app/weir/host" || to.RawQuery != want && !strings.HasPrefix(to.RawQuery, want+"&") {
		t.Fatalf("a click leads to %s", to)
	}
	o.view = read(t, "host")
	o.expect("host after a click", o.view.tokens(want), nil)
}

// host: the address sets host and time, a range that is selected in the chart sets another time; without a host nothing is asked for.
func (l *lab) host(t *testing.T) {
	query := "form.host=" + intruder + "&" + minutes
	o := l.open(t, "host", query, all...)
	o.valid()
	o.shown(o.expect("start", o.view.tokens(query), nil))
	o.picture("host")

	to := o.leads("alerts", "description", "sends")
	q := to.Query()
	if to.Path != "/app/weir/search" || !strings.HasPrefix(q.Get("q"), "search `weir_index` sourcetype=weir:") || !strings.Contains(q.Get("q"), intruder) || q.Get("earliest") >= q.Get("latest") {
		t.Errorf("the flows behind an alert are at %s", to)
	}
	if to := o.leads("alerts", "page", "collector"); to.Host != "weir.example.net" || !strings.HasPrefix(to.Path, "/alert/") {
		t.Errorf("the collector's page of an alert is at %s", to)
	}

	o.splunkd.Jobs()
	o.Drag(`[data-id="viz_ways"] [data-test="charting-container"]`, 0.3, 0.6)
	o.Until(`!location.search.includes("1772488200")`)
	zoomed := o.view.tokens(strings.TrimPrefix(o.query(), "?"))
	if from, to := zoomed["time.earliest"], zoomed["time.latest"]; from <= "1772488200" || to >= "1772490600" || from >= to {
		t.Errorf("the range that is selected is %s to %s", from, to)
	}
	o.expect("another time", zoomed, nil)

	o = l.open(t, "host", minutes, all...)
	o.Until(`document.querySelectorAll('[data-test="viz-item"]').length > 0 && [...document.querySelectorAll('[data-test="viz-item"]')].every((e) => !e.querySelector('[data-test="cell"], [data-test="majorValue"]'))`)
	o.Until(`document.body.innerText.includes("Set token value")`)
	if jobs := o.splunkd.Jobs(); jobs != nil {
		t.Errorf("without a host %d searches are asked for, such as %s", len(jobs), ask(jobs[0]))
	}
}

// ddos: the victim of the strongest flood is chosen by itself.
func (l *lab) ddos(t *testing.T) {
	o := l.open(t, "ddos", minutes, aggregated...)
	o.valid()
	o.shown(o.expect("start", o.view.tokens(minutes+"&form.victim="+victim), nil))
	o.picture("ddos")
	to := o.leads("top", "sender", ".")
	if q := to.Query(); to.Path != "/app/weir/host" || q.Get("form.host") == "" || q.Get("form.time.earliest") != "1772488200" {
		t.Errorf("a sender leads to %s", to)
	}
}

// alerts: a click on a severity or a detector shows only those, one on an address leads to the host in the minutes of the alert.
func (l *lab) alerts(t *testing.T) {
	o := l.open(t, "alerts", "", all...)
	o.valid()
	tokens := o.view.tokens("")
	o.shown(o.expect("start", tokens, nil))
	o.picture("alerts")
	o.Click(`[data-id="viz_n_high"] [data-test="majorValue"]`)
	tokens["severity"] = "high"
	o.shown(o.expect("high alone", tokens, func(id string) bool { return o.view.asks(id, "severity") }))
	o.Click(o.cell("detectors_table", "detector", "exfil.session"))
	tokens["detector"] = "exfil.session"
	o.shown(o.expect("a detector alone", tokens, func(id string) bool { return o.view.asks(id, "detector") }))
	to := o.leads("all", "dest", outside)
	if q := to.Query(); to.Path != "/app/weir/host" || q.Get("form.host") != outside || q.Get("form.time.earliest") < "1772488000" || q.Get("form.time.latest") > "1772489400" {
		t.Errorf("an alert's address leads to %s", to)
	}
}

// exporters: what is told of once a minute, whatever is told of flows.
func (l *lab) exporters(t *testing.T) {
	o := l.open(t, "exporters", minutes, all...)
	o.valid()
	o.shown(o.expect("start", o.view.tokens(minutes), nil))
	o.picture("exporters")
	to := o.leads("state", "dvc", "198.51.100.1")
	if got := to.Query().Get("q"); got != "search `weir_index` sourcetype=weir:* dvc=198.51.100.1" {
		t.Errorf("an exporter's events are at %s", got)
	}
}

// none: where nothing is told of flows, alerts and exporters are shown all the same.
func (l *lab) none(t *testing.T) {
	engine := l.events.engine(t, cim.Alert, cim.Exporter, cim.Status)
	for name, ids := range map[string][]string{
		"overview": {"open", "attacks", "severity", "newest", "troubled"}, "host": {"open", "alerts"}, "ddos": {"now", "floods", "vectors", "named"},
		"alerts": {"all", "raised"}, "exporters": {"state", "rate"},
	} {
		v := read(t, name)
		tokens := v.tokens(minutes + "&form.host=" + intruder + "&form.victim=" + victim)
		for _, id := range v.sources() {
			job := v.wanted(id, tokens)
			if _, err := engine.Search(job.SPL, job.Earliest, job.Latest); err != nil {
				t.Errorf("%s: %s: %v", name, id, err)
			}
		}
		for _, id := range ids {
			job := v.wanted("ds_"+id, tokens)
			if found, err := engine.Search(job.SPL, job.Earliest, job.Latest); err != nil || len(found.Rows) == 0 {
				t.Errorf("%s: %s finds nothing (%v)", name, id, err)
			}
		}
	}
}

// saved: the app's saved searches find what they are named for.
func (l *lab) saved(t *testing.T) {
	engine := l.events.engine(t, all...)
	for _, s := range conf(t, "savedsearches") {
		text := s.Of["search"]
		if text == "" {
			continue
		}
		found, err := engine.Search(text, "-24h", "now")
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
			continue
		}
		if len(found.Rows) == 0 && s.Name != "Weir - Silent exporters" { // none is
			t.Errorf("%s finds nothing", s.Name)
		}
	}
}
