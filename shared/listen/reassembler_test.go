package listen

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// pieces4 cuts a UDP datagram over IPv4 into pieces of n bytes.
func pieces4(id uint16, payload string, n int) (list [][]byte) {
	segment := udp4(payload)[20:]
	for at := 0; at < len(segment); at += n {
		ip := ip4(layers.IPProtocolUDP)
		ip.Id = id
		ip.FragOffset = uint16(at / 8)
		end := min(at+n, len(segment))
		if end < len(segment) {
			ip.Flags = layers.IPv4MoreFragments
		}
		list = append(list, serialize(ip, gopacket.Payload(segment[at:end])))
	}
	return list
}

// pieces6 does so over IPv6; gopacket writes no fragment headers.
func pieces6(id uint32, payload string, n int) (list [][]byte) {
	segment := udp6(payload)[40:]
	for at := 0; at < len(segment); at += n {
		end := min(at+n, len(segment))
		header := []byte{17, 0, 0, 0, 0, 0, 0, 0}
		binary.BigEndian.PutUint16(header[2:], uint16(at))
		if end < len(segment) {
			header[3] |= 1
		}
		binary.BigEndian.PutUint32(header[4:], id)
		ip := serialize(ip6(layers.IPProtocolIPv6Fragment), gopacket.Payload(append(header, segment[at:end]...)))
		list = append(list, ip)
	}
	return list
}

func TestFragments(t *testing.T) {
	text := strings.Repeat("0123456789", 30)
	a, b, v6 := pieces4(1, text, 104), pieces4(2, "B"+text, 160), pieces6(1, text, 104)
	overlap := pieces4(1, text, 96)
	odd := serialize(&layers.IPv4{
		Version: 4, IHL: 5, Id: 9, Protocol: layers.IPProtocolUDP, Flags: layers.IPv4MoreFragments, SrcIP: []byte{1, 1, 1, 1}, DstIP: []byte{2, 2, 2, 2},
	}, gopacket.Payload("seven b"))
	tcp := serialize(&layers.IPv4{
		Version: 4, IHL: 5, Protocol: layers.IPProtocolTCP, Flags: layers.IPv4MoreFragments, SrcIP: []byte{1, 1, 1, 1}, DstIP: []byte{2, 2, 2, 2},
	}, gopacket.Payload("8 bytes!"))
	for name, c := range map[string]struct {
		packets [][]byte
		want    []string
		stats   CaptureStats
	}{
		"in order":            {a, []string{text}, CaptureStats{Fragments: 3, Reassembled: 1}},
		"out of order":        {[][]byte{a[2], a[0], a[1]}, []string{text}, CaptureStats{Fragments: 3, Reassembled: 1}},
		"over IPv6":           {[][]byte{v6[1], v6[2], v6[0]}, []string{text}, CaptureStats{Fragments: 3, Reassembled: 1}},
		"interleaved":         {[][]byte{a[0], b[0], a[1], b[1], a[2]}, []string{"B" + text, text}, CaptureStats{Fragments: 5, Reassembled: 2}},
		"repeated":            {[][]byte{a[0], a[0], a[1], a[1], a[2]}, []string{text}, CaptureStats{Fragments: 5, Reassembled: 1}},
		"one missing":         {[][]byte{a[0], a[2]}, nil, CaptureStats{Fragments: 2, FragmentsLost: 2}},
		"overlap":             {[][]byte{a[0], overlap[1], a[2]}, nil, CaptureStats{Fragments: 3, FragmentsLost: 3}},
		"two ends":            {[][]byte{a[2], overlap[3], a[0]}, nil, CaptureStats{Fragments: 3, FragmentsLost: 3}},
		"not a multiple of 8": {[][]byte{odd}, nil, CaptureStats{Fragments: 1, FragmentsLost: 1}},
		"captured in part":    {[][]byte{a[0][:60], a[1], a[2]}, nil, CaptureStats{Fragments: 3, FragmentsLost: 3}},
		"of TCP":              {[][]byte{tcp}, nil, CaptureStats{NotUDP: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			r := capture(t, pcapOf(layers.LinkTypeRaw, c.packets...))
			got := payloads(t, r)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			c.stats.Packets, c.stats.Datagrams = uint64(len(c.packets)), uint64(len(c.want))
			c.stats.Bytes = uint64(len(strings.Join(c.want, "")))
			if diff := cmp.Diff(c.stats, r.Stats()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFragmentsOfAnOldDatagram has an id come back after more than a minute.
func TestFragmentsOfAnOldDatagram(t *testing.T) {
	text := strings.Repeat("x", 100)
	p := pieces4(1, text, 56)
	packets := [][]byte{p[1]}
	for range 601 {
		packets = append(packets, udp4("")) // 100 ms each
	}
	packets = append(packets, p[0], p[1])
	r := capture(t, pcapOf(layers.LinkTypeRaw, packets...))
	if got := payloads(t, r); got[len(got)-1] != text || r.Stats().FragmentsLost != 1 {
		t.Errorf("%d datagrams, %+v", len(got), r.Stats())
	}
}

// TestFragmentsAreCapped begins more datagrams than are kept and ends them all: the oldest are lost and counted.
func TestFragmentsAreCapped(t *testing.T) {
	const n = maxPending + 10
	var begins, ends [][]byte
	for id := range n {
		p := pieces4(uint16(id), strings.Repeat("x", 100), 56)
		begins, ends = append(begins, p[0]), append(ends, p[1])
	}
	slices.Reverse(ends) // or the ends of those given up would push out the others
	r := capture(t, pcapOf(layers.LinkTypeRaw, append(begins, ends...)...))
	got := len(payloads(t, r))
	s := r.Stats()
	if got != maxPending || s.Fragments != 2*n || s.FragmentsLost != 2*(n-maxPending) {
		t.Errorf("%d datagrams, %+v", got, s)
	}
}

// TestReassemblyIsExact cuts random datagrams into random pieces and shuffles them.
func TestReassemblyIsExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for id := range 200 {
		text := make([]byte, 1+random.IntN(3000))
		for i := range text {
			text[i] = byte(random.Uint32())
		}
		list := pieces4(uint16(id), string(text), 8*(2+random.IntN(40)))
		if len(list) == 1 {
			continue
		}
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		got := payloads(t, capture(t, pcapOf(layers.LinkTypeRaw, list...)))
		if len(got) != 1 || !bytes.Equal([]byte(got[0]), text) {
			t.Fatalf("datagram %d of %d bytes in %d pieces: got %d", id, len(text), len(list), len(got))
		}
	}
}
