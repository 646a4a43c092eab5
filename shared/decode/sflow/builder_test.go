package sflow_test

import (
	"encoding/binary"
	"net/netip"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// words writes 32-bit numbers; []byte goes in as it is, padded to a multiple of 4 as XDR (RFC 4506) asks.
func words(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch v := p.(type) {
		case int:
			b = binary.BigEndian.AppendUint32(b, uint32(v))
		case []byte:
			b = append(b, v...)
			b = append(b, make([]byte, -len(v)&3)...)
		case netip.Addr:
			b = append(b, v.AsSlice()...)
		}
	}
	return b
}

// block is a sample or record: format, length, content.
func block(format int, parts ...any) []byte {
	body := words(parts...)
	return words(format, len(body), body)
}

// datagram is of agent 192.0.2.9, sub-agent 3, sequence number 77, uptime 1,000 ms.
func datagram(samples ...[]byte) []byte {
	b := words(5, 1, netip.MustParseAddr("192.0.2.9"), 3, 77, 1000, len(samples))
	for _, s := range samples {
		b = append(b, s...)
	}
	return b
}

// flowSample is a flow sample of rate 512 from ifIndex 3 to ifIndex 4.
func flowSample(records ...[]byte) []byte { return flowSampleOn(3, 4, records...) }

func flowSampleOn(in, out int, records ...[]byte) []byte {
	parts := []any{1, 0x00000003, 512, 5120, 0, in, out, len(records)}
	for _, r := range records {
		parts = append(parts, r)
	}
	return block(1, parts...)
}

// rawHeader is a sampled header record of a frame of 1,518 bytes of which 4 were stripped.
func rawHeader(protocol int, header []byte) []byte {
	return block(1, protocol, 1518, 4, len(header), header)
}

// frame is an Ethernet frame with a TCP segment, tagged where vlan is not 0.
func frame(vlan uint16) []byte {
	buf := gopacket.NewSerializeBuffer()
	eth := &layers.Ethernet{SrcMAC: []byte{2, 0, 0, 0, 0, 1}, DstMAC: []byte{2, 0, 0, 0, 0, 2}, EthernetType: layers.EthernetTypeIPv4}
	ip := &layers.IPv4{Version: 4, IHL: 5, TTL: 60, Protocol: 6, SrcIP: []byte{192, 0, 2, 1}, DstIP: []byte{198, 51, 100, 2}}
	tcp := &layers.TCP{SrcPort: 50123, DstPort: 443, ACK: true, DataOffset: 5}
	stack := []gopacket.SerializableLayer{eth, ip, tcp}
	if vlan != 0 {
		eth.EthernetType = layers.EthernetTypeDot1Q
		stack = []gopacket.SerializableLayer{eth, &layers.Dot1Q{VLANIdentifier: vlan, Type: layers.EthernetTypeIPv4}, ip, tcp}
	}
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true}, stack...); err != nil {
		panic(err)
	}
	return buf.Bytes()
}

var (
	hop4 = netip.MustParseAddr("203.0.113.1")
	hop6 = netip.MustParseAddr("2001:db8::fe")
)
