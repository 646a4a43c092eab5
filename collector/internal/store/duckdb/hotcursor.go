//go:build cgo

package duckdb

import (
	"math/bits"
	"unsafe"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// hotCursor reads some columns of a hot file from the first row on, without DuckDB.
type hotCursor struct {
	reader  hot.Reader
	columns []int // in the view; -1: there is none
	types   []hot.Type
	targets []hot.Target
	room    [][hot.Rows]uint64
	cols    []cells // the current chunk's
	chunk   int     // the next one
	at, n   int     // the next row of the current chunk, and its rows
}

// newHotCursor returns one for columns of numbers, by their names; those that there are not have no values.
func newHotCursor(view *hot.View, names []string) *hotCursor {
	c := &hotCursor{
		reader: hot.Reader{View: view}, columns: make([]int, len(names)), types: make([]hot.Type, len(names)), targets: make([]hot.Target, len(names)),
		room: make([][hot.Rows]uint64, len(names)), cols: make([]cells, len(names)),
	}
	for i, name := range names {
		if c.columns[i] = view.Column(name); c.columns[i] >= 0 {
			c.types[i] = view.Columns()[c.columns[i]].Type
		}
		c.targets[i].Data = unsafe.Pointer(&c.room[i])
		c.cols[i] = cells{data: c.targets[i].Data, valid: unsafe.Pointer(&c.targets[i].Valid)}
	}
	return c
}

// next returns which rows of the current chunk come next, at most so many; none at the end.
func (c *hotCursor) next(most int) (from, to int, err error) {
	if c.at == c.n {
		if err := c.load(); err != nil {
			return 0, 0, err
		}
	}
	from = c.at
	c.at = min(c.at+most, c.n)
	return from, c.at, nil
}

// number returns the number in a row of a column, which has one there.
func (c *hotCursor) number(column, row int) uint64 {
	cells := c.cols[column]
	switch c.types[column] {
	case hot.Uint8:
		return uint64(*at[uint8](cells, row))
	case hot.Uint16:
		return uint64(*at[uint16](cells, row))
	case hot.Uint32:
		return uint64(*at[uint32](cells, row))
	}
	return *at[uint64](cells, row)
}

// numbers returns those in a column of the current chunk, 0 where a row has none: as they lie there, or in room for them.
func (c *hotCursor) numbers(column int, room []uint64) []uint64 {
	if c.columns[column] < 0 {
		clear(room[:c.n])
		return room[:c.n]
	}
	cells := c.cols[column]
	if c.types[column].Width() == 8 {
		room = c.room[column][:]
	} else {
		widenAs(c.types[column], room[:c.n], cells)
	}
	if c.filled(column) < c.n {
		for row := range c.n {
			if !cells.isValid(row) {
				room[row] = 0
			}
		}
	}
	return room[:c.n]
}

// widenAs widens cells of a type; of texts those are of 64 bits.
func widenAs(kind hot.Type, dst []uint64, c cells) {
	switch kind {
	case hot.Uint8:
		widen[uint8](dst, c)
	case hot.Uint16:
		widen[uint16](dst, c)
	case hot.Uint32:
		widen[uint32](dst, c)
	default:
		widen[uint64](dst, c)
	}
}

func widen[T uint8 | uint16 | uint32 | uint64](dst []uint64, c cells) {
	from := unsafe.Slice((*T)(c.data), len(dst))
	for i, n := range from {
		dst[i] = uint64(n)
	}
}

// filled returns how many rows of the current chunk have a value in a column.
func (c *hotCursor) filled(column int) (n int) {
	valid := &c.targets[column].Valid
	for i := range c.n / 64 {
		n += bits.OnesCount64(valid[i])
	}
	if rest := c.n % 64; rest > 0 {
		n += bits.OnesCount64(valid[c.n/64] & (1<<rest - 1))
	}
	return n
}

func (c *hotCursor) load() error {
	c.at, c.n = 0, 0
	if c.chunk == c.reader.View.Chunks() {
		return nil
	}
	for i, column := range c.columns {
		clear(c.targets[i].Valid[:])
		if column < 0 {
			continue
		}
		if err := c.reader.Read(c.chunk, column, &c.targets[i], 0); err != nil {
			return err
		}
	}
	_, c.n = c.reader.View.Chunk(c.chunk)
	c.chunk++
	return nil
}
