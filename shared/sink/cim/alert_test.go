package cim_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/cim"
)

// TestEvidence: the search for what is behind an alert, among the events that there are.
func TestEvidence(t *testing.T) {
	const window = " earliest=1772452800 latest=1772452861 "
	for _, c := range []struct {
		flows  cim.Flows
		filter string
		want   string
	}{
		{cim.FlowsAll, "source.ip : 10.1.2.3 and destination.port : 22", "`weir_index` sourcetype=weir:flow" + window + `src_ip="10.1.2.3" AND dest_port=22`},
		{cim.FlowsNone, "source.ip : 10.1.2.3", "`weir_index` sourcetype=weir:flow" + window + `src_ip="10.1.2.3"`},
		{cim.FlowsAggregated, "source.ip : 10.1.2.3", "`weir_index` sourcetype=weir:traffic" + window + `src_ip="10.1.2.3"`},
		{cim.FlowsSessions, "source.ip : 10.1.2.3 and destination.port : 22", "`weir_index` sourcetype=weir:session earliest=1772452800 latest=1772460061 " +
			`event.start<1772452861 AND ((src_ip="10.1.2.3" AND dest_port=22) OR (dest_ip="10.1.2.3" AND src_port=22))`},
		{cim.FlowsSessions, "related.ip : 10.1.2.3", "`weir_index` sourcetype=weir:session earliest=1772452800 latest=1772460061 " +
			`event.start<1772452861 AND (src_ip="10.1.2.3" OR dest_ip="10.1.2.3")`},
		{cim.FlowsSessions, "weir.ip.ttl : 3", ""},
		{cim.FlowsAggregated, "not weir.ip.ttl : 3", ""},
		{cim.FlowsAll, "", ""},
		{cim.FlowsAll, "no filter", ""},
	} {
		a := flow.Alert{Evidence: flow.Evidence{Filter: c.filter, From: noon, To: noon.Add(60*time.Second + 1)}}
		if got := cim.NewEncoder(cim.Config{Flows: c.flows}).Evidence(&a); got != c.want {
			t.Errorf("%s of %s:\n%s\nwant\n%s", c.filter, c.flows, got, c.want)
		}
	}
}

func TestWindow(t *testing.T) {
	for _, c := range []struct {
		name           string
		alert          flow.Alert
		from, duration int64
	}{
		{"of the evidence", flow.Alert{Start: noon.Add(time.Hour), Evidence: flow.Evidence{From: noon, To: noon.Add(time.Minute)}}, noon.Unix(), 60},
		{"parts of a second", flow.Alert{Evidence: flow.Evidence{From: noon.Add(time.Millisecond), To: noon.Add(time.Minute + time.Millisecond)}}, noon.Unix(), 61},
		{"of the alert", flow.Alert{Start: noon, Last: noon.Add(90 * time.Second)}, noon.Unix(), 90},
		{"of a moment", flow.Alert{Start: noon, Last: noon}, noon.Unix(), 1},
	} {
		if from, to := cim.Window(&c.alert); from != c.from || to-from != c.duration {
			t.Errorf("%s: %d, %d", c.name, from, to-from)
		}
	}
}

// TestAlertIsBounded: Splunk looks for fields in the first 10,000 bytes of an event.
func TestAlertIsBounded(t *testing.T) {
	long := flow.Alert{
		ID: "id", Detector: "dos.volumetric.host", Title: strings.Repeat("ä\"", 4000), Severity: 90, SeverityLabel: "critical", State: flow.AlertActive, Start: noon, Last: noon, DetectedAt: noon,
		ActorsTotal: 4_000_000, VictimsTotal: 500, Evidence: flow.Evidence{Filter: "source.ip : 10.1.2.3", From: noon, To: noon}, DoS: &flow.DoS{}, Confidence: 1,
	}
	for i := range 500 {
		long.Actors, long.Victims = append(long.Actors, fmt.Sprintf("2001:db8::%x", i)), append(long.Victims, fmt.Sprintf("10.0.%d.0/24", i))
		long.Groups, long.Exporters = append(long.Groups, strings.Repeat("group", 10)), append(long.Exporters, fmt.Sprintf("192.0.2.%d", i%250))
		long.Pivots = append(long.Pivots, flow.AlertPivot{Title: strings.Repeat("t", 50), URL: "https://example.com/" + strings.Repeat("x", 300)})
		long.DoS.Vectors = append(long.DoS.Vectors, flow.Vector{Name: fmt.Sprint("vector ", i)})
	}
	raw := cim.NewEncoder(cim.Config{}).AppendAlert([]byte("before"), &sink.Event{Change: sink.Raised, ToldAt: noon, Alert: long})[len("before"):]
	known(t, cim.Alert, raw)
	if len(raw) > 10_000 {
		t.Errorf("%d bytes", len(raw))
	}
	if len(long.Actors) != 500 || len(long.DoS.Vectors) != 500 {
		t.Error("what others hold was cut")
	}
	var got map[string]any
	if err := json.Unmarshal(raw, &got); err != nil || got["actors_total"] != 4e6 || got["shortened"] != true || got["severity"] != "critical" {
		t.Errorf("%v: %s", err, raw)
	}
}
