package sketch

import "math/bits"

const (
	lanes       = 8  // words of a block, each with one bit of an entry
	bitsPerItem = 12 // at least; with 12 strangers are found with probability 5e-3, with 24 with 1e-4
)

// Rotating is a set of hashes that forgets: a split-block Bloom filter (Putze et al. 2009) in two generations, of which the
// older is dropped at each [Rotating.Rotate]; an entry is held for one to two intervals between rotations. Both generations of
// a block share a cache line, so that a look-up costs one access. A member is always found.
type Rotating struct {
	blocks []block
	mask   uint64
	young  int // which generation is the young one
	size   int // entries of a generation that it is made for
	n      [2]int
}

type block [2][lanes]uint32

// NewRotating returns a set for n entries a generation: 3 to 6 bytes each.
func NewRotating(n int) *Rotating {
	const blockBits = lanes * 32
	blocks := uint64(1) << bits.Len64(uint64(max(n, 1))*bitsPerItem/blockBits)
	return &Rotating{blocks: make([]block, blocks), mask: blocks - 1, size: n}
}

// lane returns the bit of a hash in a lane: a product with an odd number of the lane, its five highest bits.
func lane(hash uint32, i int) uint32 {
	salt := [lanes]uint32{0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31}
	return 1 << (hash * salt[i] >> 27)
}

// Add puts a hash into the young generation. Adding it again adds nothing.
func (r *Rotating) Add(hash uint64) {
	b := &r.blocks[hash&r.mask][r.young]
	fresh := uint32(0)
	for i := range b {
		bit := lane(uint32(hash>>32), i)
		fresh |= bit &^ b[i]
		b[i] |= bit
	}
	if fresh != 0 {
		r.n[r.young]++
	}
}

// Has tells whether either generation holds the hash.
func (r *Rotating) Has(hash uint64) bool {
	if r.Len() == 0 {
		return false // spares the cache line while nothing has been asked
	}
	b := &r.blocks[hash&r.mask]
	missing := [2]uint32{}
	for i := range lanes {
		bit := lane(uint32(hash>>32), i)
		missing[0] |= bit &^ b[0][i]
		missing[1] |= bit &^ b[1][i]
	}
	return missing[0] == 0 || missing[1] == 0
}

// Look returns something of the block of a hash, so that memory is waited for before the block is needed.
func (r *Rotating) Look(hash uint64) uint64 { return uint64(r.blocks[hash&r.mask][0][0]) }

// Full tells whether the young generation holds what it was made for: it should be rotated before its time.
func (r *Rotating) Full() bool { return r.n[r.young] >= r.size }

// Len returns the number of entries of both generations.
func (r *Rotating) Len() int { return r.n[0] + r.n[1] }

// Rotate drops the old generation and begins a young one in its place.
func (r *Rotating) Rotate() {
	r.young = 1 - r.young
	r.n[r.young] = 0
	for i := range r.blocks {
		r.blocks[i][r.young] = [lanes]uint32{}
	}
}
