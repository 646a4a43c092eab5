//go:build cgo

package duckdb

import (
	"unsafe"

	"github.com/weirflow/weir/collector/internal/store/hot"
	"github.com/weirflow/weir/shared/flow"
)

// tileRows is how many records go through all columns before the next ones: they stay in the first-level cache meanwhile.
const tileRows = 64

// program moves a field between records and its columns.
type program interface {
	// fill writes the field of up to tileRows records into the rows from at on of its columns.
	fill(cols []hot.Vector, in *input, at int)
	// used tells whether any record has the field: a hot file has only the columns that were needed yet.
	used(in *input) bool
	// load reads the rows of its columns back into the records of out.
	load(cols []cells, out *output)
}

// input is what a tile of records or sessions is read from.
type input struct {
	mem   memory
	recs  []flow.Record // nil for sessions, as is batch
	batch *flow.Batch
	names *names
	any   flow.Presence // the presence bits that any record of the batch has
}

// output is where the rows of a result chunk go.
type output struct {
	mem     memory // one value a row
	symbols *flow.Symbols
	batch   *flow.Batch   // nil for sessions, as is recs
	recs    []flow.Record // one a row
}

// memory is where values of a flat type lie: records or sessions.
type memory struct {
	base   unsafe.Pointer
	size   uintptr // of a value
	n      int
	bitsAt uintptr // of the presence bits in a value; programs of sessions ask for none
}

func recordMemory(recs []flow.Record) memory {
	var r flow.Record
	return memory{unsafe.Pointer(unsafe.SliceData(recs)), unsafe.Sizeof(r), len(recs), unsafe.Offsetof(r.Present)}
}

func sessionMemory(list []flow.Session) memory {
	return memory{unsafe.Pointer(unsafe.SliceData(list)), unsafe.Sizeof(flow.Session{}), len(list), 0}
}

func recordInput(b *flow.Batch) input {
	in := input{mem: recordMemory(b.Records), recs: b.Records, batch: b}
	for i := range b.Records {
		in.any |= b.Records[i].Present
	}
	return in
}

// part returns n values from a first on.
func (in *input) part(first, n int) input {
	p := *in
	p.mem.base, p.mem.n = unsafe.Add(in.mem.base, uintptr(first)*in.mem.size), n
	if in.recs != nil {
		p.recs = in.recs[first : first+n]
	}
	return p
}

// member returns the address of a member of value i.
func member[T any](m *memory, i int, off uintptr) *T {
	return (*T)(unsafe.Add(m.base, uintptr(i)*m.size+off))
}

func (m *memory) present(i int) flow.Presence { return *member[flow.Presence](m, i, m.bitsAt) }

func (m *memory) mark(i int, bit flow.Presence) {
	if bit != 0 {
		*member[flow.Presence](m, i, m.bitsAt) |= bit
	}
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

func (p number[T]) fill(cols []hot.Vector, in *input, at int) {
	v := &cols[0]
	cell := hot.Cells[T](v)[at:]
	var valid uint64
	for i := range in.mem.n {
		n := *member[T](&in.mem, i, p.off)
		cell[i] = n
		if p.always || (p.bit == 0 && n != 0) || in.mem.present(i)&p.bit != 0 {
			valid |= 1 << i
		}
	}
	v.Mark(at, valid)
}

func (p number[T]) used(in *input) bool {
	if p.always || p.bit != 0 {
		return p.always || in.any&p.bit != 0
	}
	for i := range in.mem.n {
		if *member[T](&in.mem, i, p.off) != 0 {
			return true
		}
	}
	return false
}

func (p number[T]) load(cols []cells, out *output) {
	for i := range out.mem.n {
		if cols[0].isValid(i) {
			*member[T](&out.mem, i, p.off) = *at[T](cols[0], i)
			out.mem.mark(i, p.bit)
		}
	}
}

// address is an address in two columns. Without a presence bit the zero address means absent; with always, none does.
type address struct {
	off    uintptr
	bit    flow.Presence
	always bool
}

func (p address) fill(cols []hot.Vector, in *input, at int) {
	hi, lo := hot.Cells[uint64](&cols[0])[at:], hot.Cells[uint64](&cols[1])[at:]
	var valid uint64
	for i := range in.mem.n {
		h, l := member[flow.Addr](&in.mem, i, p.off).Words()
		hi[i], lo[i] = h, l
		if p.always || (p.bit == 0 && h|l != 0) || in.mem.present(i)&p.bit != 0 {
			valid |= 1 << i
		}
	}
	cols[0].Mark(at, valid)
	cols[1].Mark(at, valid)
}

func (p address) used(in *input) bool {
	if p.always || p.bit != 0 {
		return p.always || in.any&p.bit != 0
	}
	for i := range in.mem.n {
		if *member[flow.Addr](&in.mem, i, p.off) != (flow.Addr{}) {
			return true
		}
	}
	return false
}

func (p address) load(cols []cells, out *output) {
	for i := range out.mem.n {
		if cols[0].isValid(i) {
			*member[flow.Addr](&out.mem, i, p.off) = flow.AddrFromWords(*at[uint64](cols[0], i), *at[uint64](cols[1], i))
			out.mem.mark(i, p.bit)
		}
	}
}

// instant is a time cut to the millisecond, as a TIMESTAMP of microseconds. 0 means absent.
type instant struct {
	off uintptr
	bit flow.Presence // set when loaded
}

func (p instant) fill(cols []hot.Vector, in *input, at int) {
	cell := hot.Cells[int64](&cols[0])[at:]
	var valid uint64
	for i := range in.mem.n {
		ns := *member[int64](&in.mem, i, p.off)
		cell[i] = (ns - beyondMilli(ns)) / 1000
		if ns != 0 {
			valid |= 1 << i
		}
	}
	cols[0].Mark(at, valid)
}

func (instant) used(*input) bool { return true }

func (p instant) load(cols []cells, out *output) {
	for i := range out.mem.n {
		if cols[0].isValid(i) {
			*member[int64](&out.mem, i, p.off) = *at[int64](cols[0], i) * 1000
			out.mem.mark(i, p.bit)
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

func (p remainder) fill(cols []hot.Vector, in *input, at int) {
	cell := hot.Cells[uint32](&cols[0])[at:]
	var valid uint64
	for i := range in.mem.n {
		rest := beyondMilli(*member[int64](&in.mem, i, p.off))
		cell[i] = uint32(rest)
		if rest != 0 {
			valid |= 1 << i
		}
	}
	cols[0].Mark(at, valid)
}

func (p remainder) used(in *input) bool {
	for i := range in.mem.n {
		if beyondMilli(*member[int64](&in.mem, i, p.off)) != 0 {
			return true
		}
	}
	return false
}

func (p remainder) load(cols []cells, out *output) {
	for i := range out.mem.n {
		if cols[0].isValid(i) {
			*member[int64](&out.mem, i, p.off) += int64(*at[uint32](cols[0], i))
		}
	}
}
