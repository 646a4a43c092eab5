package readback

import (
	"fmt"
	"net/netip"
)

// Record is one record: the fields tests ask for, and all others as Raw by
// element id.
type Record struct {
	Src, Dst         netip.Addr
	SrcPort, DstPort uint16
	Protocol         uint8
	Flags            uint8
	Packets, Bytes   uint64
	First, Last      uint32 // sysUptime of the first and last packet, ms
	StartMs, EndMs   int64  // absolute, where the record says so
	Raw              map[uint16][]byte
}

// Uint returns an element as a number, 0 where the record does not have it.
func (r *Record) Uint(id uint16) uint64 { return number(r.Raw[id]) }

func number(b []byte) uint64 {
	var v uint64
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return v
}

func v5Record(p []byte) Record {
	src, _ := netip.AddrFromSlice(p[:4])
	dst, _ := netip.AddrFromSlice(p[4:8])
	return Record{
		Src: src, Dst: dst, Packets: uint64(be.Uint32(p[16:])), Bytes: uint64(be.Uint32(p[20:])),
		First: be.Uint32(p[24:]), Last: be.Uint32(p[28:]), SrcPort: be.Uint16(p[32:]), DstPort: be.Uint16(p[34:]),
		Flags: p[37], Protocol: p[38],
		Raw: map[uint16][]byte{10: p[12:14], 14: p[14:16], 16: p[40:42], 17: p[42:44], 9: p[44:45], 13: p[45:46]},
	}
}

// record reads one record and says how long it is.
func (t *template) record(p []byte) (Record, int, error) {
	rec := Record{Raw: map[uint16][]byte{}}
	n := 0
	for _, f := range t.fields {
		length := int(f.length)
		if f.length == 0xffff {
			if n >= len(p) || p[n] == 255 {
				return rec, 0, fmt.Errorf("variable length: %w", ErrShape)
			}
			length = int(p[n])
			n++
		}
		if n+length > len(p) {
			return rec, 0, fmt.Errorf("element %d of %d bytes: %w", f.id, length, ErrShape)
		}
		rec.Raw[f.id] = p[n : n+length]
		n += length
	}
	if !t.options {
		rec.name()
	}
	return rec, n, nil
}

// name fills the named fields from the raw ones.
func (r *Record) name() {
	for _, id := range []uint16{8, 27} {
		if b, ok := r.Raw[id]; ok {
			r.Src, _ = netip.AddrFromSlice(b)
		}
	}
	for _, id := range []uint16{12, 28} {
		if b, ok := r.Raw[id]; ok {
			r.Dst, _ = netip.AddrFromSlice(b)
		}
	}
	r.SrcPort, r.DstPort = uint16(r.Uint(7)), uint16(r.Uint(11))
	r.Protocol, r.Flags = uint8(r.Uint(4)), uint8(r.Uint(6))
	r.Packets, r.Bytes = r.Uint(2), r.Uint(1)
	r.First, r.Last = uint32(r.Uint(22)), uint32(r.Uint(21))
	r.StartMs, r.EndMs = int64(r.Uint(152)), int64(r.Uint(153))
}
