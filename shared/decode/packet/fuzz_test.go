package packet_test

import (
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/weirflow/weir/shared/decode/packet"
	"github.com/weirflow/weir/shared/flow"
)

// FuzzPacket: no bytes make the parser panic, and what it fills in keeps the record's promises.
func FuzzPacket(f *testing.F) {
	f.Add(uint8(packet.Ethernet), serialize(f, eth(0x88a8), tag(4000, 0x8100), tag(7, 0x86dd), ip6(17), udp()))
	f.Add(uint8(packet.Ethernet), serialize(f, eth(0x8847), &layers.MPLS{Label: 5, StackBottom: true}, ip4(6), tcp()))
	f.Add(uint8(packet.Ethernet), serialize(f, eth(60), gopacket.Payload{0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, ip4(1), gopacket.Payload{8, 0}))
	f.Add(uint8(packet.PPP), append([]byte{0xff, 3, 0, 0x21}, serialize(f, ip4(17), udp())...))
	f.Add(uint8(packet.IP), serialize(f, ip6(0), gopacket.Payload{44, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 1, 0, 0, 0, 5}, udp()))
	f.Add(uint8(packet.MPLS), []byte{0, 0, 0x10, 1, 0, 0, 0x11, 1, 0, 0, 0, 0})
	f.Add(uint8(packet.IP), serialize(f, ip4(47), &layers.GRE{Protocol: layers.EthernetTypeTransparentEthernetBridging, KeyPresent: true, Key: 77 << 8}, eth(0x0800), ip4(17), udp()))
	f.Add(uint8(packet.IP), serialize(f, ip4(17), &layers.UDP{DstPort: 4789}, &layers.VXLAN{ValidIDFlag: true, VNI: 5}, eth(0x86dd), ip6(6), tcp()))
	f.Add(uint8(packet.IP), serialize(f, ip4(17), &layers.UDP{DstPort: 6081}, &layers.Geneve{VNI: 5, Protocol: 0x0800}, ip4(6), tcp()))
	f.Fuzz(func(t *testing.T, link uint8, header []byte) {
		b := flow.NewBatch(1, flow.NewSymbols())
		r := b.Grow()
		ok := packet.Parse(packet.Link(link%5), header, b, r)
		if r.Present.Has(flow.HasTCPFlags) && r.IPProtocol != 6 {
			t.Errorf("TCP flags with protocol %d", r.IPProtocol)
		}
		if ok && r.Present.Has(flow.HasSourceIP) != r.Present.Has(flow.HasDestinationIP) {
			t.Error("readable with one address only")
		}
		if r.Present.Has(flow.HasVLAN) && (r.VLAN == 0 || r.VLAN > 4095) {
			t.Errorf("VLAN %d", r.VLAN)
		}
		if len(b.Elements) > (10+3)*16+6*25 {
			t.Errorf("%d bytes of elements", len(b.Elements))
		}
	})
}
