package session

import "github.com/weirflow/weir/shared/flow"

// add takes a piece into its session, moves that to the end of its list, and tells of it where that is due.
func (t *Table) add(n uint32, p *piece, flipped bool) {
	s := t.sessions.at(n)
	t.merge(s, p, flipped)
	t.unlink(n)
	t.link(n, s.classify())
	if t.due(s) {
		t.emit(s, true, false)
	}
}

// Sessions that are told of at once: from toldAtOnce bytes on those that have doubled, all that have gained toldGain or an answer,
// and those that were not told of before though they last as long as a piece.
const (
	toldAtOnce = 1 << 20
	toldGain   = 16 << 20
)

func (t *Table) due(s *entry) bool {
	if s.records == s.toldRecords {
		return false
	}
	if t.now()-s.told >= int64(t.cfg.TellEvery) {
		return true
	}
	if s.toldTimes == 0 && s.closed == 0 && s.bothWays() && s.end-s.start >= int64(t.cfg.ActiveTimeout)*3/4 {
		return true
	}
	sum := flow.SaturatingSum(s.sides[0].bytes, s.sides[1].bytes)
	return sum >= toldAtOnce && (sum/2 >= s.toldBytes || sum-s.toldBytes >= toldGain || (s.bothWays() && !s.toldBoth))
}

// alone tells of a piece that is older than the session of its key: as a session of its own.
func (t *Table) alone(p *piece, k *key) {
	flipped := p.from != k.a
	t.lone.begin(k, p)
	t.merge(&t.lone, p, flipped)
	t.counters.Ended++
	t.emit(&t.lone, false, false)
}

// merge adds what a piece says to a session. What another exporter said of the same direction already is not added again: the
// exporter is listed, no more.
func (t *Table) merge(s *entry, p *piece, flipped bool) {
	from, to := s.from(flipped)
	s.see(p.point / 2)
	forward := t.owns(from, p)
	backward := p.reverse && t.owns(to, p)
	if !forward && !backward {
		s.copies++
		t.counters.Copies++
		return
	}
	if forward {
		from.take(p, 0)
		s.mark(from, to, p)
	}
	if backward {
		to.take(p, 1)
	}
	s.records++
	s.start, s.end = min(s.start, p.start), max(s.end, p.end)
	if (p.flags[0]|p.flags[1])&(flow.FIN|flow.RST) != 0 {
		s.closed = max(s.closed, p.end)
	}
	s.interval = max(s.interval, float64(p.interval))
	s.jitter = max(s.jitter, int64(p.jitter)*1_000_000)
	s.service = orDefault(s.service, p.service)
	s.app = orDefault(s.app, p.app)
	s.direction = orDefault(s.direction, turn(p.direction, flipped))
}

// owns tells whether a piece is to be summed: its point owns the direction, or comes to own it, as nobody does yet or the owner
// has not gone on for longer than pieces may lie apart.
func (t *Table) owns(d *side, p *piece) bool {
	if d.owner != p.point && d.owner != 0 && p.start <= d.last+t.pieceGap() {
		return false
	}
	if d.owner == 0 {
		d.first, d.last = p.start, p.end
	}
	d.owner = p.point
	return true
}

// take adds one direction of a piece: 0 forward, 1 reverse.
func (d *side) take(p *piece, way int) {
	d.bytes = flow.SaturatingSum(d.bytes, p.bytes[way])
	d.packets = flow.SaturatingSum(d.packets, p.packets[way])
	d.first, d.last = min(d.first, p.start), max(d.last, p.end)
	d.flags |= p.flags[way]
	d.asn = orDefault(d.asn, p.asn[way])
	d.groups = orDefault(d.groups, p.groups[way])
	d.country = orDefault(d.country, p.country[way])
}

// see lists an exporter.
func (s *entry) see(exporter uint16) {
	for _, e := range s.exporters[:s.seen] {
		if e == exporter {
			return
		}
	}
	if int(s.seen) < len(s.exporters) {
		s.exporters[s.seen] = exporter
		s.seen++
	}
}

// mark keeps what a piece says of who opened the session, and what is known of the side that it goes to.
func (s *entry) mark(from, to *side, p *piece) {
	to.asn = orDefault(to.asn, p.asn[1])
	to.groups = orDefault(to.groups, p.groups[1])
	to.country = orDefault(to.country, p.country[1])
	switch p.hint {
	case hintSource:
		from.marks |= markSaysClient
	case hintDest:
		to.marks |= markSaysClient
	case hintBiflow:
		from.marks |= markBiflowSource
	case hintQuery:
		from.marks |= markQuery
	case hintReply:
		from.marks |= markReply
	case hintSynOnly:
		from.marks |= markSynOnly
	case hintSynAck:
		from.marks |= markSynAck
	case hintNegative:
		from.marks |= markNegative
	}
}

// turn returns the direction seen from the other end.
func turn(d flow.Direction, flipped bool) flow.Direction {
	switch {
	case flipped && d == flow.Inbound:
		return flow.Outbound
	case flipped && d == flow.Outbound:
		return flow.Inbound
	}
	return d
}
