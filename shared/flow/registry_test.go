package flow_test

import (
	"math"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// contract are the canonical names that other programs rely on: records, then sessions.
const contract = `@timestamp event.id event.start event.end event.created observer.ip weir.protocol weir.domain
source.ip source.port source.mac source.as.number source.geo.country_iso_code source.nat.ip source.nat.port source.bytes source.packets
destination.ip destination.port destination.mac destination.as.number destination.geo.country_iso_code destination.nat.ip
destination.nat.port destination.bytes destination.packets
network.iana_number network.transport network.protocol network.bytes network.packets network.direction network.vlan.id
network.application observer.ingress.interface.id observer.ingress.interface.name observer.egress.interface.id
observer.egress.interface.name weir.raw.bytes weir.raw.packets weir.sampling.interval weir.sampling.source weir.tcp.flags
weir.tcp.flags_bits weir.icmp.type weir.icmp.code weir.ip.tos weir.ip.ttl weir.mpls.labels weir.next_hop.ip weir.end_reason
weir.forwarding_status weir.firewall_event weir.source.group weir.destination.group weir.duplicate_of weir.invalid
weir.clock.offset_ms weir.clock.uncertainty_ms related.ip related.port weir.elements`

const contractSessions = `weir.tcp.state session.start client.ip client.port client.bytes client.packets server.ip server.port
server.bytes server.packets weir.client.tcp.flags weir.server.tcp.flags weir.direction.confidence event.duration`

func TestRegistryHoldsTheContract(t *testing.T) {
	reg := flow.NewRegistry()
	names := map[string]bool{}
	for scope, text := range map[flow.Scope]string{flow.ScopeRecord: contract, flow.ScopeSession: contractSessions} {
		for name := range strings.FieldsSeq(text) {
			names[name] = true
			if f := reg.Lookup(name); f == nil || f.Scope != scope {
				t.Errorf("%s is missing, or has the wrong scope", name)
			}
		}
	}
	for _, f := range reg.Fields() {
		if !names[f.Name] {
			t.Errorf("%s is not in the contract: add it to the list here", f.Name)
		}
	}
}

// TestRegistryRows: every row is complete and no name occurs twice.
func TestRegistryRows(t *testing.T) {
	reg := flow.NewRegistry()
	seen := map[string]bool{}
	for _, f := range reg.Fields() {
		if seen[f.Name] || reg.Lookup(f.Name) != f {
			t.Errorf("%s occurs twice", f.Name)
		}
		seen[f.Name] = true
		if f.Doc == "" || !strings.HasSuffix(f.Doc, ".") || f.Example == "" || strings.HasPrefix(f.Kind.String(), "0") || f.Kind == 0 {
			t.Errorf("%s lacks documentation, example or kind", f.Name)
		}
		if (f.Get != nil) != (f.Scope == flow.ScopeRecord) {
			t.Errorf("%s: fields of records have an accessor, those of sessions none", f.Name)
		}
		if f.ECS && strings.HasPrefix(f.Name, "weir.") {
			t.Errorf("%s: ECS has no weir.*", f.Name)
		}
	}
}

// TestAccessorsAreInverse: what a field's Set takes, its Get returns, and the value is of the field's kind.
func TestAccessorsAreInverse(t *testing.T) {
	reg := flow.NewRegistry()
	full, r := fullRecord()
	for _, f := range reg.Fields() {
		if f.Get == nil || f.Set == nil {
			continue
		}
		b := flow.NewBatch(1, flow.NewSymbols())
		got := b.Grow()
		got.Present |= flow.HasBytes | flow.HasPackets // source.bytes hangs on the record's counter
		want := f.Get(nil, full, r)
		for _, v := range want {
			if v.Kind != f.Kind {
				t.Errorf("%s: a value of kind %s, want %s", f.Name, v.Kind, f.Kind)
			}
			if !f.Set(b, got, v) {
				t.Errorf("%s does not take %s", f.Name, v)
			}
		}
		back := f.Get(nil, b, got)
		if len(want) == 0 || len(back) != len(want) {
			t.Errorf("%s: %d values, %d came back", f.Name, len(want), len(back))
			continue
		}
		for i := range want {
			if back[i] != want[i] {
				t.Errorf("%s: %s came back as %s", f.Name, want[i], back[i])
			}
		}
		if v, ok := f.First(full, r); !ok || v != want[0] {
			t.Errorf("%s: First is %s %v, want %s", f.Name, v, ok, want[0])
		}
	}
}

func TestEventID(t *testing.T) {
	id := flow.EventID{Datagram: flow.DatagramID{Hi: 1, Lo: math.MaxUint64}, Set: 65535, Record: math.MaxUint32}
	const text = "0000000000000001ffffffffffffffff-65535-4294967295"
	if id.String() != text {
		t.Errorf("shown as %s", id)
	}
	if back, ok := flow.ParseEventID(text); !ok || back != id {
		t.Errorf("read as %v", back)
	}
	for _, bad := range []string{"", "1-2-3", text + "-1", "0000000000000001ffffffffffffffff-65536-1", "0000000000000001fffffffffffffffg-1-1"} {
		if _, ok := flow.ParseEventID(bad); ok {
			t.Errorf("%q is taken", bad)
		}
	}
}

// TestNames: every name of an enumeration reads back as its number.
func TestNames(t *testing.T) {
	for n := flow.NetFlow5; n <= flow.NetFlow7; n++ {
		if back, ok := flow.ParseProtocol(n.String()); !ok || back != n {
			t.Errorf("protocol %s", n)
		}
	}
	for n := flow.SamplingOverride; n <= flow.SamplingUnknown; n++ {
		if back, ok := flow.ParseSamplingSource(n.String()); !ok || back != n {
			t.Errorf("sampling source %s", n)
		}
	}
	for n := flow.Inbound; n <= flow.External; n++ {
		if back, ok := flow.ParseDirection(n.String()); !ok || back != n {
			t.Errorf("direction %s", n)
		}
	}
	for n := flow.ReasonNone + 1; n < flow.NumReasons; n++ {
		if back, ok := flow.ParseReason(n.String()); !ok || back != n {
			t.Errorf("reason %s", n)
		}
	}
	for n := range 256 {
		if back, ok := flow.TransportNumber(flow.TransportName(uint8(n))); !ok || back != uint8(n) {
			t.Errorf("transport %s", flow.TransportName(uint8(n)))
		}
	}
	for i, name := range flow.TCPFlagNames() {
		if flow.TCPFlagBit(name) != 1<<i {
			t.Errorf("flag %s", name)
		}
	}
	if _, ok := flow.ParseProtocol(""); ok || flow.TCPFlagBit("") != 0 {
		t.Error("nothing is a name")
	}
}

func TestScale(t *testing.T) {
	for _, c := range []struct {
		n        uint64
		interval float64
		want     uint64
	}{
		{1500, 1, 1500}, {1500, 1000, 1_500_000}, {1, 2.5, 3}, {3, 2.5, 8}, {0, 1e9, 0}, {1 << 63, 2, math.MaxUint64},
		{1<<53 + 1, 3, 3<<53 + 3}, {math.MaxUint64, 1.5, math.MaxUint64}, {1 << 40, 1 << 30, math.MaxUint64}, {7, 1 << 40, 7 << 40},
	} {
		if got := flow.Scale(c.n, c.interval); got != c.want {
			t.Errorf("%d at 1:%g is %d, want %d", c.n, c.interval, got, c.want)
		}
	}
	if flow.SaturatingSum(math.MaxUint64, 1) != math.MaxUint64 || flow.SaturatingSum(2, 3) != 5 {
		t.Error("SaturatingSum is wrong")
	}
}

func TestSeverityLabel(t *testing.T) {
	for severity, want := range map[int]string{0: "info", 19: "info", 20: "low", 39: "low", 40: "medium", 59: "medium", 60: "high", 79: "high", 80: "critical", 100: "critical"} {
		if got := flow.SeverityLabel(severity); got != want {
			t.Errorf("%d is %s, want %s", severity, got, want)
		}
	}
}
