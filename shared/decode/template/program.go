package template

import (
	"encoding/binary"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// setIPv4 sets a, which is zero, to an IPv4 address: one store, where [flow.AddrFrom4] is several and a copy.
func setIPv4(a *flow.Addr, v uint64) { binary.BigEndian.PutUint64(a[8:], 0xffff<<32|v) }

// run executes code on the record in w, which holds all offsets of code.
func run(code []instruction, w wire.Window, r *flow.Record, m *machine) {
	for i := range code {
		in := &code[i]
		v := w.Number(int(in.end), in.mask)
		switch in.op {
		case opSourceIPv4:
			setIPv4(&r.Source.IP, v)
		case opDestinationIPv4:
			setIPv4(&r.Destination.IP, v)
		case opSourceIPv6:
			r.Source.IP = w.Sixteen(int(in.end))
		case opDestinationIPv6:
			r.Destination.IP = w.Sixteen(int(in.end))
		case opSourcePort:
			r.Source.Port = uint16(v)
		case opDestinationPort:
			r.Destination.Port = uint16(v)
		case opProtocol:
			r.IPProtocol = uint8(v)
		case opBytes:
			r.Source.Bytes = v
		case opPackets:
			r.Source.Packets = v
		case opReverseBytes:
			r.Destination.Bytes = v
		case opReversePackets:
			r.Destination.Packets = v
		case opTCPFlags:
			r.TCPFlags = uint16(v)
		case opToS:
			r.ToS = uint8(v)
		case opInIf:
			r.InIf = uint32(v)
		case opOutIf:
			r.OutIf = uint32(v)
		case opSourceASN:
			r.Source.ASN = uint32(v)
		case opDestinationASN:
			r.Destination.ASN = uint32(v)
		case opNextHopIPv4:
			if v != 0 {
				setIPv4(&r.NextHop, v)
			}
		case opFirstUptime:
			r.FirstUptime = uint32(v)
		case opLastUptime:
			r.LastUptime = uint32(v)
		case opStartMilliseconds:
			setStart(r, scaled(v, 1e6))
		case opEndMilliseconds:
			setEnd(r, scaled(v, 1e6))
		case opEndReason:
			r.EndReason = uint8(v)
		case opVLAN:
			if uint16(v) != 0 { // tagged
				r.VLAN = uint16(v)
				r.Present |= flow.HasVLAN
			}
		case opTTL:
			r.TTL = uint8(v)
		default:
			m.special(in, v, w, r)
		}
	}
}

// elements appends the elements of the head of the record in w.
func (p *program) elements(w wire.Window, b *flow.Batch, r *flow.Record) {
	off := len(b.Elements)
	b.Elements = append(b.Elements, p.image...)
	dst := b.Elements[off:]
	for i := range p.copies {
		c := &p.copies[i]
		if c.mask != 0 {
			binary.BigEndian.PutUint64(dst[c.to-8:], c.header|w.Number(int(c.end), c.mask))
			continue
		}
		copy(dst[c.to-uint32(c.size):c.to], w.Bytes(int(c.end), int(c.size)))
	}
	r.ElementsOff, r.ElementsLen = uint32(off), uint32(len(p.image))
	r.Present |= flow.HasElements
}

// runTail takes the fields behind the head, where rest begins, and returns how many bytes they had; ok is false when a field
// runs beyond rest.
func (p *program) runTail(rest wire.Window, b *flow.Batch, r *flow.Record, m *machine) (size int, ok bool) {
	at := 0
	for i := range p.tail {
		f := &p.tail[i]
		from, n := at, int(f.Length)
		if f.Length == VariableLength {
			if from, n, ok = variable(rest, at); !ok {
				return 0, false
			}
		}
		if at = from + n; at > rest.Len() {
			return 0, false
		}
		f.take(rest, from, n, target{b, r, m})
	}
	return at, true
}

// target is where the fields of a record go.
type target struct {
	b *flow.Batch
	r *flow.Record
	m *machine
}

func (f *tailField) take(w wire.Window, from, n int, to target) {
	if n == 0 {
		return
	}
	element := f.keep || f.rule.width != 0 && n > int(f.rule.width)
	if f.rule.op != opNone {
		if f.rule.takes(n) {
			one := [1]instruction{{mask: wire.Mask(n), end: uint16(n), size: uint16(n), op: f.rule.op}}
			to.r.Present |= f.rule.present
			run(one[:], w.From(from), to.r, to.m)
		} else {
			element = true
		}
	}
	if element {
		value := flow.Element{PEN: f.PEN, ID: f.ID, Kind: f.typ.KindOf(n), Value: w.Bytes(from+n, n)}
		to.b.AppendElement(to.r, value)
	}
}

// variable reads the length of a field of variable length at offset at: one byte, or 255 and two bytes (RFC 7011, 7).
func variable(w wire.Window, at int) (from, n int, ok bool) {
	if at+1 > w.Len() {
		return 0, 0, false
	}
	if n = int(w.Number(at+1, 0xff)); n < 255 {
		return at + 1, n, true
	}
	if at+3 > w.Len() {
		return 0, 0, false
	}
	return at + 3, int(w.Number(at+3, 0xffff)), true
}
