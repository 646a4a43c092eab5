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

// hold keeps pieces by the second of their end, in a ring. What is kept by second are numbers that sort by the end in it, so that
// pieces are not looked at before their turn.
type hold struct {
	pieces  arena[piece]
	nats    arena[nat]
	seconds [holdSeconds][]uint64 // nanoseconds of the second << 32 | piece
	spare   [][]uint64
	sorted  []uint64
}

// sortParts is into how many parts a second is cut to be sorted: a power of two.
const (
	sortBits  = 10
	sortParts = 1 << sortBits
)

// sort puts the pieces of a second in order: they are dealt to parts of a millisecond or so, which are then all but sorted.
func (h *hold) sort(places []uint64) []uint64 {
	if len(places) < sortParts {
		slices.Sort(places)
		return places
	}
	const shift = 32 + 30 - sortBits // a second has less than 2^30 ns
	var ends [sortParts + 1]uint32
	for _, p := range places {
		ends[p>>shift+1]++
	}
	for i := range sortParts {
		ends[i+1] += ends[i]
	}
	if cap(h.sorted) < len(places) {
		h.sorted = make([]uint64, 2*len(places))
	}
	sorted := h.sorted[:len(places)]
	from := ends
	for _, p := range places {
		part := p >> shift
		sorted[from[part]] = p
		from[part]++
	}
	for i := range sortParts {
		slices.Sort(sorted[ends[i]:ends[i+1]])
	}
	return sorted
}

// put adds a piece that has been taken from the arena and filled.
func (h *hold) put(n uint32, sec int64) {
	s := &h.seconds[uint64(sec)%holdSeconds]
	if *s == nil && len(h.spare) > 0 {
		*s = h.spare[len(h.spare)-1]
		h.spare = h.spare[:len(h.spare)-1]
	}
	offset := min(max(h.pieces.at(n).end-sec*second, 0), second-1)
	*s = append(*s, uint64(offset)<<32|uint64(n))
}

// empty takes the pieces of a second out, in order: by end, start and identity. They have to be given back.
func (h *hold) empty(sec int64) []uint64 {
	s := &h.seconds[uint64(sec)%holdSeconds]
	places := *s
	if places == nil {
		return nil
	}
	*s = nil
	h.spare = append(h.spare, places[:0]) // nothing is put before these have been taken
	places = h.sort(places)
	for from := 0; from < len(places); {
		to := from + 1
		for to < len(places) && places[to]>>32 == places[from]>>32 {
			to++
		}
		h.settle(places[from:to])
		from = to
	}
	return places
}

// settle orders pieces that end together, by insertion: they are few.
func (h *hold) settle(places []uint64) {
	if len(places) > 12 {
		slices.SortFunc(places, func(a, b uint64) int { return comparePieces(h.pieces.at(uint32(a)), h.pieces.at(uint32(b))) })
		return
	}
	for i := 1; i < len(places); i++ {
		for j := i; j > 0 && comparePieces(h.pieces.at(uint32(places[j])), h.pieces.at(uint32(places[j-1]))) < 0; j-- {
			places[j], places[j-1] = places[j-1], places[j]
		}
	}
}

func comparePieces(a, b *piece) int {
	if c := cmp.Compare(a.end, b.end); c != 0 {
		return c
	}
	if c := cmp.Compare(a.start, b.start); c != 0 {
		return c
	}
	return cmp.Compare(a.order, b.order)
}

func (h *hold) give(n uint32) {
	if nat := h.pieces.at(n).nat; nat != 0 {
		h.nats.give(nat)
	}
	h.pieces.give(n)
}
