package session

import (
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// DuplicatesConfig says for how long an exporter owns a flow. The zero value of a member stands for its default.
type DuplicatesConfig struct {
	// ActiveTimeout and InactiveTimeout are the longest of the exporters.
	ActiveTimeout, InactiveTimeout time.Duration
	// Flows caps the directions of flows remembered, 64 bytes each, rounded down to a power of two from 8 on; beyond, the one
	// longest without a record of those that share a place is forgotten.
	Flows int
	// Secret keys the hash table: zero stands for a random one.
	Secret [16]byte
}

// Duplicates finds records that are other exporters' copies of a flow, by the owner rule: the exporter that first exports a
// direction of a flow owns it while it goes on exporting it. What others export of the same direction and time are copies.
// Records of other interfaces of the owner are none. It is for one goroutine at a time.
type Duplicates struct {
	gap, pair int64
	owners    owners
	points    points
	clock     int64
	ahead     []claim
	counters  DuplicatesStats
}

// DuplicatesStats are the counters and gauges of a [Duplicates].
type DuplicatesStats struct {
	Marked  uint64 // records marked as copies
	Moved   uint64 // times that a flow got another owner, as the old one did not go on
	Evicted uint64 // flows forgotten for want of room
	Flows   int    // directions of flows remembered
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
		gap: idle + 2*second, pair: idle + 5*second, points: newPoints(),
		owners: newOwners(base.Sessions, 2*int64(base.ActiveTimeout+base.InactiveTimeout), seed),
	}, nil
}

// Mark sets DuplicateOf on the records of a batch that are copies, with the identity of a record of the owner. Records set aside,
// without addresses, or marked already are left alone. Time passes by the records' receive times.
func (d *Duplicates) Mark(b *flow.Batch) {
	for from := 0; from < len(b.Records); from += ahead {
		part := b.Records[from:min(from+ahead, len(b.Records))]
		d.ahead = d.ahead[:0]
		for i := range part {
			r := &part[i]
			if r.Invalid == flow.ReasonNone && r.Present&flow.HasDuplicateOf == 0 && r.Present.Has(flow.HasSourceIP|flow.HasDestinationIP) {
				d.ahead = append(d.ahead, d.claimOf(b, r))
			}
		}
		d.owners.warm(d.ahead)
		for i := range d.ahead {
			d.take(&d.ahead[i])
		}
	}
}

// Stats returns the counters.
func (d *Duplicates) Stats() DuplicatesStats {
	s := d.counters
	s.Evicted, s.Flows = d.owners.evicted, d.owners.used
	return s
}

// claim is what a record says: its point of observation exports a direction of a flow.
type claim struct {
	record   *flow.Record
	from, to endpoint
	hash     uint64
	point    uint16
}

func (d *Duplicates) claimOf(b *flow.Batch, r *flow.Record) claim {
	var a asides
	if r.ElementsLen > 0 {
		a = readAsides(b.ElementsOf(r))
	}
	c := claim{record: r, point: d.points.of(device{r.Exporter, a.port}, a.egress)}
	c.from, c.to = endpointOf(&r.Source.IP, r.Source.Port), endpointOf(&r.Destination.IP, r.Destination.Port)
	if r.IPProtocol == protoICMP || r.IPProtocol == protoICMPv6 {
		// The type tells the directions of an exchange apart no more than ports do, but errors are not queries.
		c.from.port, c.to.port = 0, icmpPort(r)
	}
	c.hash = d.owners.hash(&c.from, &c.to, r.IPProtocol)
	return c
}

func icmpPort(r *flow.Record) uint16 {
	if r.Present.Has(flow.HasICMP) {
		return uint16(r.ICMPType)<<8 | uint16(r.ICMPCode)
	}
	return r.Destination.Port
}

func (d *Duplicates) take(c *claim) {
	r := c.record
	d.clock = max(d.clock, r.Created)
	if id, copied := d.settle(c.hash, r, c.point); copied {
		r.DuplicateOf = id
		r.Present |= flow.HasDuplicateOf
		d.counters.Marked++
		return
	}
	if r.Destination.Bytes > 0 || r.Destination.Packets > 0 {
		// The reverse direction is owned too, where nobody owns it yet.
		d.settle(d.owners.hash(&c.to, &c.from, r.IPProtocol), r, c.point)
	}
}

// settle tells whether a record is a copy, and of which record; if not, its point owns the direction from now on.
func (d *Duplicates) settle(hash uint64, r *flow.Record, point uint16) (flow.EventID, bool) {
	o := d.owners.get(hash, d.clock)
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
