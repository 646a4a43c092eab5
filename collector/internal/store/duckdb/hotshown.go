//go:build cgo

package duckdb

import (
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hot"
)

// Hot files have numbers for texts. What DuckDB reads are the texts. Expressions that do the same, row by row, were a third of what most questions
// cost.

// know takes the names that numbers in hot files stand for. Some may not be committed yet: no row that counts has their numbers.
func (h *hotFiles) know(n *names) {
	known := n.known
	h.names.Store(&known)
}

// shownColumn says how a column is shown.
type shownColumn struct {
	*numbered          // nil: as it is
	width     hot.Type // of the numbers
}

// shownColumns says how the columns of a part are shown.
func (h *hotFiles) shownColumns(part store.Part, columns []hot.Column) []shownColumn {
	list := make([]shownColumn, len(columns))
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, c := range columns {
		list[i].width = c.Type
		if p, ok := h.coded[part.Kind][c.Name]; ok {
			list[i].numbered = p.texts(h.names.Load())
		}
	}
	return list
}

// typeOf returns the type of a column of the scan, to be destroyed.
func (s *hotScan) typeOf(column int) duck.LogicalType {
	if s.shown[column].numbered != nil {
		return duck.CreateLogicalType(duck.TypeVarchar)
	}
	return duck.CreateLogicalType(typeByName[s.view.Columns()[column].Type.String()])
}

// show makes of the cells that were read what is shown, in a vector. A number that stands for no text, which cannot be, has no value.
func (s *shownColumn) show(r *hotReader, v duck.Vector, data unsafe.Pointer, rows int) {
	if s.numbered == nil {
		return
	}
	cells := unsafe.Slice((*stringT)(data), rows)
	switch s.width {
	case hot.Uint8:
		showTexts(unsafe.Slice((*uint8)(unsafe.Pointer(&r.room)), rows), s.numbered, r, v, cells)
	case hot.Uint16:
		showTexts(unsafe.Slice((*uint16)(unsafe.Pointer(&r.room)), rows), s.numbered, r, v, cells)
	default:
		showTexts(unsafe.Slice((*uint32)(unsafe.Pointer(&r.room)), rows), s.numbered, r, v, cells)
	}
}

func showTexts[T uint8 | uint16 | uint32](numbers []T, s *numbered, r *hotReader, v duck.Vector, cells []stringT) {
	long := -1
	for i, n := range numbers {
		at := uint64(n) - s.first
		if at >= uint64(len(s.cells)) {
			cells[i] = stringT{}
			r.target.Valid[i>>6] &^= 1 << (i & 63)
			continue
		}
		if cells[i] = s.cells[at]; cells[i].n > stringInline {
			long = i
		}
	}
	if long >= 0 {
		showLong(numbers, s, r, v, long)
	}
}

// showLong sets the cells of texts that do not fit into one: each is copied to DuckDB's memory once, all together. One of them is given.
func showLong[T uint8 | uint16 | uint32](numbers []T, s *numbered, r *hotReader, v duck.Vector, one int) {
	cells := unsafe.Slice((*stringT)(duck.VectorGetData(v)), len(numbers))
	if r.offsets == nil {
		r.offsets = map[uint64]int{}
	}
	clear(r.offsets)
	r.texts = r.texts[:0]
	for i, n := range numbers {
		if cells[i].n <= stringInline {
			continue
		}
		if _, ok := r.offsets[uint64(n)]; !ok {
			r.offsets[uint64(n)] = len(r.texts)
			r.texts = append(r.texts, s.texts[uint64(n)-s.first]...)
		}
	}
	duck.UnsafeVectorAssignStringElementLen(v, duck.IdxT(one), r.texts)
	whole := cells[one]
	for i, n := range numbers {
		if cells[i].n > stringInline {
			cells[i] = whole.slice(r.offsets[uint64(n)], len(s.texts[uint64(n)-s.first]))
		}
	}
}
