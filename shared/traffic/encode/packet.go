package encode

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// Packet is a packet that an sFlow agent samples as it comes in. Its payload is zeros.
type Packet struct {
	Src, Dst         netip.Addr // both of one family; IPv4 not mapped into IPv6
	NextHop          netip.Addr // the zero Addr is written as the unspecified address
	SrcMAC, DstMAC   [6]byte
	SrcPort, DstPort uint16
	Protocol         uint8
	TCPFlags         uint8
	TOS, TTL         uint8
	ICMPType         uint8
	ICMPCode         uint8
	SrcMask, DstMask uint8
	In, Out          uint32 // ifIndex
	SrcAS, DstAS     uint32
	VLAN             uint16 // of the tag; 0: not tagged
	OutVLAN          uint16
	ID               uint16 // of the IPv4 header
	Sequence         uint32 // of the TCP header, and of ICMP echoes the low half
	Length           int    // of the IP packet, bytes; what its headers need at the least
}

// Lengths in bytes.
const (
	ethernetHeader = 14
	vlanTag        = 4
	frameCheck     = 4
	minFrame       = 64 // IEEE 802.3, frame check sequence included
	ipv4Header     = 20
	ipv6Header     = 40
	tcpHeader      = 20
	udpHeader      = 8
)

// MinLength is what the headers of an IP packet of a protocol need, in bytes.
func MinLength(v6 bool, protocol uint8) int {
	n := ipv4Header
	if v6 {
		n = ipv6Header
	}
	switch protocol {
	case TCP:
		return n + tcpHeader
	case UDP, ICMP, ICMPv6:
		return n + udpHeader
	}
	return n
}

// FrameLength is the length of the Ethernet frame of an IP packet of a length, with frame check sequence and padding.
func FrameLength(ip int, tagged bool) int {
	n := ethernetHeader + ip + frameCheck
	if tagged {
		n += vlanTag
	}
	return max(n, minFrame)
}

// nextHop is the next hop of the packet's family.
func (p *Packet) nextHop() netip.Addr {
	switch {
	case p.NextHop.IsValid():
		return p.NextHop
	case p.Src.Is4():
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}

// appendFrame appends the first limit bytes of the packet's frame without frame check sequence.
func (p *Packet) appendFrame(dst []byte, limit int) ([]byte, error) {
	if !p.Src.IsValid() || p.Src.Is4() != p.Dst.Is4() || p.Src.Is4In6() || p.Dst.Is4In6() {
		return dst, fmt.Errorf("addresses %s and %s: %w", p.Src, p.Dst, ErrRange)
	}
	if p.Length < MinLength(!p.Src.Is4(), p.Protocol) || p.Length > 0xffff {
		return dst, fmt.Errorf("IP packet of %d bytes: %w", p.Length, ErrRange)
	}
	start := len(dst)
	dst = append(append(dst, p.DstMAC[:]...), p.SrcMAC[:]...)
	b := binary.BigEndian
	if p.VLAN != 0 {
		dst = b.AppendUint16(b.AppendUint16(dst, 0x8100), p.VLAN)
	}
	if p.Src.Is4() {
		dst = p.appendIPv4(b.AppendUint16(dst, 0x0800))
	} else {
		dst = p.appendIPv6(b.AppendUint16(dst, 0x86dd))
	}
	whole := FrameLength(p.Length, p.VLAN != 0) - frameCheck
	end := start + min(limit, whole)
	for len(dst) < end {
		dst = append(dst, 0)
	}
	return dst[:end], nil
}

func (p *Packet) appendIPv4(dst []byte) []byte {
	b := binary.BigEndian
	head := len(dst)
	dst = append(dst, 0x45, p.TOS)
	dst = b.AppendUint16(dst, uint16(p.Length))
	dst = b.AppendUint16(dst, p.ID)
	dst = append(dst, 0x40, 0, p.TTL, p.Protocol, 0, 0) // do not fragment; checksum follows
	dst = append(append(dst, p.Src.AsSlice()...), p.Dst.AsSlice()...)
	b.PutUint16(dst[head+10:], ^fold(sum(0, dst[head:])))
	return p.appendTransport(dst, p.Length-ipv4Header)
}

func (p *Packet) appendIPv6(dst []byte) []byte {
	b := binary.BigEndian
	dst = b.AppendUint32(dst, 6<<28|uint32(p.TOS)<<20)
	dst = b.AppendUint16(dst, uint16(p.Length-ipv6Header))
	dst = append(dst, p.Protocol, p.TTL)
	dst = append(append(dst, p.Src.AsSlice()...), p.Dst.AsSlice()...)
	return p.appendTransport(dst, p.Length-ipv6Header)
}

// appendTransport appends the header of the transport protocol with its checksum, to which a payload of zeros adds nothing.
func (p *Packet) appendTransport(dst []byte, length int) []byte {
	b := binary.BigEndian
	head := len(dst)
	var at int // of the checksum in the header
	switch p.Protocol {
	case TCP:
		dst = b.AppendUint16(b.AppendUint16(dst, p.SrcPort), p.DstPort)
		dst = b.AppendUint32(b.AppendUint32(dst, p.Sequence), 0)
		dst = append(dst, tcpHeader/4<<4, p.TCPFlags, 0xff, 0xff, 0, 0, 0, 0)
		at = 16
	case UDP:
		dst = b.AppendUint16(b.AppendUint16(dst, p.SrcPort), p.DstPort)
		dst = b.AppendUint16(dst, uint16(length))
		dst = append(dst, 0, 0)
		at = 6
	case ICMP, ICMPv6:
		dst = append(dst, p.ICMPType, p.ICMPCode, 0, 0)
		dst = b.AppendUint32(dst, p.Sequence&0xffff)
		at = 2
	default:
		return dst
	}
	var s uint32
	if p.Protocol != ICMP { // the pseudo header of RFC 9293, 3.1 and RFC 8200, 8.1
		s = sum(sum(uint32(p.Protocol)+uint32(length), p.Src.AsSlice()), p.Dst.AsSlice())
	}
	check := ^fold(sum(s, dst[head:]))
	if check == 0 && p.Protocol == UDP {
		check = 0xffff // 0 means that there is none (RFC 768)
	}
	b.PutUint16(dst[head+at:], check)
	return dst
}

// sum adds an even number of bytes to an internet checksum (RFC 1071).
func sum(s uint32, b []byte) uint32 {
	for ; len(b) > 1; b = b[2:] {
		s += uint32(binary.BigEndian.Uint16(b))
	}
	return s
}

func fold(s uint32) uint16 {
	for s>>16 != 0 {
		s = s&0xffff + s>>16
	}
	return uint16(s)
}
