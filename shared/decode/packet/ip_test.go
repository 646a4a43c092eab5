package packet_test

import (
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/weirflow/weir/shared/decode/packet"
	"github.com/weirflow/weir/shared/flow"
)

func TestIPv4Options(t *testing.T) {
	ip := ip4(6)
	ip.Options = []layers.IPv4Option{{OptionType: 7, OptionLength: 11, OptionData: make([]byte, 9)}}
	check(t, packet.IP, serialize(t, ip, tcp()), withTCP(record4(6)), nil)
}

func TestFragments(t *testing.T) {
	first := ip4(17)
	first.Flags = layers.IPv4MoreFragments
	check(t, packet.IP, serialize(t, first, udp()), withUDP(record4(17)), nil)

	later := ip4(17)
	later.FragOffset = 185
	check(t, packet.IP, serialize(t, later, gopacket.Payload("not ports")), record4(17), map[uint16][]byte{88: {0, 185}})

	first6 := []byte{17, 0, 0, 1, 0, 0, 0, 5} // offset 0, more fragments
	check(t, packet.IP, serialize(t, ip6(44), gopacket.Payload(first6), udp()), withUDP(record6(17)), nil)
	later6 := []byte{17, 0, 0, 0x51, 0, 0, 0, 5} // offset 10, more fragments
	check(t, packet.IP, serialize(t, ip6(44), gopacket.Payload(later6), gopacket.Payload("not ports")), record6(17), map[uint16][]byte{88: {0, 10}})
}

func TestIPv6ExtensionHeaders(t *testing.T) {
	chain := []byte{
		43, 0, 0, 0, 0, 0, 0, 0, // hop by hop, then routing of 16 bytes
		60, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		51, 0, 0, 0, 0, 0, 0, 0, // destination options, then AH of 24 bytes
		6, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	}
	check(t, packet.IP, serialize(t, ip6(0), gopacket.Payload(chain), tcp()), withTCP(record6(6)), nil)
	check(t, packet.IP, serialize(t, ip6(50), gopacket.Payload(chain)), record6(50), nil) // ESP hides the rest
	check(t, packet.IP, serialize(t, ip6(59)), record6(59), nil)

	cut := serialize(t, ip6(0), gopacket.Payload(chain[:20])) // within the routing header
	check(t, packet.IP, cut, record6(43), nil)
}

// TestPaddingIsNotPayload: the zeros that fill a short frame up to 60 bytes are no UDP header.
func TestPaddingIsNotPayload(t *testing.T) {
	frame := append(serialize(t, ip4(17)), make([]byte, 26)...)
	check(t, packet.IP, frame, record4(17), nil)
}

// TestUnsegmentedPacket: total length 0 is that of a packet before segmentation offload, not of an empty one.
func TestUnsegmentedPacket(t *testing.T) {
	b := serialize(t, ip4(6), tcp())
	b[2], b[3] = 0, 0
	check(t, packet.IP, b, withTCP(record4(6)), nil)
}

// TestCutAnywhere: of a header cut after n bytes, what is there is filled in as in the whole header, and nothing else.
func TestCutAnywhere(t *testing.T) {
	for name, whole := range map[string][]byte{
		"tagged IPv4 TCP": serialize(t, eth(0x8100), tag(100, 0x0800), ip4(6), tcp()),
		"IPv6 UDP":        serialize(t, eth(0x86dd), ip6(17), udp()),
	} {
		full, _, _ := parse(packet.Ethernet, whole)
		addressesEnd := 14 + 40
		if full.Source.IP.Is4() {
			addressesEnd = 14 + 4 + 20
		}
		for n := range len(whole) {
			r, _, ok := parse(packet.Ethernet, whole[:n])
			if ok != (n >= addressesEnd) {
				t.Errorf("%s cut to %d bytes: readable is %v", name, n, ok)
			}
			if extra := r.Present &^ full.Present; extra != 0 {
				t.Errorf("%s cut to %d bytes: presence %b which the whole header has not", name, n, extra)
			}
			wrong := r.Present.Has(flow.HasSourceIP) && r.Source.IP != full.Source.IP ||
				r.Present.Has(flow.HasDestinationIP) && r.Destination.IP != full.Destination.IP ||
				r.Present.Has(flow.HasSourcePort) && r.Source.Port != full.Source.Port ||
				r.Present.Has(flow.HasDestinationPort) && r.Destination.Port != full.Destination.Port ||
				r.Present.Has(flow.HasTCPFlags) && r.TCPFlags != full.TCPFlags ||
				r.Present.Has(flow.HasProtocol) && r.IPProtocol != full.IPProtocol
			if wrong {
				t.Errorf("%s cut to %d bytes: %+v", name, n, r)
			}
		}
	}
}

func TestUnreadable(t *testing.T) {
	short := serialize(t, ip4(6), tcp())
	short[0] = 0x44 // header length under 20
	for name, c := range map[string]struct {
		link   packet.Link
		header []byte
	}{
		"nothing":                    {packet.Ethernet, nil},
		"unknown link":               {packet.Unknown, short},
		"IP version 5":               {packet.IP, []byte{0x50, 0, 0, 0}},
		"IPv4 header length under 5": {packet.IP, short},
		"label stack without bottom": {packet.MPLS, []byte{0, 0, 0, 1}},
		"tag cut":                    {packet.Ethernet, append(make([]byte, 12), 0x81, 0, 0)},
	} {
		if _, _, ok := parse(c.link, c.header); ok {
			t.Errorf("%s: readable", name)
		}
	}
}

func TestParseAllocatesNothing(t *testing.T) {
	header := serialize(t, eth(0x8100), tag(100, 0x8847), &layers.MPLS{Label: 5, StackBottom: true}, ip4(6), tcp())
	b := flow.NewBatch(1, flow.NewSymbols())
	b.Elements = make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() {
		b.Reset()
		packet.Parse(packet.Ethernet, header, b, b.Grow())
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
