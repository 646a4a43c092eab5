package listen

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

func vlan(t layers.EthernetType) *layers.Dot1Q { return &layers.Dot1Q{VLANIdentifier: 5, Type: t} }

// frame puts an Ethernet header with n VLAN tags before the packet, without the padding that gopacket adds.
func frame(n int, packet []byte, parts ...gopacket.SerializableLayer) []byte {
	return before(serialize(parts...)[:14+4*n], packet)
}

func before(header []byte, packet []byte) []byte { return append(bytes.Clone(header), packet...) }

func TestCaptureLinkTypes(t *testing.T) {
	sll := func(etherType ...byte) []byte { return append(make([]byte, 14), etherType...) }
	for name, c := range map[string]struct {
		link   layers.LinkType
		packet []byte
	}{
		"ethernet":          {layers.LinkTypeEthernet, frame(0, udp4("x"), ethernet(layers.EthernetTypeIPv4))},
		"ethernet v6":       {layers.LinkTypeEthernet, frame(0, udp6("x"), ethernet(layers.EthernetTypeIPv6))},
		"padding":           {layers.LinkTypeEthernet, append(frame(0, udp4("x"), ethernet(layers.EthernetTypeIPv4)), 0, 0, 0, 0)},
		"vlan":              {layers.LinkTypeEthernet, frame(1, udp4("x"), ethernet(layers.EthernetTypeDot1Q), vlan(layers.EthernetTypeIPv4))},
		"QinQ":              {layers.LinkTypeEthernet, frame(2, udp6("x"), ethernet(layers.EthernetTypeQinQ), vlan(layers.EthernetTypeDot1Q), vlan(layers.EthernetTypeIPv6))},
		"raw v4":            {layers.LinkTypeRaw, udp4("x")},
		"raw v6":            {layers.LinkTypeRaw, udp6("x")},
		"raw on OpenBSD":    {14, udp4("x")},
		"ipv4":              {layers.LinkTypeIPv4, udp4("x")},
		"ipv6":              {layers.LinkTypeIPv6, udp6("x")},
		"linux cooked":      {layers.LinkTypeLinuxSLL, before(sll(0x08, 0x00), udp4("x"))},
		"linux cooked vlan": {layers.LinkTypeLinuxSLL, before(sll(0x81, 0x00, 0, 5, 0x86, 0xdd), udp6("x"))},
		"linux cooked 2":    {layers.LinkTypeLinuxSLL2, before(append([]byte{0x86, 0xdd}, make([]byte, 18)...), udp6("x"))},
		"null of i386":      {layers.LinkTypeNull, before([]byte{2, 0, 0, 0}, udp4("x"))},
		"null of ppc":       {layers.LinkTypeNull, before([]byte{0, 0, 0, 2}, udp4("x"))},
		"null v6 of darwin": {layers.LinkTypeNull, before([]byte{30, 0, 0, 0}, udp6("x"))},
		"loop":              {layers.LinkTypeLoop, before([]byte{0, 0, 0, 24}, udp6("x"))},
	} {
		t.Run(name, func(t *testing.T) {
			r := capture(t, pcapOf(c.link, c.packet))
			d, err := r.Next()
			if err != nil {
				t.Fatalf("%v; %+v", err, r.Stats())
			}
			v4, v6 := netip.MustParseAddrPort("192.0.2.1:50000"), netip.MustParseAddrPort("[2001:db8::1]:50000")
			if string(d.Payload) != "x" || d.Received != start || (d.Source != v4 && d.Source != v6) {
				t.Errorf("got %+v", d)
			}
		})
	}
}

func TestCaptureCountsWhatItSkips(t *testing.T) {
	udpCut := udp4("longer than captured")
	tcp := serialize(ip4(layers.IPProtocolTCP), &layers.TCP{SrcPort: 1, DstPort: 2})
	noHeader := ip4(layers.IPProtocolUDP)
	badUDP := udp4("length says less than a header")
	binary.BigEndian.PutUint16(badUDP[24:], 7)
	long := udp4("length says more than the packet")
	binary.BigEndian.PutUint16(long[24:], 500)
	ihl := udp4("a header shorter than a header")
	ihl[0] = 0x44
	for name, c := range map[string]struct {
		packet []byte
		want   CaptureStats
	}{
		"tcp":                {tcp, CaptureStats{NotUDP: 1}},
		"icmp v6":            {serialize(ip6(layers.IPProtocolICMPv6), gopacket.Payload("ping")), CaptureStats{NotUDP: 1}},
		"no next header":     {serialize(ip6(layers.IPProtocolNoNextHeader)), CaptureStats{NotUDP: 1}},
		"cut in the payload": {udpCut[:40], CaptureStats{Truncated: 1}},
		"cut in the UDP":     {udpCut[:24], CaptureStats{Truncated: 1}},
		"cut in the IP":      {udpCut[:12], CaptureStats{Truncated: 1}},
		"cut in IPv6":        {udp6("x")[:39], CaptureStats{Truncated: 1}},
		"nothing":            {nil, CaptureStats{Truncated: 1}},
		"no UDP header":      {serialize(noHeader), CaptureStats{Malformed: 1}},
		"UDP length 7":       {badUDP, CaptureStats{Malformed: 1}},
		"UDP beyond IP":      {long, CaptureStats{Malformed: 1}},
		"IHL 4":              {ihl, CaptureStats{Malformed: 1}},
		"IP version 5":       {[]byte{0x50, 0, 0, 0}, CaptureStats{Malformed: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			r := capture(t, pcapOf(layers.LinkTypeRaw, c.packet, udp4("next")))
			if got := payloads(t, r); len(got) != 1 || got[0] != "next" {
				t.Errorf("payloads %q, want the next packet's", got)
			}
			c.want.Packets, c.want.Datagrams, c.want.Bytes = 2, 1, 4
			if diff := cmp.Diff(c.want, r.Stats()); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("link type", func(t *testing.T) {
		r := capture(t, pcapOf(layers.LinkTypeIEEE802_11, []byte("beacon")))
		if got := payloads(t, r); len(got) != 0 || r.Stats().LinkType != 1 || r.Stats().Skipped()["link_type"] != 1 {
			t.Errorf("payloads %q, %+v", got, r.Stats())
		}
	})
	t.Run("arp", func(t *testing.T) {
		r := capture(t, pcapOf(layers.LinkTypeEthernet, serialize(ethernet(layers.EthernetTypeARP))))
		if got := payloads(t, r); len(got) != 0 || r.Stats().NotUDP != 1 {
			t.Errorf("payloads %q, %+v", got, r.Stats())
		}
	})
}

func TestCapturePassesOverExtensionHeaders(t *testing.T) {
	packet := udp6("x")
	options := []byte{43, 0, 1, 4, 0, 0, 0, 0}                              // hop-by-hop, 8 bytes, then routing
	routing := append([]byte{51, 2, 0, 0}, make([]byte, 20)...)             // 24 bytes, then AH
	auth := []byte{44, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1}                     // 12 bytes, then fragment
	atomic := []byte{17, 0, 0, 0, 0, 0, 0, 9}                               // all there is (RFC 6946), then UDP
	chain := bytes.Join([][]byte{options, routing, auth, atomic}, []byte{}) // 52 bytes
	packet[6] = 0
	binary.BigEndian.PutUint16(packet[4:], uint16(len(packet)-40+len(chain)))
	packet = bytes.Join([][]byte{packet[:40], chain, packet[40:]}, nil)
	if got := payloads(t, capture(t, pcapOf(layers.LinkTypeRaw, packet))); len(got) != 1 || got[0] != "x" {
		t.Errorf("payloads %q", got)
	}
}

func TestCapturePorts(t *testing.T) {
	c, err := NewCapture(bytes.NewReader(pcapOf(layers.LinkTypeRaw, udp4("x"))), "test", CaptureConfig{Ports: []uint16{4739, 6343}})
	if err != nil {
		t.Fatal(err)
	}
	if got := payloads(t, c); len(got) != 0 || c.Stats().Filtered != 1 {
		t.Errorf("payloads %q, %+v", got, c.Stats())
	}
	c = must(NewCapture(bytes.NewReader(pcapOf(layers.LinkTypeRaw, udp4("x"))), "test", CaptureConfig{Ports: []uint16{4739, 2055}}))
	if got := payloads(t, c); len(got) != 1 {
		t.Errorf("payloads %q", got)
	}
}

// handWritten is a pcap file as the format's specification says, in any byte order and unit of time.
func handWritten(order binary.AppendByteOrder, magic, fraction uint32) []byte {
	packet := udp4("x")
	b := order.AppendUint32(nil, magic)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 4)
	for _, v := range []uint32{0, 0, 65535, 101, uint32(start / 1e9), fraction, uint32(len(packet)), uint32(len(packet))} {
		b = order.AppendUint32(b, v)
	}
	return append(b, packet...)
}

func TestCaptureFormats(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(pcapOf(layers.LinkTypeRaw, udp4("x")))
	_ = z.Close()
	for name, file := range map[string][]byte{
		"micro, little-endian": handWritten(binary.LittleEndian, 0xa1b2c3d4, 123456),
		"micro, big-endian":    handWritten(binary.BigEndian, 0xa1b2c3d4, 123456),
		"nano, little-endian":  handWritten(binary.LittleEndian, 0xa1b23c4d, 123456000),
		"nano, big-endian":     handWritten(binary.BigEndian, 0xa1b23c4d, 123456000),
		"gzip":                 zipped.Bytes(),
		"pcapng":               pcapngOf(t, udp4("x")),
	} {
		t.Run(name, func(t *testing.T) {
			d, err := capture(t, file).Next()
			if err != nil || string(d.Payload) != "x" || d.Received != start {
				t.Errorf("got %+v, %v", d, err)
			}
		})
	}
}

// pcapngOf writes a file of two interfaces with different link types, the packets on the second one.
func pcapngOf(t testing.TB, packets ...[]byte) []byte {
	var b bytes.Buffer
	w, err := pcapgo.NewNgWriter(&b, layers.LinkTypeEthernet)
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.AddInterface(pcapgo.NgInterface{Name: "tun0", LinkType: layers.LinkTypeRaw})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range packets {
		info := gopacket.CaptureInfo{Timestamp: timeOf(i), CaptureLength: len(p), Length: len(p), InterfaceIndex: second}
		if err := w.WritePacket(info, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCaptureEndsWithinAPacket(t *testing.T) {
	for format, file := range map[string][]byte{
		"pcap":   pcapOf(layers.LinkTypeRaw, udp4("first"), udp4("second")),
		"pcapng": pcapngOf(t, udp4("first"), udp4("second")),
	} {
		whole := len(payloads(t, capture(t, file)))
		if whole != 2 {
			t.Fatalf("%s: %d datagrams in the whole file", format, whole)
		}
		ended := 0
		for cut := 1; cut < len(file); cut++ {
			c, err := NewCapture(bytes.NewReader(file[:len(file)-cut]), "cut", CaptureConfig{})
			if err != nil {
				var ce *CaptureError
				if !errors.As(err, &ce) || ce.Packet != 0 || errors.Is(err, io.EOF) {
					t.Fatalf("%s less %d bytes: %v", format, cut, err)
				}
				continue
			}
			if n := len(payloads(t, c)); n > 1 {
				t.Fatalf("%s less %d bytes: %d datagrams", format, cut, n)
			}
			if !c.Truncated() {
				ended++ // the cut fell between packets
			}
			if c.Truncated() != (c.Stats().FileTruncated == 1) {
				t.Fatalf("%s less %d bytes: %+v", format, cut, c.Stats())
			}
		}
		if want := map[string]int{"pcap": 2, "pcapng": 4}[format]; ended != want { // after headers, interfaces and each packet
			t.Errorf("%s: %d cuts seem whole files, want %d", format, ended, want)
		}
	}
}

func TestCaptureDamaged(t *testing.T) {
	file := pcapOf(layers.LinkTypeRaw, udp4("first"), udp4("second"), udp4("third"))
	second := 24 + 16 + len(udp4("first"))
	binary.LittleEndian.PutUint32(file[second+8:], 0xffffff00) // captured length
	c := capture(t, file)
	if d, err := c.Next(); err != nil || string(d.Payload) != "first" {
		t.Fatalf("got %+v, %v", d, err)
	}
	for range 3 { // the same again and again
		_, err := c.Next()
		var ce *CaptureError
		if !errors.As(err, &ce) || ce.Packet != 2 || ce.File != "test" {
			t.Fatalf("error %v, want one about packet 2", err)
		}
	}
}

func TestCaptureRefusesOtherFiles(t *testing.T) {
	for name, file := range map[string]string{"empty": "", "short": "ab", "text": "time,exporter\n", "gzip of text": "\x1f\x8b\x08"} {
		_, err := NewCapture(bytes.NewReader([]byte(file)), "notes.txt", CaptureConfig{})
		var ce *CaptureError
		if !errors.As(err, &ce) || ce.File != "notes.txt" {
			t.Errorf("%s: error %v", name, err)
		}
		if name != "gzip of text" && !errors.Is(err, ErrNotCapture) {
			t.Errorf("%s: error %v is not ErrNotCapture", name, err)
		}
	}
	if _, err := OpenCapture(filepath.Join(t.TempDir(), "none.pcap"), CaptureConfig{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want ErrNotExist", err)
	}
}
