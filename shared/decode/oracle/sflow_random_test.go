package oracle

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// maker makes things up from a seed.
type maker struct{ *rand.Rand }

func newMaker(seed uint64) maker { return maker{rand.New(rand.NewPCG(seed, 1))} }

func (m maker) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(m.Uint32())
	}
	return b
}

// TestSFlowRandom compares datagrams of random samples: each has a sampled packet, cut anywhere, and some extended records.
func TestSFlowRandom(t *testing.T) {
	for seed := range uint64(2000) {
		if compareSamples(t, newMaker(seed).sflowDatagram(t)); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func compareSamples(t *testing.T, payload []byte) {
	t.Helper()
	got, stream := weirSFlow(t, 0, payload)
	want, counters, ok := sflowRows(t, 0, payload)
	if !ok {
		t.Fatal("goflow2 refuses")
	}
	compare(t, got, want, sflowCut)
	if stream.CounterSamples.Load() != uint64(counters) {
		t.Errorf("%d counter samples, want %d", stream.CounterSamples.Load(), counters)
	}
}

// sflowCut: of a header that is cut within the link or IP header, gopacket drops the layer.
func sflowCut(name, got, want string, theirs row) bool {
	_, hasIP := theirs[kSrc]
	if !hasIP && want == "" {
		return true
	}
	return cutHeader(name, got, want, theirs) || name == kProtocol && theirs[kSrcPort] == ""
}

func (m maker) sflowDatagram(t *testing.T) []byte {
	n := 1 + m.IntN(4)
	b := words(5, 1, 0xc0000201, m.Uint32(), m.Uint32(), m.Uint32(), uint32(n))
	for range n {
		switch m.IntN(5) {
		case 0:
			b = append(b, block(2, words(m.Uint32(), m.Uint32(), 1), block(5, m.bytes(28)))...)
		case 1:
			head := words(m.Uint32(), 0, m.Uint32(), m.rate(), m.Uint32(), 0, 0, m.ifIndex(), 0, m.ifIndex())
			b = append(b, block(3, append([][]byte{head}, m.sflowRecords(t)...)...)...)
		default:
			head := words(m.Uint32(), m.Uint32(), m.rate(), m.Uint32(), 0, m.ifIndex(), m.ifIndex())
			b = append(b, block(1, append([][]byte{head}, m.sflowRecords(t)...)...)...)
		}
	}
	return b
}

func (m maker) rate() uint32 { return []uint32{0, 1, 512, 1 << 20}[m.IntN(4)] }

func (m maker) ifIndex() uint32 { return []uint32{0, 1, 77, 0x3fffffff}[m.IntN(4)] }

// sflowRecords returns their number and the records.
func (m maker) sflowRecords(t *testing.T) [][]byte {
	packet := m.packet(t)
	packet = packet[:m.IntN(len(packet)+1)]
	records := [][]byte{block(1, words(1, 60+m.Uint32N(1500), 4, uint32(len(packet))), packet)}
	if m.IntN(2) == 0 {
		records = append(records, block(1001, words(m.Uint32N(4200), 0, m.Uint32N(4200), 0)))
	}
	if m.IntN(2) == 0 {
		records = append(records, block(1002, words(1, m.Uint32(), m.Uint32N(33), m.Uint32N(33))))
	}
	if m.IntN(2) == 0 {
		path := words(0)
		if k := m.Uint32N(5); k > 0 {
			path = append(words(1, 2, k), m.bytes(4*int(k))...)
		}
		records = append(records, block(1003, words(2), m.bytes(16), words(m.Uint32(), m.Uint32N(3), m.Uint32N(3)), path, words(0, 100)))
	}
	if m.IntN(3) == 0 {
		records = append(records, block(4300<<12|7, m.bytes(12)))
	}
	m.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	return append([][]byte{words(uint32(len(records)))}, records...)
}

// packet is a frame with up to two tags or three labels and an IP packet.
func (m maker) packet(t *testing.T) []byte {
	v6 := m.IntN(2) == 0
	etherType := layers.EthernetTypeIPv4
	if v6 {
		etherType = layers.EthernetTypeIPv6
	}
	var stack []gopacket.SerializableLayer
	if m.IntN(4) == 0 {
		for i := range 1 + m.IntN(3) {
			stack = append([]gopacket.SerializableLayer{&layers.MPLS{Label: m.Uint32N(1 << 20), StackBottom: i == 0, TTL: 9}}, stack...)
		}
		etherType = layers.EthernetTypeMPLSUnicast
	}
	for range m.IntN(3) {
		stack = append([]gopacket.SerializableLayer{&layers.Dot1Q{VLANIdentifier: uint16(m.IntN(4095)), Type: etherType}}, stack...)
		etherType = layers.EthernetTypeDot1Q
	}
	stack = append([]gopacket.SerializableLayer{&layers.Ethernet{SrcMAC: m.mac(), DstMAC: m.mac(), EthernetType: etherType}}, stack...)
	stack = append(stack, m.ip(v6)...)
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true}, stack...); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func (m maker) mac() []byte { return append([]byte{2}, m.bytes(5)...) }

func (m maker) ip(v6 bool) []gopacket.SerializableLayer {
	proto, transport := m.transport(v6)
	payload := gopacket.Payload(m.bytes(m.IntN(20)))
	if v6 {
		ip := &layers.IPv6{Version: 6, TrafficClass: uint8(m.Uint32()), FlowLabel: m.Uint32N(1 << 20), NextHeader: proto, HopLimit: uint8(m.Uint32()), SrcIP: m.bytes(16), DstIP: m.bytes(16)}
		return []gopacket.SerializableLayer{ip, transport, payload}
	}
	ip := &layers.IPv4{Version: 4, IHL: 5, TOS: uint8(m.Uint32()), TTL: uint8(m.Uint32()), Protocol: proto, SrcIP: m.bytes(4), DstIP: m.bytes(4)}
	if m.IntN(6) == 0 {
		ip.FragOffset = uint16(m.IntN(1 << 13))
	}
	if m.IntN(6) == 0 {
		ip.Options = []layers.IPv4Option{{OptionType: 68, OptionLength: 8, OptionData: m.bytes(6)}}
	}
	return []gopacket.SerializableLayer{ip, transport, payload}
}

func (m maker) transport(v6 bool) (layers.IPProtocol, gopacket.SerializableLayer) {
	src, dst := uint16(m.Uint32()), uint16(m.Uint32())
	switch m.IntN(3) {
	case 0:
		return layers.IPProtocolTCP, &layers.TCP{SrcPort: layers.TCPPort(src), DstPort: layers.TCPPort(dst), DataOffset: 5, SYN: m.IntN(2) == 0, ACK: m.IntN(2) == 0, CWR: m.IntN(2) == 0}
	case 1:
		return layers.IPProtocolUDP, &layers.UDP{SrcPort: layers.UDPPort(src), DstPort: layers.UDPPort(dst)}
	}
	if v6 {
		return layers.IPProtocolICMPv6, &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(uint8(src), uint8(dst))}
	}
	return layers.IPProtocolICMPv4, &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(uint8(src), uint8(dst))}
}

func words(v ...uint32) (b []byte) {
	for _, w := range v {
		b = binary.BigEndian.AppendUint32(b, w)
	}
	return b
}

// block is a sample or record of sFlow: format, length and content, padded to a multiple of 4.
func block(format uint32, parts ...[]byte) []byte {
	var body []byte
	for _, p := range parts {
		body = append(body, p...)
	}
	body = append(body, make([]byte, -len(body)&3)...)
	return append(words(format, uint32(len(body))), body...)
}
