package decode

import "github.com/weirflow/weir/shared/flow"

// Tolerances of the sequence check.
const (
	mostUnits     = 1e6   // units a second, beyond which a jump forward is no loss but another count
	reorderUnits  = 4096  // a jump back by more is no reordering
	behindLimit   = 64    // datagrams in a row behind the expected number after which the number is taken anew
	bootTolerance = 5e9   // ns by which the boot time may wander: header times of whole seconds, queues
	quietTime     = 300e9 // ns between two flushes of templates, or two messages about restarts
)

// sequence follows the sequence numbers of a stream. What counts as a unit is the protocol's business: flows (v5, v7), datagrams
// (v9, sFlow), data records (IPFIX); v9 exporters that count otherwise are found out.
type sequence struct {
	place          // where the latest datagram stood
	known   bool   // next is known
	order   int64  // greatest export time (ns), or uptime (ms) for sFlow
	started bool   // a datagram has been seen in this run
	behind  int    // datagrams in a row that were behind
	others  others // places where other devices of the same address and domain go on
	unit    unit   // what a v9 exporter counts

	flushed int64 // export time of the last flush, 0: none yet
	logged  int64 // and of the last message about a restart
}

// place is a place in a count.
type place struct {
	next      uint32 // expected
	last      uint32 // sequence number of the newest datagram
	at        int64  // its export time (sFlow: time of receipt); 0 = unknown
	uptime    uint32
	boot      int64 // its export time less its uptime, ns
	hasUptime bool
	counts    counts // what the newest datagram held
}

// counts is what a datagram holds that an exporter may count.
type counts struct {
	header  uint32 // records by the header of v9
	records uint32 // data records, those of options included
	known   bool   // records is known
}

// arrival is what a datagram says about its place in the stream.
type arrival struct {
	sequence  uint32
	units     uint32
	known     bool // units is known
	counts    counts
	learn     bool // the unit is learned (v9)
	at        int64
	order     int64 // see sequence.order
	byUptime  bool  // order is an uptime
	uptime    uint32
	hasUptime bool
}

func (a *arrival) boot() int64 { return a.at - int64(a.uptime)*1e6 }

// verdict is what the sequence number of a datagram means.
type verdict struct {
	gap       uint32 // units missing before it
	reordered bool   // a later one came before it
	restarted bool   // the exporter's uptime or count began anew
	reset     bool   // the count began anew, at a lower number
	clash     bool   // it goes on where another device's datagrams left off
}

// ahead tells whether a datagram with this number cannot have been seen before.
func (s *sequence) ahead(number uint32) bool {
	return s.started && s.known && int32(number-s.next) >= 0 && number != s.last
}

// observe takes a datagram into account. numbered is false for protocols without sequence numbers.
func (s *sequence) observe(a arrival, numbered bool) (v verdict) {
	v.restarted = a.hasUptime && s.hasUptime && s.rebooted(a, a.boot())
	if numbered && s.known && !v.restarted {
		s.compare(a, &v)
	}
	if numbered && s.started {
		s.turn(a, &v)
	}
	if v.reordered {
		s.behind++
		return v
	}
	s.behind = 0
	if v.restarted {
		s.unit = unit{}
	}
	s.advance(a)
	s.known, s.started = a.known && numbered, true
	s.order = max(s.order, a.order)
	return v
}

func (p *place) advance(a arrival) {
	p.next, p.last = a.sequence+a.units, a.sequence
	p.at, p.uptime, p.boot, p.hasUptime = a.at, a.uptime, a.boot(), a.hasUptime
	p.counts = a.counts
}

// compare tells gap, reordering and restart by the numbers alone.
func (s *sequence) compare(a arrival, v *verdict) {
	next := s.next
	if a.learn && s.started {
		next = s.unit.next(&s.place, &a)
	}
	diff := int32(a.sequence - next)
	switch {
	case diff == 0:
	case diff > 0 && s.at != 0 && int64(diff) > mostUnits*(max(a.at-s.at, 0)/1e9+1):
		v.restarted = true
	case diff > 0:
		v.gap = uint32(diff)
	case s.started && int32(a.sequence-s.last) >= 0:
		// Behind the expected number but not behind the last one: the exporter counts other units than its protocol says, or
		// not at all. There is nothing to learn from such numbers.
	case a.order > s.order && !a.byUptime:
		v.restarted, v.reset = true, true
	case !s.started:
		// The first datagram after a restart of the program is an old one: a replay, unless the agent's uptime began anew.
		v.restarted = a.byUptime && a.order < s.order
	case -int64(diff) <= reorderUnits || s.behind < behindLimit:
		v.reordered = true
	default:
		v.restarted, v.reset = true, true
	}
	if a.learn && s.started && !v.restarted && !v.reordered {
		v.gap = s.unit.learn(&s.place, &a, v.gap)
	}
}

// rebooted tells whether the uptime fell because the exporter started anew: not by a wrap at 2^32 ms, and not because a datagram
// came late, which leaves the boot time where it was, nor because another device's datagrams come from the same address.
func (s *sequence) rebooted(a arrival, boot int64) bool {
	return flow.Uptime{Ms: s.uptime, Boot: s.boot}.Step(flow.Uptime{Ms: a.uptime, Boot: boot}) == flow.UptimeRestarted
}

// mayFlush tells whether a proven restart at the export time at is to flush the templates. Two processes that share a domain
// look like an exporter that restarts with every datagram: they must not cost all templates each time.
func (s *sequence) mayFlush(at int64) bool {
	return quiet(&s.flushed, at)
}

// mayTell tells whether a restart at the export time at is to be logged.
func (s *sequence) mayTell(at int64) bool { return quiet(&s.logged, at) }

func quiet(last *int64, at int64) bool {
	if *last != 0 && at < *last+quietTime && at > *last-quietTime {
		return false
	}
	*last = at
	return true
}

// restore takes the mark of an earlier run.
func (s *sequence) restore(m flow.StreamMark) {
	s.next, s.known, s.order = m.Next, m.Known, m.Order
}
