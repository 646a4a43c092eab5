package sflow

import (
	"encoding/binary"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// Information elements for what the record has no field for.
const (
	elementSrcMask4    = 9
	elementDstMask4    = 13
	elementBGPNextHop4 = 18
	elementSrcMask6    = 29
	elementDstMask6    = 30
	elementPostVLAN    = 59
	elementBGPNextHop6 = 63
	elementNextASN     = 128 // bgpNextAdjacentAsNumber
	elementPreviousASN = 129 // bgpPrevAdjacentAsNumber
)

// router reads an extended router record: next hop and the prefix lengths of source and destination.
func (s *sample) router(cur *wire.Cursor) {
	hop := nextAddress(cur)
	src, dst := cur.U32(), cur.U32()
	if !cur.OK() {
		return
	}
	if !hop.IsUnspecified() {
		s.r.NextHop = hop
	}
	if src <= 128 && dst <= 128 {
		s.masks, s.srcMask, s.dstMask = true, uint8(src), uint8(dst)
	}
}

// gateway reads an extended gateway record up to the AS path, whose last AS is the destination's.
func (s *sample) gateway(cur *wire.Cursor) {
	hop := nextAddress(cur)
	own, src, peer := cur.U32(), cur.U32(), cur.U32()
	first, last := path(cur)
	if !cur.OK() {
		return
	}
	s.r.Source.ASN, s.r.Destination.ASN = or(src, own), or(last, own)
	s.asElement(elementNextASN, first)
	s.asElement(elementPreviousASN, peer)
	if !hop.IsUnspecified() {
		s.bgpHop = hop
	}
}

// nextHop takes BGP's next hop where the router names none, and keeps it as an element where it does.
func (s *sample) nextHop() {
	hop := s.bgpHop
	switch {
	case hop.IsZero():
	case s.r.NextHop.IsZero():
		s.r.NextHop = hop
	case hop.Is4():
		s.element(elementBGPNextHop4, flow.ElementAddr, hop[12:])
	default:
		s.element(elementBGPNextHop6, flow.ElementAddr, hop[:])
	}
}

// path reads the segments of an AS path (each a type, a length and AS numbers) and returns its first and last AS, 0 for none.
// Each round takes at least 8 bytes.
func path(cur *wire.Cursor) (first, last uint32) {
	for range cur.U32() {
		cur.Skip(4) // type: set or sequence
		n := uint64(cur.U32())
		if n*4 > uint64(cur.Len()) {
			cur.Skip(cur.Len() + 1)
		}
		segment := cur.Bytes(int(n) * 4)
		if !cur.OK() {
			return first, last
		}
		if len(segment) == 0 {
			continue
		}
		if first == 0 {
			first = binary.BigEndian.Uint32(segment)
		}
		last = binary.BigEndian.Uint32(segment[len(segment)-4:])
	}
	return first, last
}

func (s *sample) asElement(id uint16, asn uint32) {
	if asn == 0 {
		return
	}
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], asn)
	s.element(id, flow.ElementUint, b[:])
}

// or returns a, or b where a is 0.
func or(a, b uint32) uint32 {
	if a != 0 {
		return a
	}
	return b
}

// nat reads an extended NAT record: the addresses after translation.
func (s *sample) nat(cur *wire.Cursor) {
	src, dst := nextAddress(cur), nextAddress(cur)
	if cur.OK() {
		s.r.Source.NAT, s.r.Destination.NAT = src, dst
	}
}

// natPorts reads an extended NAT port record: the ports after translation.
func (s *sample) natPorts(cur *wire.Cursor) {
	src, dst := cur.U32(), cur.U32()
	if !cur.OK() {
		return
	}
	if src != 0 && src <= 0xffff {
		s.r.Source.NATPort = uint16(src)
		s.r.Present |= flow.HasSourceNATPort
	}
	if dst != 0 && dst <= 0xffff {
		s.r.Destination.NATPort = uint16(dst)
		s.r.Present |= flow.HasDestinationNATPort
	}
}

// nextAddress takes an address with its type; one of another type fails the cursor.
func nextAddress(cur *wire.Cursor) flow.Addr {
	a, ok := address(cur)
	if !ok {
		cur.Skip(cur.Len() + 1)
	}
	return a
}
