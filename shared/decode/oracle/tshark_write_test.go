package oracle

import (
	"encoding/binary"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// writeCapture writes datagrams to a file that tshark reads; all go to the port of NetFlow.
func writeCapture(t *testing.T, list []datagram) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "datagrams.pcap")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := pcapgo.NewWriter(f)
	if err := w.WriteFileHeader(1<<18, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1_700_000_000, 0)
	for i, d := range list {
		packet := wrapped(t, d)
		info := gopacket.CaptureInfo{Timestamp: at.Add(time.Duration(i) * time.Millisecond), CaptureLength: len(packet), Length: len(packet)}
		if err := w.WritePacket(info, packet); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func wrapped(t *testing.T, d datagram) []byte {
	eth := &layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, EthernetType: layers.EthernetTypeIPv4}
	ip := &layers.IPv4{Version: 4, IHL: 5, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: d.source.Addr().AsSlice(), DstIP: net.IP{192, 0, 2, 254}}
	udp := &layers.UDP{SrcPort: layers.UDPPort(d.source.Port()), DstPort: 2055}
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true}, eth, ip, udp, gopacket.Payload(d.payload)); err != nil {
		t.Fatal(err)
	}
	return slices.Clone(buf.Bytes())
}

// enlargeCount returns a v9 datagram that announces more records than fit; tshark reads no further than the count.
func enlargeCount(payload []byte) []byte {
	out := slices.Clone(payload)
	if len(out) >= 20 && binary.BigEndian.Uint16(out) == 9 {
		binary.BigEndian.PutUint16(out[2:], 0x7fff)
	}
	return out
}
