package listen

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// start is the time of the first packet in captures made by tests; packets follow 100 ms apart.
const start = int64(1_700_000_000_123_456_000)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func serialize(parts ...gopacket.SerializableLayer) []byte {
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true}, parts...); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func ip4(protocol layers.IPProtocol) *layers.IPv4 {
	return &layers.IPv4{Version: 4, IHL: 5, TTL: 64, Id: 7, Protocol: protocol, SrcIP: net.IP{192, 0, 2, 1}, DstIP: net.IP{192, 0, 2, 99}}
}

func ip6(next layers.IPProtocol) *layers.IPv6 {
	return &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: next, SrcIP: net.ParseIP("2001:db8::1"), DstIP: net.ParseIP("2001:db8::99")}
}

func udp() *layers.UDP { return &layers.UDP{SrcPort: 50000, DstPort: 2055} }

func ethernet(t layers.EthernetType) *layers.Ethernet {
	return &layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, EthernetType: t}
}

func udp4(payload string) []byte {
	return serialize(ip4(layers.IPProtocolUDP), udp(), gopacket.Payload(payload))
}
func udp6(payload string) []byte {
	return serialize(ip6(layers.IPProtocolUDP), udp(), gopacket.Payload(payload))
}

// pcapOf writes packets of one link type to a pcap file.
func pcapOf(link layers.LinkType, packets ...[]byte) []byte {
	var b bytes.Buffer
	w := pcapgo.NewWriter(&b)
	if err := w.WriteFileHeader(65535, link); err != nil {
		panic(err)
	}
	for i, p := range packets {
		info := gopacket.CaptureInfo{Timestamp: timeOf(i), CaptureLength: len(p), Length: len(p)}
		if err := w.WritePacket(info, p); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

func timeOf(packet int) time.Time {
	return time.Unix(0, start).Add(time.Duration(packet) * 100 * time.Millisecond)
}

func capture(t testing.TB, file []byte) *Capture {
	t.Helper()
	c, err := NewCapture(bytes.NewReader(file), "test", CaptureConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// payloads reads s to its end and returns copies.
func payloads(t testing.TB, s Source) (list []string) {
	t.Helper()
	for {
		d, err := s.Next()
		if err == io.EOF { //nolint:errorlint // Next promises io.EOF itself
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(d.Payload))
	}
}
