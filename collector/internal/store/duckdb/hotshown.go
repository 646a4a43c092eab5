//go:build cgo

package duckdb

import (
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hot"
)

// Hot files have numbers for texts. What DuckDB reads are the texts, as strings or, for sealing, as an ENUM of these, whose numbers differ at most
// by a first one; for sealing times are in milliseconds. Expressions that do the same, row by row, were a tenth of what sealing costs, and a
// third of what most questions do.

// maxEnum bounds the texts of an ENUM: each row group of each column has all of them, and their numbers are to fit into a byte.
const maxEnum = 255

// canEnum tells whether texts can be those of an ENUM, which has each once.
func canEnum(texts []string) bool {
	if len(texts) == 0 || len(texts) > maxEnum {
		return false
	}
	seen := map[string]bool{}
	for _, text := range texts {
		if seen[text] {
			return false
		}
		seen[text] = true
	}
	return true
}

// know takes the names that numbers in hot files stand for. Some may not be committed yet: no row that counts has their numbers.
func (h *hotFiles) know(n *names) {
	known := n.known
	h.names.Store(&known)
}

// show says which columns of a part are shown as an ENUM, and of what, until its file is removed.
func (h *hotFiles) show(name string, enums map[string]*numbered) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.enums == nil {
		h.enums = map[string]map[string]*numbered{}
	}
	h.enums[name] = enums
}

// shownTable is hotTable with columns as sealed files have them, of a part of which show has been told.
func shownTable(p store.Part, rows int64) string {
	return callHot(shownFunction, p, rows, always)
}

// shownColumn says how a column is shown.
type shownColumn struct {
	*numbered      // nil: as it is
	enum      bool // as an ENUM, not as texts
	millis    bool
	width     hot.Type // of the numbers
}

// shownColumns says how the columns of a part are shown, for sealing or for questions.
func (h *hotFiles) shownColumns(part store.Part, columns []hot.Column, sealing bool) []shownColumn {
	list := make([]shownColumn, len(columns))
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, c := range columns {
		s := &list[i]
		s.width = c.Type
		if p, ok := h.coded[part.Kind][c.Name]; ok {
			s.numbered = p.texts(h.names.Load())
		}
		if !sealing {
			continue
		}
		s.millis = c.Type == hot.Timestamp
		if enum, ok := h.enums[part.Table()][c.Name]; ok {
			s.numbered, s.enum = enum, true
		}
	}
	return list
}

// typeOf returns the type of a column of the scan, to be destroyed.
func (s *hotScan) typeOf(column int) duck.LogicalType {
	switch shown := &s.shown[column]; {
	case shown.enum:
		return duck.CreateEnumType(shown.texts)
	case shown.numbered != nil:
		return duck.CreateLogicalType(duck.TypeVarchar)
	case shown.millis:
		return duck.CreateLogicalType(duck.TypeTimestampMS)
	}
	return duck.CreateLogicalType(typeByName[s.view.Columns()[column].Type.String()])
}

// show makes of the cells that were read what is shown, in a vector. A number that stands for no text, which cannot be, has no value.
func (s *shownColumn) show(r *hotReader, v duck.Vector, data unsafe.Pointer, rows int) {
	switch {
	case s.numbered != nil && s.width == hot.Uint8:
		showNumbers(unsafe.Slice((*uint8)(unsafe.Pointer(&r.room)), rows), s, r, v, data)
	case s.numbered != nil && s.width == hot.Uint16:
		showNumbers(unsafe.Slice((*uint16)(unsafe.Pointer(&r.room)), rows), s, r, v, data)
	case s.numbered != nil:
		showNumbers(unsafe.Slice((*uint32)(unsafe.Pointer(&r.room)), rows), s, r, v, data)
	case s.millis:
		times := unsafe.Slice((*int64)(data), rows)
		for i := range times {
			times[i] /= 1000
		}
	}
}

func showNumbers[T uint8 | uint16 | uint32](numbers []T, s *shownColumn, r *hotReader, v duck.Vector, data unsafe.Pointer) {
	if !s.enum {
		showTexts(numbers, s.numbered, r, v, unsafe.Slice((*stringT)(data), len(numbers)))
		return
	}
	shown := unsafe.Slice((*uint8)(data), len(numbers))
	for i, n := range numbers {
		at := uint64(n) - s.first
		if at >= uint64(len(s.texts)) {
			at = 0
			r.target.Valid[i>>6] &^= 1 << (i & 63)
		}
		shown[i] = uint8(at)
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
