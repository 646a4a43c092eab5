package packet_test

import (
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/weirflow/weir/shared/decode/packet"
	"github.com/weirflow/weir/shared/flow"
)

func TestTagsAndLabels(t *testing.T) {
	label := func(l uint32, bottom bool) *layers.MPLS { return &layers.MPLS{Label: l, StackBottom: bottom, TTL: 9} }
	for _, c := range []struct {
		name     string
		layers   []gopacket.SerializableLayer
		want     flow.Record
		elements map[uint16][]byte
	}{
		{name: "802.1Q", layers: []gopacket.SerializableLayer{eth(0x8100), tag(100, 0x0800), ip4(6), tcp()}, want: withVLAN(withTCP(record4(6)), 100)},
		{
			name: "802.1ad: outer VLAN, inner as customer VLAN", layers: []gopacket.SerializableLayer{eth(0x88a8), tag(4000, 0x8100), tag(7, 0x86dd), ip6(17), udp()},
			want: withVLAN(withUDP(record6(17)), 4000), elements: map[uint16][]byte{245: {0, 7}},
		},
		{
			name: "three tags before 802.1ad", layers: []gopacket.SerializableLayer{eth(0x9100), tag(1, 0x9200), tag(2, 0x8100), tag(3, 0x0800), ip4(17), udp()},
			want: withVLAN(withUDP(record4(17)), 1), elements: map[uint16][]byte{245: {0, 2}},
		},
		{name: "a priority tag is no VLAN", layers: []gopacket.SerializableLayer{eth(0x8100), tag(0, 0x0800), ip4(17), udp()}, want: withUDP(record4(17))},
		{
			name: "MPLS stack", layers: []gopacket.SerializableLayer{eth(0x8847), label(16004, false), label(0xfffff, true), ip4(17), udp()},
			want: withBits(withUDP(record4(17)), flow.HasMPLS), elements: map[uint16][]byte{70: {0x03, 0xe8, 0x40}, 71: {0xff, 0xff, 0xf1}},
		},
		{
			name:   "MPLS pseudowire with control word: the inner frame",
			layers: []gopacket.SerializableLayer{eth(0x8847), label(17, true), gopacket.Payload{0, 0, 0, 0}, eth(0x0800), ip4(17), udp()},
			want:   withBits(withUDP(record4(17)), flow.HasMPLS), elements: map[uint16][]byte{70: {0, 1, 0x11}},
		},
		{
			name: "MPLS over VLAN", layers: []gopacket.SerializableLayer{eth(0x8100), tag(9, 0x8847), label(3, true), ip6(6), tcp()},
			want: withVLAN(withBits(withTCP(record6(6)), flow.HasMPLS), 9), elements: map[uint16][]byte{70: {0, 0, 0x31}},
		},
		{name: "ARP is a frame that is not IP", layers: []gopacket.SerializableLayer{eth(0x0806), gopacket.Payload(make([]byte, 28))}, elements: map[uint16][]byte{256: {8, 6}}},
		{
			name:   "PPPoE session",
			layers: []gopacket.SerializableLayer{eth(0x8864), gopacket.Payload{0x11, 0, 0, 1, 0, 30, 0, 0x21}, ip4(17), udp()},
			want:   withUDP(record4(17)),
		},
		{
			name:   "SNAP",
			layers: []gopacket.SerializableLayer{eth(60), gopacket.Payload{0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, ip4(17), udp()},
			want:   withUDP(record4(17)),
		},
		{name: "spanning tree over LLC is not IP", layers: []gopacket.SerializableLayer{eth(38), gopacket.Payload{0x42, 0x42, 3, 0, 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			check(t, packet.Ethernet, serialize(t, c.layers...), withMACs(c.want), c.elements)
		})
	}
}

func TestPointToPointLinks(t *testing.T) {
	v4, v6 := serialize(t, ip4(17), udp()), serialize(t, ip6(17), udp())
	label := []byte{0, 1, 0x11, 9}
	for _, c := range []struct {
		name string
		link packet.Link
		head []byte
		body []byte
		want flow.Record
	}{
		{"PPP in HDLC framing", packet.PPP, []byte{0xff, 3, 0, 0x21}, v4, withUDP(record4(17))},
		{"PPP without address and control", packet.PPP, []byte{0, 0x57}, v6, withUDP(record6(17))},
		{"PPP with compressed protocol", packet.PPP, []byte{0x21}, v4, withUDP(record4(17))},
		{"PPP that carries no IP (LCP)", packet.PPP, []byte{0xc0, 0x21}, []byte{1, 1}, flow.Record{}},
		{"Cisco HDLC", packet.PPP, []byte{0x0f, 0, 8, 0}, v4, withUDP(record4(17))},
		{"MPLS without a link header", packet.MPLS, label, v4, withBits(withUDP(record4(17)), flow.HasMPLS)},
		{"IPv4 without a link header", packet.IP, nil, v4, withUDP(record4(17))},
		{"IPv6 without a link header", packet.IP, nil, v6, withUDP(record6(17))},
	} {
		t.Run(c.name, func(t *testing.T) {
			var elements map[uint16][]byte
			if c.link == packet.MPLS {
				elements = map[uint16][]byte{70: label[:3]}
			}
			check(t, c.link, append(c.head, c.body...), c.want, elements)
		})
	}
}

// TestDeepLabelStack: only ten labels have elements; the rest is passed over.
func TestDeepLabelStack(t *testing.T) {
	var stack []byte
	for i := range 12 {
		stack = append(stack, 0, byte(i), 0, 1)
	}
	stack[len(stack)-2] = 1
	r, elements, ok := parse(packet.MPLS, append(stack, serialize(t, ip4(17), udp())...))
	if !ok || len(elements) != 10 || r.Destination.Port != 33000 {
		t.Errorf("ok %v, %d labels, port %d: want true, 10, 33000", ok, len(elements), r.Destination.Port)
	}
}
