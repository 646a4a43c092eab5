//go:build cgo

package duckdb

import (
	"math"
	"math/bits"
	"time"
	"unsafe"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hot"
)

// counters are the columns that are summed, as rollups have them.
var counters = [...]string{"network_bytes", "network_packets", "source_bytes", "source_packets", "destination_bytes", "destination_packets"}

// maxSetColumns is how many columns the sets that do not fold have at most.
const maxSetColumns = 5

// sumKey is what sums are told apart by: the minute, counted from the Unix epoch, and the numbers in the columns of a set.
type sumKey struct {
	minute int64
	cells  [maxSetColumns]uint64
	valid  uint8 // a bit for each column that has a value
}

// blockSums are the sums of a block, one for each key.
type blockSums struct {
	keys  []sumKey
	ends  []int64 // when the first record of each ended, in microseconds since the Unix epoch
	flows []uint64
	sums  [len(counters)][]uint64
}

// bytes is what the sums take; those that there are not, nothing.
func (b *blockSums) bytes() int64 {
	if b == nil {
		return 0
	}
	return int64(len(b.keys)) * int64(unsafe.Sizeof(sumKey{})+8+8+8*uintptr(len(counters)))
}

// blockAdder makes the sums of a block.
type blockAdder struct {
	cursor *hotCursor
	places map[sumKey]int
	out    *blockSums
	last   sumKey // mostly the next row's, too
	at     int
}

// Columns of the cursor: the end, what rows are left out by, the counters, and those of the set.
const (
	endCell = iota
	invalidCell
	copyCell
	counterCell
	setCell = counterCell + len(counters)
)

// sumChunks sums the rows of a block that count; nil where there are too many sums.
func sumChunks(view *hot.View, set *store.RollupSet, b *sumBlock) (*blockSums, error) {
	names := append(append([]string{"event_end", "weir_invalid", "dup_hi"}, counters[:]...), set.Columns...)
	a := blockAdder{cursor: newHotCursor(view, names), places: map[sumKey]int{}, out: &blockSums{}, at: -1}
	a.cursor.chunk = b.from
	for range b.to - b.from {
		from, to, err := a.cursor.next(hot.Rows)
		if err != nil {
			return nil, err
		}
		a.add(len(set.Columns), from, to)
		if len(a.out.keys) > maxBlockSums {
			return nil, nil
		}
	}
	return a.out, nil
}

// add adds rows of the current chunk.
func (a *blockAdder) add(columns, from, to int) {
	c := a.cursor
	for row := from; row < to; row++ {
		if c.cols[invalidCell].isValid(row) || c.cols[copyCell].isValid(row) {
			continue
		}
		end := int64(c.number(endCell, row))
		key := sumKey{minute: floorMinute(end)}
		for i := range columns {
			if c.cols[setCell+i].isValid(row) {
				key.valid |= 1 << i
				key.cells[i] = c.number(setCell+i, row)
			}
		}
		at := a.place(&key, end)
		a.out.ends[at] = min(a.out.ends[at], end)
		a.sum(at, row)
	}
}

// place returns where the sums of a key are, of which a record ended at a time.
func (a *blockAdder) place(key *sumKey, end int64) int {
	if a.at >= 0 && *key == a.last {
		return a.at
	}
	at, ok := a.places[*key]
	if !ok {
		at = len(a.out.keys)
		a.places[*key] = at
		a.out.keys, a.out.ends = append(a.out.keys, *key), append(a.out.ends, end)
		a.out.flows = append(a.out.flows, 0)
		for i := range a.out.sums {
			a.out.sums[i] = append(a.out.sums[i], 0)
		}
	}
	a.last, a.at = *key, at
	return at
}

// sum adds a row. A counter that is not there follows from others: see [store.SourceBytes].
func (a *blockAdder) sum(at, row int) {
	a.out.flows[at]++
	const kinds = 2 // bytes, packets
	for kind := range kinds {
		network, hasNetwork := a.counter(kind, row)
		source, hasSource := a.counter(kinds+kind, row)
		destination, _ := a.counter(2*kinds+kind, row)
		if !hasSource && hasNetwork {
			source = network - min(network, destination)
		}
		for i, n := range [...]uint64{network, source, destination} {
			sum := &a.out.sums[i*kinds+kind][at]
			more, carry := bits.Add64(*sum, n, 0)
			if *sum = more; carry > 0 {
				*sum = math.MaxUint64
			}
		}
	}
}

// counter returns a counter of a row; 0 where it has no value.
func (a *blockAdder) counter(i, row int) (uint64, bool) {
	if !a.cursor.cols[counterCell+i].isValid(row) {
		return 0, false
	}
	return a.cursor.number(counterCell+i, row), true
}

func floorMinute(us int64) int64 {
	width := int64(time.Minute / time.Microsecond)
	return floor(us, width) / width
}
