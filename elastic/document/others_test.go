package document_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
)

func anAlert() flow.Alert {
	at := time.Date(2026, 3, 2, 8, 15, 0, 123000000, time.UTC)
	baseline, end := 12.5, at.Add(time.Minute)
	return flow.Alert{
		ID: "bruteforce-1", Detector: "bruteforce.ssh", Title: `Password guessing on "ssh"`, Severity: 60, SeverityLabel: "high", Confidence: 0.5, State: flow.AlertEnded,
		Start: at, Last: at.Add(30 * time.Second), End: &end, DetectedAt: at.Add(time.Second),
		Actors: []string{"203.0.113.7"}, ActorsTotal: 1, Victims: []string{"10.0.0.1", "10.0.0.0/24", "2001:DB8::1"}, VictimsTotal: 3, Groups: []string{"servers"},
		Service: &flow.Service{Transport: "tcp", Port: 22}, Measured: flow.Measure{Name: "attempts", Value: 600, Unit: "sessions"}, Threshold: 30, Baseline: &baseline,
		Techniques: []flow.Technique{{ID: "T1110.001", Name: "Password Guessing"}, {ID: "T1110", Name: "Brute Force"}, {ID: "T1046", Name: "Network Service Discovery"}},
		Exporters:  []string{"192.0.2.1"}, Interfaces: []flow.Interface{{Exporter: "192.0.2.1", ID: 3, Name: "ge-0"}}, Pivots: []flow.AlertPivot{},
		RunbookURL: "https://example.org/bruteforce",
	}
}

// TestAlerts: what Elastic's rules and pages read is there, and the alert comes back whole.
func TestAlerts(t *testing.T) {
	a, e := anAlert(), document.NewEncoder(document.Config{})
	text, err := e.AppendAlert(nil, &a)
	if err != nil {
		t.Fatal(err)
	}
	doc := known(t, document.Alert, text)
	for name, want := range map[string]any{
		"event.id": "bruteforce-1", "event.kind": "alert", "source.ip": "203.0.113.7", "destination.ip": nil, "destination.port": 22.0, "event.risk_score": 30.0,
		"related.ip": []any{"10.0.0.1", "2001:db8::1", "203.0.113.7"}, "threat.framework": "MITRE ATT&CK", "threat.technique.id": []any{"T1110", "T1046"},
		"threat.technique.name": []any{"Brute Force", "Network Service Discovery"}, "threat.technique.subtechnique.id": []any{"T1110.001"},
		"threat.technique.subtechnique.reference": []any{"https://attack.mitre.org/techniques/T1110/001/"}, "event.end": "2026-03-02T08:16:00.123Z",
	} {
		if diff := cmp.Diff(want, doc[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, text := range [][]byte{text, nested(t, text)} {
		got, err := document.NewReader().Alert(text)
		if diff := cmp.Diff(a, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	}
}

// TestAlertEvents: a change has an identity of its own, which is the same when it is told of again, at another time.
func TestAlertEvents(t *testing.T) {
	e, ids := document.NewEncoder(document.Config{}), map[string]bool{}
	ev := sink.Event{Change: sink.Raised, ToldAt: time.Unix(1772438545, 0), Alert: anAlert()}
	text, err := e.AppendAlertEvent(nil, &ev)
	if err != nil {
		t.Fatal(err)
	}
	doc := known(t, document.AlertEvent, text)
	if doc["event.id"] != sink.ChangeID(&ev) || doc["event.action"] != "alert_raised" {
		t.Errorf("%s", text)
	}
	ids[sink.ChangeID(&ev)] = true
	ev.ToldAt = ev.ToldAt.Add(time.Hour)
	if !ids[sink.ChangeID(&ev)] {
		t.Error("told of again it has another id")
	}
	for _, change := range []func(){
		func() { ev.Change = sink.Ended }, func() { ev.State = flow.AlertActive }, func() { ev.Severity++ }, func() { ev.Measured.Value++ }, func() { ev.VictimsTotal++ },
		func() { ev.Last = ev.Last.Add(1) },
	} {
		change()
		if ids[sink.ChangeID(&ev)] {
			t.Error("a change without a new id")
		}
		ids[sink.ChangeID(&ev)] = true
	}
}

func TestInterfaces(t *testing.T) {
	e, reader := document.NewEncoder(document.Config{}), document.NewReader()
	ethernet, gauges := interfaces.NoEthernet(), interfaces.Gauges{Samples: 2, Load5s: interfaces.Gauge{Mean: 0.25, Peak: 0.5}, Load1m: interfaces.Gauge{Mean: -1, Peak: -1}, Load5m: interfaces.Gauge{Mean: -1, Peak: -1}, Memory: -1, FreeMemory: -1}
	ethernet.FCS = 3
	base := interfaces.Minute{Exporter: flow.AddrFrom4(0xc0000201), Index: 3, At: 1772438520e9, Source: interfaces.SNMP, Run: 1<<64 - 1, Seconds: 60}
	minutes := map[string]interfaces.Minute{}
	m := base
	m.Name, m.Alias, m.Speed, m.Admin, m.Oper, m.Ethernet = "ge-0/0/1", "uplink", 1e9, flow.StatusUp, flow.StatusDown, &ethernet
	m.In = interfaces.Amounts{Octets: 1500.5, Unicast: 3, Multicast: interfaces.Unknown, Broadcast: interfaces.Unknown, Discards: 0, Errors: 1}
	m.Out = m.In
	minutes["interface"] = m
	m = base
	m.Kind, m.In = interfaces.KindVLAN, minutes["interface"].In
	minutes["VLAN"] = m
	m = base
	m.Kind, m.Gauges = interfaces.KindProcessor, &gauges
	minutes["processor"] = m
	for name, m := range minutes {
		text := e.AppendInterface(nil, &m, 2)
		doc := known(t, document.Interface, text)
		if doc["event.id"] != string(document.AppendInterfaceID(nil, &m, 2)) {
			t.Errorf("%s: %v", name, doc["event.id"])
		}
		for _, text := range [][]byte{text, nested(t, text)} {
			got, part, err := reader.Interface(text)
			if diff := cmp.Diff(m, got); diff != "" || part != 2 || err != nil {
				t.Errorf("%s: part %d, %v\n%s\n%s", name, part, err, diff, text)
			}
		}
	}
}

func TestExporters(t *testing.T) {
	at := time.Date(2026, 3, 2, 8, 15, 0, 0, time.UTC)
	interval, offset, rate := 1000.0, int64(-250), 0.25
	x := query.Exporter{
		IP: "192.0.2.1", Source: "198.51.100.1", Domain: 7, Protocol: "netflow9", LastSeen: &at, Datagrams: 10, Dropped: map[string]uint64{"queue_full": 3, "full": 4},
		Sampling: &query.Sampling{Interval: &interval, Source: "options"}, Clock: &query.Clock{Status: "good", OffsetMs: &offset},
		Health: &health.Stream{AsOf: at, GapRate: &rate, Faults: []health.Fault{{Kind: "gaps"}}, Intervals: []health.Interval{}, Links: []health.Link{}},
	}
	text, err := document.NewEncoder(document.Config{}).AppendExporter(nil, &x, at, &document.ExporterLoss{From: at.Add(-time.Minute), Gaps: 2, Dropped: 1})
	if err != nil {
		t.Fatal(err)
	}
	doc := known(t, document.Exporter, text)
	for name, want := range map[string]any{
		"event.id": "192.0.2.1-198.51.100.1-0-7-netflow9-1772439300", "weir.exporter.dropped": 7.0, "weir.clock.offset_ms": -250.0, "weir.exporter.lost.from": "2026-03-02T08:14:00Z", "weir.exporter.lost.gaps": 2.0, "weir.exporter.lost.dropped": 1.0, "weir.exporter.faults": []any{"gaps"},
	} {
		if diff := cmp.Diff(want, doc[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, text := range [][]byte{text, nested(t, text)} {
		got, err := document.NewReader().Exporter(text)
		if diff := cmp.Diff(x, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	}
}

func TestRefusals(t *testing.T) {
	long := []byte(strings.Repeat("ä", 50_000))
	text := document.NewEncoder(document.Config{}).AppendRefusal(nil, &document.Refusal{
		At: time.Unix(1772438545, 0), ID: "x", Target: "logs-weir.flow-default", Status: 400, Type: "document_parsing_exception", Reason: `failed to parse field [source.ip]`, Document: long,
	})
	doc := known(t, document.DeadLetter, text)
	if n := len(doc["event.original"].(string)); n != 32_000 {
		t.Errorf("%d bytes are kept", n)
	}
}

// FuzzRead: what a server answers is read or refused.
func FuzzRead(f *testing.F) {
	a := anAlert()
	e := document.NewEncoder(document.Config{})
	text, _ := e.AppendAlert(nil, &a)
	f.Add(text)
	f.Add(e.AppendInterface(nil, &interfaces.Minute{Source: interfaces.SFlow}, 0))
	f.Add(e.AppendSession(nil, &flow.SessionBatch{Symbols: flow.NewSymbols()}, &flow.Session{}))
	f.Add([]byte(`{"event":{"end":"2026-03-02T08:15:00Z"},"network.bytes":"12","weir":{"elements":{"9/1":["a",3]}}}`))
	reader := document.NewReader()
	f.Fuzz(func(t *testing.T, text []byte) {
		b := flow.NewBatch(1, flow.NewSymbols())
		if n, err := reader.Record(text, b); err == nil && (n == 0 || len(b.Records) != 1 || !json.Valid(e.AppendRecord(nil, b, &b.Records[0]))) {
			t.Error("a record that cannot be written again")
		}
		_ = reader.Session(text, &flow.SessionBatch{Symbols: flow.NewSymbols()})
		_, _ = reader.Alert(text)
		_, _ = reader.Exporter(text)
		_, _, _ = reader.Interface(text)
	})
}
