package parquet

import (
	"encoding/binary"
	"math/bits"
)

// bitsAt returns width bits, at most 64, of b from a bit on, those beyond the end as zeros. The lowest bit comes first.
func bitsAt(b []byte, bit, width int) uint64 {
	at, shift := bit>>3, uint(bit&7)
	if at+9 <= len(b) {
		v := binary.LittleEndian.Uint64(b[at:]) >> shift
		if int(shift)+width > 64 {
			v |= uint64(b[at+8]) << (64 - shift)
		}
		return v & maskOf(width)
	}
	var v uint64
	for i := 0; i < 9 && at+i < len(b); i++ {
		if n := 8*i - int(shift); n < 0 {
			v |= uint64(b[at+i]) >> -n
		} else {
			v |= uint64(b[at+i]) << n
		}
	}
	return v & maskOf(width)
}

func maskOf(width int) uint64 {
	if width >= 64 {
		return ^uint64(0)
	}
	return 1<<width - 1
}

// roomy returns how many of n packed numbers of a width can be read with the eight bytes that they begin in.
func roomy(b []byte, n, width int) int {
	if width > 56 || len(b) < 8 {
		return 0
	}
	if width == 0 {
		return n
	}
	return min(n, ((len(b)-8)*8+7)/width+1)
}

// unpack reads numbers of width bits that lie beside each other from the begin of b on.
func unpack(dst []uint64, b []byte, width int) {
	mask := maskOf(width)
	n, bit := roomy(b, len(dst), width), 0
	for i := range dst[:n] {
		dst[i] = binary.LittleEndian.Uint64(b[bit>>3:]) >> (bit & 7) & mask
		bit += width
	}
	for i := n; i < len(dst); i++ {
		dst[i] = bitsAt(b, bit, width)
		bit += width
	}
}

// sumPacked adds up n numbers as unpack reads them.
func sumPacked(b []byte, n, width int) (sum uint64) {
	if width == 0 {
		return 0
	}
	mask := maskOf(width)
	bit, i, fast := 0, 0, roomy(b, n, width)
	var other uint64
	for ; i+2 <= fast; i += 2 {
		sum += binary.LittleEndian.Uint64(b[bit>>3:]) >> (bit & 7) & mask
		bit += width
		other += binary.LittleEndian.Uint64(b[bit>>3:]) >> (bit & 7) & mask
		bit += width
	}
	for ; i < n; i++ {
		sum += bitsAt(b, bit, width)
		bit += width
	}
	return sum + other
}

// runs walks through numbers in the hybrid encoding of Parquet: runs of equal numbers, and of numbers packed by their bits.
type runs struct {
	rest  []byte
	width int

	first, count int    // of the run: the number of its first value, and how many it has
	packed       []byte // nil: all have the same
	value        uint64
}

// next moves to the next run; false at the end, or where what follows is none.
func (r *runs) next() bool {
	head, n := binary.Uvarint(r.rest)
	if n <= 0 || head>>1 > maxRun {
		return false
	}
	r.first += r.count
	r.rest = r.rest[n:]
	if head&1 == 0 {
		size := (r.width + 7) / 8
		if size > len(r.rest) {
			return false
		}
		r.count, r.packed = int(head>>1), nil
		r.value = bitsAt(r.rest[:size], 0, 8*size)
		r.rest = r.rest[size:]
		return true
	}
	r.count = int(head>>1) * 8
	size := min(int(head>>1)*r.width, len(r.rest)) // the last may be cut off behind its last value
	r.packed, r.rest = r.rest[:size:size], r.rest[size:]
	return true
}

// maxRun bounds runs: no row group has as many rows.
const maxRun = 1 << 31

// at returns a value of the run by its number.
func (r *runs) at(i int) uint64 {
	if r.packed == nil {
		return r.value
	}
	return bitsAt(r.packed, (i-r.first)*r.width, r.width)
}

// ones counts the ones among the values from number from to number to of a run of bits.
func (r *runs) ones(from, to int) (n int) {
	if r.packed == nil {
		return (to - from) * int(r.value&1)
	}
	for at := from - r.first; at < to-r.first; at += 64 {
		n += bits.OnesCount64(bitsAt(r.packed, at, min(64, to-r.first-at)))
	}
	return n
}
