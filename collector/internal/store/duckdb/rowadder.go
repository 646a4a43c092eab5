//go:build cgo

package duckdb

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"time"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// counters are the columns that are summed, as rollups have them.
var counters = [...]string{"network_bytes", "network_packets", "source_bytes", "source_packets", "destination_bytes", "destination_packets"}

// networkCounters is how many of them are summed where no row has its own for a direction.
const networkCounters = 2

// rowAdder sums the rows of a hot file that count, chunk by chunk. Each step is made for all rows of a chunk before the next: what a step reads
// from memory is independent of what it read before, so that the processor waits for many of them at once.
type rowAdder struct {
	names  []string // of the columns that are read
	cursor *hotCursor
	bucket int64 // microseconds
	out    *rowSums
	rows   []int32 // of the chunk, those that count: of all, or of some
	keys   []uint64
	hashes []uint64
	places []int  // of their entries
	ahead  uint64 // what is read so that it is near when it is needed
	ends   []uint64
	pairs  int // column of the cursor from which on are both addresses of a row, where only rows of an address to itself count; 0: all do

	all, some     []int32
	endRoom, room []uint64 // for numbers of a column
}

// Columns of the cursor: the end, what rows are left out by, the counters, and those that rows are told apart by.
const (
	endCell = iota
	invalidCell
	copyCell
	counterCell
)

// newRowAdder returns one for rows from the first chunk on.
func newRowAdder(view *hot.View, columns []string, counted int, bucket time.Duration) *rowAdder {
	names := append([]string{"event_end", "weir_invalid", "dup_hi"}, counters[:counted]...)
	names = append(names, columns...)
	a := &rowAdder{
		names: names, cursor: newHotCursor(view, names), bucket: bucket.Microseconds(), out: newRowSums(len(columns), counted),
		keys: make([]uint64, hot.Rows*(headKey+len(columns))), hashes: make([]uint64, hot.Rows), places: make([]int, hot.Rows),
		all: make([]int32, hot.Rows), endRoom: make([]uint64, hot.Rows), room: make([]uint64, hot.Rows),
	}
	for row := range a.all {
		a.all[row] = int32(row)
	}
	return a
}

// onlyToSelf leaves out all rows but those of an address to itself. Nothing has been read yet.
func (a *rowAdder) onlyToSelf() {
	a.pairs = len(a.names)
	a.cursor = newHotCursor(a.cursor.reader.View, append(a.names, "source_ip_hi", "destination_ip_hi", "source_ip_lo", "destination_ip_lo"))
}

// next adds the next chunk; false where there is none.
func (a *rowAdder) next() (bool, error) {
	from, to, err := a.cursor.next(hot.Rows)
	if err != nil || from == to {
		return false, err
	}
	if a.choose(from, to); len(a.rows) == 0 {
		return true, nil
	}
	a.makeKeys()
	a.lookAhead()
	a.find()
	a.sum()
	return true, nil
}

// block sums the next rows, until the sums are so many; nil where there are no rows any more. It counts until the next is asked for.
func (a *rowAdder) block(ctx context.Context, most int) (*rowSums, error) {
	a.out.reset()
	for a.out.n() < most {
		more, err := a.next()
		if err = cmp.Or(err, ctx.Err()); err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	if a.out.n() == 0 {
		return nil, nil
	}
	return a.out, nil
}

// choose chooses the rows that count: mostly all.
func (a *rowAdder) choose(from, to int) {
	a.rows = a.all[from:to]
	if a.pairs > 0 {
		a.chooseToSelf()
	}
	if a.cursor.filled(invalidCell)+a.cursor.filled(copyCell) == 0 {
		return
	}
	invalid, copied := a.cursor.cols[invalidCell], a.cursor.cols[copyCell]
	a.some = a.some[:0]
	for _, row := range a.rows {
		if !invalid.isValid(int(row)) && !copied.isValid(int(row)) {
			a.some = append(a.some, row)
		}
	}
	a.rows = a.some
}

// chooseToSelf chooses of the rows those of an address to itself.
func (a *rowAdder) chooseToSelf() {
	cols := a.cursor.cols[a.pairs:]
	a.some = a.some[:0]
	for _, row := range a.rows {
		i := int(row)
		if *at[uint64](cols[2], i) == *at[uint64](cols[3], i) && *at[uint64](cols[0], i) == *at[uint64](cols[1], i) && cols[2].isValid(i) && cols[3].isValid(i) {
			a.some = append(a.some, row)
		}
	}
	a.rows = a.some
}

// makeKeys makes the keys of the rows, and their hashes. A row without an end counts as of the year 1970.
func (a *rowAdder) makeKeys() {
	size := a.out.key()
	a.ends = a.cursor.numbers(endCell, a.endRoom)
	begin, number := int64(0), int64(0) // of the last row's bucket: mostly the next one's, too
	for k, row := range a.rows {
		if since := int64(a.ends[row]) - begin; since < 0 || since >= a.bucket {
			begin = floor(int64(a.ends[row]), a.bucket)
			number = begin / a.bucket
		}
		a.keys[k*size] = uint64(number) << keyBits
	}
	clear(a.hashes)
	for i := range a.out.columns {
		a.addColumn(i, size)
	}
	for k := range a.rows {
		a.hashes[k] = mix(a.hashes[k], a.keys[k*size])
	}
}

// addColumn puts a column into the keys, which have a size.
func (a *rowAdder) addColumn(i, size int) {
	column := counterCell + a.out.counters + i
	values, cells := a.cursor.numbers(column, a.room), a.cursor.cols[column]
	full := a.cursor.filled(column) == a.cursor.n
	for k, row := range a.rows {
		a.keys[k*size+headKey+i] = values[row]
		a.hashes[k] = mix(a.hashes[k], values[row])
		if full || cells.isValid(int(row)) {
			a.keys[k*size] |= 1 << i
		}
	}
}

// lookAhead reads what finding the entries will read.
func (a *rowAdder) lookAhead() {
	for k := range a.rows {
		a.places[k] = int(a.out.slots[a.out.slotOf(a.hashes[k])])
	}
	for _, slot := range a.places[:len(a.rows)] {
		if slot != 0 {
			a.ahead += a.out.words[a.out.place(uint64(slot))]
		}
	}
}

func (a *rowAdder) find() {
	size := a.out.key()
	for k, row := range a.rows {
		a.places[k] = a.out.find(a.keys[k*size:(k+1)*size], a.hashes[k], int64(a.ends[row]))
	}
}

// sum adds the rows to their entries.
func (a *rowAdder) sum() {
	words, end := a.out.words, a.out.key()
	for k, row := range a.rows {
		e := words[a.places[k]+end:][:beside]
		e[0] = uint64(min(int64(e[0]), int64(a.ends[row])))
		e[1]++
	}
	for i := range networkCounters {
		values := a.cursor.numbers(counterCell+i, a.room)
		for k, row := range a.rows {
			addSum(&words[a.places[k]+end+beside+i], values[row])
		}
	}
	if a.out.counters > networkCounters {
		a.sumDirections()
	}
}

// sumDirections adds the counters of the directions. One that is not there follows from others: see [store.SourceBytes].
func (a *rowAdder) sumDirections() {
	const kinds = networkCounters // bytes, packets
	for k, row := range a.rows {
		sums := a.out.words[a.places[k]+a.out.key()+beside:]
		for kind := range kinds {
			network, hasNetwork := a.counter(kind, int(row))
			source, hasSource := a.counter(kinds+kind, int(row))
			destination, _ := a.counter(2*kinds+kind, int(row))
			if !hasSource && hasNetwork {
				source = network - min(network, destination)
			}
			addSum(&sums[kinds+kind], source)
			addSum(&sums[2*kinds+kind], destination)
		}
	}
}

// counter returns a counter of a row; 0 where it has no value.
func (a *rowAdder) counter(i, row int) (uint64, bool) {
	if !a.cursor.cols[counterCell+i].isValid(row) {
		return 0, false
	}
	return a.cursor.number(counterCell+i, row), true
}

// addSum adds to a sum; one that is greater than its type holds is the greatest number.
func addSum(sum *uint64, n uint64) {
	more, carry := bits.Add64(*sum, n, 0)
	if *sum = more; carry > 0 {
		*sum = math.MaxUint64
	}
}
