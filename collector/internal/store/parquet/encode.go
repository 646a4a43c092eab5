package parquet

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
)

// encoder makes the pages of a column in a row group: one of data, and before it one of a dictionary where that pays. It keeps its buffers.
type encoder struct {
	pack       Pack
	kind       column
	cells      *Cells
	rows       int
	dictionary dictionary
	worded     bool // the dictionary has all values

	wordsPage, dataPage []byte
	packed, packedWords []byte

	encoding, codec int64
	words, data     []byte // the pages as they lie in the file; words is nil where there is no dictionary
}

// A dictionary of addresses takes 2 bytes a value where numbers beside each other take 4.1. Where there are more words than this part of the
// rows, they are ports and times, which take more with one. Measured with the bench mix.
const mostWords, ofRows = 11, 24

// read takes a column that has some values.
func (e *encoder) read(kind column, cells *Cells, rows int) {
	e.kind, e.cells, e.rows = kind, cells, rows
	limit := len(cells.Numbers) * mostWords / ofRows
	if cells.Texts != nil {
		limit = maxWords
	}
	e.worded = e.dictionary.read(cells.Numbers, min(max(limit, 1), maxWords))
}

// only returns the number that all rows have, PLAIN.
func (e *encoder) only() (plain string, ok bool) {
	if !e.worded || len(e.dictionary.words) > 1 || len(e.cells.Numbers) < e.rows || e.cells.Texts != nil {
		return "", false
	}
	return string(e.kind.plain(nil, e.dictionary.words[0])), true
}

// plain appends a value as it is.
func (e *encoder) plain(dst []byte, n uint64) []byte {
	if e.kind.physical == typeByteArray {
		t := e.cells.Texts[n]
		return append(binary.LittleEndian.AppendUint32(dst, uint32(len(t))), t...)
	}
	return e.kind.plain(dst, n)
}

// plain appends a number as it is.
func (c *column) plain(dst []byte, n uint64) []byte {
	if c.physical == typeInt32 {
		return binary.LittleEndian.AppendUint32(dst, uint32(n))
	}
	return binary.LittleEndian.AppendUint64(dst, n)
}

// encode makes the pages.
func (e *encoder) encode() (err error) {
	e.wordsPage, e.dataPage = e.wordsPage[:0], e.appendLevels(e.dataPage[:0])
	switch {
	case e.worded:
		e.encoding = encodingDictionary
		for _, n := range e.dictionary.words {
			e.wordsPage = e.plain(e.wordsPage, n)
		}
		e.dataPage = e.dictionary.appendPlaces(e.dataPage)
	case e.kind.physical == typeByteArray || e.kind.physical == typeDouble:
		e.encoding = encodingPlain
		for _, n := range e.cells.Numbers {
			e.dataPage = e.plain(e.dataPage, n)
		}
	default:
		e.encoding = encodingDelta
		e.dataPage = appendDeltas(e.dataPage, e.cells.Numbers, e.kind.physical == typeInt32)
	}
	return e.compress()
}

// compress compresses the pages where they become smaller by it.
func (e *encoder) compress() (err error) {
	e.words, e.data, e.codec = nil, e.dataPage, codecNone
	if e.worded {
		e.words = e.wordsPage
		if e.packedWords, err = e.pack(e.packedWords[:0], e.wordsPage); err != nil {
			return err
		}
	}
	if e.packed, err = e.pack(e.packed[:0], e.dataPage); err != nil {
		return err
	}
	size, packed := len(e.words)+len(e.data), len(e.packed)
	if e.worded {
		packed += len(e.packedWords)
	}
	if packed >= size {
		return nil
	}
	e.data, e.codec = e.packed, codecZstd
	if e.worded {
		e.words = e.packedWords
	}
	return nil
}

// appendLevels appends the definition levels: of one bit, whether a row has a value.
func (e *encoder) appendLevels(dst []byte) []byte {
	if len(e.cells.Numbers) == e.rows {
		return appendSameLevels(dst, int64(e.rows), 1)
	}
	from := len(dst)
	groups := (e.rows + 7) / 8
	dst = binary.AppendUvarint(binary.LittleEndian.AppendUint32(dst, 0), uint64(groups)<<1|1)
	for i := range groups {
		dst = append(dst, byte(e.cells.Valid[i>>3]>>(i&7*8)))
	}
	binary.LittleEndian.PutUint32(dst[from:], uint32(len(dst)-from-4))
	return dst
}

// maxStatistic bounds texts in statistics: longer ones are left out.
const maxStatistic = 256

// statistics returns how many rows have no value, and the least and the greatest value.
func (e *encoder) statistics() value {
	nulls := int64(e.rows - len(e.cells.Numbers))
	list := e.cells.Numbers
	if e.worded {
		list = e.dictionary.words
	}
	if e.kind.physical == typeByteArray {
		least, most := e.boundsOfTexts(list)
		if len(least) > maxStatistic || len(most) > maxStatistic {
			return nullsOf(nulls)
		}
		return statisticsOf(nulls, least, most)
	}
	least, most, ok := e.bounds(list)
	if !ok {
		return nullsOf(nulls)
	}
	return statisticsOf(nulls, string(e.plain(nil, least)), string(e.plain(nil, most)))
}

// bounds returns the least and the greatest of some numbers; of floating-point ones that are none there is no order.
func (e *encoder) bounds(list []uint64) (least, most uint64, ok bool) {
	if e.kind.physical == typeDouble {
		if slices.ContainsFunc(list, func(n uint64) bool { return math.IsNaN(math.Float64frombits(n)) }) {
			return 0, 0, false
		}
		compare := func(a, b uint64) int { return cmp.Compare(math.Float64frombits(a), math.Float64frombits(b)) }
		return slices.MinFunc(list, compare), slices.MaxFunc(list, compare), true
	}
	flip := uint64(0) // what makes an order of signed numbers one of unsigned ones
	if e.kind.signed {
		flip = 1 << 63
	}
	least = ^uint64(0)
	for _, n := range list {
		least, most = min(least, n^flip), max(most, n^flip)
	}
	return least ^ flip, most ^ flip, true
}

func (e *encoder) boundsOfTexts(list []uint64) (least, most string) {
	compare := func(a, b uint64) int { return cmp.Compare(e.cells.Texts[a], e.cells.Texts[b]) }
	return e.cells.Texts[slices.MinFunc(list, compare)], e.cells.Texts[slices.MaxFunc(list, compare)]
}
