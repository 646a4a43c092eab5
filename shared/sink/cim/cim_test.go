package cim_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/sink/cim"
)

// exemption is a rule that an event may break, with the reason.
type exemption struct {
	model, field, rule string
	when               func(filtertest.Event) bool
	reason             string
}

func lacks(names ...string) func(filtertest.Event) bool {
	return func(e filtertest.Event) bool {
		return slices.ContainsFunc(names, func(name string) bool { return len(e[name]) == 0 })
	}
}

func isZero(names ...string) func(filtertest.Event) bool {
	return func(e filtertest.Event) bool {
		return slices.ContainsFunc(names, func(name string) bool { return slices.Equal(e[name], []string{"0"}) })
	}
}

func always(filtertest.Event) bool { return true }

func otherTransport(e filtertest.Event) bool {
	return !slices.Contains([]string{"tcp", "udp", "icmp"}, strings.Join(e["transport"], ""))
}

const networkTraffic = "Network_Traffic"

var exemptions = []exemption{
	{networkTraffic, "bytes", "validity", lacks("bytes_in", "bytes_out"), "most exporters tell of one direction a record: the total is known, and no parts of it"},
	{networkTraffic, "bytes bytes_in bytes_out", "cluster", lacks("bytes_in", "bytes_out"), "the same"},
	{networkTraffic, "bytes", "validity", isZero("bytes"), "a counter of 0 is told: traffic that a firewall stopped"},
	{networkTraffic, "bytes_in", "validity", isZero("bytes_in"), "a counter of 0 is told: who was asked did not answer"},
	{networkTraffic, "bytes_out", "validity", isZero("bytes_out"), "a counter of 0 is told: an answer to what was not asked"},
	{networkTraffic, "icmp_type", "validity", func(e filtertest.Event) bool {
		return lacks("duration")(e) || isZero("duration")(e) || len(e["icmp_type"]) > 0
	}, "the model's rule looks at the duration in place of the type"},
	{networkTraffic, "transport", "validity", otherTransport, "the model knows tcp, udp and icmp alone"},
	{networkTraffic, "transport", "expected", otherTransport, "the same"},
	{networkTraffic, "protocol", "validity", otherTransport, "the same"},
	{networkTraffic, "src_port", "condition", lacks("src_port"), "sums have ports of services alone, and fragments have none"},
	{networkTraffic, "dest_port", "condition", lacks("dest_port"), "the same"},
	{networkTraffic, "dest_translated_ip", "condition", lacks("dest_translated_ip"), "the side that is translated has it alone: that is what is asked for"},
	{networkTraffic, "src_translated_ip", "condition", lacks("src_translated_ip"), "the same"},
	{networkTraffic, "dest_translated_ip src_translated_ip", "cluster", always, "the same"},
	{networkTraffic, "dest_translated_port", "condition", lacks("dest_translated_port"), "translation of an address need not change the port"},
	{networkTraffic, "src_translated_port", "condition", lacks("src_translated_port"), "the same"},
}

// judge holds events to a model, as pytest-splunk-addon does with a server. broken counts the exemptions that were needed.
func judge(t *testing.T, m model, e filtertest.Event, needed map[int]int) {
	t.Helper()
	fail := func(field, rule, text string) {
		exempt := false
		for i, x := range exemptions {
			if x.model == m.name && x.field == field && x.rule == rule && x.when(e) {
				needed[i]++
				exempt = true
			}
		}
		if exempt {
			return
		}
		t.Errorf("%s: %s: %s: %s\n%s", m.name, field, rule, text, e["_raw"][0])
	}
	for i := range m.fields {
		f := &m.fields[i]
		values := e[f.Name]
		if f.Type == "conditional" && !holds(e, f.Condition) {
			continue
		}
		switch {
		case strings.HasPrefix(f.Type, "not_allowed"):
			if len(values) > 0 {
				fail(f.Name, "not allowed", strings.Join(values, " "))
			}
			continue
		case f.Type == "required" && len(values) == 0:
			fail(f.Name, "required", "it is not there")
		case f.Type == "conditional" && len(values) == 0:
			fail(f.Name, "condition", f.Condition)
		}
		for _, v := range values {
			if len(f.Expected) > 0 && !slices.Contains(f.Expected, v) {
				fail(f.Name, "expected", v)
			}
		}
		if len(values) > 0 && f.Validity != "" && !valid(t, e, f.Validity) {
			fail(f.Name, "validity", f.Validity)
		}
	}
	for _, c := range m.clusters {
		if n := count(c, func(name string) bool { return len(e[name]) > 0 }); n != 0 && n != len(c) {
			fail(strings.Join(c, " "), "cluster", "not all are there")
		}
	}
}

func count(names []string, has func(string) bool) (n int) {
	for _, name := range names {
		if has(name) {
			n++
		}
	}
	return n
}

// TestCIM: every kind of events passes the rules of the models that it belongs to, but for what is exempted with a reason.
func TestCIM(t *testing.T) {
	network, ids, alerts := cimModel(t, networkTraffic), cimModel(t, "Intrusion_Detection"), cimModel(t, "Alerts")
	needed, seen := map[int]int{}, map[cim.Kind]int{}
	check := func(kind cim.Kind, raw []byte, models ...model) {
		e := extract(t, kind, raw, 0)
		seen[kind]++
		for _, m := range models {
			judge(t, m, e, needed)
		}
	}
	p := flood()
	if p.err != nil {
		t.Fatal(p.err)
	}
	for _, flows := range []cim.Flows{cim.FlowsAggregated, cim.FlowsAll} {
		for i, ev := range p.books[flows].list {
			switch {
			case ev.kind.IsTraffic() && i%100 == 0:
				check(ev.kind, ev.json, network)
			case ev.kind == cim.Alert:
				check(ev.kind, ev.json, ids, alerts)
			}
		}
	}
	for _, raw := range oddities(t) {
		check(cim.Flow, raw, network)
	}
	for _, raw := range alertOfEach(t) {
		check(cim.Alert, raw, ids, alerts)
	}
	for _, kind := range []cim.Kind{cim.Flow, cim.Traffic, cim.Session, cim.Alert} {
		if seen[kind] < 10 {
			t.Errorf("%d events of %s were judged", seen[kind], kind)
		}
	}
	for i, x := range exemptions {
		if needed[i] == 0 {
			t.Errorf("nothing needs the exemption of %s: %s (%s)", x.field, x.rule, x.reason)
		}
	}
}

// TestNoFieldOfAssets: fields that other apps add to events are in none.
func TestNoFieldOfAssets(t *testing.T) {
	cimModel(t, networkTraffic)
	files, err := filepath.Glob("../../../.tools/splunk/cim/lib/python3*/site-packages/pytest_splunk_addon/cim_tests/CommonFields.json")
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var common struct{ Fields []modelField }
	if err := json.Unmarshal(text, &common); err != nil || len(common.Fields) < 5 {
		t.Fatal(fmt.Errorf("%d fields: %w", len(common.Fields), err))
	}
	for _, kind := range cim.Kinds() {
		for _, f := range cim.Fields(kind) {
			if slices.ContainsFunc(common.Fields, func(c modelField) bool { return c.Name == f.Name }) {
				t.Errorf("%s: %s is added by others", kind, f.Name)
			}
		}
	}
}
