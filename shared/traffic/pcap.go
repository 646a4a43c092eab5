package traffic

import (
	"fmt"
	"io"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// PcapSink writes datagrams to a classic pcap file, framed as Ethernet, IPv4
// and UDP with right lengths and checksums.
type PcapSink struct {
	w   *pcapgo.Writer
	buf gopacket.SerializeBuffer
	eth layers.Ethernet
}

// NewPcapSink writes the file header to w, which should be buffered.
func NewPcapSink(w io.Writer) (*PcapSink, error) {
	s := &PcapSink{w: pcapgo.NewWriter(w), buf: gopacket.NewSerializeBuffer(), eth: layers.Ethernet{
		SrcMAC: []byte{0x02, 0, 0x5e, 0, 0, 0x01}, DstMAC: []byte{0x02, 0, 0x5e, 0, 0, 0xfa}, // locally administered
		EthernetType: layers.EthernetTypeIPv4,
	}}
	if err := s.w.WriteFileHeader(65535, layers.LinkTypeEthernet); err != nil {
		return nil, fmt.Errorf("pcap header: %w", err)
	}
	return s, nil
}

// WriteDatagram writes one packet. Both ends must have IPv4 addresses.
func (s *PcapSink) WriteDatagram(d Datagram) error {
	src, dst := d.Exporter.Addr().As4(), d.Collector.Addr().As4()
	ip := layers.IPv4{Version: 4, IHL: 5, TTL: 64, Flags: layers.IPv4DontFragment, Protocol: layers.IPProtocolUDP, SrcIP: src[:], DstIP: dst[:]}
	udp := layers.UDP{SrcPort: layers.UDPPort(d.Exporter.Port()), DstPort: layers.UDPPort(d.Collector.Port())}
	if err := udp.SetNetworkLayerForChecksum(&ip); err != nil {
		return fmt.Errorf("pcap packet: %w", err)
	}
	opts := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(s.buf, opts, &s.eth, &ip, &udp, gopacket.Payload(d.Payload)); err != nil {
		return fmt.Errorf("pcap packet: %w", err)
	}
	frame := s.buf.Bytes()
	info := gopacket.CaptureInfo{Timestamp: d.Time, CaptureLength: len(frame), Length: len(frame)}
	if err := s.w.WritePacket(info, frame); err != nil {
		return fmt.Errorf("pcap packet: %w", err)
	}
	return nil
}
