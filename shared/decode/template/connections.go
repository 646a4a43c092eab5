package template

import (
	"encoding/binary"

	"github.com/weirflow/weir/shared/flow"
)

// Firewall says what the counters of a firewall's events (IE 231, 232, 298, 299 beside IE 233) mean. The zero value is what Cisco
// says of the ASA: an update tells what came since the last one, the teardown the whole of the connection (Cisco Secure Firewall
// ASA NetFlow Implementation Guide, "Templates for Flow Update Events").
type Firewall struct {
	UpdatesTotal  bool // updates tell the whole so far
	TeardownDelta bool // the teardown tells what came since the last update
}

// Firewall events (IE 233).
const (
	eventCreated = 1
	eventDeleted = 2
	eventUpdate  = 5
)

// counters are those of a record: forward and reverse bytes, forward and reverse packets.
type counters [4]uint64

func countersOf(r *flow.Record) counters {
	return counters{r.Source.Bytes, r.Destination.Bytes, r.Source.Packets, r.Destination.Packets}
}

// connection is what events told of a connection so far.
type connection struct {
	counted counters
	ended   int64 // time of its teardown, 0 while it goes on
}

// generation is how many connections are remembered at least, those lately told of.
const generation = 1 << 18

// connections remembers the connections of a stream by flow id. At its size the younger half becomes the older one, which is
// forgotten.
type connections struct {
	limits     *Limits
	young, old map[uint64]connection

	resumed bool  // there was an earlier run, which has counted what was told to it
	since   int64 // export time of the first event of this run
	updates bool  // the exporter sends updates
}

// before tells whether a connection began before this run, and an earlier one has counted a part of it that is not remembered.
func (c *connections) before(r *flow.Record) bool { return c.resumed && r.Start < c.since }

func (c *connections) get(id uint64) (v connection, ok bool) {
	if v, ok = c.young[id]; !ok {
		v, ok = c.old[id]
	}
	return v, ok
}

func (c *connections) put(id uint64, v connection) {
	if _, known := c.young[id]; !known {
		if len(c.young) >= generation {
			c.limits.connections.Add(-int64(len(c.old)))
			c.young, c.old = nil, c.young
		}
		if !take(&c.limits.connections, 1, c.limits.MaxConnections) {
			return
		}
	}
	if c.young == nil {
		c.young = map[uint64]connection{}
	}
	c.young[id] = v
}

// forget lets go of all connections.
func (c *connections) forget() {
	c.limits.connections.Add(-int64(len(c.young) + len(c.old)))
	c.young, c.old = nil, nil
}

// countEvent leaves in the counters of a firewall's event what no event before has told, so that the sum over all events of a
// connection is its traffic. What the event told stays as elements where that is another number.
func (s *Session) countEvent(r *flow.Record) {
	id := s.m.rec.connection
	if id == 0 {
		return
	}
	if s.open.since == 0 {
		s.open.since = s.m.exported
	}
	c, known := s.open.get(id)
	if known && c.ended != 0 && r.End > c.ended {
		c, known = connection{}, false // the id is used anew
	}
	switch r.FirewallEvent {
	case eventCreated:
		if !known { // not late: its teardown is not known yet, and what is of an earlier connection of this id is void
			s.open.put(id, connection{})
		}
	case eventUpdate:
		s.open.updates = true
		s.countUpdate(r, c, known)
	case eventDeleted:
		s.countTeardown(r, c, known)
	}
}

func (s *Session) countUpdate(r *flow.Record, c connection, known bool) {
	told := countersOf(r)
	rest := told
	switch {
	case c.ended != 0: // it comes late: the teardown has told it
		if !s.Firewall.TeardownDelta {
			rest = counters{}
		}
	case s.Firewall.UpdatesTotal && !known && s.open.before(r):
		rest, c.counted = counters{}, told // what came since the last update of before is not known
	case s.Firewall.UpdatesTotal:
		for i := range told {
			rest[i] = told[i] - min(told[i], c.counted[i])
			c.counted[i] = max(c.counted[i], told[i])
		}
	default:
		for i := range told {
			c.counted[i] += told[i]
		}
	}
	s.open.put(s.m.rec.connection, c)
	s.leave(r, told, rest)
}

func (s *Session) countTeardown(r *flow.Record, c connection, known bool) {
	told := countersOf(r)
	rest := told
	switch {
	case s.Firewall.TeardownDelta || c.ended != 0:
	case s.open.before(r) && s.open.updates && !s.Firewall.UpdatesTotal:
		rest = counters{} // an update comes with the teardown where there is anything left to tell
	case known:
		for i := range told {
			rest[i] = remainder(told[i], c.counted[i])
		}
	}
	c.ended = r.End
	s.open.put(s.m.rec.connection, c)
	s.leave(r, told, rest)
}

// remainder returns what of total has not been counted. Totals of 4 bytes wrap, and so may be less than what is counted; any other
// that is less is none, but what came since the last update.
func remainder(total, counted uint64) uint64 {
	const wrap = 1 << 32
	switch {
	case total >= counted:
		return total - counted
	case total < wrap && counted >= wrap/2:
		return (total - counted) % wrap
	}
	return total
}

// leave sets the counters of a record.
func (s *Session) leave(r *flow.Record, told, rest counters) {
	if told == rest {
		return
	}
	for i, id := range [...]uint16{idInitiatorOctets, idInitiatorOctets + 1, idInitiatorPackets, idInitiatorPackets + 1} {
		if told[i] != rest[i] {
			var value [8]byte
			binary.BigEndian.PutUint64(value[:], told[i])
			s.batch.AddElement(r, flow.Element{ID: id, Kind: flow.ElementUint, Value: value[:]})
		}
	}
	r.Source.Bytes, r.Destination.Bytes, r.Source.Packets, r.Destination.Packets = rest[0], rest[1], rest[2], rest[3]
}
