package flow_test

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// valuesOf returns the session's values of a field as text, joined by spaces.
func valuesOf(f *flow.Field, b *flow.SessionBatch, s *flow.Session) string {
	var texts []string
	for _, v := range f.OfSession(nil, b.Symbols, s) {
		texts = append(texts, v.String())
	}
	return strings.Join(texts, " ")
}

// TestFieldsOfSessions: what each field holds on a session that has all of them.
func TestFieldsOfSessions(t *testing.T) {
	want := map[string]string{
		"@timestamp": "2026-03-02T08:01:00.25Z", "event.end": "2026-03-02T08:01:00.25Z", "event.start": "2026-03-02T08:00:00.000000001Z",
		"session.start": "2026-03-02T08:00:00.000000001Z", "event.duration": "60249999999",
		"client.ip": "10.0.0.5", "client.port": "50123", "client.bytes": "18446744073709551615", "client.packets": "3",
		"source.ip": "10.0.0.5", "source.port": "50123", "source.bytes": "18446744073709551615", "source.packets": "3",
		"source.nat.ip": "198.51.100.7", "source.nat.port": "40001", "source.as.number": "64500", "source.geo.country_iso_code": "CH",
		"weir.source.group": `users gäste "2"`, "weir.client.tcp.flags": "SYN ACK",
		"server.ip": "2001:db8::1", "server.port": "443", "server.bytes": "70", "server.packets": "2",
		"destination.ip": "2001:db8::1", "destination.port": "443", "destination.bytes": "70", "destination.packets": "2",
		"destination.nat.ip": "", "destination.nat.port": "8443", "destination.as.number": "4200000000", "destination.geo.country_iso_code": "DE",
		"weir.destination.group": "servers", "weir.server.tcp.flags": "FIN",
		"network.iana_number": "6", "network.transport": "tcp", "network.protocol": "https", "network.application": "ms teams",
		"network.direction": "outbound", "network.packets": "5",
		"network.bytes":          "18446744073709551615", // sums stop at the greatest number
		"weir.sampling.interval": "2.5", "weir.direction.confidence": "0.85", "weir.tcp.state": "EST", "weir.tcp.flags": "FIN SYN ACK",
		"weir.tcp.flags_bits": "19", "weir.icmp.type": "", "weir.icmp.code": "",
		"observer.ip": "192.0.2.1 192.0.2.2", "related.ip": "10.0.0.5 2001:db8::1", "related.port": "50123 443",
	}
	b, s := fullSession()
	for _, f := range flow.NewRegistry().Fields() {
		text, ok := want[f.Name]
		if (f.OfSession != nil) != ok {
			t.Errorf("%s: is it on sessions?", f.Name)
			continue
		}
		if !ok {
			continue
		}
		if got := valuesOf(f, b, s); got != text {
			t.Errorf("%s is %q, should be %q", f.Name, got, text)
		}
		for _, v := range f.OfSession(nil, b.Symbols, s) {
			if v.Kind != f.Kind {
				t.Errorf("%s: a value of kind %s, want %s", f.Name, v.Kind, f.Kind)
			}
		}
		var room [16]flow.Value
		if n := testing.AllocsPerRun(10, func() { f.OfSession(room[:0], b.Symbols, s) }); n != 0 {
			t.Errorf("%s: %v allocations", f.Name, n)
		}
	}
}

// TestFieldsThatASessionLacks: protocols without ports or flags, and what is not known.
func TestFieldsThatASessionLacks(t *testing.T) {
	reg, b := flow.NewRegistry(), &flow.SessionBatch{Symbols: flow.NewSymbols()}
	portless := "client.port server.port source.port destination.port related.port"
	flagless := "weir.tcp.flags weir.tcp.flags_bits weir.client.tcp.flags weir.server.tcp.flags"
	icmp := "weir.icmp.type weir.icmp.code"
	for _, c := range []struct {
		name string
		s    flow.Session
		no   string // fields without a value
		yes  string // fields with 0 for a value
	}{
		{"TCP", flow.Session{Transport: 6}, icmp, portless + " weir.tcp.flags_bits"},
		{"UDP", flow.Session{Transport: 17, Server: flow.SessionSide{Port: 53}}, icmp + " " + flagless, "client.port source.port"},
		{"GRE", flow.Session{Transport: 47}, icmp + " " + flagless + " " + portless, "client.bytes"},
		{"ICMP", flow.Session{Transport: 1, Server: flow.SessionSide{Port: 2048}}, flagless + " " + portless, icmp},
		{"ICMPv6", flow.Session{Transport: 58}, flagless + " " + portless, icmp},
		{"nothing is known", flow.Session{}, "weir.tcp.state network.direction network.protocol network.application weir.sampling.interval observer.ip " +
			"source.as.number source.geo.country_iso_code source.nat.ip source.nat.port weir.source.group destination.as.number " +
			"destination.geo.country_iso_code destination.nat.ip destination.nat.port weir.destination.group",
			"event.duration client.bytes server.packets network.bytes weir.direction.confidence"},
		{"it ends before it starts", flow.Session{Start: 1}, "", "event.duration"},
	} {
		for name := range strings.FieldsSeq(c.no) {
			if got := valuesOf(reg.Lookup(name), b, &c.s); got != "" {
				t.Errorf("%s: %s is %s", c.name, name, got)
			}
		}
		for name := range strings.FieldsSeq(c.yes) {
			if got := valuesOf(reg.Lookup(name), b, &c.s); strings.Trim(got, "0 ") != "" || got == "" {
				t.Errorf("%s: %s is %q, should be 0", c.name, name, got)
			}
		}
	}
}
