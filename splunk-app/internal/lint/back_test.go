package lint_test

import (
	"math/rand/v2"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pivot"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/splunk-app/internal/lint"
	"github.com/weirflow/weir/splunk-app/internal/pack"
)

// begun and ended are those of an event that does not begin or end with a second.
var (
	begun = time.Date(2026, 3, 2, 8, 15, 0, 250e6, time.UTC)
	ended = time.Date(2026, 3, 2, 8, 20, 0, 1e6, time.UTC)
)

// TestPivotsBack: what alerts, web pages, Grafana and webhooks link to is a search that the app can answer, of the same host and minutes: by the
// default, which asks by CIM's tags and so needs only the app's event types, and by what docs/splunk.md says for the app.
func TestPivotsBack(t *testing.T) {
	app := sources(t)["weir-"+pack.Version+".tgz"]
	ours := pivot.DefaultConfig()
	ours.Splunk.App, ours.Splunk.Search = "weir", "`weir_index` `weir_flows`"
	for name, cfg := range map[string]pivot.Config{"default": pivot.DefaultConfig(), "app": ours} {
		cfg.Splunk.URL = "https://splunk.example.net:8000"
		set, err := pivot.New(cfg, pivot.Deps{Translators: pivot.Languages()})
		if err != nil {
			t.Fatal(err)
		}
		links := set.OfAlert(&flow.Alert{
			ID: "0a", Detector: "scan.horizontal", Actors: []string{"10.1.2.3"}, Victims: []string{"2001:db8::7"}, Service: &flow.Service{Transport: "tcp", Port: 445},
			Evidence: flow.Evidence{Filter: "source.ip : 10.1.2.3 and destination.port : 445 and network.transport : tcp", From: begun, To: ended},
		})
		links = append(links, set.Of(pivot.OfAddress(netip.MustParseAddr("10.1.2.3"), begun, ended))...)
		found := 0
		for _, l := range links {
			if !strings.HasPrefix(l.Title, "Splunk") {
				continue
			}
			found++
			u, err := url.Parse(l.URL)
			if err != nil {
				t.Fatal(err)
			}
			if want := "/en-US/app/" + cfg.Splunk.App + "/search"; u.Path != want {
				t.Errorf("%s: %s, want %s", name, u.Path, want)
			}
			if earliest, latest := u.Query().Get("earliest"), u.Query().Get("latest"); earliest != strconv.FormatInt(begun.Unix(), 10) || latest != strconv.FormatInt(ended.Unix()+1, 10) {
				t.Errorf("%s: %s to %s: latest is not included in Splunk, so it must be the second after the last", name, earliest, latest)
			}
			search := u.Query().Get("q")
			if !strings.HasPrefix(search, "search ") {
				t.Errorf("%s: %s", name, search)
			}
			for _, f := range lint.Search(app, known(), search) {
				t.Errorf("%s: %s: %s", name, search, f)
			}
		}
		if found != 4 { // the evidence, actor and victim of the alert, and the address
			t.Errorf("%s: %d links: %v", name, found, links)
		}
	}
	// What the default selects by is what the app tags flows with.
	conf, err := lint.ParseConf(string(app.File("default/tags.conf")))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []cim.Kind{cim.Flow, cim.Session, cim.Traffic} {
		s, ok := conf.Stanza("eventtype=weir_" + kind.String())
		if !ok || s.Of["network"] != "enabled" || s.Of["communicate"] != "enabled" {
			t.Errorf("%s is not tagged: %v", kind, s)
		}
	}
}

// TestFiltersAsSearches: whatever a filter asks for, its search names fields that events have, and commands that Splunk has.
func TestFiltersAsSearches(t *testing.T) {
	app, rng, reg := sources(t)["weir-"+pack.Version+".tgz"], rand.New(rand.NewPCG(1, 2)), flow.NewRegistry()
	judged := 0
	for i := range 400 {
		flows := cim.FlowsChoices()[i%4]
		n := filtertest.Random(rng, reg)
		if flows == cim.FlowsSessions {
			n = filtertest.RandomOfSessions(rng, reg)
		}
		text := cim.NewEncoder(cim.Config{Flows: flows}).Evidence(&flow.Alert{Evidence: flow.Evidence{Filter: n.String(), From: begun, To: ended}})
		if text == "" {
			continue
		}
		judged++
		for _, f := range lint.Search(app, known(), text) {
			t.Errorf("%s: %s: %s: %s", flows, n, text, f)
		}
	}
	if judged < 200 {
		t.Errorf("%d searches were judged", judged)
	}
}

// TestEvidence: the search that an alert carries is one that the app answers, whatever is sent of flows.
func TestEvidence(t *testing.T) {
	app := sources(t)["weir-"+pack.Version+".tgz"]
	for _, flows := range cim.FlowsChoices() {
		e := cim.NewEncoder(cim.Config{Flows: flows})
		for _, filter := range []string{
			"destination.ip : 192.0.2.80",
			"source.port : 53 and network.transport : udp and destination.ip : 192.0.2.80",
			`source.ip : "2001:db8::7" and destination.port : (22 or 3389)`,
			"source.ip : 10.0.0.0/8 and not destination.ip : 10.0.0.0/8 and network.bytes > 1000000",
			`network.application : "ms teams" or observer.ip : 192.0.2.1`,
			`weir.source.group : clients and weir.tcp.flags : (SYN or RST)`,
		} {
			text := e.Evidence(&flow.Alert{Evidence: flow.Evidence{Filter: filter, From: begun, To: ended}})
			if text == "" && flows != cim.FlowsSessions {
				t.Errorf("%s: %s has no search", flows, filter)
			}
			for _, f := range lint.Search(app, known(), text) {
				t.Errorf("%s: %s: %s: %s", flows, filter, text, f)
			}
		}
	}
}
