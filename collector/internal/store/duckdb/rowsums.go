//go:build cgo

package duckdb

import (
	"math/bits"
	"slices"
)

// rowSums are sums of rows: an entry for each bucket of time and value of some columns. All entries lie behind each other, as what they are found
// by and what is added to them is read together.
type rowSums struct {
	columns  int      // that rows are told apart by
	counters int      // of the list counters
	words    []uint64 // of entries: their key, the end of the first row, the number of rows, the counters
	slots    []uint64 // hash table: half of the hash, and the number of an entry plus one; the first slot from that of its hash on that was free
}

// A key is the number of the bucket beside a bit for each column that has a value, and the values.
const (
	keyBits = 16 // of the columns
	headKey = 1  // words of the key before the values
)

// beside are the words of an entry that are neither key nor counters.
const beside = 2

func newRowSums(columns, counters int) *rowSums {
	return &rowSums{columns: columns, counters: counters, slots: make([]uint64, 1<<10)}
}

// entry is how many words one has.
func (s *rowSums) entry() int { return s.key() + beside + s.counters }

// key is how many words a key has; behind it are the end, the number of rows, and the counters.
func (s *rowSums) key() int { return headKey + s.columns }

// n is how many entries there are.
func (s *rowSums) n() int { return len(s.words) / s.entry() }

// at returns an entry.
func (s *rowSums) at(i int) []uint64 { return s.words[i*s.entry() : (i+1)*s.entry()] }

// value returns what an entry has in a column; false where it has none.
func (s *rowSums) value(i, column int) (uint64, bool) {
	e := s.at(i)
	return e[headKey+column], e[0]>>column&1 != 0
}

// bytes is what the sums take; those that there are not, nothing.
func (s *rowSums) bytes() int64 {
	if s == nil {
		return 0
	}
	return int64(8 * (cap(s.words) + cap(s.slots)))
}

// reset forgets all entries and keeps the room for others.
func (s *rowSums) reset() {
	s.words = s.words[:0]
	clear(s.slots)
}

// finish gives back the room that is needed while rows are added.
func (s *rowSums) finish() { s.words, s.slots = slices.Clone(s.words), nil }

// slotOf is the first slot that is looked into for a hash.
func (s *rowSums) slotOf(hash uint64) uint64 { return hash & uint64(len(s.slots)-1) }

// find returns where the words of the entry with a key begin. It is made where there is none, with the end of its first row.
func (s *rowSums) find(key []uint64, hash uint64, end int64) int {
	for slot := s.slotOf(hash); ; slot = s.slotOf(slot + 1) {
		v := s.slots[slot]
		if v == 0 {
			return s.add(slot, key, hash, end)
		}
		if v>>32 != hash>>32 {
			continue
		}
		if at := s.place(v); slices.Equal(s.words[at:at+len(key)], key) {
			return at
		}
	}
}

// place is where the words of a slot's entry begin.
func (s *rowSums) place(slot uint64) int { return int(slot&(1<<32-1)-1) * s.entry() }

func (s *rowSums) add(slot uint64, key []uint64, hash uint64, end int64) int {
	at := len(s.words)
	s.words = append(append(s.words, key...), uint64(end), 0)
	for range s.counters {
		s.words = append(s.words, 0)
	}
	s.slots[slot] = hash>>32<<32 | uint64(s.n())
	if 2*s.n() > len(s.slots) {
		s.grow()
	}
	return at
}

func (s *rowSums) grow() {
	s.slots = make([]uint64, 4*len(s.slots))
	for i := range s.n() {
		hash := hashOf(s.at(i)[:s.key()])
		slot := s.slotOf(hash)
		for s.slots[slot] != 0 {
			slot = s.slotOf(slot + 1)
		}
		s.slots[slot] = hash>>32<<32 | uint64(i+1)
	}
}

// hashOf is the hash of a key: that of its values, and then of its head.
func hashOf(key []uint64) (hash uint64) {
	for _, word := range key[headKey:] {
		hash = mix(hash, word)
	}
	return mix(hash, key[0])
}

// mix mixes a word into a hash, by the halves of a product.
func mix(hash, word uint64) uint64 {
	high, low := bits.Mul64(hash^word^0x9e3779b97f4a7c15, 0xd6e8feb86659fd93)
	return high ^ low
}
