//go:build cgo

package duckdb

import (
	"strconv"
	"sync"

	"github.com/weirflow/weir/collector/internal/store/hot"
	"github.com/weirflow/weir/shared/flow"
)

// coded is a program whose column holds numbers in hot files and text in answers and sealed files. In DuckDB a column of text
// costs several times as much to append as one of numbers, however few different texts there are.
type coded interface {
	program
	hotType() string
	// texts returns what the numbers stand for; names are those of the table names.
	texts(names *numbered) *numbered
}

// symbol is a name, by its number in the table names; the empty one means absent.
type symbol struct{ off uintptr }

func (p symbol) fill(cols []hot.Vector, in *input, at int) {
	cell := hot.Cells[uint32](&cols[0])[at:]
	var valid uint64
	for i := range in.mem.n {
		if s := *member[flow.Symbol](&in.mem, i, p.off); s != 0 {
			cell[i] = in.names.number(s)
			valid |= 1 << i
		}
	}
	cols[0].Mark(at, valid)
}

func (p symbol) used(in *input) bool {
	for i := range in.mem.n {
		if *member[flow.Symbol](&in.mem, i, p.off) != 0 {
			return true
		}
	}
	return false
}

func (symbol) hotType() string { return "UINTEGER" }

func (symbol) texts(names *numbered) *numbered { return names }

func (p symbol) load(cols []cells, out *output) {
	for i := range out.mem.n {
		if cols[0].isValid(i) {
			*member[flow.Symbol](&out.mem, i, p.off) = out.symbols.Intern(string(at[stringT](cols[0], i).bytes()))
		}
	}
}

// enum is a small number with names. Without a presence bit 0 means absent.
type enum struct {
	number[uint8]
	names  []string // by number; beyond them the name is the number
	all    *numbered
	byName map[string]uint8
}

// enumOf is an enum whose names are those that a function gives.
func enumOf(off uintptr, nameOf func(uint8) string) enum {
	p := enum{number: number[uint8]{off: off}, byName: map[string]uint8{}}
	named := 0
	names := make([]string, 256)
	for n := range names {
		names[n] = nameOf(uint8(n))
		p.byName[names[n]] = uint8(n)
		if names[n] != strconv.Itoa(n) {
			named = n + 1
		}
	}
	p.names, p.all = names[:named], newNumbered(0, names...)
	return p
}

// newEnum takes the names from the field's accessor, which reads the number at off where the presence bit is set.
func newEnum(field string, off uintptr, bit flow.Presence) enum {
	f := flow.NewRegistry().Lookup(field)
	recs := make([]flow.Record, 1)
	mem := recordMemory(recs)
	p := enumOf(off, func(n uint8) string {
		recs[0].Present = bit
		*member[uint8](&mem, 0, off) = n
		v, _ := f.First(nil, &recs[0])
		return v.S
	})
	p.bit = bit
	return p
}

func (enum) hotType() string { return "UTINYINT" }

func (p enum) texts(*numbered) *numbered { return p.all }

func (p enum) load(cols []cells, out *output) {
	for i := range out.mem.n {
		if cols[0].isValid(i) {
			*member[uint8](&out.mem, i, p.off) = p.byName[string(at[stringT](cols[0], i).bytes())]
			out.mem.mark(i, p.bit)
		}
	}
}

// country is two letters; zero means absent.
type country struct{ off uintptr }

func (p country) fill(cols []hot.Vector, in *input, at int) {
	cell := hot.Cells[uint16](&cols[0])[at:]
	var valid uint64
	for i := range in.mem.n {
		if c := member[[2]byte](&in.mem, i, p.off); c[0] != 0 {
			cell[i] = uint16(c[0])<<8 | uint16(c[1])
			valid |= 1 << i
		}
	}
	cols[0].Mark(at, valid)
}

func (p country) used(in *input) bool {
	for i := range in.mem.n {
		if member[[2]byte](&in.mem, i, p.off)[0] != 0 {
			return true
		}
	}
	return false
}

func (country) hotType() string { return "USMALLINT" }

func (country) texts(*numbered) *numbered { return countries() }

// countries are all pairs of letters.
var countries = sync.OnceValue(func() *numbered {
	all := make([]string, 1<<16)
	for i := range all {
		all[i] = string([]byte{byte(i >> 8), byte(i)})
	}
	return newNumbered(0, all...)
})

func (p country) load(cols []cells, out *output) {
	for i := range out.mem.n {
		if cols[0].isValid(i) {
			copy(member[[2]byte](&out.mem, i, p.off)[:], at[stringT](cols[0], i).bytes())
		}
	}
}
