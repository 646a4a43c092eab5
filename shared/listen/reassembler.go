package listen

import (
	"net/netip"
	"slices"
	"sort"
	"time"
)

const (
	// maxPending is how many incomplete datagrams are kept; when another begins, the one that rested longest is given up.
	maxPending = 256
	// maxPieces is how many pieces a datagram may have: 65535 bytes over the smallest link of IPv4 (576 bytes) make 119.
	maxPieces = 256
	// fragmentAge is how long pieces wait for the rest, in the capture's time. RFC 8200, 4.5 says a minute.
	fragmentAge = int64(time.Minute)
)

// fragmentKey names the datagram a piece belongs to (RFC 791, 3.2; RFC 8200, 4.5). The protocol is always UDP or an IPv6
// extension header before it.
type fragmentKey struct {
	source, destination netip.Addr
	id                  uint32
}

type piece struct {
	offset int
	data   []byte
}

func (p piece) end() int { return p.offset + len(p.data) }

// pieces is an incomplete datagram.
type pieces struct {
	list     []piece // by offset, without overlap
	bytes    int
	size     int // of the whole; 0 until the last piece has come
	protocol uint8
	last     int64 // when a piece came last, ns
}

// reassembler puts fragmented datagrams together. Pieces that overlap without being repeats make their datagram worthless, as
// for every careful receiver (RFC 5722). The zero value is ready.
type reassembler struct {
	pending map[fragmentKey]*pieces
	whole   []byte // the last datagram put together, reused
	lost    uint64 // pieces that were given up
}

// add keeps a piece, and returns the whole packet where it was the last one missing. The payload holds until the next call.
func (r *reassembler) add(p ipPacket, now int64) (ipPacket, bool) {
	key := fragmentKey{p.source, p.destination, p.id}
	set := r.pending[key]
	if set != nil && now-set.last > fragmentAge { // the id is used again
		r.giveUp(key)
		set = nil
	}
	if !sound(p) {
		r.lost++
		return p, false
	}
	if set == nil {
		set = r.begin(key)
	}
	set.last = now
	if !set.insert(p) {
		r.lost++
		r.giveUp(key)
		return p, false
	}
	if set.size == 0 || set.bytes < set.size {
		return p, false
	}
	delete(r.pending, key)
	return r.build(p, set), true
}

// sound tells whether the piece can belong to a datagram: captured in full, of a multiple of 8 bytes unless it is the last, and
// within what the length field of IP can say.
func sound(p ipPacket) bool {
	n := len(p.payload)
	return !p.short && n > 0 && p.offset+n <= 65535 && (!p.more || n%8 == 0)
}

func (r *reassembler) begin(key fragmentKey) *pieces {
	if r.pending == nil {
		r.pending = map[fragmentKey]*pieces{}
	}
	if len(r.pending) >= maxPending {
		r.giveUp(r.oldest())
	}
	set := &pieces{}
	r.pending[key] = set
	return set
}

// oldest breaks ties by the addresses' order, so that the same file always gives the same datagrams.
func (r *reassembler) oldest() (oldest fragmentKey) {
	first := true
	for key, set := range r.pending {
		if first || set.last < r.pending[oldest].last || (set.last == r.pending[oldest].last && key.less(oldest)) {
			oldest, first = key, false
		}
	}
	return oldest
}

func (k fragmentKey) less(o fragmentKey) bool {
	if c := k.source.Compare(o.source); c != 0 {
		return c < 0
	}
	if c := k.destination.Compare(o.destination); c != 0 {
		return c < 0
	}
	return k.id < o.id
}

func (r *reassembler) giveUp(key fragmentKey) {
	r.lost += uint64(len(r.pending[key].list))
	delete(r.pending, key)
}

// clear gives everything up: no more pieces will come.
func (r *reassembler) clear() {
	for key := range r.pending {
		r.giveUp(key)
	}
}

// insert adds a copy of the piece; false where it contradicts the others.
func (s *pieces) insert(p ipPacket) bool {
	add := piece{p.offset, p.payload}
	at := sort.Search(len(s.list), func(i int) bool { return s.list[i].end() > add.offset })
	if at < len(s.list) && s.list[at].offset < add.end() {
		return s.list[at].offset == add.offset && s.list[at].end() == add.end() // a repeat
	}
	if !s.fits(add, p.more) || len(s.list) >= maxPieces {
		return false
	}
	if !p.more {
		s.size = add.end()
	}
	if add.offset == 0 {
		s.protocol = p.protocol
	}
	add.data = slices.Clone(add.data)
	s.list = slices.Insert(s.list, at, add)
	s.bytes += len(add.data)
	return true
}

// fits tells whether the end that the last piece sets agrees with the others.
func (s *pieces) fits(add piece, more bool) bool {
	if more {
		return s.size == 0 || add.end() <= s.size
	}
	return s.size == 0 && (len(s.list) == 0 || s.list[len(s.list)-1].end() <= add.offset)
}

func (r *reassembler) build(p ipPacket, set *pieces) ipPacket {
	r.whole = r.whole[:0]
	for _, piece := range set.list {
		r.whole = append(r.whole, piece.data...)
	}
	p.payload, p.protocol = r.whole, set.protocol
	p.fragment, p.more, p.offset = false, false, 0
	return p
}
