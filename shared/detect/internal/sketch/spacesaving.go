package sketch

import (
	"cmp"
	"math/bits"
	"slices"
)

// Item is a counted key: two words, its weight (never too low) and by how much the weight may be too high.
type Item struct{ Hi, Lo, Weight, Error uint64 }

// SpaceSaving finds the heaviest keys of a stream in fixed memory (Metwally et al. 2005): with m places every key with more
// than total/m is among them. What it holds does not depend on the hashes that are passed in.
type SpaceSaving struct {
	items []Item
	hash  []uint32
	heap  []uint16 // positions in items, least weight first
	at    []uint16 // where in the heap an item is
	table []uint16 // open addressing: position in items + 1
	total uint64
}

// NewSpaceSaving returns an empty summary of m places, at most 32,768.
func NewSpaceSaving(m int) *SpaceSaving {
	m = max(1, min(m, 1<<15))
	return &SpaceSaving{
		items: make([]Item, 0, m), hash: make([]uint32, 0, m), heap: make([]uint16, 0, m), at: make([]uint16, 0, m),
		table: make([]uint16, 1<<bits.Len(uint(2*m-1))),
	}
}

// Add adds weight to a key. A key that is not among the items takes the place of the lightest, but with heavyOnly only where
// its weight is greater: then a stream of ever new light keys moves nothing.
func (s *SpaceSaving) Add(hash uint32, hi, lo, weight uint64, heavyOnly bool) {
	s.total += weight
	slot, found := s.find(hash, hi, lo)
	if found {
		i := s.table[slot] - 1
		s.items[i].Weight += weight
		s.down(int(s.at[i]))
		return
	}
	if n := len(s.items); n < cap(s.items) {
		s.items = append(s.items, Item{hi, lo, weight, 0})
		s.hash = append(s.hash, hash)
		s.heap = append(s.heap, uint16(n))
		s.at = append(s.at, uint16(n))
		s.table[slot] = uint16(n + 1)
		s.up(n)
		return
	}
	i := s.heap[0]
	if least := &s.items[i]; !heavyOnly || weight > least.Weight {
		s.remove(i)
		*least = Item{hi, lo, least.Weight + weight, least.Weight}
		s.hash[i] = hash
		slot, _ = s.find(hash, hi, lo)
		s.table[slot] = i + 1
		s.down(0)
	}
}

// Total returns the weight of everything added.
func (s *SpaceSaving) Total() uint64 { return s.total }

// Len returns the number of items.
func (s *SpaceSaving) Len() int { return len(s.items) }

// AppendTop appends the items to dst, heaviest first, equal ones by key.
func (s *SpaceSaving) AppendTop(dst []Item) []Item {
	n := len(dst)
	dst = append(dst, s.items...)
	slices.SortFunc(dst[n:], func(a, b Item) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo))
	})
	return dst
}

// Max returns the heaviest item; equal ones by key.
func (s *SpaceSaving) Max() (top Item) {
	for _, it := range s.items {
		if it.Weight > top.Weight || (it.Weight == top.Weight && (it.Hi < top.Hi || (it.Hi == top.Hi && it.Lo < top.Lo))) {
			top = it
		}
	}
	return top
}

// Halve halves all weights, so that what is old counts less.
func (s *SpaceSaving) Halve() {
	s.total /= 2
	for i := range s.items {
		s.items[i].Weight /= 2
		s.items[i].Error /= 2
	}
}

// Reset empties the summary.
func (s *SpaceSaving) Reset() {
	s.items, s.hash, s.heap, s.at = s.items[:0], s.hash[:0], s.heap[:0], s.at[:0]
	clear(s.table)
	s.total = 0
}

func (s *SpaceSaving) find(hash uint32, hi, lo uint64) (slot uint32, found bool) {
	mask := uint32(len(s.table) - 1)
	for slot = hash & mask; ; slot = (slot + 1) & mask {
		i := s.table[slot]
		if i == 0 {
			return slot, false
		}
		if it := &s.items[i-1]; it.Lo == lo && it.Hi == hi {
			return slot, true
		}
	}
}

// remove takes item i out of the table, closing the gap so that later entries stay reachable.
func (s *SpaceSaving) remove(i uint16) {
	mask := uint32(len(s.table) - 1)
	gap, _ := s.find(s.hash[i], s.items[i].Hi, s.items[i].Lo)
	for next := (gap + 1) & mask; s.table[next] != 0; next = (next + 1) & mask {
		home := s.hash[s.table[next]-1] & mask
		if (next-home)&mask >= (next-gap)&mask {
			s.table[gap] = s.table[next]
			gap = next
		}
	}
	s.table[gap] = 0
}

func (s *SpaceSaving) weight(h int) uint64 { return s.items[s.heap[h]].Weight }

func (s *SpaceSaving) swap(a, b int) {
	s.heap[a], s.heap[b] = s.heap[b], s.heap[a]
	s.at[s.heap[a]], s.at[s.heap[b]] = uint16(a), uint16(b)
}

func (s *SpaceSaving) up(h int) {
	for h > 0 && s.weight(h) < s.weight((h-1)/2) {
		s.swap(h, (h-1)/2)
		h = (h - 1) / 2
	}
}

func (s *SpaceSaving) down(h int) {
	for {
		least := h
		for _, child := range [2]int{2*h + 1, 2*h + 2} {
			if child < len(s.heap) && s.weight(child) < s.weight(least) {
				least = child
			}
		}
		if least == h {
			return
		}
		s.swap(h, least)
		h = least
	}
}
