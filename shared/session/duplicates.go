package session

import (
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// DuplicatesConfig says for how long an exporter owns a flow. The zero value of a member stands for its default.
type DuplicatesConfig struct {
	// ActiveTimeout and InactiveTimeout are the longest of the exporters.
	ActiveTimeout, InactiveTimeout time.Duration
	// Flows caps the directions of flows remembered, 140 bytes each; beyond, the one longest without a record is forgotten.
	Flows int
	// Secret keys the hash table: zero stands for a random one.
	Secret [16]byte
}

// Duplicates finds records that are other exporters' copies of a flow, by the owner rule: the exporter that first exports a
// direction of a flow owns it while it goes on exporting it. What others export of the same direction and time are copies.
// Records of other interfaces of the owner are none. It is for one goroutine at a time.
type Duplicates struct {
	gap, pair, ttl int64
	seed           uint64
	flows          arena[owned]
	index          index
	list           list
	points         points
	clock          int64
	counters       DuplicatesStats
}

// DuplicatesStats are the counters and gauges of a [Duplicates].
type DuplicatesStats struct {
	Marked  uint64 // records marked as copies
	Moved   uint64 // times that a flow got another owner, as the old one did not go on
	Evicted uint64 // flows forgotten for want of room
	Flows   int    // directions of flows remembered
}

// owned is a direction of a flow with its owner.
type owned struct {
	from, to   endpoint
	hash       uint64
	start, end int64 // of what the owner exported of late
	touched    int64
	latest     flow.EventID // the owner's latest record
	prev, next uint32
	point      uint16
	proto      uint8
}

// NewDuplicates returns an empty table.
func NewDuplicates(cfg DuplicatesConfig) (*Duplicates, error) {
	base := Config{ActiveTimeout: cfg.ActiveTimeout, InactiveTimeout: cfg.InactiveTimeout, Sessions: cfg.Flows}
	base, err := base.withDefaults()
	if err != nil {
		return nil, err
	}
	seed, err := Deps{Secret: cfg.Secret}.seed()
	if err != nil {
		return nil, err
	}
	idle := int64(base.InactiveTimeout)
	return &Duplicates{
		gap: idle + 2*second, pair: idle + 5*second, ttl: 2 * int64(base.ActiveTimeout+base.InactiveTimeout), seed: seed,
		flows: newArena[owned](base.Sessions), index: newIndex(), points: newPoints(),
	}, nil
}

// Mark sets DuplicateOf on the records of a batch that are copies, with the identity of a record of the owner. Records set aside,
// without addresses, or marked already are left alone. Time passes by the records' receive times.
func (d *Duplicates) Mark(b *flow.Batch) {
	for i := range b.Records {
		r := &b.Records[i]
		if r.Invalid == flow.ReasonNone && r.Present&flow.HasDuplicateOf == 0 && r.Present.Has(flow.HasSourceIP|flow.HasDestinationIP) {
			d.record(b, r)
		}
	}
}

// Stats returns the counters.
func (d *Duplicates) Stats() DuplicatesStats {
	s := d.counters
	s.Flows = d.flows.used()
	return s
}

func (d *Duplicates) record(b *flow.Batch, r *flow.Record) {
	if r.Created > d.clock {
		d.clock = r.Created
		d.expire()
	}
	egress := false
	if r.ElementsLen > 0 {
		egress = readAsides(b.ElementsOf(r)).egress
	}
	point := d.points.of(r.Exporter, egress)
	from, to := endpointOf(&r.Source.IP, r.Source.Port), endpointOf(&r.Destination.IP, r.Destination.Port)
	if r.IPProtocol == protoICMP || r.IPProtocol == protoICMPv6 {
		// The type tells the directions of an exchange apart no more than ports do, but errors are not queries.
		from.port, to.port = 0, icmpPort(r)
	}
	if id, copied := d.claim(from, to, r, point); copied {
		r.DuplicateOf = id
		r.Present |= flow.HasDuplicateOf
		d.counters.Marked++
		return
	}
	if r.Destination.Bytes > 0 || r.Destination.Packets > 0 {
		d.claim(to, from, r, point) // the reverse direction is owned too, where nobody owns it yet
	}
}

func icmpPort(r *flow.Record) uint16 {
	if r.Present.Has(flow.HasICMP) {
		return uint16(r.ICMPType)<<8 | uint16(r.ICMPCode)
	}
	return r.Destination.Port
}

// claim tells whether a record is a copy, and of which record; if not, its point owns the direction from now on.
func (d *Duplicates) claim(from, to endpoint, r *flow.Record, point uint16) (flow.EventID, bool) {
	o := d.get(from, to, r.IPProtocol)
	start, end := min(r.Start, r.End), r.End
	switch {
	case o.point == 0:
	case o.point == point:
		if start <= o.end+d.gap {
			start = min(start, o.start)
		}
		end = max(end, o.end)
	case start <= o.end+d.gap && end+d.pair >= o.start:
		return o.latest, true
	case end < o.start:
		return flow.EventID{}, false // older than what is owned: it makes nobody the owner
	default:
		d.counters.Moved++
	}
	o.point, o.start, o.end, o.latest = point, start, end, r.ID
	return flow.EventID{}, false
}

// get returns the state of a direction, new where there is none, as the one used last.
func (d *Duplicates) get(from, to endpoint, proto uint8) *owned {
	hash := directedHash(&from, &to, proto, d.seed)
	n := d.find(hash, &from, &to, proto)
	if n != 0 {
		d.unlink(n)
	} else {
		if n = d.flows.take(); n == 0 {
			d.counters.Evicted++
			d.forget(d.list.first)
			n = d.flows.take()
		}
		*d.flows.at(n) = owned{from: from, to: to, proto: proto, hash: hash}
		d.index.insert(hash, n)
	}
	o := d.flows.at(n)
	o.prev, o.next, o.touched = d.list.last, 0, d.clock
	if o.prev != 0 {
		d.flows.at(o.prev).next = n
	} else {
		d.list.first = n
	}
	d.list.last = n
	return o
}

func directedHash(from, to *endpoint, proto uint8, seed uint64) uint64 {
	k := key{*from, *to, proto}
	return k.hash(seed)
}

func (d *Duplicates) find(hash uint64, from, to *endpoint, proto uint8) uint32 {
	x := &d.index
	tag := tagOf(hash)
	for i := x.home(tag); x.slots[i].number != 0; i = x.next(i) {
		if x.slots[i].tag != tag {
			continue
		}
		if o := d.flows.at(x.slots[i].number); o.from == *from && o.to == *to && o.proto == proto {
			return x.slots[i].number
		}
	}
	return 0
}

func (d *Duplicates) unlink(n uint32) {
	o := d.flows.at(n)
	if o.prev != 0 {
		d.flows.at(o.prev).next = o.next
	} else {
		d.list.first = o.next
	}
	if o.next != 0 {
		d.flows.at(o.next).prev = o.prev
	} else {
		d.list.last = o.prev
	}
}

func (d *Duplicates) forget(n uint32) {
	d.unlink(n)
	d.index.remove(d.flows.at(n).hash, n)
	d.flows.give(n)
}

// expire forgets the flows of which nothing came for as long as an exporter may keep silent about one that goes on.
func (d *Duplicates) expire() {
	for n := d.list.first; n != 0 && d.flows.at(n).touched+d.ttl < d.clock; n = d.list.first {
		d.forget(n)
	}
}
