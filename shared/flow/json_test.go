package flow_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
)

// fullRecord returns a batch with one record in which every field holds a value.
func fullRecord() (*flow.Batch, *flow.Record) {
	b := flow.NewBatch(1, flow.NewSymbols())
	r := b.Grow()
	*r = flow.Record{
		Present: flow.HasDuplicateOf<<1 - 1,
		ID:      flow.EventID{Datagram: flow.DatagramID{Hi: 0x0123456789abcdef, Lo: 0xfedcba9876543210}, Set: 1, Record: 7},
		Start:   1772439240_000000000, End: 1772439300_123000000, Created: 1772439301_000000001,
		Exporter: flow.AddrFrom4(0xc0000201),
		Source: flow.Endpoint{
			IP: flow.AddrFrom4(0x0a000001), NAT: flow.AddrFrom4(0xc6336407), Bytes: 1000, Packets: 10, ASN: 64500,
			Groups: b.Symbols.InternList([]string{"clients", "all"}), Port: 50123, NATPort: 40001, Country: [2]byte{'C', 'H'}, MAC: flow.MAC{0, 0x1b, 0x44, 0x11, 0x3a, 0xb7},
		},
		Destination: flow.Endpoint{
			IP: flow.AddrFromWords(0x20010db8_00000000, 1), NAT: flow.AddrFromWords(0x20010db8_00000000, 2), Bytes: 500, Packets: 5, ASN: 4200000000,
			Groups: b.Symbols.Intern("servers"), Port: 443, NATPort: 8443, Country: [2]byte{'D', 'E'}, MAC: flow.MAC{2, 0, 0, 0, 0, 1},
		},
		NextHop: flow.AddrFrom4(0xc00002fe), Bytes: 1500, Packets: 15, RawBytes: 600, RawPackets: 6,
		SamplingInterval: 2.5, SamplingSource: flow.SamplingOptions, ClockOffset: -2500e6, ClockUncertainty: 30e6,
		DuplicateOf: flow.EventID{Datagram: flow.DatagramID{Hi: 1, Lo: 2}, Set: 3, Record: 4},
		Domain:      42, InIf: 3, OutIf: 0, InIfName: b.Symbols.Intern(`ge-0/0/1 "up\link"`), OutIfName: b.Symbols.Intern("réseau\n2"),
		Application: b.Symbols.Intern("ms-teams"), Service: b.Symbols.Intern("https"),
		TCPFlags: flow.SYN | flow.ACK | 0x100, VLAN: 100, Protocol: flow.NetFlow9, Direction: flow.Outbound, Invalid: flow.InvalidFuture,
		IPProtocol: 6, ICMPType: 8, ICMPCode: 0, ToS: 184, TTL: 64, EndReason: 2, ForwardingStatus: 64, FirewallEvent: 3,
	}
	for _, e := range []flow.Element{
		{ID: 70, Value: []byte{0x03, 0xe8, 0x40}}, // label 16004
		{ID: 71, Value: []byte{0x00, 0x01, 0x01}}, // label 16, bottom of stack
		{ID: 95, Kind: flow.ElementUint, Value: []byte{13, 0, 1, 0xbb}},
		{PEN: 9, ID: 12235, Kind: flow.ElementString, Value: []byte("a.example\x00\x00")},
		{PEN: 9, ID: 1, Kind: flow.ElementInt, Value: []byte{0xff, 0xfe}},
		{PEN: 9, ID: 2, Kind: flow.ElementFloat, Value: []byte{0x3f, 0x20, 0, 0}},
		{PEN: 9, ID: 3, Kind: flow.ElementAddr, Value: []byte{192, 0, 2, 9}},
		{PEN: 9, ID: 4, Kind: flow.ElementMAC, Value: []byte{0, 1, 2, 0xaa, 0xbb, 0xcc}},
		{PEN: 9, ID: 5, Kind: flow.ElementBytes, Value: []byte{0, 0xff}},
		{PEN: 9, ID: 1, Kind: flow.ElementUint, Value: []byte{5}},
		{PEN: 9, ID: 6, Kind: flow.ElementFloat, Value: []byte{0x7f, 0xc0, 0, 0}}, // NaN
	} {
		b.AppendElement(r, e)
	}
	return b, r
}

const fullJSON = `{"@timestamp":"2026-03-02T08:15:00.123Z","event.id":"0123456789abcdeffedcba9876543210-1-7",` +
	`"event.start":"2026-03-02T08:14:00Z","event.end":"2026-03-02T08:15:00.123Z","event.created":"2026-03-02T08:15:01.000000001Z",` +
	`"source.ip":"10.0.0.1","source.port":50123,"source.mac":"00-1B-44-11-3A-B7","source.as.number":64500,` +
	`"source.geo.country_iso_code":"CH","source.nat.ip":"198.51.100.7","source.nat.port":40001,"source.bytes":1000,"source.packets":10,` +
	`"weir.source.group":["clients","all"],` +
	`"destination.ip":"2001:db8::1","destination.port":443,"destination.mac":"02-00-00-00-00-01","destination.as.number":4200000000,` +
	`"destination.geo.country_iso_code":"DE","destination.nat.ip":"2001:db8::2","destination.nat.port":8443,"destination.bytes":500,` +
	`"destination.packets":5,"weir.destination.group":["servers"],` +
	`"network.iana_number":6,"network.transport":"tcp","network.protocol":"https","network.bytes":1500,"network.packets":15,` +
	`"network.direction":"outbound","network.vlan.id":100,"network.application":"ms-teams",` +
	`"observer.ip":"192.0.2.1","weir.protocol":"netflow9","weir.domain":42,"observer.ingress.interface.id":3,` +
	`"observer.ingress.interface.name":"ge-0/0/1 \"up\\link\"","observer.egress.interface.id":0,` +
	`"observer.egress.interface.name":"réseau\u000a2",` +
	`"weir.raw.bytes":600,"weir.raw.packets":6,"weir.sampling.interval":2.5,"weir.sampling.source":"options",` +
	`"weir.tcp.flags":["SYN","ACK"],"weir.tcp.flags_bits":274,"weir.icmp.type":8,"weir.icmp.code":0,"weir.ip.tos":184,"weir.ip.ttl":64,` +
	`"weir.mpls.labels":[16004,16],"weir.next_hop.ip":"192.0.2.254","weir.end_reason":"active_timeout","weir.forwarding_status":64,` +
	`"weir.firewall_event":"denied","weir.duplicate_of":"00000000000000010000000000000002-3-4","weir.invalid":"future",` +
	`"weir.clock.offset_ms":-2500,"weir.clock.uncertainty_ms":30,` +
	`"weir.elements":{"0/95":218104251,"9/12235":"a.example","9/1":[-2,5],"9/2":0.625,"9/3":"192.0.2.9",` +
	`"9/4":"00-01-02-AA-BB-CC","9/5":"0x00ff","9/6":"0x7fc00000"}}`

func TestAppendJSON(t *testing.T) {
	b, r := fullRecord()
	got := string(flow.AppendJSON(nil, flow.NewRegistry(), b, r))
	if diff := cmp.Diff(strings.Split(fullJSON, `,"`), strings.Split(got, `,"`)); diff != "" {
		t.Errorf("wrong JSON (-want +got):\n%s", diff)
	}
	if !json.Valid([]byte(got)) {
		t.Error("not valid JSON")
	}
}

// TestAppendJSONAbsent: what is unknown is left out; identity and domain always are there.
func TestAppendJSONAbsent(t *testing.T) {
	b := flow.NewBatch(1, flow.NewSymbols())
	want := `{"event.id":"00000000000000000000000000000000-0-0","weir.domain":0}`
	if got := string(flow.AppendJSON(nil, flow.NewRegistry(), b, b.Grow())); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestEveryRecordFieldIsInJSON: none is forgotten but the virtual related.*.
func TestEveryRecordFieldIsInJSON(t *testing.T) {
	reg := flow.NewRegistry()
	b, r := fullRecord()
	var object map[string]any
	if err := json.Unmarshal(flow.AppendJSON(nil, reg, b, r), &object); err != nil {
		t.Fatal(err)
	}
	for _, f := range reg.Fields() {
		_, has := object[f.Name]
		if want := f.Scope == flow.ScopeRecord && !strings.HasPrefix(f.Name, "related."); has != want {
			t.Errorf("%s in JSON: %v, want %v", f.Name, has, want)
		}
	}
}

func TestAppendJSONAllocatesNothing(t *testing.T) {
	reg := flow.NewRegistry()
	b, r := fullRecord()
	dst := make([]byte, 0, 8192)
	if n := testing.AllocsPerRun(200, func() { dst = flow.AppendJSON(dst[:0], reg, b, r) }); n >= 1 && !raceEnabled {
		t.Errorf("%v allocations a record", n)
	}
}

// TestRoundTripFull: a parsed record is shown in the same words, and in memory is the same but for the width of its elements.
func TestRoundTripFull(t *testing.T) {
	reg := flow.NewRegistry()
	b, r := fullRecord()
	got := flow.NewBatch(1, b.Symbols)
	if err := flow.ParseJSON([]byte(fullJSON), reg, got); err != nil {
		t.Fatal(err)
	}
	if again := string(flow.AppendJSON(nil, reg, got, &got.Records[0])); again != fullJSON {
		t.Errorf("shown again:\n%s\nwant\n%s", again, fullJSON)
	}
	want := *r
	want.Present &^= flow.HasFirstUptime | flow.HasLastUptime
	want.Present |= flow.HasElements
	want.ElementsLen, got.Records[0].ElementsLen = 0, 0
	if diff := cmp.Diff(want, got.Records[0]); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if !got.Normalized {
		t.Error("the batch is not marked as normalized")
	}
}

// TestRoundTripProperty: random records come back as they were.
func TestRoundTripProperty(t *testing.T) {
	reg, symbols := flow.NewRegistry(), flow.NewSymbols()
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range 5000 {
		b := flow.NewBatch(1, symbols)
		want := randomRecord(rnd, b)
		line := flow.AppendJSON(nil, reg, b, want)
		got := flow.NewBatch(1, symbols)
		if err := flow.ParseJSON(line, reg, got); err != nil {
			t.Fatalf("record %d: %v\n%s", i, err, line)
		}
		if diff := cmp.Diff(*want, got.Records[0]); diff != "" {
			t.Fatalf("record %d (-want +got):\n%s\n%s", i, diff, line)
		}
	}
}

// randomRecord returns a consistent record with random fields present.
func randomRecord(rnd *rand.Rand, b *flow.Batch) *flow.Record {
	r := b.Grow()
	some := func(bit flow.Presence, set func()) {
		if rnd.IntN(2) == 0 {
			set()
			r.Present |= bit
		}
	}
	addr := func() flow.Addr {
		if rnd.IntN(2) == 0 {
			return flow.AddrFrom4(rnd.Uint32())
		}
		return flow.AddrFromWords(rnd.Uint64(), rnd.Uint64())
	}
	name := func() flow.Symbol { return b.Symbols.Intern([]string{"", "eth0", "ü", "a b", `"\`}[rnd.IntN(5)]) }
	r.ID = flow.EventID{Datagram: flow.DatagramID{Hi: rnd.Uint64(), Lo: rnd.Uint64()}, Set: uint16(rnd.Uint32()), Record: rnd.Uint32()}
	r.End = 1 + rnd.Int64N(1<<61)
	r.Start, r.Created = r.End-rnd.Int64N(1e12), r.End+rnd.Int64N(1e12)
	if rnd.IntN(2) == 0 {
		r.Start, r.Created = r.End, r.End
	}
	r.Present = flow.HasStart | flow.HasEnd
	r.Exporter, r.Domain, r.Protocol = addr(), rnd.Uint32(), flow.Protocol(rnd.IntN(7))
	r.SamplingInterval, r.SamplingSource = []float64{1, 2.5, 1000, 1e7}[rnd.IntN(4)], flow.SamplingSource(1+rnd.IntN(5))
	some(flow.HasSourceIP, func() { r.Source.IP = addr() })
	some(flow.HasDestinationIP, func() { r.Destination.IP = addr() })
	some(flow.HasSourcePort, func() { r.Source.Port = uint16(rnd.Uint32()) })
	some(flow.HasDestinationNATPort, func() { r.Destination.NAT, r.Destination.NATPort = addr(), uint16(rnd.Uint32()) })
	some(flow.HasReverseBytes|flow.HasBytes, func() { r.Destination.Bytes = rnd.Uint64N(1 << 50) })
	some(flow.HasBytes, func() { r.Source.Bytes = rnd.Uint64N(1 << 63) })
	some(flow.HasPackets, func() { r.Source.Packets = rnd.Uint64N(1 << 20) })
	r.Bytes, r.Packets = r.Source.Bytes+r.Destination.Bytes, r.Source.Packets
	r.RawBytes, r.RawPackets = r.Bytes/3, r.Packets/2
	some(flow.HasProtocol, func() { r.IPProtocol = uint8(rnd.Uint32()) })
	some(flow.HasTCPFlags, func() { r.TCPFlags = uint16(rnd.Uint32()) })
	some(flow.HasICMP, func() { r.ICMPType, r.ICMPCode = uint8(rnd.Uint32()), uint8(rnd.Uint32()) })
	some(flow.HasEndReason, func() { r.EndReason = uint8(rnd.Uint32()) })
	some(flow.HasFirewallEvent, func() { r.FirewallEvent = uint8(rnd.Uint32()) })
	some(flow.HasClock, func() { r.ClockOffset, r.ClockUncertainty = (rnd.Int64N(1<<40)-1<<39)*1e6, rnd.Int64N(1<<40)*1e6 })
	some(flow.HasInIf, func() { r.InIf, r.InIfName, r.Application = rnd.Uint32(), name(), name() })
	some(flow.HasVLAN, func() { r.VLAN, r.Service = uint16(rnd.Uint32()), name() })
	some(0, func() { r.Source.Groups = b.Symbols.InternList([]string{"a", "b c"}) })
	some(0, func() { r.Source.Country, r.Source.ASN = [2]byte{'X', 'K'}, rnd.Uint32() })
	r.Direction, r.Invalid = flow.Direction(rnd.IntN(5)), flow.Reason(rnd.IntN(int(flow.NumReasons)))
	some(0, func() {
		b.AppendElement(r, flow.Element{PEN: rnd.Uint32(), ID: uint16(rnd.Uint32()), Kind: flow.ElementUint, Value: []byte("\x00\x00\x00\x00\x00abc")})
	})
	return r
}
