package packet_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/weirflow/weir/shared/decode/packet"
	"github.com/weirflow/weir/shared/flow"
)

// The packets are written by gopacket, so that what is expected does not come from the parser.
var (
	srcMAC = net.HardwareAddr{2, 0, 0, 0, 0, 1}
	dstMAC = net.HardwareAddr{2, 0, 0, 0, 0, 2}
	src4   = netip.MustParseAddr("192.0.2.1")
	dst4   = netip.MustParseAddr("198.51.100.2")
	src6   = netip.MustParseAddr("2001:db8::1")
	dst6   = netip.MustParseAddr("2001:db8::2")
)

func eth(t layers.EthernetType) *layers.Ethernet {
	return &layers.Ethernet{SrcMAC: srcMAC, DstMAC: dstMAC, EthernetType: t}
}

func tag(id uint16, t layers.EthernetType) *layers.Dot1Q {
	return &layers.Dot1Q{VLANIdentifier: id, Priority: 5, Type: t}
}

func ip4(p layers.IPProtocol) *layers.IPv4 {
	return &layers.IPv4{Version: 4, IHL: 5, TOS: 0xb8, TTL: 61, Protocol: p, SrcIP: src4.AsSlice(), DstIP: dst4.AsSlice()}
}

func ip6(p layers.IPProtocol) *layers.IPv6 {
	return &layers.IPv6{Version: 6, TrafficClass: 0x28, FlowLabel: 0xabcde, HopLimit: 62, NextHeader: p, SrcIP: src6.AsSlice(), DstIP: dst6.AsSlice()}
}

func tcp() *layers.TCP {
	return &layers.TCP{SrcPort: 50123, DstPort: 443, SYN: true, ECE: true, DataOffset: 5}
}

func udp() *layers.UDP { return &layers.UDP{SrcPort: 53, DstPort: 33000, Length: 8} }

func serialize(t testing.TB, ls ...gopacket.SerializableLayer) []byte {
	t.Helper()
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true}, ls...); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// parse returns the record and its elements by id.
func parse(link packet.Link, header []byte) (flow.Record, map[uint16][]byte, bool) {
	b := flow.NewBatch(1, flow.NewSymbols())
	r := b.Grow()
	ok := packet.Parse(link, header, b, r)
	elements := map[uint16][]byte{}
	for e, rest, more := flow.NextElement(b.ElementsOf(r)); more; e, rest, more = flow.NextElement(rest) {
		elements[e.ID] = e.Value
	}
	rec := *r
	rec.ElementsOff, rec.ElementsLen = 0, 0
	return rec, elements, ok
}

const (
	hasIP    = flow.HasSourceIP | flow.HasDestinationIP | flow.HasProtocol | flow.HasToS | flow.HasTTL
	hasPorts = flow.HasSourcePort | flow.HasDestinationPort
)

// record4 and record6 are what the packets above say, before the transport header.
func record4(proto uint8) flow.Record {
	r := flow.Record{Present: hasIP, IPProtocol: proto, ToS: 0xb8, TTL: 61}
	r.Source.IP, r.Destination.IP = flow.AddrFromNetip(src4), flow.AddrFromNetip(dst4)
	return r
}

func record6(proto uint8) flow.Record {
	r := flow.Record{Present: hasIP, IPProtocol: proto, ToS: 0x28, TTL: 62}
	r.Source.IP, r.Destination.IP = flow.AddrFromNetip(src6), flow.AddrFromNetip(dst6)
	return r
}

func withMACs(r flow.Record) flow.Record {
	r.Source.MAC, r.Destination.MAC = flow.MAC(srcMAC), flow.MAC(dstMAC)
	return r
}

func withTCP(r flow.Record) flow.Record {
	r.Present |= hasPorts | flow.HasTCPFlags
	r.Source.Port, r.Destination.Port, r.TCPFlags = 50123, 443, flow.SYN|flow.ECE
	return r
}

func withUDP(r flow.Record) flow.Record {
	r.Present |= hasPorts
	r.Source.Port, r.Destination.Port = 53, 33000
	return r
}

func withICMP(r flow.Record, typ, code uint8) flow.Record {
	r.Present |= flow.HasICMP
	r.ICMPType, r.ICMPCode = typ, code
	return r
}

func withVLAN(r flow.Record, id uint16) flow.Record {
	r.Present |= flow.HasVLAN
	r.VLAN = id
	return r
}

func withBits(r flow.Record, bits flow.Presence) flow.Record {
	r.Present |= bits
	return r
}

func check(t *testing.T, link packet.Link, header []byte, want flow.Record, elements map[uint16][]byte) {
	t.Helper()
	got, gotElements, ok := parse(link, header)
	if !ok {
		t.Error("Parse says that the header cannot be read")
	}
	if len(elements) > 0 {
		want.Present |= flow.HasElements
	} else {
		elements = map[uint16][]byte{}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("record (-want +got):\n%s", d)
	}
	if d := cmp.Diff(elements, gotElements); d != "" {
		t.Errorf("elements (-want +got):\n%s", d)
	}
}

func TestTransports(t *testing.T) {
	icmp4 := &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(3, 4)}
	icmp6 := &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(128, 0)}
	sctp := []byte{0, 53, 0x80, 0xe8, 0, 0, 0, 0, 0, 0, 0, 0}
	for _, c := range []struct {
		name   string
		layers []gopacket.SerializableLayer
		want   flow.Record
	}{
		{"TCP over IPv4", []gopacket.SerializableLayer{ip4(6), tcp()}, withTCP(record4(6))},
		{"UDP over IPv4", []gopacket.SerializableLayer{ip4(17), udp()}, withUDP(record4(17))},
		{"ICMP", []gopacket.SerializableLayer{ip4(1), icmp4}, withICMP(record4(1), 3, 4)},
		{"SCTP", []gopacket.SerializableLayer{ip4(132), gopacket.Payload(sctp)}, withUDP(record4(132))},
		{"a protocol without ports", []gopacket.SerializableLayer{ip4(89), gopacket.Payload(sctp)}, record4(89)},
		{"TCP over IPv6", []gopacket.SerializableLayer{ip6(6), tcp()}, withTCP(record6(6))},
		{"UDP over IPv6", []gopacket.SerializableLayer{ip6(17), udp()}, withUDP(record6(17))},
		{"ICMPv6", []gopacket.SerializableLayer{ip6(58), icmp6}, withICMP(record6(58), 128, 0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			check(t, packet.IP, serialize(t, c.layers...), c.want, nil)
			etherType := layers.EthernetTypeIPv4
			if !c.want.Source.IP.Is4() {
				etherType = layers.EthernetTypeIPv6
			}
			frame := serialize(t, append([]gopacket.SerializableLayer{eth(etherType)}, c.layers...)...)
			check(t, packet.Ethernet, frame, withMACs(c.want), nil)
		})
	}
}
