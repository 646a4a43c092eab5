package packet

import (
	"encoding/binary"

	"github.com/weirflow/weir/shared/flow"
)

// IPv6 extension headers (IANA) that can be stepped over. ESP (50) hides what follows.
const (
	extHopByHop    = 0
	extRouting     = 43
	extFragment    = 44
	extAH          = 51
	extDestination = 60
	extMobility    = 135
	extHIP         = 139
	extShim6       = 140
)

// ip reads an IP header of either version.
func (p *parser) ip() bool {
	rest := p.cur.Rest()
	if len(rest) == 0 {
		return false
	}
	switch rest[0] >> 4 {
	case 4:
		return p.ipv4()
	case 6:
		return p.ipv6()
	}
	return false
}

func (p *parser) ipv4() bool {
	r := p.r
	headerLen := int(p.cur.U8()&0x0f) * 4
	r.ToS = p.cur.U8()
	p.mark(flow.HasToS)
	total := int(p.cur.U16())
	p.cur.Skip(2)
	fragment := p.cur.U16() & 0x1fff
	r.TTL = p.cur.U8()
	p.mark(flow.HasTTL)
	r.IPProtocol = p.cur.U8()
	p.mark(flow.HasProtocol)
	p.cur.Skip(2)
	p.address4(&r.Source.IP, flow.HasSourceIP)
	p.address4(&r.Destination.IP, flow.HasDestinationIP)
	if !p.cur.OK() || headerLen < 20 {
		return false
	}
	p.cur.Skip(headerLen - 20)
	if total != 0 { // 0 is a packet that the network card has yet to segment
		p.bound(total - headerLen)
	}
	if fragment != 0 {
		p.number(elementFragmentOffset, fragment)
		return true // ports are in the first fragment only
	}
	p.transport(r.IPProtocol)
	return true
}

func (p *parser) address4(dst *flow.Addr, bit flow.Presence) {
	if b := p.cur.Bytes(4); b != nil {
		*dst = flow.AddrFrom4(binary.BigEndian.Uint32(b))
		p.r.Present |= bit
	}
}

func (p *parser) address6(dst *flow.Addr, bit flow.Presence) {
	if b := p.cur.Bytes(16); b != nil {
		*dst = flow.Addr(b)
		p.r.Present |= bit
	}
}

// bound cuts off what lies behind the packet, for example the padding of short Ethernet frames. A packet that says it is
// shorter than its header is left whole.
func (p *parser) bound(payload int) {
	if payload >= 0 && payload < p.cur.Len() {
		p.cur = p.cur.Sub(payload)
	}
}

func (p *parser) ipv6() bool {
	r := p.r
	first := p.cur.U32()
	r.ToS = uint8(first >> 20)
	p.mark(flow.HasToS)
	payload := int(p.cur.U16())
	next := p.cur.U8()
	r.IPProtocol = next
	p.mark(flow.HasProtocol)
	r.TTL = p.cur.U8()
	p.mark(flow.HasTTL)
	p.address6(&r.Source.IP, flow.HasSourceIP)
	p.address6(&r.Destination.IP, flow.HasDestinationIP)
	if !p.cur.OK() {
		return false
	}
	if payload != 0 { // 0 is a jumbogram (RFC 2675)
		p.bound(payload)
	}
	p.extensions(next)
	return true
}

// extensions steps over the extension headers; the protocol is that of the last header reached. Each round takes bytes.
func (p *parser) extensions(next uint8) {
	for p.cur.OK() {
		p.r.IPProtocol = next
		var following uint8
		switch next {
		case extHopByHop, extRouting, extDestination, extMobility, extHIP, extShim6:
			following = p.cur.U8()
			p.cur.Skip(6 + 8*int(p.cur.U8()))
		case extAH:
			following = p.cur.U8()
			p.cur.Skip(6 + 4*int(p.cur.U8()))
		case extFragment:
			following = p.cur.U8()
			p.cur.Skip(1)
			offset := p.cur.U16() >> 3
			p.cur.Skip(4)
			if p.cur.OK() && offset != 0 {
				p.r.IPProtocol = following
				p.number(elementFragmentOffset, offset)
				return
			}
		default:
			p.transport(next)
			return
		}
		next = following
	}
}
