package sflow

import (
	"encoding/binary"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// Elements of the tunnel that the packet comes from or goes into: IPFIX's numbers of addresses and protocol, the segment with a first
// byte that says of no kind.
const (
	elementProtocol     = 4
	elementSource4      = 8
	elementDestination4 = 12
	elementSource6      = 27
	elementDestination6 = 28
	elementSegment      = 351
	elementQueue        = 1036 // below inmonPEN: sFlow's own format
	elementACL          = 1037
)

// recordAside reads what is kept as elements only.
func (s *sample) recordAside(format uint32, cur *wire.Cursor) {
	switch format {
	case recordTunnelOut4, recordTunnelIn4:
		s.tunnel(cur, 4)
	case recordTunnelOut6, recordTunnelIn6:
		s.tunnel(cur, 16)
	case recordVNIOut, recordVNIIn:
		s.segment(cur)
	case recordDecapsulateOut, recordDecapsulateIn:
		cur.Skip(4) // where the inner header begins, which the header itself tells
	case recordQueue:
		s.own(elementQueue, cur.U32(), cur)
	case recordACL:
		s.own(elementACL, cur.U32(), cur)
	}
}

// tunnel keeps the addresses of a tunnel's outer header: the sampled header is the inner one.
func (s *sample) tunnel(cur *wire.Cursor, size int) {
	p, ok := readIP(cur, size)
	if !ok {
		return
	}
	s.element(elementProtocol, flow.ElementUint, []byte{byte(p.protocol)})
	if size == 4 {
		s.element(elementSource4, flow.ElementAddr, p.src[12:])
		s.element(elementDestination4, flow.ElementAddr, p.dst[12:])
		return
	}
	s.element(elementSource6, flow.ElementAddr, p.src[:])
	s.element(elementDestination6, flow.ElementAddr, p.dst[:])
}

// segment keeps the number of a virtual network.
func (s *sample) segment(cur *wire.Cursor) {
	var b [8]byte
	binary.BigEndian.PutUint32(b[4:], cur.U32()&0xffffff)
	if cur.OK() {
		s.element(elementSegment, flow.ElementUint, b[:])
	}
}

// inmonPEN is the enterprise number of the stewards of sFlow. Below it stands what IPFIX has no number for, by sFlow's own formats.
const inmonPEN = 4300

// own keeps a number under sFlow's own format.
func (s *sample) own(format uint16, v uint32, cur *wire.Cursor) {
	if !cur.OK() {
		return
	}
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], v)
	s.d.out.AppendElement(s.r, flow.Element{PEN: inmonPEN, ID: format, Kind: flow.ElementUint, Value: b[:]})
}

// vlanTunnel takes the tags that the switch had taken off before it sampled, each a TPID and a TCI, from the outermost on.
func (s *sample) vlanTunnel(cur *wire.Cursor) {
	n := cur.U32()
	if uint64(n)*4 > uint64(cur.Len()) {
		cur.Skip(cur.Len() + 1)
		return
	}
	for range n {
		if id := uint16(cur.U32()) & 0xfff; id != 0 && int(s.strippedCount) < len(s.stripped) {
			s.stripped[s.strippedCount] = id
			s.strippedCount++
		}
	}
}

// elementCustomerVLAN is dot1qCustomerVlanId: the inner of two tags.
const elementCustomerVLAN = 245

// putBackTags makes the tags that were taken off the outer ones, unless the switch assigned a VLAN of its own.
func (s *sample) putBackTags() {
	if s.strippedCount == 0 {
		return
	}
	inner := s.stripped[1]
	switch {
	case s.assigned:
		inner = s.stripped[0]
	case s.strippedCount == 1 && s.r.Present.Has(flow.HasVLAN):
		inner = s.r.VLAN
		fallthrough
	default:
		s.r.VLAN = s.stripped[0]
		s.r.Present |= flow.HasVLAN
	}
	if inner != 0 && inner != s.r.VLAN {
		s.element(elementCustomerVLAN, flow.ElementUint, []byte{byte(inner >> 8), byte(inner)})
	}
}
