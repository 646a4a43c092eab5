package hot_test

import (
	"fmt"
	"slices"
	"unsafe"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// cell is a value of the model: a number, as 64 bits have it, or a text. The zero value is NULL.
type cell struct {
	set  bool
	n    uint64
	text string
}

func num(n uint64) cell   { return cell{set: true, n: n} }
func signed(n int64) cell { return cell{set: true, n: uint64(n)} }
func texts(s string) cell { return cell{set: true, text: s} }

// part is a chunk of the model: of each column a cell for each row.
type part struct {
	rows    int
	columns []hot.Column
	cells   [][]cell
}

// partOf is a chunk of one column.
func partOf(name string, t hot.Type, cells ...cell) part {
	return part{len(cells), []hot.Column{{Name: name, Type: t}}, [][]cell{cells}}
}

// with is the chunk with another column.
func (p part) with(name string, t hot.Type, cells ...cell) part {
	p.columns = append(slices.Clip(p.columns), hot.Column{Name: name, Type: t})
	p.cells = append(slices.Clip(p.cells), cells)
	return p
}

// junk lies in the cells of rows without a value: nothing may depend on it.
const junk = 0xDEAD_BEEF_DEAD_BEEF

func fill(v *hot.Vector, t hot.Type, cells []cell) {
	for i, c := range cells {
		n := c.n
		if c.set {
			v.Mark(i, 1)
		} else {
			n = junk
		}
		switch {
		case t == hot.Uint8:
			hot.Cells[uint8](v)[i] = uint8(n)
		case t == hot.Uint16:
			hot.Cells[uint16](v)[i] = uint16(n)
		case t == hot.Uint32:
			hot.Cells[uint32](v)[i] = uint32(n)
		case !isText(t):
			hot.Cells[uint64](v)[i] = n
		case c.set:
			v.SetText(i, []byte(c.text))
		}
	}
}

func isText(t hot.Type) bool { return t == hot.Text || t == hot.Blob }

func (p part) vectors() []hot.Vector {
	vectors := make([]hot.Vector, len(p.columns))
	for i := range vectors {
		fill(&vectors[i], p.columns[i].Type, p.cells[i])
	}
	return vectors
}

// of returns the cells of a column; nil where it has no values.
func (p part) of(c hot.Column) []cell {
	i := slices.Index(p.columns, c)
	if i < 0 || !slices.ContainsFunc(p.cells[i], func(c cell) bool { return c.set }) {
		return nil
	}
	return p.cells[i]
}

// target is a target with its memory.
type target struct {
	hot.Target
	data  [hot.Rows]uint64
	texts [hot.Rows]string
}

func newTarget() *target {
	to := &target{}
	for i := range to.data {
		to.data[i] = untouched
	}
	to.Data = pointer(&to.data)
	to.Texts = func(at int, all []byte, ends []uint32) {
		last := uint32(0)
		for i, end := range ends {
			to.texts[at+i], last = string(all[last:end]), end
		}
	}
	return to
}

func pointer(cells *[hot.Rows]uint64) unsafe.Pointer { return unsafe.Pointer(cells) }

// untouched is in the memory of a target before it is read into.
const untouched = 0xA5A5_A5A5_A5A5_A5A5

func width(t hot.Type, n uint64) uint64 {
	switch t {
	case hot.Uint8:
		return uint64(uint8(n))
	case hot.Uint16:
		return uint64(uint16(n))
	case hot.Uint32:
		return uint64(uint32(n))
	}
	return n
}

func (to *target) number(t hot.Type, row int) uint64 {
	switch t {
	case hot.Uint8:
		return uint64(unsafe.Slice((*uint8)(to.Data), hot.Rows)[row])
	case hot.Uint16:
		return uint64(unsafe.Slice((*uint16)(to.Data), hot.Rows)[row])
	case hot.Uint32:
		return uint64(unsafe.Slice((*uint32)(to.Data), hot.Rows)[row])
	}
	return to.data[row]
}

func (to *target) cell(t hot.Type, row int) cell {
	switch {
	case to.Valid[row>>6]>>(row&63)&1 == 0:
		return cell{}
	case isText(t):
		return texts(to.texts[row])
	}
	return num(to.number(t, row))
}

// check compares the rows from at on with what they should be. Others must not have been touched.
func (to *target) check(t hot.Type, at int, want []cell) error {
	for row := range hot.Rows {
		w := cell{}
		inside := row >= at && row < at+len(want)
		if inside {
			w = want[row-at]
		}
		if got := to.cell(t, row); got != w {
			return fmt.Errorf("row %d of %d from %d on is %.40v, should be %.40v", row, len(want), at, got, w)
		}
		if got := to.number(t, row); !inside && got != width(t, untouched) {
			return fmt.Errorf("row %d, outside of the %d from %d on, is %x", row, len(want), at, got)
		}
		if !inside && to.texts[row] != "" {
			return fmt.Errorf("row %d, outside of the %d from %d on, is %q", row, len(want), at, to.texts[row])
		}
	}
	return nil
}
