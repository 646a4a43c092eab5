package encode

import (
	"net/netip"
	"time"
)

// Flow is one unidirectional flow as an exporter's cache gives it out: what
// one exported record says. Counters are as metered, so after sampling they
// are the sampled packets', not an estimate.
type Flow struct {
	Src, Dst         netip.Addr // both of one family; IPv4 not mapped into IPv6
	NextHop          netip.Addr // the zero Addr is written as the unspecified address
	SrcPort, DstPort uint16     // 0 for protocols without ports
	Protocol         uint8      // IANA protocol number
	TCPFlags         uint8      // all flags seen, CWR 0x80 to FIN 0x01
	TOS              uint8
	ICMPType         uint8
	ICMPCode         uint8
	SrcMask, DstMask uint8  // prefix lengths
	In, Out          uint32 // ifIndex
	SrcAS, DstAS     uint32
	Packets, Bytes   uint64    // bytes count IP headers
	Start, End       time.Time // first and last packet, kept to the millisecond
	EndReason        uint8     // IE 136: 1 idle, 2 active timeout, 3 end detected
	Direction        uint8     // IE 61: 0 ingress, 1 egress
	VLAN             uint16
}

// Flow end reasons of IE 136.
const (
	EndIdle   uint8 = 1
	EndActive uint8 = 2
	EndSeen   uint8 = 3
)

// IP protocol numbers used by the generator.
const (
	ICMP   uint8 = 1
	TCP    uint8 = 6
	UDP    uint8 = 17
	ICMPv6 uint8 = 58
)

// TCP flag bits of Flow.TCPFlags (RFC 9293 section 3.1).
const (
	FIN uint8 = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
)

// icmpTypeCode is the 16-bit form 256*type+code of IEs 32 and 139, which
// NetFlow exporters also put into the destination port.
func (f *Flow) icmpTypeCode() uint16 {
	return uint16(f.ICMPType)<<8 | uint16(f.ICMPCode)
}

// isICMP reports whether the flow is ICMP of its own family.
func (f *Flow) isICMP() bool { return f.Protocol == ICMP || f.Protocol == ICMPv6 }
