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

// Pieces are kept in blocks, each of one second: a piece is written behind the one that came before it, and a second is read as
// it was written, so that memory is gone through in its order.
const (
	blockBits = 6
	blockSize = 1 << blockBits
)

// hold keeps pieces by the second of their end, in a ring.
type hold struct {
	blocks  []*[blockSize]piece
	free    []uint32 // blocks
	nats    arena[nat]
	seconds [holdSeconds]heldSecond
	spare   []heldSecond // without blocks and places: their memory
	sorted  []place
	used    int // pieces
	limit   int
}

// heldSecond is a second of event time.
type heldSecond struct {
	blocks []uint32
	places []place
}

// place says where a piece is, and what it is sorted by.
type place struct {
	key   uint64
	block uint32
	at    uint32 // in its block
}

// Parts of a place's key: microseconds of the end in its second, then how late it started, then of its identity as much as there
// is room for.
const (
	endBits   = 20
	startBits = 20
	orderBits = 64 - endBits - startBits
)

// keyOfPiece returns the key that a piece is sorted by in its second: by end, to the microsecond, then by start, to the
// millisecond, then by identity. The end of one held for longer than its own second counts as that second's.
func keyOfPiece(p *piece, sec int64) uint64 {
	end := uint64(min(max(p.end-sec*second, 0), second-1)) / 1000
	length := uint64(min((p.end-p.start)/int64(time.Millisecond), 1<<startBits-1))
	return end<<(startBits+orderBits) | (1<<startBits-1-length)<<orderBits | p.order>>(64-orderBits)
}

func newHold(limit int) hold { return hold{nats: newArena[nat](limit + 1), limit: limit} }

// full tells whether no piece can be held any more.
func (h *hold) full() bool { return h.used == h.limit }

// next returns the place of the next piece of a second, to be filled and then put.
func (h *hold) next(sec int64) *piece {
	s := &h.seconds[uint64(sec)%holdSeconds]
	at := len(s.places) & (blockSize - 1)
	if at == 0 {
		if s.blocks == nil && len(h.spare) > 0 {
			*s = h.spare[len(h.spare)-1]
			h.spare = h.spare[:len(h.spare)-1]
		}
		s.blocks = append(s.blocks, h.block())
	}
	return &h.blocks[s.blocks[len(s.blocks)-1]][at]
}

// put counts the piece that next gave out.
func (h *hold) put(p *piece, sec int64) {
	s := &h.seconds[uint64(sec)%holdSeconds]
	at := len(s.places) & (blockSize - 1)
	s.places = append(s.places, place{keyOfPiece(p, sec), s.blocks[len(s.blocks)-1], uint32(at)})
	h.used++
}

func (h *hold) block() uint32 {
	if n := len(h.free); n > 0 {
		b := h.free[n-1]
		h.free = h.free[:n-1]
		return b
	}
	h.blocks = append(h.blocks, new([blockSize]piece))
	return uint32(len(h.blocks) - 1)
}

// look looks at some pieces far behind the place at which a second is being taken: in the order in which they came, which is nearly
// that in which they are taken.
func (h *hold) look(s *heldSecond, from int) (sum int64) {
	const far = 128
	first := 0
	if from += far; from == far {
		first = far
	}
	for i := max(from-first, 0); i < min(from+ahead, len(s.places)); i++ {
		p := &h.blocks[s.blocks[i>>blockBits]][i&(blockSize-1)]
		sum += int64(p.from.lo) + int64(p.bytes[0]) + int64(p.hint)
	}
	return sum
}

func (h *hold) at(p place) *piece { return &h.blocks[p.block][p.at] }

// empty takes a second out, its places in order. The pieces have to be taken before the next call of next, and given back.
func (h *hold) empty(sec int64) heldSecond {
	s := h.seconds[uint64(sec)%holdSeconds]
	h.seconds[uint64(sec)%holdSeconds] = heldSecond{}
	places := h.sort(s.places)
	s.places = places
	for from := 0; from < len(places); {
		to := from + 1
		for to < len(places) && places[to].key == places[from].key {
			to++
		}
		if to-from > 1 {
			slices.SortFunc(places[from:to], func(a, b place) int { return comparePieces(h.at(a), h.at(b)) })
		}
		from = to
	}
	return s
}

// give takes back a second whose pieces have been taken.
func (h *hold) give(s heldSecond) {
	if s.blocks == nil {
		return
	}
	h.used -= len(s.places)
	h.free = append(h.free, s.blocks...)
	h.spare = append(h.spare, heldSecond{s.blocks[:0], s.places[:0]})
}

// Places are sorted by their keys digit by digit, the lowest first: a few steps a place, whatever their number.
const (
	digitBits = 11
	digits    = (64 + digitBits - 1) / digitBits
	fewPlaces = 512 // below that, comparing is faster
)

// sort puts places in order of their keys, in their own memory or in that of h.sorted, which it swaps then.
func (h *hold) sort(places []place) []place {
	if len(places) < fewPlaces {
		slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.key, b.key) })
		return places
	}
	if cap(h.sorted) < len(places) {
		h.sorted = make([]place, 2*len(places))
	}
	other := h.sorted[:len(places)]
	for d := range digits {
		shift := d * digitBits
		if dealt := deal(places, other, shift); dealt {
			places, other = other, places
		}
	}
	h.sorted = other
	return places
}

// deal copies places to other in the order of a digit, unless they all have the same.
func deal(places, other []place, shift int) bool {
	const mask = 1<<digitBits - 1
	var ends [mask + 1]uint32
	for i := range places {
		ends[places[i].key>>shift&mask]++
	}
	if ends[places[0].key>>shift&mask] == uint32(len(places)) {
		return false
	}
	at := uint32(0)
	for i, n := range ends {
		ends[i] = at
		at += n
	}
	for _, p := range places {
		d := p.key >> shift & mask
		other[ends[d]] = p
		ends[d]++
	}
	return true
}

func comparePieces(a, b *piece) int {
	return cmp.Or(cmp.Compare(a.end, b.end), cmp.Compare(a.start, b.start), cmp.Compare(a.order, b.order))
}
