package sketch

import "math/bits"

const (
	cuckooWays  = 4   // fingerprints a bucket
	cuckooKicks = 128 // moves before an insertion is given up
)

// Cuckoo is a set of hashes (Fan et al. 2014): fingerprints of 16 bits, four a bucket, 2.2 bytes an entry at a load of 0.9.
// A member is always found; a hash that is not in the set is found with probability 1.2e-4.
type Cuckoo struct {
	buckets [][cuckooWays]uint16
	mask    uint64
	n       int
	turn    uint64 // decides which entry a full bucket gives up: a fixed sequence, so that runs repeat
}

// NewCuckoo returns a set with room for about n entries, rounded up to a power of two over n/0.9.
func NewCuckoo(n int) *Cuckoo {
	size := uint64(1) << bits.Len64(uint64(max(n, 8))*10/(9*cuckooWays))
	return &Cuckoo{buckets: make([][cuckooWays]uint16, size), mask: size - 1}
}

// Add puts a hash in and tells whether it found room. Adding it again adds nothing.
func (c *Cuckoo) Add(hash uint64) bool {
	f, i, j := c.places(hash)
	if c.holds(i, f) || c.holds(j, f) || c.put(i, f) || c.put(j, f) {
		return true
	}
	if float64(c.n) > 0.95*float64(len(c.buckets)*cuckooWays) {
		return false
	}
	for range cuckooKicks {
		c.turn = c.turn*6364136223846793005 + 1442695040888963407
		way := c.turn >> 62
		f, c.buckets[i][way] = c.buckets[i][way], f
		i = c.other(i, f)
		if c.put(i, f) {
			return true
		}
	}
	return false // the last entry moved is lost: one member in a nearly full set
}

// Has tells whether the set holds the hash.
func (c *Cuckoo) Has(hash uint64) bool {
	f, i, j := c.places(hash)
	return c.holds(i, f) || c.holds(j, f)
}

// Len returns the number of entries.
func (c *Cuckoo) Len() int { return c.n }

// Full tells whether the set has reached the load up to which insertions are cheap and sure.
func (c *Cuckoo) Full() bool { return c.n*10 >= len(c.buckets)*cuckooWays*9 }

// Reset empties the set.
func (c *Cuckoo) Reset() {
	clear(c.buckets)
	c.n = 0
}

func (c *Cuckoo) places(hash uint64) (f uint16, i, j uint64) {
	f = uint16(hash >> 48)
	if f == 0 {
		f = 1 // 0 marks an empty place
	}
	i = hash & c.mask
	return f, i, c.other(i, f)
}

func (c *Cuckoo) other(i uint64, f uint16) uint64 {
	return (i ^ uint64(f)*0x5bd1e995) & c.mask
}

func (c *Cuckoo) holds(i uint64, f uint16) bool {
	b := &c.buckets[i]
	return b[0] == f || b[1] == f || b[2] == f || b[3] == f
}

func (c *Cuckoo) put(i uint64, f uint16) bool {
	b := &c.buckets[i]
	for w := range b {
		if b[w] == 0 {
			b[w] = f
			c.n++
			return true
		}
	}
	return false
}
