package session

import "github.com/weirflow/weir/shared/flow"

// owned is a direction of a flow with its owner.
type owned struct {
	hash       uint64 // of the direction: keyed, and long enough to stand for it
	start, end int64  // of what the owner exported of late
	latest     flow.EventID
	point      uint16 // 0: nobody
}

// ways is how many flows share a set: what a line of the processor's cache has room for.
const ways = 8

// ownerSet is what tells the flows of a set apart without a look at them: part of their hash, 0 for a free place, and the second
// of the clock when each was last asked for.
type ownerSet struct {
	tags    [ways]uint32
	touched [ways]uint32
}

// owners is a set-associative table of directions of flows, by a keyed hash. It is doubled, up to its cap, when a flow finds its
// set full of flows that go on.
type owners struct {
	sets    []ownerSet
	flows   []owned // those of set i from ways*i on
	limit   int     // sets
	ttl     uint32  // seconds
	seed    uint64
	used    int // places taken; some by flows that have ended, until others need them
	evicted uint64
	warmed  uint64 // keeps the compiler from leaving out warm
}

// newOwners returns an empty table for at most limit flows, which are forgotten ttl ns after they were last asked for.
func newOwners(limit int, ttl int64, seed uint64) owners {
	sets := 1
	for 2*sets*ways <= limit {
		sets *= 2
	}
	x := owners{limit: sets, ttl: uint32(ttl / second), seed: seed}
	x.resize(min(sets, minSlots/ways))
	return x
}

func (x *owners) resize(sets int) {
	x.sets, x.flows, x.used = make([]ownerSet, sets), make([]owned, sets*ways), 0
}

func (x *owners) hash(from, to *endpoint, proto uint8) uint64 {
	k := key{*from, *to, proto}
	return k.hash(x.seed)
}

func (x *owners) home(hash uint64) int { return int(hash & uint64(len(x.sets)-1)) }

func ownerTag(hash uint64) uint32 { return uint32(hash>>32) | 1 }

// warm looks at the sets of some claims, so that memory is waited for once and not for each.
func (x *owners) warm(claims []claim) {
	sum := uint64(0)
	for i := range claims {
		sum += uint64(x.sets[x.home(claims[i].hash)].tags[0])
	}
	for i := range claims {
		h := claims[i].hash
		s := &x.sets[x.home(h)]
		way, found := s.find(ownerTag(h))
		if !found {
			way = s.next()
		}
		sum += x.flows[x.home(h)*ways+way].hash
	}
	x.warmed = sum
}

func (s *ownerSet) find(tag uint32) (way int, found bool) {
	for i, t := range s.tags {
		if t == tag {
			return i, true
		}
	}
	return 0, false
}

// next returns the way that another flow would take: a free one, or that of the flow longest not asked for.
func (s *ownerSet) next() int {
	eldest := 0
	for i, t := range s.tags {
		if t == 0 {
			return i
		}
		if s.touched[i] < s.touched[eldest] {
			eldest = i
		}
	}
	return eldest
}

// get returns the state of a direction, new where there is none, as asked for at a time of the clock.
func (x *owners) get(hash uint64, clock int64) *owned {
	now := uint32(clock / second)
	for {
		s := &x.sets[x.home(hash)]
		first := x.home(hash) * ways
		if way, found := s.find(ownerTag(hash)); found {
			o := &x.flows[first+way]
			if o.hash != hash || x.over(s.touched[way], now) {
				*o = owned{hash: hash}
			}
			s.touched[way] = now
			return o
		}
		way := x.room(s, now)
		if way < 0 {
			x.grow(now)
			continue
		}
		s.tags[way], s.touched[way] = ownerTag(hash), now
		o := &x.flows[first+way]
		*o = owned{hash: hash}
		return o
	}
}

// over tells whether a flow last asked for at a time has been forgotten.
func (x *owners) over(touched, now uint32) bool { return touched+x.ttl < now }

// room returns a way of a set for another flow: a free one, that of a flow forgotten, or, where the table may not grow, that of the
// flow longest not asked for; -1 where it may.
func (x *owners) room(s *ownerSet, now uint32) int {
	way := s.next()
	switch {
	case s.tags[way] == 0:
		x.used++
	case x.over(s.touched[way], now):
	case len(x.sets) < x.limit:
		return -1
	default:
		x.evicted++
	}
	return way
}

// grow doubles the table, without the flows that are forgotten. Each set makes two: none can be too small.
func (x *owners) grow(now uint32) {
	sets, flows := x.sets, x.flows
	x.resize(2 * len(sets))
	for i := range sets {
		for way, tag := range sets[i].tags {
			if tag == 0 || x.over(sets[i].touched[way], now) {
				continue
			}
			o := &flows[i*ways+way]
			s := &x.sets[x.home(o.hash)]
			to := x.room(s, now)
			s.tags[to], s.touched[to] = tag, sets[i].touched[way]
			x.flows[x.home(o.hash)*ways+to] = *o
		}
	}
}
