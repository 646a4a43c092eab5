package session

import "github.com/weirflow/weir/shared/flow"

// Told is sessions told of, in the order in which that happened, and when: on the clock of the records' receive times, that of the
// record that brought it about, in ns since the Unix epoch.
type Told struct {
	Sessions []flow.Session
	Clocks   []int64
}

// tellAtOnce is how many sessions Deps.Tell is given at a time, at most.
const tellAtOnce = 16

// emit tells of a session as it is.
func (t *Table) emit(s *entry, open, truncated bool) {
	out := t.nextTold()
	t.describe(out, s)
	out.Open, out.Truncated = open, truncated
	s.told, s.toldRecords = t.now(), s.records
	s.toldTimes++
	s.toldBoth = s.bothWays()
	s.toldBytes = flow.SaturatingSum(s.sides[0].bytes, s.sides[1].bytes)
	if t.tell != nil && len(t.out.Sessions) == tellAtOnce {
		t.tellNow()
	}
}

// nextTold returns a place among what is told, to be filled.
func (t *Table) nextTold() *flow.Session {
	list := &t.out.Sessions
	if len(*list) < cap(*list) {
		*list = (*list)[:len(*list)+1]
	} else {
		*list = append(*list, flow.Session{})
	}
	t.out.Clocks = append(t.out.Clocks, t.clock)
	return &(*list)[len(*list)-1]
}

func (t *Table) tellNow() {
	if t.tell != nil && len(t.out.Sessions) > 0 {
		t.tell(t.out)
		t.forgetTold()
	}
}

func (t *Table) forgetTold() { t.out.Sessions, t.out.Clocks = t.out.Sessions[:0], t.out.Clocks[:0] }

// describe fills all of out.
func (t *Table) describe(out *flow.Session, s *entry) {
	c, confidence := t.resolve(s)
	// Member by member: a literal would be made elsewhere and copied.
	out.ID, out.Start, out.End, out.Born = s.key.id(s.born), s.start, s.end, s.born
	out.Confidence, out.SamplingInterval = confidence, s.sampling()
	out.Records, out.Copies, out.Told = s.records, s.copies, s.toldTimes
	out.Service, out.Application, out.ExporterCount = s.service, s.app, s.seen
	out.Transport, out.ICMPType, out.ICMPCode = s.key.proto, s.icmp[0], s.icmp[1]
	out.State, out.Direction = stateOf(s, c), turn(s.direction, c == 1)
	ends := [2]*endpoint{&s.key.a, &s.key.b}
	fillSide(&out.Client, ends[c], &s.sides[c], s.key.proto)
	fillSide(&out.Server, ends[1-c], &s.sides[1-c], s.key.proto)
	if s.alias != 0 {
		t.fillNAT(out, s, c)
	}
	for i := range out.Exporters {
		out.Exporters[i] = flow.Addr{}
		if i < int(s.seen) {
			out.Exporters[i] = t.points.list[s.exporters[i]]
		}
	}
}

func fillSide(out *flow.SessionSide, e *endpoint, d *side, proto uint8) {
	out.IP, out.Port, out.NAT, out.NATPort = e.ip(), e.port, flow.Addr{}, 0
	out.Bytes, out.Packets, out.ASN, out.Groups, out.Country = d.bytes, d.packets, d.asn, d.groups, d.country
	out.TCPFlags = uint16(d.flags)
	if proto == protoICMP || proto == protoICMPv6 {
		out.Port = 0
	}
}

// fillNAT adds the endpoints of the session's other key where they are others.
func (t *Table) fillNAT(out *flow.Session, s *entry, client int) {
	a := t.aliases.at(s.alias)
	other := [2]*endpoint{&a.key.a, &a.key.b}
	if a.swapped {
		other[0], other[1] = other[1], other[0]
	}
	own := [2]*endpoint{&s.key.a, &s.key.b}
	for i, e := range [2]*flow.SessionSide{&out.Client, &out.Server} {
		side := client
		if i == 1 {
			side = 1 - client
		}
		if *other[side] == *own[side] {
			continue
		}
		e.NAT = other[side].ip()
		if s.key.proto != protoICMP && s.key.proto != protoICMPv6 {
			e.NATPort = other[side].port
		}
	}
}
