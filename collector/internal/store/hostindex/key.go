package hostindex

import (
	"math/bits"
	"slices"
)

// Key is the hash of an address by which it is kept: part of the file format.
type Key uint64

// Odd constants that scatter: the first is 2^64 divided by the golden ratio.
const (
	mixHi = 0x9e3779b97f4a7c15
	mixLo = 0xd6e8feb86659fd93
)

// KeyOf returns the key of an address, given as its first and last eight bytes (IPv4 mapped).
func KeyOf(hi, lo uint64) Key {
	a, b := bits.Mul64(lo^mixHi, hi^mixLo)
	x := a ^ b ^ lo
	x ^= x >> 32
	x *= mixLo
	x ^= x >> 29
	x *= mixHi
	return Key(x ^ x>>32)
}

// Set collects distinct keys. The zero value is empty; it is used again after Reset.
type Set struct {
	table []Key // open addressing, 0 is free
	list  []Key
	dealt []Key // scratch of Sorted
	zero  bool  // the key 0 is in the list
}

// minTable is the size of the smallest table.
const minTable = 1 << 10

// Add adds a key.
func (s *Set) Add(k Key) {
	if k == 0 {
		if !s.zero {
			s.zero = true
			s.list = append(s.list, 0)
		}
		return
	}
	if len(s.list)*2 >= len(s.table) {
		s.grow()
	}
	if s.put(k) {
		s.list = append(s.list, k)
	}
}

func (s *Set) put(k Key) bool {
	mask := Key(len(s.table) - 1)
	for at := k & mask; ; at = (at + 1) & mask {
		switch s.table[at] {
		case k:
			return false
		case 0:
			s.table[at] = k
			return true
		}
	}
}

func (s *Set) grow() {
	s.table = make([]Key, max(2*len(s.table), minTable))
	for _, k := range s.list {
		if k != 0 {
			s.put(k)
		}
	}
}

// Sorted returns the keys in ascending order. They are valid until the next Add or Reset. Keys are scattered evenly: most are in their place
// when they are dealt out by their first bits, to bins of few.
func (s *Set) Sorted() []Key {
	n := len(s.list)
	if n < minDealt {
		slices.Sort(s.list)
		return s.list
	}
	shift := 64 - bits.Len(uint(n/keysPerBin))
	ends := make([]int32, 1<<(64-shift)+1)
	for _, k := range s.list {
		ends[k>>shift+1]++
	}
	for i := 1; i < len(ends); i++ {
		ends[i] += ends[i-1]
	}
	s.dealt = slices.Grow(s.dealt[:0], n)[:n]
	for _, k := range s.list {
		bin := k >> shift
		s.dealt[ends[bin]] = k
		ends[bin]++
	}
	from := int32(0)
	for _, end := range ends[:len(ends)-1] {
		sortFew(s.dealt[from:end])
		from = end
	}
	return s.dealt
}

func sortFew(list []Key) {
	if len(list) > 4*keysPerBin {
		slices.Sort(list)
		return
	}
	for i := 1; i < len(list); i++ {
		k, at := list[i], i
		for ; at > 0 && list[at-1] > k; at-- {
			list[at] = list[at-1]
		}
		list[at] = k
	}
}

// minDealt is how many keys are dealt out at least, keysPerBin about how many a bin gets.
const (
	minDealt   = 1 << 10
	keysPerBin = 4
)

// Reset empties the set and keeps its room.
func (s *Set) Reset() {
	clear(s.table)
	s.list, s.zero = s.list[:0], false
}
