//go:build cgo

package duckdb

import (
	"unsafe"

	"github.com/weirflow/weir/collector/internal/store/hot"
	"github.com/weirflow/weir/collector/internal/store/parquet"
)

// columnCells are the cells of a column of a row group, on their way from a hot file to a sealed one.
type columnCells struct {
	reader hot.Reader
	target hot.Target
	room   [hot.Rows]uint64
	valid  []uint64
	out    parquet.Cells
	places map[string]uint64 // of texts that have no numbers in the hot file
}

// read reads a column of some chunks, which have so many rows together.
func (c *columnCells) read(of *sealedColumn, chunks []int, rows int) error {
	c.begin(rows)
	at := 0
	for _, chunk := range chunks {
		_, n := c.reader.View.Chunk(chunk)
		r := c.reader.View.Range(of.of, chunk)
		if r.Some {
			if err := c.add(of, chunk, at, n); err != nil {
				return &brokenChunk{chunk, err}
			}
		}
		at += n
	}
	if len(c.out.Numbers) == rows {
		c.out.Valid = nil
	}
	if of.shown.numbered != nil {
		c.out.Texts = of.shown.texts
	}
	if of.of >= 0 && of.shown.width == hot.Timestamp { // sealed files have milliseconds
		for i, n := range c.out.Numbers {
			c.out.Numbers[i] = uint64(int64(n) / 1000)
		}
	}
	return nil
}

func (c *columnCells) begin(rows int) {
	if need := rows + hot.Rows; cap(c.out.Numbers) < need {
		c.out.Numbers = make([]uint64, 0, need)
		c.valid = make([]uint64, need/64+1)
	}
	clear(c.valid)
	c.out = parquet.Cells{Numbers: c.out.Numbers[:0], Valid: c.valid}
	clear(c.places)
}

// add adds the values of a chunk, whose rows begin at one of the row group.
func (c *columnCells) add(of *sealedColumn, chunk, at, rows int) error {
	clear(c.target.Valid[:])
	c.target.Data, c.target.Texts = unsafe.Pointer(&c.room), c.takeTexts
	wide := of.shown.width.Width() == 8
	from := len(c.out.Numbers)
	list := c.out.Numbers[from : from+rows]
	if wide {
		c.target.Data = unsafe.Pointer(&list[0])
	}
	if err := c.reader.Read(chunk, of.of, &c.target, 0); err != nil {
		return err
	}
	if !wide {
		widenAs(of.shown.width, list, cells{data: c.target.Data}) // texts are there by their places
	}
	if of.shown.numbered != nil {
		c.number(list, of.shown.numbered)
	}
	c.out.Numbers = c.out.Numbers[:from+c.keep(list, at)]
	return nil
}

// number makes places among texts of their numbers. A number that stands for no text, which cannot be, has no value.
func (c *columnCells) number(list []uint64, texts *numbered) {
	for i, n := range list {
		list[i] = n - texts.first
		if list[i] >= uint64(len(texts.texts)) {
			c.target.Valid[i>>6] &^= 1 << (i & 63)
		}
	}
}

// takeTexts puts the places of a chunk's texts into the room.
func (c *columnCells) takeTexts(_ int, all []byte, ends []uint32) {
	if c.places == nil {
		c.places = map[string]uint64{}
	}
	begin := uint32(0)
	for i, end := range ends {
		if c.target.Valid[i>>6]>>(i&63)&1 != 0 {
			place, ok := c.places[string(all[begin:end])]
			if !ok {
				t := string(all[begin:end])
				place = uint64(len(c.out.Texts))
				c.places[t], c.out.Texts = place, append(c.out.Texts, t)
			}
			c.room[i] = place
		}
		begin = end
	}
}

// keep moves the values of rows that have one to the begin of the list, marks these rows, and returns how many they are.
func (c *columnCells) keep(list []uint64, at int) (n int) {
	for i := 0; i < len(list); i += 64 {
		w := c.target.Valid[i>>6]
		some := list[i:min(i+64, len(list))]
		hot.MarkBits(c.valid, at+i, w)
		if w == ^uint64(0) && n == i {
			n += 64
			continue
		}
		for k := range some {
			if w>>k&1 != 0 {
				list[n] = some[k]
				n++
			}
		}
	}
	return n
}
