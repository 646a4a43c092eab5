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
	heap  []heapEntry // four children a node: they share a cache line
	table []uint16    // open addressing: position in items + 1
	total uint64
}

// heapWidth is the number of a node's children.
const heapWidth = 4

// heapEntry orders items by weight. Its weight may be older, and so less, than the item's: it is brought up to date when it comes
// to the top, so that adding to a key moves nothing.
type heapEntry struct {
	weight uint64
	item   uint16
}

// NewSpaceSaving returns an empty summary of m places, at most 32,768.
func NewSpaceSaving(m int) *SpaceSaving {
	m = max(1, min(m, 1<<15))
	return &SpaceSaving{
		items: make([]Item, 0, m), hash: make([]uint32, 0, m), heap: make([]heapEntry, 0, m),
		table: make([]uint16, 1<<bits.Len(uint(2*m-1))),
	}
}

// Add adds weight to a key. A key that is not among the items takes the place of the lightest, but with heavyOnly only where
// its weight is greater: then a stream of ever new light keys moves nothing.
func (s *SpaceSaving) Add(hash uint32, hi, lo, weight uint64, heavyOnly bool) {
	s.total += weight
	slot, found := s.find(hash, hi, lo)
	if found {
		s.items[s.table[slot]-1].Weight += weight
		return
	}
	if n := len(s.items); n < cap(s.items) {
		s.items = append(s.items, Item{hi, lo, weight, 0})
		s.hash = append(s.hash, hash)
		s.heap = append(s.heap, heapEntry{weight, uint16(n)})
		s.table[slot] = uint16(n + 1)
		s.up(n)
		return
	}
	i := s.least()
	if least := &s.items[i]; !heavyOnly || weight > least.Weight {
		s.remove(i)
		*least = Item{hi, lo, least.Weight + weight, least.Weight}
		s.hash[i] = hash
		slot, _ = s.find(hash, hi, lo)
		s.table[slot] = i + 1
		s.update()
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
		s.heap[i].weight /= 2
	}
}

// Reset empties the summary.
func (s *SpaceSaving) Reset() {
	s.items, s.hash, s.heap = s.items[:0], s.hash[:0], s.heap[:0]
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

// least returns the lightest item.
func (s *SpaceSaving) least() uint16 {
	for s.heap[0].weight != s.items[s.heap[0].item].Weight {
		s.update()
	}
	return s.heap[0].item
}

// update brings the top of the heap up to date and lets it sink to its place.
func (s *SpaceSaving) update() {
	top := s.heap[0]
	top.weight = s.items[top.item].Weight
	h := 0
	for {
		first := heapWidth*h + 1
		if first >= len(s.heap) {
			break
		}
		least := first
		for c := first + 1; c < min(first+heapWidth, len(s.heap)); c++ {
			if s.heap[c].weight < s.heap[least].weight {
				least = c
			}
		}
		if s.heap[least].weight >= top.weight {
			break
		}
		s.heap[h] = s.heap[least]
		h = least
	}
	s.heap[h] = top
}

// up lets a new entry rise to its place.
func (s *SpaceSaving) up(h int) {
	e := s.heap[h]
	for h > 0 && e.weight < s.heap[(h-1)/heapWidth].weight {
		s.heap[h] = s.heap[(h-1)/heapWidth]
		h = (h - 1) / heapWidth
	}
	s.heap[h] = e
}
