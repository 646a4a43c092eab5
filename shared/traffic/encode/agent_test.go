package encode

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/netsampler/goflow2/v2/decoders/sflow"
)

func newTestAgent(t *testing.T, cfg AgentConfig) *Agent {
	t.Helper()
	cfg.Address, cfg.Boot, cfg.SubAgent = netip.MustParseAddr("198.51.100.1"), testBoot, 2
	a, err := NewAgent(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// testSamples are a tagged TCP segment that is padded, an IPv6 packet, and counters.
func testSamples() []Sample {
	return []Sample{
		{Source: 2, Rate: 100, Pool: 700, Drops: 3, Packet: Packet{
			Src: netip.MustParseAddr("10.20.0.5"), Dst: netip.MustParseAddr("203.0.113.9"), NextHop: netip.MustParseAddr("198.51.100.254"),
			SrcMAC: [6]byte{2, 0, 0, 0, 0, 1}, DstMAC: [6]byte{2, 0, 0, 0, 0, 2}, SrcPort: 51108, DstPort: 443, Protocol: TCP, TCPFlags: SYN | ACK,
			TOS: 0x28, TTL: 64, SrcMask: 24, DstMask: 16, In: 2, Out: 1, DstAS: 64522, VLAN: 20, OutVLAN: 10, ID: 0x1234, Sequence: 7, Length: 40,
		}},
		{Source: 1, Rate: 100, Pool: 900, Packet: Packet{
			Src: netip.MustParseAddr("2001:db8:1::9"), Dst: netip.MustParseAddr("fd20::5"), SrcMAC: [6]byte{2, 0, 0, 0, 0, 1}, DstMAC: [6]byte{2, 0, 0, 0, 0, 2},
			SrcPort: 443, DstPort: 50000, Protocol: UDP, TTL: 57, SrcMask: 48, DstMask: 64, In: 1, Out: 2, Length: 1280,
		}},
		{Source: 1, Counters: &Counters{
			Interface: Interface{Index: 1, Name: "uplink", Speed: 1e9},
			In:        Traffic{Octets: 1 << 33, Unicast: 5, Multicast: 6, Broadcast: 7, Discards: 8, Errors: 9},
			Out:       Traffic{Octets: 77, Unicast: 1<<32 + 1},
		}},
	}
}

// TestAgentGolden compares a datagram to bytes that were put together field by field outside this package.
func TestAgentGolden(t *testing.T) {
	got, used, err := newTestAgent(t, AgentConfig{}).Next(nil, testNow, testSamples())
	if err != nil || used != 3 {
		t.Fatalf("%d samples, %v", used, err)
	}
	text, err := os.ReadFile("testdata/sflow.hex")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(string(text), "\n", "")
	if d := cmp.Diff(want, hex.EncodeToString(got)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func readDatagram(t *testing.T, payload []byte) sflow.Packet {
	t.Helper()
	var p sflow.Packet
	if err := sflow.DecodeMessageVersion(bytes.NewBuffer(payload), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestAgentNumbers: datagrams and the samples of each source and kind are numbered from 1, apart.
func TestAgentNumbers(t *testing.T) {
	a := newTestAgent(t, AgentConfig{MaxPayload: 600})
	samples := append(testSamples(), testSamples()...)
	var got [][3]uint32 // datagram, source, number
	for len(samples) > 0 {
		payload, used, err := a.Next(nil, testNow, samples)
		if err != nil || used == 0 || len(payload) > 600 {
			t.Fatalf("%d bytes, %d samples, %v", len(payload), used, err)
		}
		samples = samples[used:]
		p := readDatagram(t, payload)
		for _, s := range p.Samples {
			switch s := s.(type) {
			case sflow.FlowSample:
				got = append(got, [3]uint32{p.SequenceNumber, s.Header.SourceIdValue, s.Header.SampleSequenceNumber})
			case sflow.CounterSample:
				got = append(got, [3]uint32{p.SequenceNumber, 1000 + s.Header.SourceIdValue, s.Header.SampleSequenceNumber})
			}
		}
	}
	want := [][3]uint32{{1, 2, 1}, {1, 1, 1}, {2, 1001, 1}, {2, 2, 2}, {3, 1, 2}, {3, 1001, 2}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestAgentExpanded: large interface numbers need the expanded forms, which say the same.
func TestAgentExpanded(t *testing.T) {
	samples := testSamples()[:1]
	samples[0].Source, samples[0].Packet.In = 1<<31+5, 1<<31+5
	if _, _, err := newTestAgent(t, AgentConfig{}).Next(nil, testNow, samples); !errors.Is(err, ErrRange) {
		t.Errorf("error %v", err)
	}
	payload, _, err := newTestAgent(t, AgentConfig{Expanded: true}).Next(nil, testNow, samples)
	if err != nil {
		t.Fatal(err)
	}
	s, ok := readDatagram(t, payload).Samples[0].(sflow.ExpandedFlowSample)
	if !ok || s.Header.SourceIdValue != 1<<31+5 || s.InputIfValue != 1<<31+5 || s.OutputIfValue != 1 || s.SamplePool != 700 || s.Drops != 3 || s.SamplingRate != 100 {
		t.Errorf("%+v", s)
	}
}

// TestPackets: gopacket reads every kind of packet as it was meant, with right lengths and checksums.
func TestPackets(t *testing.T) {
	v4 := [2]netip.Addr{netip.MustParseAddr("10.20.0.5"), netip.MustParseAddr("203.0.113.9")}
	v6 := [2]netip.Addr{netip.MustParseAddr("2001:db8:1::9"), netip.MustParseAddr("fd20::5")}
	for _, c := range []struct {
		addrs    [2]netip.Addr
		protocol uint8
		vlan     uint16
		length   int
		frame    int
	}{
		{v4, TCP, 0, 40, 64}, {v4, TCP, 20, 42, 64}, {v4, TCP, 20, 43, 65}, {v4, TCP, 0, 1500, 1518}, {v4, UDP, 0, 28, 64}, {v4, UDP, 4094, 1500, 1522},
		{v4, ICMP, 0, 84, 102}, {v4, 47, 0, 20, 64}, {v6, TCP, 0, 60, 78}, {v6, UDP, 20, 48, 70}, {v6, ICMPv6, 0, 104, 122},
	} {
		p := Packet{
			Src: c.addrs[0], Dst: c.addrs[1], SrcPort: 50123, DstPort: 443, Protocol: c.protocol, TCPFlags: PSH | ACK, TTL: 60, TOS: 8, ICMPType: 3, ICMPCode: 1,
			VLAN: c.vlan, Length: c.length,
		}
		frame, err := p.appendFrame(nil, 2000)
		if err != nil || len(frame)+frameCheck != c.frame || FrameLength(c.length, c.vlan != 0) != c.frame {
			t.Errorf("%+v: frame of %d bytes, want %d; %v", c, len(frame)+frameCheck, c.frame, err)
			continue
		}
		checkPacket(t, gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.Default), &p)
	}
}

var transports = map[uint8]gopacket.LayerType{TCP: layers.LayerTypeTCP, UDP: layers.LayerTypeUDP, ICMPv6: layers.LayerTypeICMPv6}

func checkPacket(t *testing.T, got gopacket.Packet, p *Packet) {
	t.Helper()
	if failure := got.ErrorLayer(); failure != nil {
		t.Errorf("%+v: %v", p, failure.Error())
	}
	if l, ok := got.Layer(transports[p.Protocol]).(interface {
		SetNetworkLayerForChecksum(gopacket.NetworkLayer) error
	}); ok {
		if err := l.SetNetworkLayerForChecksum(got.NetworkLayer()); err != nil {
			t.Fatal(err)
		}
	}
	if err, mismatches := got.VerifyChecksums(); err != nil || len(mismatches) > 0 {
		t.Errorf("%+v: checksums %v, %v", p, mismatches, err)
	}
	if tag, ok := got.Layer(layers.LayerTypeDot1Q).(*layers.Dot1Q); ok != (p.VLAN != 0) || ok && tag.VLANIdentifier != p.VLAN {
		t.Errorf("%+v: tag %+v", p, tag)
	}
	if src, dst := got.NetworkLayer().NetworkFlow().Endpoints(); src.String() != p.Src.String() || dst.String() != p.Dst.String() {
		t.Errorf("%+v: %s to %s", p, src, dst)
	}
	payload := 0
	if app := got.ApplicationLayer(); app != nil {
		payload = len(app.Payload())
	}
	switch p.Protocol {
	case TCP:
		tcp := got.TransportLayer().(*layers.TCP)
		if tcp.SrcPort != 50123 || tcp.DstPort != 443 || !tcp.PSH || !tcp.ACK || tcp.SYN || payload != p.Length-MinLength(!p.Src.Is4(), TCP) {
			t.Errorf("%+v: %+v, payload of %d", p, tcp, payload)
		}
	case UDP:
		udp := got.TransportLayer().(*layers.UDP)
		if udp.SrcPort != 50123 || udp.DstPort != 443 || payload != p.Length-MinLength(!p.Src.Is4(), UDP) {
			t.Errorf("%+v: %+v, payload of %d", p, udp, payload)
		}
	case ICMP:
		if icmp := got.Layer(layers.LayerTypeICMPv4).(*layers.ICMPv4); icmp.TypeCode != layers.CreateICMPv4TypeCode(3, 1) {
			t.Errorf("%+v: %+v", p, icmp)
		}
	}
}

// TestNoFlags: a header that ends before the TCP flags still has the ports.
func TestNoFlags(t *testing.T) {
	payload, _, err := newTestAgent(t, AgentConfig{NoFlags: true}).Next(nil, testNow, testSamples()[:1])
	if err != nil {
		t.Fatal(err)
	}
	header := readDatagram(t, payload).Samples[0].(sflow.FlowSample).Records[0].Data.(sflow.SampledHeader)
	if header.OriginalLength != 18+20+13 || header.FrameLength != 64 {
		t.Errorf("header of %d bytes of a frame of %d", header.OriginalLength, header.FrameLength)
	}
}

func TestWrongPackets(t *testing.T) {
	good := testSamples()[0].Packet
	for name, change := range map[string]func(p *Packet){
		"families":    func(p *Packet) { p.Dst = netip.MustParseAddr("fd20::5") },
		"no address":  func(p *Packet) { p.Src, p.Dst = netip.Addr{}, netip.Addr{} },
		"mapped IPv4": func(p *Packet) { p.Src = netip.MustParseAddr("::ffff:1.2.3.4"); p.Dst = p.Src },
		"too short":   func(p *Packet) { p.Length = 39 },
		"too long":    func(p *Packet) { p.Length = 65536 },
	} {
		p := good
		change(&p)
		a := newTestAgent(t, AgentConfig{})
		out, used, err := a.Next([]byte("before"), testNow, []Sample{{Packet: p}})
		if !errors.Is(err, ErrRange) || used != 0 || string(out) != "before" || a.seq != 1 {
			t.Errorf("%s: %d samples, %q, %v", name, used, out, err)
		}
	}
	if _, err := NewAgent(AgentConfig{}); err == nil {
		t.Error("an agent without address")
	}
}
