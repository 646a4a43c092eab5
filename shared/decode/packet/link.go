package packet

import "github.com/weirflow/weir/shared/flow"

// EtherTypes (IEEE registry) and the PPP protocol numbers (IANA) of the same payloads.
const (
	etherIPv4      = 0x0800
	etherIPv6      = 0x86dd
	etherVLAN      = 0x8100
	etherQinQ      = 0x88a8
	etherQinQOld   = 0x9100 // in use before 802.1ad
	etherQinQOld2  = 0x9200
	etherMPLS      = 0x8847
	etherMPLSUp    = 0x8848 // upstream-assigned or multicast
	etherPPPoE     = 0x8864
	minEtherType   = 0x0600 // below, the number is an 802.3 length
	pppIPv4        = 0x0021
	pppIPv6        = 0x0057
	pppMPLS        = 0x0281
	pppMPLSUp      = 0x0283
	hdlcAddress    = 0xff // RFC 1662: all stations
	ciscoUnicast   = 0x0f
	ciscoMulticast = 0x8f
	llcSNAP        = 0xaaaa03 // DSAP, SSAP and control of SNAP
	llcIP          = 0x060603
	maxLabels      = 10 // elements 70 to 79
)

func (p *parser) ethernet() bool {
	copy(p.r.Destination.MAC[:], p.cur.Bytes(6))
	copy(p.r.Source.MAC[:], p.cur.Bytes(6))
	return p.etherType(p.cur.U16())
}

// etherType goes on with the payload of a frame; every round takes bytes, so that a stack of tags ends with the header.
func (p *parser) etherType(t uint16) bool {
	for p.cur.OK() {
		switch t {
		case etherVLAN, etherQinQ, etherQinQOld, etherQinQOld2:
			p.vlan(p.cur.U16())
			t = p.cur.U16()
		case etherIPv4, etherIPv6:
			return p.ip()
		case etherMPLS, etherMPLSUp:
			return p.mpls()
		case etherPPPoE:
			p.cur.Skip(6) // version, type, code, session, length
			return p.pppPayload(p.pppProtocol())
		default:
			if t < minEtherType {
				return p.llc()
			}
			p.number(elementEtherType, t)
			return true
		}
	}
	return false
}

// vlan keeps the outermost id as the record's VLAN and the next as customer VLAN. Id 0 is a priority tag, no VLAN.
func (p *parser) vlan(tci uint16) {
	id := tci & 0x0fff
	if !p.cur.OK() || id == 0 {
		return
	}
	switch p.vlans {
	case 0:
		p.r.VLAN = id
		p.r.Present |= flow.HasVLAN
	case 1:
		p.number(elementCustomerVLAN, id)
	}
	p.vlans++
}

// llc reads an IEEE 802.2 header; protocols without an EtherType (spanning tree, IS-IS) are frames that are not IP.
func (p *parser) llc() bool {
	head := p.cur.U8()
	head2 := p.cur.U16()
	switch uint32(head)<<16 | uint32(head2) {
	case llcIP:
		return p.ip()
	case llcSNAP:
		oui := p.cur.Bytes(3)
		t := p.cur.U16()
		if p.cur.OK() && oui[0]|oui[1]|oui[2] == 0 && t >= minEtherType {
			return p.etherType(t)
		}
	}
	return p.cur.OK()
}

// ppp reads a PPP header as on HDLC links, where the address may have been compressed away, or a Cisco HDLC header.
func (p *parser) ppp() bool {
	rest := p.cur.Rest()
	if len(rest) < 2 {
		return false
	}
	switch rest[0] {
	case hdlcAddress:
		p.cur.Skip(2)
	case ciscoUnicast, ciscoMulticast:
		p.cur.Skip(2)
		return p.etherType(p.cur.U16())
	}
	return p.pppPayload(p.pppProtocol())
}

// pppProtocol takes the protocol number, one byte where it is compressed (RFC 1661, 6.5): then it is odd.
func (p *parser) pppProtocol() uint16 {
	first := p.cur.U8()
	if first&1 == 1 {
		return uint16(first)
	}
	return uint16(first)<<8 | uint16(p.cur.U8())
}

func (p *parser) pppPayload(protocol uint16) bool {
	switch protocol {
	case pppIPv4, pppIPv6:
		return p.ip()
	case pppMPLS, pppMPLSUp:
		return p.mpls()
	}
	return p.cur.OK()
}

// mpls reads a label stack down to its bottom. What follows has no type field: the first nibble tells IP from a pseudowire's
// control word (RFC 4385), behind which Ethernet is assumed; a pseudowire without control word cannot be told and is not read.
func (p *parser) mpls() bool {
	for bottom := false; !bottom; {
		entry := p.cur.Bytes(4)
		if entry == nil {
			return false
		}
		if p.labels < maxLabels && p.out != nil {
			p.out.AppendElement(p.r, flow.Element{ID: elementFirstLabel + p.labels, Kind: flow.ElementBytes, Value: entry[:3]})
			p.r.Present |= flow.HasMPLS
			p.labels++
		}
		bottom = entry[2]&1 == 1
	}
	rest := p.cur.Rest()
	if len(rest) == 0 {
		return false
	}
	switch rest[0] >> 4 {
	case 4, 6:
		return p.ip()
	case 0:
		p.cur.Skip(4)
		return p.ethernet()
	}
	return true
}
