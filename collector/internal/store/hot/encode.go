package hot

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

// integer is what cells are: floating-point numbers are taken for their bits.
type integer interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64 | ~int64
}

// appendBlock appends the values of a vector, of which there are some, and describes them.
func appendBlock(dst []byte, v *Vector, t Type, rows int, all bool) ([]byte, block) {
	begin := len(dst)
	b := block{some: !all}
	if b.some {
		for _, w := range v.valid[:(rows+63)/64] {
			dst = binary.LittleEndian.AppendUint64(dst, w)
		}
	}
	switch t {
	case Uint8:
		dst = appendCells(dst, Cells[uint8](v)[:rows], v, &b)
	case Uint16:
		dst = appendCells(dst, Cells[uint16](v)[:rows], v, &b)
	case Uint32:
		dst = appendCells(dst, Cells[uint32](v)[:rows], v, &b)
	case Uint64, Float64:
		dst = appendCells(dst, v.cells[:rows], v, &b)
	case Int64, Timestamp, TimestampNanos:
		dst = appendCells(dst, Cells[int64](v)[:rows], v, &b)
	default:
		dst = appendTexts(dst, v, rows, &b)
	}
	b.size = uint32(len(dst) - begin)
	b.sum = crc32.Checksum(dst[begin:], castagnoli)
	return dst, b
}

func appendCells[T integer](dst []byte, cells []T, v *Vector, b *block) []byte {
	var least, most T
	if b.some {
		least, most = boundsOfSome(cells, &v.valid)
	} else {
		least, most = bounds(cells)
	}
	b.least, b.most = uint64(least), uint64(most)
	b.width = widthOf(uint64(most) - uint64(least))
	from := len(dst)
	dst = grow(dst, len(cells)*int(b.width))
	out := dst[from:]
	// Rows without a value get some number or other.
	switch b.width {
	case 1:
		for i, c := range cells {
			out[i] = byte(c - least)
		}
	case 2:
		for i, c := range cells {
			binary.LittleEndian.PutUint16(out[2*i:], uint16(c-least))
		}
	case 4:
		for i, c := range cells {
			binary.LittleEndian.PutUint32(out[4*i:], uint32(uint64(c)-uint64(least)))
		}
	case 8:
		for i, c := range cells {
			binary.LittleEndian.PutUint64(out[8*i:], uint64(c)-uint64(least))
		}
	}
	return dst
}

// grow lengthens a slice by n bytes, whatever is in them.
func grow(b []byte, n int) []byte {
	if cap(b)-len(b) < n {
		b = append(b, make([]byte, n)...)
		return b
	}
	return b[:len(b)+n]
}

// widthOf returns how many bytes a number up to span takes.
func widthOf(span uint64) uint8 {
	switch {
	case span == 0:
		return 0
	case span < 1<<8:
		return 1
	case span < 1<<16:
		return 2
	case span < 1<<32:
		return 4
	}
	return 8
}

func bounds[T integer](cells []T) (least, most T) {
	least, most = cells[0], cells[0]
	for _, c := range cells[1:] {
		least, most = min(least, c), max(most, c)
	}
	return least, most
}

// boundsOfSome is bounds of the valid cells, of which there is one at least.
func boundsOfSome[T integer](cells []T, valid *[words]uint64) (least, most T) {
	first := true
	for i := 0; i < len(cells); i += 64 {
		for w := valid[i>>6]; w != 0; w &= w - 1 {
			at := i + bits.TrailingZeros64(w)
			if at >= len(cells) {
				break
			}
			c := cells[at]
			if first {
				least, most, first = c, c, false
			}
			least, most = min(least, c), max(most, c)
		}
	}
	return least, most
}

func appendTexts(dst []byte, v *Vector, rows int, b *block) []byte {
	b.width = 4
	from := len(dst)
	dst = grow(dst, 4*rows)
	end := 0
	for i := range rows {
		if v.valid[i>>6]>>(i&63)&1 != 0 {
			text := v.textOf(i)
			dst = append(dst, text...)
			end += len(text)
		}
		binary.LittleEndian.PutUint32(dst[from+4*i:], uint32(end))
	}
	return dst
}
