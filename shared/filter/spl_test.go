package filter_test

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
)

// splunkEvent is what Splunk extracts: fields under its names, seconds for times, counters of sides only where both directions are
// told, unless they are there by themselves.
func splunkEvent(reg *flow.Registry, raw []byte, values func(f *flow.Field) []flow.Value, sides bool) filtertest.Event {
	e := filtertest.Event{"_raw": {string(raw)}}
	for _, f := range reg.Fields() {
		if strings.HasPrefix(f.Name, "related.") || f.Kind == flow.KindObject {
			continue
		}
		var texts []string
		for _, v := range values(f) {
			text := v.String()
			switch {
			case f.Kind == flow.KindTime, f.Name == "event.duration":
				text = new(big.Rat).SetFrac(new(big.Int).SetUint64(v.U), big.NewInt(1e9)).RatString()
			case f.Kind == flow.KindMAC:
				text = strings.ToLower(strings.ReplaceAll(text, "-", ":"))
			}
			texts = append(texts, text)
		}
		for _, text := range texts {
			name := filter.SplunkName(f)
			switch {
			case f.Name == "network.transport" && text == "ipv6-icmp":
				text = "icmp"
			case f.Name == "network.direction" && (text == "internal" || text == "external"):
				name = filter.SplunkOtherDirection
			case f.Name == "weir.tcp.flags" && (text == "ECE" || text == "CWR"):
				name = filter.SplunkOtherFlags
			}
			add(e, name, text)
		}
	}
	if len(e["app"]) == 0 {
		e["app"] = []string{filter.SplunkUnknown}
	}
	if len(e["bytes_in"]) == 0 && !sides {
		delete(e, "bytes_out")
		delete(e, "packets_out")
	}
	return e
}

// add adds a value: fields that stand for the same are told once.
func add(e filtertest.Event, name, text string) {
	if !slices.Contains(e[name], text) {
		e[name] = append(e[name], text)
	}
}

// TestSPLSelectsWhatTheLanguageMeans judges the records' fields as Splunk would.
func TestSPLSelectsWhatTheLanguageMeans(t *testing.T) {
	rng, reg := rand.New(rand.NewPCG(51, 52)), flow.NewRegistry()
	some, notAll := 0, 0
	for round := range 30 {
		b := filtertest.RandomBatch(rng, 20)
		events := make([]filtertest.Event, len(b.Records))
		for i := range b.Records {
			r := &b.Records[i]
			raw := flow.AppendJSON(nil, reg, b, r)
			events[i] = splunkEvent(reg, raw, func(f *flow.Field) []flow.Value {
				if f.Get == nil {
					return nil
				}
				return f.Get(nil, b, r)
			}, round%2 == 0)
		}
		for range 30 {
			n := filtertest.Random(rng, reg)
			spl, selected := filter.SPL(n), map[flow.EventID]bool{}
			for i := range events {
				if events[i].Selects(spl) {
					selected[b.Records[i].ID] = true
				}
			}
			if diff := filtertest.Difference(n, b, reg, selected); diff != "" {
				t.Fatalf("%s\n%s", diff, spl)
			}
			if len(selected) > 0 {
				some++
			}
			if len(selected) < len(events) {
				notAll++
			}
		}
	}
	if some < 350 || notAll < 350 {
		t.Errorf("of 900 filters %d select a record and %d leave one out: the generator has gone blunt", some, notAll)
	}
}

func TestSPLOnSessions(t *testing.T) {
	rng, reg := rand.New(rand.NewPCG(53, 54)), flow.NewRegistry()
	for range 10 {
		b := filtertest.LastStates(filtertest.RandomSessions(rng, 10))
		for range 50 {
			n := filtertest.RandomOfSessions(rng, reg)
			spl := filter.SPL(n)
			for i := range b.Sessions {
				s := &b.Sessions[i]
				e := splunkEvent(reg, nil, func(f *flow.Field) []flow.Value {
					if f.OfSession == nil {
						return nil
					}
					return f.OfSession(nil, b.Symbols, s)
				}, true)
				if got, want := e.Selects(spl), filtertest.MatchSession(n, b.Symbols, s); got != want {
					t.Fatalf("%s\nselects %v, should be %v:\n%s\n%v", n, got, want, spl, e)
				}
			}
		}
	}
}

// TestSplunkNames holds the names to those that CIM's model of network traffic has.
func TestSplunkNames(t *testing.T) {
	want := map[string]string{
		"@timestamp": "_time", "event.end": "_time", "observer.ip": "dvc_ip", "network.transport": "transport", "network.protocol": "app", "network.direction": "direction",
		"network.bytes": "bytes", "network.packets": "packets", "network.vlan.id": "vlan",
		"observer.ingress.interface.name": "src_interface", "observer.egress.interface.name": "dest_interface", "event.id": "flow_id", "event.duration": "duration",
		"weir.tcp.flags": "tcp_flag", "weir.icmp.type": "icmp_type", "weir.icmp.code": "icmp_code", "weir.ip.tos": "tos", "weir.ip.ttl": "ttl",
		"source.ip": "src_ip", "source.port": "src_port", "source.mac": "src_mac", "source.bytes": "bytes_out", "source.packets": "packets_out",
		"source.nat.ip": "src_translated_ip", "source.nat.port": "src_translated_port",
		"destination.ip": "dest_ip", "destination.port": "dest_port", "destination.mac": "dest_mac", "destination.bytes": "bytes_in", "destination.packets": "packets_in",
		"destination.nat.ip": "dest_translated_ip", "destination.nat.port": "dest_translated_port",
		"client.ip": "src_ip", "client.port": "src_port", "client.bytes": "bytes_out", "client.packets": "packets_out",
		"server.ip": "dest_ip", "server.port": "dest_port", "server.bytes": "bytes_in", "server.packets": "packets_in",
	}
	names, reg := map[string]string{}, flow.NewRegistry()
	for _, f := range reg.Fields() {
		name := filter.SplunkName(f)
		if cim, ok := want[f.Name]; ok && name != cim || !ok && name != f.Name {
			t.Errorf("%s is %s", f.Name, name)
		}
		if other, twice := names[name]; twice && f.Scope == flow.ScopeRecord && f.Name != "event.end" {
			t.Errorf("%s and %s are both %s", other, f.Name, name)
		}
		names[name] = f.Name
		delete(want, f.Name)
	}
	if len(want) > 0 {
		t.Errorf("no fields: %v", want)
	}
}

// FuzzTranslations holds the query DSL and SPL to the meaning of whatever is a filter.
func FuzzTranslations(f *testing.F) {
	rng, reg := rand.New(rand.NewPCG(55, 56)), flow.NewRegistry()
	for range 50 {
		f.Add(filtertest.Random(rng, reg).String())
	}
	for _, c := range constructs {
		f.Add(c.text)
	}
	b, x := filtertest.RandomBatch(rng, 8), newIndex(reg)
	docs, events := make([]object, len(b.Records)), make([]filtertest.Event, len(b.Records))
	for i := range b.Records {
		r := &b.Records[i]
		raw := flow.AppendJSON(nil, reg, b, r)
		docs[i], _ = decodeObject(raw)
		events[i] = splunkEvent(reg, raw, func(f *flow.Field) []flow.Value {
			if f.Get == nil {
				return nil
			}
			return f.Get(nil, b, r)
		}, true)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := filter.Parse(text, reg)
		if err != nil {
			return
		}
		query, spl := dsl(t, n), filter.SPL(n)
		for i := range b.Records {
			want := filtertest.Match(n, b, &b.Records[i])
			if x.matches(query, docs[i]) != want || events[i].Selects(spl) != want {
				t.Fatalf("%q should select %v: record %d\n%v\n%s", text, want, i, query, spl)
			}
		}
	})
}
