package hot

import (
	"encoding/binary"
	"unsafe"
)

// Cells of a chunk go to columns in the memory of whoever asks, behind rows that are there already.

// Target is a column that rows are read into: room for [Rows] cells of the type's width, or texts.
type Target struct {
	Data  unsafe.Pointer
	Valid [words]uint64
	// Texts is called with the texts of a chunk's rows, where the column is of texts: those from row at on, one behind the other, with the
	// end of each.
	Texts func(at int, all []byte, ends []uint32)
}

// decode puts the values of a block into the rows from at on.
func (t *Target) decode(b *block, kind Type, raw []byte, rows, at int) {
	if b.some {
		n := (rows + 63) / 64
		for i := range n {
			w := binary.LittleEndian.Uint64(raw[8*i:])
			if rest := rows - 64*i; rest < 64 {
				w &= 1<<rest - 1
			}
			MarkBits(t.Valid[:], at+64*i, w)
		}
		raw = raw[8*n:]
	} else {
		t.markAll(at, rows)
	}
	switch kind {
	case Uint8:
		widen(cellsAt[uint8](t.Data, at, rows), raw, b)
	case Uint16:
		widen(cellsAt[uint16](t.Data, at, rows), raw, b)
	case Uint32:
		widen(cellsAt[uint32](t.Data, at, rows), raw, b)
	case Text, Blob:
		t.texts(raw, rows, at)
	default:
		widen(cellsAt[uint64](t.Data, at, rows), raw, b)
	}
}

func cellsAt[T any](data unsafe.Pointer, at, rows int) []T {
	return unsafe.Slice((*T)(data), at+rows)[at:]
}

func (t *Target) markAll(at, rows int) {
	for i := 0; i < rows; i += 64 {
		w := ^uint64(0)
		if rest := rows - i; rest < 64 {
			w = 1<<rest - 1
		}
		MarkBits(t.Valid[:], at+i, w)
	}
}

func widen[T uint8 | uint16 | uint32 | uint64](dst []T, raw []byte, b *block) {
	least := T(b.least)
	switch b.width {
	case 0:
		for i := range dst {
			dst[i] = least
		}
	case 1:
		for i, n := range raw[:len(dst)] {
			dst[i] = least + T(n)
		}
	case 2:
		for i := range dst {
			dst[i] = least + T(binary.LittleEndian.Uint16(raw[2*i:]))
		}
	case 4:
		for i := range dst {
			dst[i] = least + T(binary.LittleEndian.Uint32(raw[4*i:]))
		}
	case 8:
		for i := range dst {
			dst[i] = least + T(binary.LittleEndian.Uint64(raw[8*i:]))
		}
	}
}

func (t *Target) texts(raw []byte, rows, at int) {
	if t.Texts == nil {
		return
	}
	ends, all := make([]uint32, rows), raw[4*rows:]
	last := uint32(0)
	for i := range ends {
		// What the block's checksum does not cover cannot be; what it does may still be nonsense that somebody has written.
		last = min(max(binary.LittleEndian.Uint32(raw[4*i:]), last), uint32(len(all)))
		ends[i] = last
	}
	t.Texts(at, all, ends)
}
