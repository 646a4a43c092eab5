package filter_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

func TestSessionFilters(t *testing.T) {
	symbols := flow.NewSymbols()
	web := flow.Session{
		Start: 1e18, End: 1e18 + 5e9, Transport: 6, State: flow.StateEST, Direction: flow.Outbound, Confidence: 0.9, SamplingInterval: 1,
		Client:  flow.SessionSide{IP: flow.AddrFrom4(0x0a000001), Port: 50000, Bytes: 1000, Packets: 10, TCPFlags: flow.SYN | flow.ACK, Groups: symbols.Intern("servers,linux"), NAT: flow.AddrFrom4(0xc6336407), NATPort: 40001},
		Server:  flow.SessionSide{IP: flow.AddrFrom4(0xcb007109), Port: 443, Bytes: 9000, Packets: 12, TCPFlags: flow.ACK, ASN: 64500, Country: [2]byte{'C', 'H'}},
		Service: symbols.Intern("https"), ExporterCount: 2, Exporters: [flow.MaxSessionExporters]flow.Addr{flow.AddrFrom4(0xc0000201), flow.AddrFrom4(0xc0000202)},
	}
	ping := web
	ping.Transport, ping.State, ping.ICMPType, ping.Client.Port, ping.Server.Port = 1, flow.StateNone, 8, 0, 0
	for _, c := range []struct {
		text      string
		web, ping bool
	}{
		{"", true, true},
		{"client.ip : 10.0.0.0/8 and server.ip : 203.0.113.9", true, true},
		{"source.ip : 10.0.0.1 and destination.port : 443", true, false},
		{"client.port : * or server.port >= 0", true, false},
		{"server.port : (22 or 443)", true, false},
		{"client.bytes > 999 and server.bytes < 9001 and client.packets : 10 and server.packets : 12", true, true},
		{"network.bytes : 10000 and network.packets : 22 and source.bytes : 1000 and destination.bytes : 9000", true, true},
		{"weir.tcp.state : (EST or S0)", true, false},
		{"not weir.tcp.state : *", false, true},
		{"weir.tcp.state : e* and weir.server.tcp.flags : *ck and weir.client.tcp.flags : sy*", true, false},
		{"source.nat.ip : 198.51.100.7 and source.nat.port : 40001 and not destination.nat.ip : *", true, true},
		{"weir.client.tcp.flags : SYN and not weir.server.tcp.flags : SYN", true, false},
		{"weir.tcp.flags : SYN", true, false},
		{"weir.icmp.type : 8", false, true},
		{"event.duration : 5000000000", true, true},
		{"event.duration > 5000000000", false, false},
		{"weir.direction.confidence >= 0.75", true, true},
		{`session.start < "2001-09-09T01:46:41Z" and event.end > "2001-09-09T01:46:44Z"`, true, true},
		{"weir.source.group : linux and network.direction : outbound and network.protocol : https", true, true},
		{"destination.as.number : 64500 and destination.geo.country_iso_code : CH", true, true},
		{"observer.ip : 192.0.2.2", true, true},
		{"observer.ip : 192.0.2.3", false, false},
		{"related.ip : 203.0.113.9 and not related.port : 443", false, true},
		{"network.transport : (tcp or udp)", true, false},
	} {
		n, err := filter.ParseSession(c.text, flow.NewRegistry())
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		match, view := filter.SessionPredicate(n), filter.NewSessionView(symbols)
		for _, one := range []struct {
			s    *flow.Session
			want bool
		}{{&web, c.web}, {&ping, c.ping}, {&web, c.web}} {
			if view.Set(one.s); match(view) != one.want {
				t.Errorf("%s: transport %d: want %v", c.text, one.s.Transport, one.want)
			}
		}
	}
}

func TestSessionFilterErrors(t *testing.T) {
	for _, c := range []struct{ text, says string }{
		{"weir.tcp.state : 5", "column 18: weir.tcp.state wants one of S0, REJ, EST0, EST, UNI, MID, BSC, Q, QR, not 5"},
		{"weir.server.tcp.flags : SYM", "did you mean weir.server.tcp.flags : SYN?"},
		{"event.duration : 1s", "event.duration wants a number"},
		{"clent.ip : 10.0.0.1", "did you mean client.ip?"},
		{"source.mac : *", "column 1: source.mac exists on records only"},
	} {
		if _, err := filter.ParseSession(c.text, flow.NewRegistry()); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, should say %q", c.text, err, c.says)
		}
	}
}

// TestEveryFieldOfSessions: a field can be asked of sessions, or it is refused with its column.
func TestEveryFieldOfSessions(t *testing.T) {
	reg := flow.NewRegistry()
	view := filter.NewSessionView(flow.NewSymbols())
	view.Set(&flow.Session{Transport: 6, State: flow.StateEST, Start: 1, End: 2})
	for _, f := range reg.Fields() {
		n, err := filter.ParseSession("source.ip : * and "+f.Name+" : *", reg)
		var bad *filter.Error
		if errors.As(err, &bad) && (bad.Column != 19 || f.Scope == flow.ScopeSession) || err != nil && bad == nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		if err == nil && f.Scope == flow.ScopeSession && !filter.SessionPredicate(n)(view) && f.Name != "weir.client.tcp.flags" && f.Name != "weir.server.tcp.flags" {
			t.Errorf("%s: a session has none", f.Name)
		}
	}
}
