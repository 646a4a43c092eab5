package parquet

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

const (
	slotBits  = 15
	placeBits = slotBits - 1 // of a word's place
	maxWords  = 1 << placeBits
)

// dictionary gives numbers places, by a hash table of open addressing that is half full at most: in their order, or by their first appearance
// where they lie far apart.
type dictionary struct {
	slots  [1 << slotBits]uint16 // place and 1; 0: free
	words  []uint64
	places []uint16 // of each value

	keys, spare []uint64 // of words that are being sorted
	moved       []uint16
}

// read takes values; false where there are more different ones than a limit.
func (d *dictionary) read(values []uint64, limit int) bool {
	clear(d.slots[:])
	d.words = slices.Grow(d.words[:0], limit)[:limit]
	d.places = slices.Grow(d.places[:0], len(values))[:len(values)]
	words, last, place := 0, ^values[0], uint16(0)
	for i, n := range values {
		if n == last { // neighbors are often of one datagram
			d.places[i] = place
			continue
		}
		at := n * 0x9e3779b97f4a7c15 >> (64 - slotBits)
		for d.slots[at] != 0 && d.words[d.slots[at]-1] != n {
			at = (at + 1) & (1<<slotBits - 1)
		}
		if d.slots[at] == 0 {
			if words == limit {
				return false
			}
			d.words[words] = n
			words++
			d.slots[at] = uint16(words)
		}
		last, place = n, d.slots[at]-1
		d.places[i] = place
	}
	d.words = d.words[:words]
	d.sort()
	return true
}

// sort puts the words in order, which takes a fifth off addresses and counters when they are compressed. Hashes are left as they are.
func (d *dictionary) sort() {
	least, most := slices.Min(d.words), slices.Max(d.words)
	width := bits.Len64(most - least)
	if width+placeBits > 64 {
		return
	}
	d.keys = d.keys[:0]
	for i, n := range d.words {
		d.keys = append(d.keys, (n-least)<<placeBits|uint64(i))
	}
	d.sortKeys(width)
	d.moved = slices.Grow(d.moved[:0], len(d.words))[:len(d.words)]
	for i, k := range d.keys {
		d.words[i] = least + k>>placeBits
		d.moved[k&(1<<placeBits-1)] = uint16(i)
	}
	for i, p := range d.places {
		d.places[i] = d.moved[p]
	}
}

// Many keys are sorted digit by digit, the lowest first.
const (
	digitBits = 11
	fewKeys   = 512 // below that, comparing is faster
)

// sortKeys sorts keys by their words, which take so many bits.
func (d *dictionary) sortKeys(width int) {
	if len(d.keys) < fewKeys {
		slices.Sort(d.keys)
		return
	}
	d.spare = slices.Grow(d.spare[:0], len(d.keys))[:len(d.keys)]
	for shift := placeBits; shift < placeBits+width; shift += digitBits {
		const mask = 1<<digitBits - 1
		var next [mask + 1]uint32
		for _, k := range d.keys {
			next[k>>shift&mask]++
		}
		at := uint32(0)
		for i, n := range next {
			next[i] = at
			at += n
		}
		for _, k := range d.keys {
			d.spare[next[k>>shift&mask]] = k
			next[k>>shift&mask]++
		}
		d.keys, d.spare = d.spare, d.keys
	}
}

// leastRun is from how many equal values on a run is written as such.
const leastRun = 8

// appendPlaces appends the places in the hybrid encoding, after the width of a place.
func (d *dictionary) appendPlaces(dst []byte) []byte {
	width := max(bits.Len(uint(len(d.words)-1)), 1)
	dst = append(dst, byte(width))
	p := d.places
	begin := 0 // of those to be packed: eight, or a multiple of it, until a run comes
	for at := 0; at < len(p); {
		n := runOf(p[at:])
		if n < leastRun {
			at += 8
			continue
		}
		dst = appendPacked(dst, p[begin:at], width)
		dst = binary.AppendUvarint(dst, uint64(n)<<1)
		dst = append(dst, byte(p[at]))
		if width > 8 {
			dst = append(dst, byte(p[at]>>8))
		}
		at += n
		begin = at
	}
	return appendPacked(dst, p[min(begin, len(p)):], width)
}

// runOf returns how many values at the begin are equal.
func runOf(p []uint16) int {
	for i, n := range p {
		if n != p[0] {
			return i
		}
	}
	return len(p)
}

// appendPacked appends a run of places packed by their bits. The last eight are filled up.
func appendPacked(dst []byte, p []uint16, width int) []byte {
	if len(p) == 0 {
		return dst
	}
	groups := (len(p) + 7) / 8
	k := packer{dst: slices.Grow(binary.AppendUvarint(dst, uint64(groups)<<1|1), groups*width+8)}
	for _, n := range p {
		k.put(uint64(n), width)
	}
	for range 8*groups - len(p) {
		k.put(0, width)
	}
	return k.end()
}

// packer appends numbers by their bits, the lowest first.
type packer struct {
	dst  []byte
	bits uint64
	n    int // less than 32 of them
}

// put appends a number of a width up to 32.
func (k *packer) put(n uint64, width int) {
	k.bits |= n << k.n
	k.n += width
	if k.n >= 32 {
		k.dst = binary.LittleEndian.AppendUint32(k.dst, uint32(k.bits))
		k.bits >>= 32
		k.n -= 32
	}
}

// putWide appends a number of a width up to 64.
func (k *packer) putWide(n uint64, width int) {
	if width > 32 {
		k.put(n&(1<<32-1), 32)
		n, width = n>>32, width-32
	}
	k.put(n, width)
}

// end appends what is left, in whole bytes.
func (k *packer) end() []byte {
	for ; k.n > 0; k.n -= 8 {
		k.dst = append(k.dst, byte(k.bits))
		k.bits >>= 8
	}
	k.n, k.bits = 0, 0
	return k.dst
}
