//go:build cgo

package duckdb

import (
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// texts holds the symbols of a table in DuckDB's form; it follows the table as it grows.
type texts struct {
	table *flow.Symbols
	list  []text
}

type text struct {
	short stringT // of up to 12 bytes
	long  string  // or this
}

// follow takes in symbols that were added to the table.
func (t *texts) follow(table *flow.Symbols) {
	if t.table != table {
		t.table, t.list = table, t.list[:0]
	}
	for n := table.Len(); len(t.list) < n; {
		s := strings.ToValidUTF8(table.Text(flow.Symbol(len(t.list))), "\uFFFD")
		t.list = append(t.list, makeText(s))
	}
}

func makeText(s string) text {
	if len(s) <= stringInline {
		return text{short: inlineString(s)}
	}
	return text{long: s}
}

// put writes the text into a row; number names it within the column's chunk.
func (t *text) put(v *vector, row int, number uint32) {
	if t.long == "" {
		cellsOf[stringT](v)[row] = t.short
		return
	}
	v.assign(row, number, t.long)
}

// symbol is a name; the empty one means absent.
type symbol struct{ off uintptr }

func (p symbol) fill(cols []vector, in *input, at int) {
	var valid uint64
	for i := range in.recs {
		if s := *member[flow.Symbol](in.recs, i, p.off); s != 0 && int(s) < len(in.texts.list) {
			in.texts.list[s].put(&cols[0], at+i, uint32(s))
			valid |= 1 << i
		}
	}
	cols[0].mark(at, valid)
}

func (p symbol) load(cols []cells, out *output) {
	for i := range out.recs {
		if cols[0].isValid(i) {
			*member[flow.Symbol](out.recs, i, p.off) = out.batch.Symbols.Intern(string(at[stringT](cols[0], i).bytes()))
		}
	}
}

// enum is a small number stored by name. Without a presence bit 0 means absent.
type enum struct {
	off    uintptr
	bit    flow.Presence
	names  *[256]text
	number map[string]uint8
}

// newEnum takes the names from the field's accessor: at sets the number in a record, where its presence bit is bit.
func newEnum(field string, off uintptr, bit flow.Presence) enum {
	f := flow.NewRegistry().Lookup(field)
	p := enum{off: off, bit: bit, names: new([256]text), number: map[string]uint8{}}
	recs := make([]flow.Record, 1)
	for n := range p.names {
		recs[0].Present = bit
		*member[uint8](recs, 0, off) = uint8(n)
		if v, ok := f.First(nil, &recs[0]); ok {
			p.names[n] = makeText(v.S)
			p.number[v.S] = uint8(n)
		}
	}
	return p
}

func (p enum) fill(cols []vector, in *input, at int) {
	var valid uint64
	for i := range in.recs {
		n := *member[uint8](in.recs, i, p.off)
		if (p.bit == 0 && n != 0) || in.recs[i].Present&p.bit != 0 {
			p.names[n].put(&cols[0], at+i, uint32(n)+1)
			valid |= 1 << i
		}
	}
	cols[0].mark(at, valid)
}

func (p enum) load(cols []cells, out *output) {
	for i := range out.recs {
		if cols[0].isValid(i) {
			*member[uint8](out.recs, i, p.off) = p.number[string(at[stringT](cols[0], i).bytes())]
			out.recs[i].Present |= p.bit
		}
	}
}
