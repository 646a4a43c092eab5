//go:build cgo

package duckdb

import (
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hot"
)

// What is sealed is read as sealed files have it: columns of numbers that stand for texts as an ENUM of these, whose numbers differ at most by
// a first one, and times in milliseconds. Expressions that do the same, row by row, were a tenth of what sealing costs.

// numbered is texts that have numbers, one after the other.
type numbered struct {
	texts []string
	first uint64 // number of the first
}

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

// show says what the numbers in columns of a part stand for, until its file is removed.
func (h *hotFiles) show(name string, texts map[string]numbered) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.texts == nil {
		h.texts = map[string]map[string]numbered{}
	}
	h.texts[name] = texts
}

func (h *hotFiles) textsOf(name string) map[string]numbered {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.texts[name]
}

// shownTable is hotTable with columns as sealed files have them, of a part of which show has been told.
func shownTable(p store.Part, rows int64) string {
	return callHot(shownFunction, p, rows, always)
}

// shownColumn says how a column is shown.
type shownColumn struct {
	numbered
	wide   bool // numbers are of 4 bytes
	millis bool
}

func (s *shownColumn) isEnum() bool { return s != nil && s.texts != nil }

func (h *hotFiles) shownColumns(name string, columns []hot.Column) []shownColumn {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]shownColumn, len(columns))
	for i, c := range columns {
		list[i] = shownColumn{h.texts[name][c.Name], c.Type == hot.Uint32, c.Type == hot.Timestamp}
	}
	return list
}

// typeOf returns the type of a column of the scan, to be destroyed.
func (s *hotScan) typeOf(column int) duck.LogicalType {
	switch shown := s.shownOf(column); {
	case shown.isEnum():
		return duck.CreateEnumType(shown.texts)
	case shown != nil && shown.millis:
		return duck.CreateLogicalType(duck.TypeTimestampMS)
	}
	return duck.CreateLogicalType(typeByName[s.view.Columns()[column].Type.String()])
}

func (s *hotScan) shownOf(column int) *shownColumn {
	if s.shown == nil {
		return nil
	}
	return &s.shown[column]
}

// show makes of the cells that were read what is shown, in data. A number that stands for no text, which cannot be, has no value.
func (s *shownColumn) show(read *hot.Target, data unsafe.Pointer, rows int) {
	switch {
	case s == nil:
	case s.isEnum() && s.wide:
		showNumbers(unsafe.Slice((*uint32)(read.Data), rows), s, read, data)
	case s.isEnum():
		showNumbers(unsafe.Slice((*uint8)(read.Data), rows), s, read, data)
	case s.millis:
		times := unsafe.Slice((*int64)(data), rows)
		for i := range times {
			times[i] /= 1000
		}
	}
}

func showNumbers[T uint8 | uint32](cells []T, s *shownColumn, read *hot.Target, data unsafe.Pointer) {
	shown := unsafe.Slice((*uint8)(data), len(cells))
	for i, n := range cells {
		at := uint64(n) - s.first
		if at >= uint64(len(s.texts)) {
			at = 0
			read.Valid[i>>6] &^= 1 << (i & 63)
		}
		shown[i] = uint8(at)
	}
}
