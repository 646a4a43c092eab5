package parquet

import "encoding/binary"

// deltas reads numbers in the encoding DELTA_BINARY_PACKED: blocks of differences, less the least of them, packed by their bits.
type deltas struct {
	rest  []byte
	size  int // of a miniblock, in values
	minis int // in a block
	left  int // values that were not read
	last  uint64
	least uint64 // difference of the block
	width []byte // of the miniblocks of the block that were not read
	begun bool
}

// maxMiniblock bounds the values of a miniblock, and the miniblocks of a block: DuckDB has 256 and 8.
const maxMiniblock = 1 << 16

// newDeltas begins to read numbers, at most as many as given.
func newDeltas(b []byte, most int) (d deltas, err error) {
	var head [3]uint64
	for i := range head {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return d, errFile
		}
		head[i], b = v, b[n:]
	}
	first, n := binary.Varint(b)
	if n <= 0 || head[1] == 0 || head[1] > maxMiniblock || head[0]%head[1] != 0 || head[0]/head[1] > maxMiniblock || head[0] == 0 || head[2] > uint64(most) {
		return d, errFile
	}
	return deltas{rest: b[n:], size: int(head[0] / head[1]), minis: int(head[1]), left: int(head[2]), last: uint64(first)}, nil
}

// next reads the next values, as many as a miniblock has at most; none at the end.
func (d *deltas) next(buffer []uint64) ([]uint64, error) {
	if d.left == 0 {
		return nil, nil
	}
	if !d.begun {
		d.begun = true
		d.left--
		return append(buffer[:0], d.last), nil
	}
	packed, width, err := d.miniblock()
	if err != nil {
		return nil, err
	}
	if cap(buffer) < d.size {
		buffer = make([]uint64, d.size)
	}
	buffer = buffer[:min(d.size, d.left)]
	unpack(buffer, packed, width)
	last, least := d.last, d.least
	for i, v := range buffer {
		last += v + least
		buffer[i] = last
	}
	d.last, d.left = last, d.left-len(buffer)
	return buffer, nil
}

// skip passes over the next values if they are no more than at most, and returns how many they are.
func (d *deltas) skip(most int) (int, error) {
	n := min(d.size, d.left)
	if !d.begun || n > most || n == 0 {
		return 0, nil
	}
	packed, width, err := d.miniblock()
	if err != nil {
		return 0, err
	}
	d.last += sumPacked(packed, n, width) + uint64(n)*d.least
	d.left -= n
	return n, nil
}

// miniblock returns the next miniblock, with what lies behind it, and the width of its numbers.
func (d *deltas) miniblock() (packed []byte, width int, err error) {
	if len(d.width) == 0 {
		if err := d.block(); err != nil {
			return nil, 0, err
		}
	}
	width, packed = int(d.width[0]), d.rest
	size := d.size * width / 8
	if width > 64 || size > len(d.rest) {
		return nil, 0, errFile
	}
	d.width, d.rest = d.width[1:], d.rest[size:]
	return packed, width, nil
}

// block reads the head of a block.
func (d *deltas) block() error {
	least, n := binary.Varint(d.rest)
	if n <= 0 || n+d.minis > len(d.rest) {
		return errFile
	}
	d.least = uint64(least)
	d.width, d.rest = d.rest[n:n+d.minis], d.rest[n+d.minis:]
	return nil
}
