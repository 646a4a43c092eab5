package health

import (
	"math/bits"

	"github.com/weirflow/weir/shared/flow"
)

// ways is how many places a conversation may take.
const ways = 4

// pair is a conversation of two endpoints as one exporter reports it, for a sample of conversations. Members of two are by direction.
type pair struct {
	hash       uint64
	touched    int64 // time of receipt of the last record; 0: free
	owner      int32 // number of the stream that reported it first
	born       int64 // number of the bucket in which it was counted, 0 while it is not known to have two directions
	seen       [2]bool
	start, end [2]int64
	packets    [2]uint64
}

// pairs is a table of conversations. It has a fixed size: of those that share a place the one longest without a record is given up.
type pairs struct {
	slots   []pair
	mask    uint64
	seed    uint64
	evicted uint64
}

// pairIdle is how long a conversation is remembered without a record, in ns.
const pairIdle = 3 * 60e9

func newPairs(n int, seed uint64) pairs {
	size := 1 << bits.Len(uint(max(n, 2*ways)-1))
	return pairs{slots: make([]pair, size), mask: uint64(size/ways - 1), seed: seed}
}

// hash names the conversation of a record and tells which of its directions the record is of.
func (p *pairs) hash(r *flow.Record) (hash uint64, direction int) {
	a, b := half(&r.Source.IP, r.Source.Port), half(&r.Destination.IP, r.Destination.Port)
	if a > b {
		a, b, direction = b, a, 1
	}
	x := half(&r.Exporter, uint16(r.IPProtocol))
	return mix(mix(p.seed^a, b), x), direction
}

func half(ip *flow.Addr, port uint16) uint64 {
	hi, lo := ip.Words()
	return mix(hi^uint64(port)<<32, lo)
}

// mix is the folded product of wyhash and its kin.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0xa0761d6478bd642f, b^0xe7037ed1a0b428db)
	return hi ^ lo
}

// get returns the place of a conversation; it is empty (touched 0) where the conversation is new.
func (p *pairs) get(hash uint64, now int64) *pair {
	// The low bits choose what is sampled, so the high ones choose the place.
	set := p.slots[(hash>>32&p.mask)*ways:][:ways]
	oldest := &set[0]
	for i := range set {
		s := &set[i]
		if s.touched != 0 && s.hash == hash && now-s.touched < pairIdle {
			return s
		}
		if s.touched < oldest.touched {
			oldest = s
		}
	}
	if oldest.touched != 0 && now-oldest.touched < pairIdle {
		p.evicted++
	}
	*oldest = pair{hash: hash}
	return oldest
}

// twin is how far the times of two records of one flow may lie apart, in ns.
const twin = 100e6

// again tells whether a record exports what another record of the direction has exported already: the same packets at the
// same time. Pieces of one flow follow each other.
func (s *pair) again(r *flow.Record, direction int) bool {
	return s.seen[direction] && near(s.start[direction], r.Start, twin) && near(s.end[direction], r.End, twin) &&
		near(int64(s.packets[direction]), int64(r.RawPackets), 1+int64(r.RawPackets)/100)
}

func near(a, b, within int64) bool { return a-b <= within && b-a <= within }

// answered tells whether a record is of a conversation that surely has another direction: a TCP connection in use. Without flags the
// number of packets must do.
func answered(r *flow.Record) bool {
	const use = flow.ACK | flow.PSH
	if r.IPProtocol != protoTCP || r.RawPackets < 3 {
		return false
	}
	return r.TCPFlags&use == use || (r.TCPFlags == 0 && r.RawPackets >= 6)
}

// IP protocols.
const (
	protoTCP = 6
	protoUDP = 17
)

// follow takes a record of a sampled conversation into account.
func (m *Monitor) follow(s *stream, b *sums, r *flow.Record) {
	if r.IPProtocol != protoTCP && r.IPProtocol != protoUDP || r.Source.Port == 0 || r.Destination.Port == 0 || !r.Present.Has(flow.HasPackets) {
		return
	}
	hash, direction := m.pairs.hash(r)
	if hash&s.device.thinning != 0 {
		return
	}
	p := m.pairs.get(hash, m.clock)
	if p.touched == 0 {
		p.owner = s.number
	}
	p.touched = m.clock
	if r.Present&(flow.HasReverseBytes|flow.HasReversePackets) != 0 && r.Destination.Packets+r.Destination.Bytes > 0 {
		p.seen[1-direction] = true
	}
	if b.directed++; p.again(r, direction) {
		b.doubled++
		return // of three copies two are doubled
	}
	p.seen[direction], p.start[direction], p.end[direction], p.packets[direction] = true, r.Start, r.End, r.RawPackets
	m.count(p, s, r)
}

// count counts a conversation once it is known to have two directions, and once more when both have been seen.
func (m *Monitor) count(p *pair, s *stream, r *flow.Record) {
	number := m.clock / bucketWidth
	if p.born == 0 {
		if !answered(r) {
			return
		}
		p.born, p.owner = number, s.number
		s.ring.at(number).pairs++
	} else if p.born < 0 {
		return // counted already
	}
	if p.seen[0] && p.seen[1] {
		if owner := m.list[p.owner]; number-p.born < ringSize && owner != nil {
			owner.ring.at(p.born).both++
		}
		p.born = -1
	}
}
