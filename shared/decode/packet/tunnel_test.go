package packet_test

import (
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/weirflow/weir/shared/decode/packet"
	"github.com/weirflow/weir/shared/flow"
)

// Elements of what is inside of tunnels: 880 protocol, 881 and 882 or 883 and 884 addresses, 886 and 887 ports, 351 segment.
func tenant4(protocol byte, ports ...byte) map[uint16][]byte {
	m := map[uint16][]byte{880: {protocol}, 881: src4.AsSlice(), 882: dst4.AsSlice()}
	return withTenantPorts(m, ports)
}

func tenant6(protocol byte, ports ...byte) map[uint16][]byte {
	m := map[uint16][]byte{880: {protocol}, 883: src6.AsSlice(), 884: dst6.AsSlice()}
	return withTenantPorts(m, ports)
}

func withTenantPorts(m map[uint16][]byte, ports []byte) map[uint16][]byte {
	if len(ports) > 0 {
		m[886], m[887] = ports[:2], ports[2:]
	}
	return m
}

func withSegment(m map[uint16][]byte, kind byte, id byte) map[uint16][]byte {
	m[351] = []byte{kind, 0, 0, 0, 0, 0, 0, id}
	return m
}

var (
	tcpPorts = []byte{0xc3, 0xcb, 0x01, 0xbb}
	udpPorts = []byte{0, 53, 0x80, 0xe8}
)

// outerUDP is the datagram of a tunnel over UDP and the record that it makes.
func outerUDP(port uint16) (*layers.UDP, flow.Record) {
	r := record4(17)
	r.Present |= hasPorts
	r.Source.Port, r.Destination.Port = 55555, port
	return &layers.UDP{SrcPort: 55555, DstPort: layers.UDPPort(port)}, r
}

func TestTunnels(t *testing.T) {
	bridged := layers.EthernetTypeTransparentEthernetBridging
	vxlan, vxlanRecord := outerUDP(4789)
	linux, linuxRecord := outerUDP(8472)
	geneve, geneveRecord := outerUDP(6081)
	for _, c := range []struct {
		name     string
		layers   []gopacket.SerializableLayer
		want     flow.Record
		elements map[uint16][]byte
	}{
		{"IPv4 in IPv4", []gopacket.SerializableLayer{ip4(4), ip4(17), udp()}, record4(4), tenant4(17, udpPorts...)},
		{"IPv6 in IPv4", []gopacket.SerializableLayer{ip4(41), ip6(6), tcp()}, record4(41), tenant6(6, tcpPorts...)},
		{"IPv4 in IPv6", []gopacket.SerializableLayer{ip6(4), ip4(1), &layers.ICMPv4{}}, record6(4), tenant4(1)},
		{"GRE", []gopacket.SerializableLayer{ip4(47), &layers.GRE{Protocol: layers.EthernetTypeIPv4}, ip4(17), udp()}, record4(47), tenant4(17, udpPorts...)},
		{"GRE with checksum, key and number", []gopacket.SerializableLayer{ip4(47), &layers.GRE{
			Protocol: layers.EthernetTypeIPv6, ChecksumPresent: true, KeyPresent: true, SeqPresent: true, Key: 7,
		}, ip6(6), tcp()}, record4(47), tenant6(6, tcpPorts...)},
		{"MPLS over GRE: labels inside are not the record's", []gopacket.SerializableLayer{
			ip4(47), &layers.GRE{Protocol: layers.EthernetTypeMPLSUnicast}, &layers.MPLS{Label: 5, StackBottom: true}, ip4(6), tcp(),
		}, record4(47), tenant4(6, tcpPorts...)},
		{"NVGRE", []gopacket.SerializableLayer{
			ip4(47), &layers.GRE{Protocol: bridged, KeyPresent: true, Key: 77<<8 | 3}, eth(0x0800), ip4(6), tcp(),
		}, record4(47), withSegment(tenant4(6, tcpPorts...), 2, 77)},
		{"ERSPAN type II", []gopacket.SerializableLayer{
			ip4(47), &layers.GRE{Protocol: 0x88be, SeqPresent: true}, gopacket.Payload(make([]byte, 8)), eth(0x0800), ip4(17), udp(),
		}, record4(47), tenant4(17, udpPorts...)},
		{"VXLAN, the tag inside is not the record's", []gopacket.SerializableLayer{
			ip4(17), vxlan, &layers.VXLAN{ValidIDFlag: true, VNI: 99}, eth(0x8100), tag(7, 0x0800), ip4(6), tcp(),
		}, vxlanRecord, withSegment(tenant4(6, tcpPorts...), 1, 99)},
		{"VXLAN on Linux's old port", []gopacket.SerializableLayer{
			ip4(17), linux, &layers.VXLAN{ValidIDFlag: true, VNI: 99}, eth(0x86dd), ip6(17), udp(),
		}, linuxRecord, withSegment(tenant6(17, udpPorts...), 1, 99)},
		{"VXLAN with ARP inside", []gopacket.SerializableLayer{
			ip4(17), vxlan, &layers.VXLAN{ValidIDFlag: true, VNI: 99}, eth(0x0806), gopacket.Payload{0, 1},
		}, vxlanRecord, withSegment(map[uint16][]byte{}, 1, 99)},
		{"something else on VXLAN's port", []gopacket.SerializableLayer{ip4(17), vxlan, gopacket.Payload{0x12, 0x34, 1, 0, 0, 1, 0, 0}}, vxlanRecord, nil},
		{"Geneve with options", []gopacket.SerializableLayer{
			ip4(17), geneve, &layers.Geneve{VNI: 42, Protocol: bridged, OptionsLength: 8, Options: []*layers.GeneveOption{{Class: 1, Type: 1, Length: 8, Data: []byte{1, 2, 3, 4}}}},
			eth(0x0800), ip4(6), tcp(),
		}, geneveRecord, withSegment(tenant4(6, tcpPorts...), 0, 42)},
		{"Geneve with IP inside", []gopacket.SerializableLayer{
			ip4(17), geneve, &layers.Geneve{VNI: 42, Protocol: layers.EthernetTypeIPv6}, ip6(6), tcp(),
		}, geneveRecord, withSegment(tenant6(6, tcpPorts...), 0, 42)},
		{"a tunnel in a tunnel", []gopacket.SerializableLayer{ip4(4), ip4(47), &layers.GRE{Protocol: layers.EthernetTypeIPv4}, ip4(6), tcp()}, record4(4), tenant4(47)},
		{"PPTP is GRE of another version", []gopacket.SerializableLayer{ip4(47), gopacket.Payload{0x20, 1, 0x88, 0x0b, 0, 4, 0, 1}}, record4(47), nil},
		{"cut off within the tunnel's header", []gopacket.SerializableLayer{ip4(47), gopacket.Payload{0x20, 0, 8, 0, 1}}, record4(47), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			check(t, packet.IP, serialize(t, c.layers...), c.want, c.elements)
		})
	}
}

// TestFragmentedTunnel: behind the first fragment there is no header of a tunnel.
func TestFragmentedTunnel(t *testing.T) {
	outer := ip4(4)
	outer.FragOffset = 100
	check(t, packet.IP, serialize(t, outer, ip4(17), udp()), record4(4), map[uint16][]byte{88: {0, 100}})
}

func TestTunnelAllocatesNothing(t *testing.T) {
	udp4789, _ := outerUDP(4789)
	header := serialize(t, eth(0x0800), ip4(17), udp4789, &layers.VXLAN{ValidIDFlag: true, VNI: 99}, eth(0x0800), ip4(6), tcp())
	b := flow.NewBatch(1, flow.NewSymbols())
	run := func() {
		b.Reset()
		packet.Parse(packet.Ethernet, header, b, b.Grow())
	}
	run()
	if n := testing.AllocsPerRun(20, run); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}
