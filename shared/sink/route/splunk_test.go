package route_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/shared/sink/hec/hectest"
	"github.com/weirflow/weir/shared/sink/route"
)

// TestHEC: an output of type hec is told of records, sessions, exporters, how the collector does, and of those alerts that are for it, with their links.
func TestHEC(t *testing.T) {
	server := hectest.New(t, hectest.Config{Token: "t", Ack: true, Keep: true})
	t.Setenv("WEIR_HEC", "t")
	cfg, err := config.Parse("weir.yaml", fmt.Appendf(nil,
		"outputs: {s: {type: hec, url: '%s', ca: '%s', token: {env: WEIR_HEC}, flows: all, index: main, sourcetype: {flow: 'my:flow'}, min_severity: high, detectors: [dos.*]}}", server.URL(), server.CA()))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_700_000_000, 0)
	o, err := route.New(route.Config{Outputs: cfg.Outputs, Dir: t.TempDir(), EventTime: true}, route.Deps{
		Now:       func() time.Time { return now },
		Status:    func() cim.Report { return cim.ReportOf("weir", []query.Exporter{{IP: "192.0.2.1", Decoded: 1}}) },
		Exporters: func() []query.Exporter { return []query.Exporter{{IP: "192.0.2.1", Decoded: 1, Records: 2}} },
		Pivots: func(*flow.Alert) []flow.AlertPivot {
			return []flow.AlertPivot{{Title: "case", URL: "https://soc.example.net/"}}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	start(t, o)
	write(t, o, 1, 4)
	b := &flow.Batch{Symbols: flow.NewSymbols(), Records: []flow.Record{{ID: flow.EventID{Record: 1}, End: now.UnixNano()}, {ID: flow.EventID{Record: 2}, End: now.UnixNano()}}}
	sessions := &flow.SessionBatch{Symbols: b.Symbols, Sessions: []flow.Session{{ID: flow.SessionID{Hi: 1}, Exporters: [flow.MaxSessionExporters]flow.Addr{flow.AddrFrom4(0xC0000201)}}}}
	if err := o.WriteBatch(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := o.WriteSessions(t.Context(), sessions); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := o.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, ev := range server.Events() {
		got[ev.Sourcetype]++
		if ev.Index != "main" || ev.Source != "weir" {
			t.Errorf("%+v", ev)
		}
		if links, ok := ev.Members()["pivots"].([]any); ev.Sourcetype == "weir:alert" && (!ok || len(links) != 1) {
			t.Errorf("links: %v", ev.Members()["pivots"])
		}
		if ev.Sourcetype == "weir:status" && ev.Members()["message"] != "listening, 1 exporter, none without templates" {
			t.Errorf("%v", ev.Members())
		}
	}
	minutes := uint64(got["weir:exporter"] + got["weir:status"]) // each at the end, and whenever a minute begins
	if got["my:flow"] != 2 || got["weir:alert"] != 2 || got["weir:session"] != 1 || got["weir:exporter"] == 0 || got["weir:status"] == 0 || len(got) != 5 {
		t.Errorf("%v", got)
	}
	st, more := o.Stats()[0], o.HEC()[0]
	if st.Events != 5+minutes || st.Delivered != 5+minutes || st.Unrouted != 4 || st.Unchanged != 2 || st.Type != "hec" || more.Acknowledged != 5+minutes || more.Kinds["flow"] != 2 {
		t.Errorf("%+v %+v", st, more)
	}
}

// TestHECRestart: a restart does not raise open alerts again, but for outputs that were not there.
func TestHECRestart(t *testing.T) {
	server := hectest.New(t, hectest.Config{Token: "t", Keep: true})
	text := fmt.Sprintf("outputs: {s: {type: hec, url: '%s', ca: '%s', token: {value: t}, min_severity: medium}}", server.URL(), server.CA())
	dir := t.TempDir()
	a := flow.Alert{ID: "a", Detector: "scan.vertical", State: flow.AlertActive, Severity: 50, SeverityLabel: "medium"}
	low := flow.Alert{ID: "low", Detector: "scan.vertical", State: flow.AlertActive, Severity: 20, SeverityLabel: "low"}
	for run := range 3 {
		o := outputs(t, dir, text)
		if err := o.Start([]flow.Alert{a, low}); err != nil {
			t.Fatal(err)
		}
		if run == 2 {
			a.State, low.Severity, low.SeverityLabel = flow.AlertEnded, 60, "high"
		}
		if err := o.WriteAlerts(t.Context(), []flow.Alert{a, low}); err != nil {
			t.Fatal(err)
		}
		stop(t, o)
	}
	o := outputs(t, dir, text)
	start(t, o)
	if err := o.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, ev := range server.Events() {
		if ev.Sourcetype == "weir:alert" {
			got[fmt.Sprint(ev.Subject(), " ", ev.Members()["change"])]++
		}
	}
	if want := "map[a ended:1 a raised:1 low raised:1]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}
