// Package packet reads the first bytes of a sampled packet, as sFlow samples (and IPFIX packet sections) carry them, into a
// [flow.Record].
//
// The header may be cut anywhere: what is there is filled in, what is not stays absent. Where packets are tunneled, the outer
// IP header makes the record, because that is what the observed link carried; the packet inside is kept as elements.
//
// Sources: IEEE 802.3 and 802.1Q, RFC 1661 and 1662 (PPP), RFC 2516 (PPPoE), RFC 3032 and 4385 (MPLS), RFC 791, RFC 8200,
// RFC 4302 (AH), RFC 9293, RFC 768, RFC 792, RFC 4443; tunnels: RFC 2003 and 4213 (IP in IP), RFC 2784 and 2890 (GRE), RFC 7637
// (NVGRE), RFC 7348 (VXLAN), RFC 8926 (Geneve).
package packet

import (
	"encoding/binary"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// Link says with which protocol the sampled bytes begin.
type Link uint8

// Links that [Parse] reads.
const (
	Unknown  Link = iota // not readable: nothing is filled in
	Ethernet             // destination MAC first, without preamble
	PPP                  // with or without the HDLC address and control bytes; also Cisco HDLC
	IP                   // IPv4 or IPv6 by the version nibble
	MPLS                 // a label stack
)

// Information elements for what the record has no field for, with the meaning that IPFIX gives them.
const (
	elementFragmentOffset = 88  // offset of a fragment that is not the first, in units of 8 bytes
	elementFirstLabel     = 70  // MPLS label stack entries 70 to 79
	elementCustomerVLAN   = 245 // dot1qCustomerVlanId: the inner of two tags
	elementEtherType      = 256 // ethernetType of frames that are not IP
)

// Elements for what is inside of a tunnel: the addresses and ports that VMware's switches call the tenant's, and IANA's number of the
// segment, whose first byte says of which kind it is.
const (
	tenantPEN           = 6876
	tenantProtocol      = 880
	tenantSource4       = 881
	tenantDestination4  = 882
	tenantSource6       = 883
	tenantDestination6  = 884
	tenantSourcePort    = 886
	tenantDestPort      = 887
	elementSegment      = 351 // layer2SegmentId
	segmentVXLAN        = 1
	segmentNVGRE        = 2
	segmentOfOtherKinds = 0 // Geneve has no number of its own
)

// Parse fills r, which must be the last record of out, from the sampled bytes: MACs, VLAN, MPLS labels, addresses, protocol,
// ports, TCP flags, ICMP type and code, type of service and time to live. Counters and times are not touched.
//
// It returns false where the bytes end or contradict themselves before the addresses of an IP header or the type of a frame
// that is not IP are known; what came before is filled in all the same. The packet inside of a tunnel does not matter for that.
func Parse(link Link, header []byte, out *flow.Batch, r *flow.Record) bool {
	p := parser{cur: wire.NewCursor(header), out: out, r: r}
	if !p.link(link) {
		return false
	}
	if p.tunnel != tunnelNone {
		p.inside()
	}
	return true
}

func (p *parser) link(link Link) bool {
	switch link {
	case Ethernet:
		return p.ethernet()
	case PPP:
		return p.ppp()
	case IP:
		return p.ip()
	case MPLS:
		return p.mpls()
	}
	return false
}

// parser walks through one header. Its methods return what Parse returns.
type parser struct {
	cur    wire.Cursor
	out    *flow.Batch // nil inside of a tunnel, where only addresses and ports count
	r      *flow.Record
	labels uint16
	vlans  uint8
	tunnel tunnel // what the payload is, where cur stands

	segment    [8]byte // of the tunnel that was gone into
	hasSegment bool
}

// mark sets presence bits for what was just read, unless the bytes had ended by then.
func (p *parser) mark(bits flow.Presence) {
	if p.cur.OK() {
		p.r.Present |= bits
	}
}

// number adds an unsigned element of two bytes.
func (p *parser) number(id, v uint16) {
	if p.out == nil {
		return
	}
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], v)
	p.out.AppendElement(p.r, flow.Element{ID: id, Kind: flow.ElementUint, Value: b[:]})
}
