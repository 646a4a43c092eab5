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
	Raw              []Element
}

// Element is an information element as the wire has it.
type Element struct {
	ID    uint16
	Value []byte
}

// Uint returns an element as a number, 0 where the record does not have it.
func (r *Record) Uint(id uint16) uint64 {
	for _, e := range r.Raw {
		if e.ID == id {
			return number(e.Value)
		}
	}
	return 0
}

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
		Raw: []Element{{10, p[12:14]}, {14, p[14:16]}, {16, p[40:42]}, {17, p[42:44]}, {9, p[44:45]}, {13, p[45:46]}},
	}
}

// record reads one record and says how long it is.
func (t *template) record(p []byte) (Record, int, error) {
	rec := Record{Raw: make([]Element, 0, len(t.fields))}
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
		rec.Raw = append(rec.Raw, Element{f.id, p[n : n+length]})
		n += length
	}
	if !t.options {
		rec.name()
	}
	return rec, n, nil
}

// name fills the named fields from the raw ones.
func (r *Record) name() {
	for _, e := range r.Raw {
		v := number(e.Value)
		switch e.ID {
		case 8, 27:
			r.Src, _ = netip.AddrFromSlice(e.Value)
		case 12, 28:
			r.Dst, _ = netip.AddrFromSlice(e.Value)
		case 7:
			r.SrcPort = uint16(v)
		case 11:
			r.DstPort = uint16(v)
		case 4:
			r.Protocol = uint8(v)
		case 6:
			r.Flags = uint8(v)
		case 2:
			r.Packets = v
		case 1:
			r.Bytes = v
		case 22:
			r.First = uint32(v)
		case 21:
			r.Last = uint32(v)
		case 152:
			r.StartMs = int64(v)
		case 153:
			r.EndMs = int64(v)
		}
	}
}
