//go:build cgo

package duckdb

import (
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hot"
)

// A question about few hosts looks at the addresses of a chunk alone before all columns are read that it is about.

// lowSearch looks for the second halves of addresses.
type lowSearch struct {
	columns []int
	lows    []uint64 // ascending
	bits    [64]uint64
}

// newLowSearch returns what looks for a list of textOfLows in a view; nil for an empty one.
func newLowSearch(view *hot.View, text string) (*lowSearch, bool) {
	if text == "" {
		return nil, true
	}
	s := &lowSearch{}
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseUint(part, 16, 64)
		if err != nil {
			return nil, false
		}
		s.lows = append(s.lows, n)
		s.bits[n>>6&63] |= 1 << (n & 63)
	}
	slices.Sort(s.lows)
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

func (s *lowSearch) has(n uint64) bool {
	if s.bits[n>>6&63]>>(n&63)&1 == 0 {
		return false
	}
	_, ok := slices.BinarySearch(s.lows, n)
	return ok
}

// between tells whether any of the numbers lies in a range.
func (s *lowSearch) between(r hot.Range) bool {
	i, _ := slices.BinarySearch(s.lows, r.Least)
	return r.Some && i < len(s.lows) && s.lows[i] <= r.Most
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
			if !r.addresses.between(r.view.Range(column, i)) {
				continue
			}
			target := hot.Target{Data: unsafe.Pointer(&reader.room)}
			if err := reader.Read(i, column, &target, 0); err != nil {
				return false, &brokenChunk{i, err}
			}
			if _, rows := r.view.Chunk(i); slices.ContainsFunc(reader.room[:rows], r.addresses.has) {
				return true, nil
			}
		}
	}
	return false, nil
}
