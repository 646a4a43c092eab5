//go:build cgo

package duckdb

import (
	"strconv"
	"unsafe"

	"github.com/weirflow/weir/collector/internal/store/hot"
	"github.com/weirflow/weir/shared/flow"
)

// hardware is a MAC as a number; 0 means absent.
type hardware struct{ off uintptr }

func (p hardware) fill(cols []hot.Vector, in *input, at int) {
	cell := hot.Cells[uint64](&cols[0])[at:]
	var valid uint64
	for i := range in.mem.n {
		n := member[flow.MAC](&in.mem, i, p.off).Number()
		cell[i] = n
		if n != 0 {
			valid |= 1 << i
		}
	}
	cols[0].Mark(at, valid)
}

func (p hardware) used(in *input) bool {
	for i := range in.mem.n {
		if !member[flow.MAC](&in.mem, i, p.off).IsZero() {
			return true
		}
	}
	return false
}

func (p hardware) load(cols []cells, out *output) {
	for i := range out.mem.n {
		if cols[0].isValid(i) {
			*member[flow.MAC](&out.mem, i, p.off) = flow.MACFromNumber(*at[uint64](cols[0], i))
		}
	}
}

// float is a DOUBLE; 0 means absent.
type float struct{ off uintptr }

func (p float) fill(cols []hot.Vector, in *input, at int) {
	cell := hot.Cells[float64](&cols[0])[at:]
	var valid uint64
	for i := range in.mem.n {
		f := *member[float64](&in.mem, i, p.off)
		cell[i] = f
		if f != 0 {
			valid |= 1 << i
		}
	}
	cols[0].Mark(at, valid)
}

func (float) used(*input) bool { return true }

func (p float) load(cols []cells, out *output) {
	for i := range out.mem.n {
		if cols[0].isValid(i) {
			*member[float64](&out.mem, i, p.off) = *at[float64](cols[0], i)
		}
	}
}

// millis is a duration of nanoseconds in the record, stored in the milliseconds that its field shows.
type millis struct {
	off uintptr
	bit flow.Presence
}

func (p millis) fill(cols []hot.Vector, in *input, at int) {
	cell := hot.Cells[int64](&cols[0])[at:]
	var valid uint64
	for i := range in.mem.n {
		cell[i] = *member[int64](&in.mem, i, p.off) / 1e6
		if in.mem.present(i)&p.bit != 0 {
			valid |= 1 << i
		}
	}
	cols[0].Mark(at, valid)
}

func (p millis) used(in *input) bool { return in.any&p.bit != 0 }

func (p millis) load(cols []cells, out *output) {
	for i := range out.mem.n {
		if cols[0].isValid(i) {
			*member[int64](&out.mem, i, p.off) = *at[int64](cols[0], i) * 1e6
			out.mem.mark(i, p.bit)
		}
	}
}

// derived is a counter that mostly follows from others and is stored only where it differs. Results select the expression
// that derives it, so that loading is plain.
type derived struct {
	off     uintptr
	bit     flow.Presence
	follows func(*flow.Record) uint64
}

func (p derived) fill(cols []hot.Vector, in *input, at int) {
	cell := hot.Cells[uint64](&cols[0])[at:]
	var valid uint64
	for i := range in.mem.n {
		r := &in.recs[i]
		n := *member[uint64](&in.mem, i, p.off)
		cell[i] = n
		if r.Present&p.bit != 0 && n != p.follows(r) {
			valid |= 1 << i
		}
	}
	cols[0].Mark(at, valid)
}

func (p derived) used(in *input) bool {
	for i := range in.mem.n {
		r := &in.recs[i]
		if r.Present&p.bit != 0 && *member[uint64](&in.mem, i, p.off) != p.follows(r) {
			return true
		}
	}
	return false
}

func (p derived) load(cols []cells, out *output) {
	for i := range out.mem.n {
		if cols[0].isValid(i) {
			*member[uint64](&out.mem, i, p.off) = *at[uint64](cols[0], i)
		}
	}
}

// forwardBytes is what [store.SourceBytes] yields for a record where source_bytes is NULL.
func forwardBytes(r *flow.Record) uint64 {
	if r.Present&flow.HasReverseBytes == 0 {
		return r.Bytes
	}
	return max(r.Bytes, r.Destination.Bytes) - r.Destination.Bytes
}

func forwardPackets(r *flow.Record) uint64 {
	if r.Present&flow.HasReversePackets == 0 {
		return r.Packets
	}
	return max(r.Packets, r.Destination.Packets) - r.Destination.Packets
}

// labels is the MPLS stack as text; the labels themselves are elements.
type labels struct{ field *flow.Field }

func (p labels) fill(cols []hot.Vector, in *input, at int) {
	var valid uint64
	var values [10]flow.Value
	var text [80]byte
	for i := range in.mem.n {
		if in.recs[i].Present&flow.HasMPLS == 0 {
			continue
		}
		if list := p.field.Get(values[:0], in.batch, &in.recs[i]); len(list) > 0 {
			cols[0].SetText(at+i, appendLabels(text[:0], list))
			valid |= 1 << i
		}
	}
	cols[0].Mark(at, valid)
}

func appendLabels(text []byte, list []flow.Value) []byte {
	for i, v := range list {
		if i > 0 {
			text = append(text, flow.ListSeparator...)
		}
		text = strconv.AppendUint(text, v.U, 10)
	}
	return text
}

func (labels) used(in *input) bool { return in.any&flow.HasMPLS != 0 }

func (p labels) load(cols []cells, out *output) {
	for i := range out.mem.n {
		if cols[0].isValid(i) {
			out.recs[i].Present |= flow.HasMPLS
		}
	}
}

// elements is the record's part of the side buffer.
type elements struct{}

func (elements) fill(cols []hot.Vector, in *input, at int) {
	var valid uint64
	for i := range in.mem.n {
		r := &in.recs[i]
		from, to := int(r.ElementsOff), int(r.ElementsOff)+int(r.ElementsLen)
		if r.ElementsLen == 0 || to > len(in.batch.Elements) {
			continue
		}
		cols[0].SetText(at+i, in.batch.Elements[from:to])
		valid |= 1 << i
	}
	cols[0].Mark(at, valid)
}

func (elements) used(in *input) bool { return len(in.batch.Elements) > 0 }

func (elements) load(cols []cells, out *output) {
	for i := range out.mem.n {
		if !cols[0].isValid(i) {
			continue
		}
		r := &out.recs[i]
		list := at[stringT](cols[0], i).bytes()
		r.ElementsOff, r.ElementsLen = uint32(len(out.batch.Elements)), uint32(len(list))
		out.batch.Elements = append(out.batch.Elements, list...)
		r.Present |= flow.HasElements
	}
}

// off is the offset of a member within a record or session.
func off[R, T any](record *R, member *T) uintptr {
	return uintptr(unsafe.Pointer(member)) - uintptr(unsafe.Pointer(record))
}
