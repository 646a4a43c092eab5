package session

import (
	"cmp"
	"slices"
	"time"
)

// second is the grain in which held records are put in order and sessions end.
const second = int64(time.Second)

// holdSeconds is how many seconds of records can be held, those of exporters whose clock is ahead included.
const (
	holdSeconds = 512
	maxHold     = holdSeconds / 2 * time.Second
)

// hold keeps pieces by the second of their end, in a ring.
type hold struct {
	pieces  arena[piece]
	seconds [holdSeconds]uint32 // the first of a list
	sorted  []place
}

// place is where a piece has its turn.
type place struct {
	end, start int64
	order      uint64
	number     uint32
}

func comparePlaces(a, b place) int {
	if a.end != b.end {
		return cmp.Compare(a.end, b.end)
	}
	if a.start != b.start {
		return cmp.Compare(a.start, b.start)
	}
	return cmp.Compare(a.order, b.order)
}

// put adds a piece that has been taken from the arena and filled.
func (h *hold) put(n uint32, sec int64) {
	head := &h.seconds[uint64(sec)%holdSeconds]
	h.pieces.at(n).next = *head
	*head = n
}

// empty takes the pieces of a second out, in order. They have to be given back.
func (h *hold) empty(sec int64) []place {
	head := &h.seconds[uint64(sec)%holdSeconds]
	h.sorted = h.sorted[:0]
	for n := *head; n != 0; {
		p := h.pieces.at(n)
		h.sorted = append(h.sorted, place{p.end, p.start, p.order, n})
		n = p.next
	}
	*head = 0
	slices.SortFunc(h.sorted, comparePlaces)
	return h.sorted
}
