//go:build cgo

package duckdb

import (
	"unsafe"

	"github.com/weirflow/weir/shared/flow"
)

// tileRows is how many records go through all columns before the next ones: they stay in the first-level cache meanwhile.
const tileRows = 64

// program moves a field between records and its columns.
type program interface {
	// fill writes the field of up to tileRows records into the rows from at on of its columns.
	fill(cols []vector, in *input, at int)
	// used tells whether any record has the field: a hot table has only the columns that were needed yet.
	used(in *input) bool
	// load reads the rows of its columns back into the records of out.
	load(cols []cells, out *output)
}

// input is what a tile's records are read from.
type input struct {
	recs  []flow.Record
	batch *flow.Batch
	names *names
	any   flow.Presence // the presence bits that any record of the batch has
}

// output is where the rows of a result chunk go.
type output struct {
	batch *flow.Batch
	recs  []flow.Record // one a row
}

const recordSize = unsafe.Sizeof(flow.Record{})

// member returns the address of a member of record i.
func member[T any](recs []flow.Record, i int, off uintptr) *T {
	return (*T)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(recs)), uintptr(i)*recordSize+off))
}

type integer interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64 | ~int64
}

// number is a number stored as it is. Without a presence bit, 0 means absent; with always, nothing does.
type number[T integer] struct {
	off    uintptr
	bit    flow.Presence
	always bool
}

func (p number[T]) fill(cols []vector, in *input, at int) {
	v := &cols[0]
	cell := cellsOf[T](v)[at:]
	var valid uint64
	for i := range in.recs {
		n := *member[T](in.recs, i, p.off)
		cell[i] = n
		if p.always || (p.bit == 0 && n != 0) || in.recs[i].Present&p.bit != 0 {
			valid |= 1 << i
		}
	}
	v.mark(at, valid)
}

func (p number[T]) used(in *input) bool {
	if p.always || p.bit != 0 {
		return p.always || in.any&p.bit != 0
	}
	for i := range in.recs {
		if *member[T](in.recs, i, p.off) != 0 {
			return true
		}
	}
	return false
}

func (p number[T]) load(cols []cells, out *output) {
	for i := range out.recs {
		if cols[0].isValid(i) {
			*member[T](out.recs, i, p.off) = *at[T](cols[0], i)
			out.recs[i].Present |= p.bit
		}
	}
}

// address is an address in two columns. Without a presence bit the zero address means absent.
type address struct {
	off uintptr
	bit flow.Presence
}

func (p address) fill(cols []vector, in *input, at int) {
	hi, lo := cellsOf[uint64](&cols[0])[at:], cellsOf[uint64](&cols[1])[at:]
	var valid uint64
	for i := range in.recs {
		h, l := member[flow.Addr](in.recs, i, p.off).Words()
		hi[i], lo[i] = h, l
		if (p.bit == 0 && h|l != 0) || in.recs[i].Present&p.bit != 0 {
			valid |= 1 << i
		}
	}
	cols[0].mark(at, valid)
	cols[1].mark(at, valid)
}

func (p address) used(in *input) bool {
	if p.bit != 0 {
		return in.any&p.bit != 0
	}
	for i := range in.recs {
		if *member[flow.Addr](in.recs, i, p.off) != (flow.Addr{}) {
			return true
		}
	}
	return false
}

func (p address) load(cols []cells, out *output) {
	for i := range out.recs {
		if cols[0].isValid(i) {
			*member[flow.Addr](out.recs, i, p.off) = flow.AddrFromWords(*at[uint64](cols[0], i), *at[uint64](cols[1], i))
			out.recs[i].Present |= p.bit
		}
	}
}

// instant is a time cut to the millisecond, as a TIMESTAMP of microseconds. 0 means absent.
type instant struct {
	off uintptr
	bit flow.Presence // set when loaded
}

func (p instant) fill(cols []vector, in *input, at int) {
	cell := cellsOf[int64](&cols[0])[at:]
	var valid uint64
	for i := range in.recs {
		ns := *member[int64](in.recs, i, p.off)
		cell[i] = (ns - beyondMilli(ns)) / 1000
		if ns != 0 {
			valid |= 1 << i
		}
	}
	cols[0].mark(at, valid)
}

func (instant) used(*input) bool { return true }

func (p instant) load(cols []cells, out *output) {
	for i := range out.recs {
		if cols[0].isValid(i) {
			*member[int64](out.recs, i, p.off) = *at[int64](cols[0], i) * 1000
			out.recs[i].Present |= p.bit
		}
	}
}

// beyondMilli returns the nanoseconds of a time beyond its millisecond, before 1970 too.
func beyondMilli(ns int64) int64 {
	rest := ns % 1e6
	if rest < 0 {
		rest += 1e6
	}
	return rest
}

// remainder is what [instant] cut off, where it is not 0. It is loaded after it.
type remainder struct{ off uintptr }

func (p remainder) fill(cols []vector, in *input, at int) {
	cell := cellsOf[uint32](&cols[0])[at:]
	var valid uint64
	for i := range in.recs {
		rest := beyondMilli(*member[int64](in.recs, i, p.off))
		cell[i] = uint32(rest)
		if rest != 0 {
			valid |= 1 << i
		}
	}
	cols[0].mark(at, valid)
}

func (p remainder) used(in *input) bool {
	for i := range in.recs {
		if beyondMilli(*member[int64](in.recs, i, p.off)) != 0 {
			return true
		}
	}
	return false
}

func (p remainder) load(cols []cells, out *output) {
	for i := range out.recs {
		if cols[0].isValid(i) {
			*member[int64](out.recs, i, p.off) += int64(*at[uint32](cols[0], i))
		}
	}
}
