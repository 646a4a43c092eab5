package packet

import (
	"encoding/binary"

	"github.com/weirflow/weir/shared/flow"
)

// tunnel is how a packet is wrapped into another.
type tunnel uint8

const (
	tunnelNone tunnel = iota
	tunnelIP
	tunnelGRE
	tunnelVXLAN
	tunnelGeneve
)

// Ports (IANA) that tunnels go to; Linux used the second of VXLAN before it had one.
const (
	portVXLAN      = 4789
	portVXLANLinux = 8472
	portGeneve     = 6081
)

// EtherTypes of what GRE and Geneve carry.
const (
	etherBridged = 0x6558 // an Ethernet frame
	etherERSPAN  = 0x88be // a mirrored frame behind a header of its own, or none
)

func udpTunnel(port uint16) tunnel {
	switch port {
	case portVXLAN, portVXLANLinux:
		return tunnelVXLAN
	case portGeneve:
		return tunnelGeneve
	}
	return tunnelNone
}

// inside reads the packet inside of the tunnel and keeps its addresses, protocol and ports as elements of the record; a tunnel within
// the tunnel is left closed. The record lends itself for that: one of its own would be allocated.
func (p *parser) inside() {
	outer := *p.r
	*p.r = flow.Record{}
	q := parser{cur: p.cur, r: p.r}
	switch p.tunnel {
	case tunnelIP:
		q.ip()
	case tunnelGRE:
		q.gre()
	case tunnelVXLAN:
		q.vxlan()
	case tunnelGeneve:
		q.geneve()
	}
	inner := *p.r
	*p.r = outer
	if q.hasSegment {
		p.out.AppendElement(p.r, flow.Element{ID: elementSegment, Kind: flow.ElementUint, Value: q.segment[:]})
	}
	p.tenant(&inner)
}

// gre reads a header of version 0 (RFC 2890); others are left alone.
func (p *parser) gre() {
	const checksum, routing, key, sequence, version = 0x8000, 0x4000, 0x2000, 0x1000, 0x0007
	flags, kind := p.cur.U16(), p.cur.U16()
	if flags&(routing|version) != 0 {
		return
	}
	if flags&checksum != 0 {
		p.cur.Skip(4)
	}
	var keyed uint32
	if flags&key != 0 {
		keyed = p.cur.U32()
	}
	if flags&sequence != 0 {
		p.cur.Skip(4)
	}
	switch {
	case !p.cur.OK():
	case kind == etherBridged:
		if flags&key != 0 {
			p.keepSegment(segmentNVGRE, keyed>>8)
		}
		p.ethernet()
	case kind == etherERSPAN:
		if flags&sequence != 0 { // type II; type I has neither number nor header
			p.cur.Skip(8)
		}
		p.ethernet()
	default:
		p.etherType(kind)
	}
}

// vxlan reads a header of RFC 7348; without the flag of a valid segment it is none.
func (p *parser) vxlan() {
	const valid = 0x08
	flags := p.cur.U32() >> 24
	id := p.cur.U32() >> 8
	if !p.cur.OK() || flags&valid == 0 {
		return
	}
	p.keepSegment(segmentVXLAN, id)
	p.ethernet()
}

// geneve reads a header of RFC 8926 of version 0.
func (p *parser) geneve() {
	head, _ := p.cur.U8(), p.cur.U8()
	kind := p.cur.U16()
	id := p.cur.U32() >> 8
	p.cur.Skip(int(head&0x3f) * 4)
	if !p.cur.OK() || head>>6 != 0 {
		return
	}
	p.keepSegment(segmentOfOtherKinds, id)
	if kind == etherBridged {
		p.ethernet()
		return
	}
	p.etherType(kind)
}

// keepSegment takes the number of a virtual network, 24 bits below a byte of its kind.
func (p *parser) keepSegment(kind byte, id uint32) {
	binary.BigEndian.PutUint32(p.segment[4:], id)
	p.segment[0], p.hasSegment = kind, true
}

// tenant keeps what was found inside.
func (p *parser) tenant(inner *flow.Record) {
	if !inner.Present.Has(flow.HasSourceIP | flow.HasDestinationIP) {
		return
	}
	src, dst := &inner.Source, &inner.Destination
	if src.IP.Is4() {
		p.element(tenantSource4, flow.ElementAddr, src.IP[12:])
		p.element(tenantDestination4, flow.ElementAddr, dst.IP[12:])
	} else {
		p.element(tenantSource6, flow.ElementAddr, src.IP[:])
		p.element(tenantDestination6, flow.ElementAddr, dst.IP[:])
	}
	p.element(tenantProtocol, flow.ElementUint, []byte{inner.IPProtocol})
	if inner.Present.Has(flow.HasSourcePort | flow.HasDestinationPort) {
		p.element(tenantSourcePort, flow.ElementUint, []byte{byte(src.Port >> 8), byte(src.Port)})
		p.element(tenantDestPort, flow.ElementUint, []byte{byte(dst.Port >> 8), byte(dst.Port)})
	}
}

func (p *parser) element(id uint16, kind flow.ElementKind, value []byte) {
	p.out.AppendElement(p.r, flow.Element{PEN: tenantPEN, ID: id, Kind: kind, Value: value})
}
