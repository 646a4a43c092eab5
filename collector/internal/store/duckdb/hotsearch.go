//go:build cgo

package duckdb

import (
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hot"
	"github.com/weirflow/weir/collector/internal/store/parquet"
)

// A question about few hosts looks at the addresses of a chunk alone before all columns are read that it is about.

// lowSearch looks for the second halves of addresses.
type lowSearch struct {
	columns []int
	wanted  *parquet.Wanted
}

// newLowSearch returns what looks for a list of textOfLows in a view; nil for an empty one.
func newLowSearch(view *hot.View, text string) (*lowSearch, bool) {
	if text == "" {
		return nil, true
	}
	var lows []uint64
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseUint(part, 16, 64)
		if err != nil {
			return nil, false
		}
		lows = append(lows, n)
	}
	s := &lowSearch{wanted: parquet.NewWanted(lows)}
	for _, kind := range store.Kinds() {
		for _, side := range sidesOf(kind) {
			if column := view.Column(side + "_lo"); column >= 0 && !slices.Contains(s.columns, column) {
				s.columns = append(s.columns, column)
			}
		}
	}
	return s, true
}

// textOfLows is a list of numbers as a parameter of the table function.
func textOfLows(lows []uint64) string {
	list := make([]string, len(lows))
	for i, n := range lows {
		list[i] = strconv.FormatUint(n, 16)
	}
	return strings.Join(list, ",")
}

// holds tells whether any of some chunks may have rows that the scan wants. Cells of rows without an address are taken for addresses.
func (r *hotRead) holds(from, to int) (bool, error) {
	if r.addresses == nil || from == to {
		return true, nil
	}
	reader := r.reader()
	defer r.readers.Put(reader)
	for i := from; i < to; i++ {
		for _, column := range r.addresses.columns {
			if x := r.view.Range(column, i); !x.Some || !r.addresses.wanted.Between(x.Least, x.Most) {
				continue
			}
			target := hot.Target{Data: unsafe.Pointer(&reader.room)}
			if err := reader.Read(i, column, &target, 0); err != nil {
				return false, &brokenChunk{i, err}
			}
			if _, rows := r.view.Chunk(i); slices.ContainsFunc(reader.room[:rows], r.addresses.wanted.Has) {
				return true, nil
			}
		}
	}
	return false, nil
}
