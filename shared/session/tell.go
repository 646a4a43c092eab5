package session

import "github.com/weirflow/weir/shared/flow"

// emit tells of a session as it is.
func (t *Table) emit(s *entry, open, truncated bool) {
	t.describe(&t.one, s)
	t.one.Open, t.one.Truncated = open, truncated
	s.told, s.toldRecords = t.now(), s.records
	s.toldTimes++
	s.toldBytes = flow.SaturatingSum(s.sides[0].bytes, s.sides[1].bytes)
	if t.tell != nil {
		t.tell(&t.one)
		return
	}
	t.out = append(t.out, t.one)
}

// describe fills all of out.
func (t *Table) describe(out *flow.Session, s *entry) {
	c, confidence := t.resolve(s)
	*out = flow.Session{
		ID: s.key.id(s.born), Start: s.start, End: s.end, Born: s.born, Confidence: confidence, SamplingInterval: s.sampling(),
		Records: s.records, Copies: s.copies, Told: s.toldTimes, Service: s.service, Application: s.app, ExporterCount: s.seen, Transport: s.key.proto,
		ICMPType: s.icmp[0], ICMPCode: s.icmp[1], State: stateOf(s, c), Direction: turn(s.direction, c == 1),
	}
	ends := [2]*endpoint{&s.key.a, &s.key.b}
	fillSide(&out.Client, ends[c], &s.sides[c], s.key.proto)
	fillSide(&out.Server, ends[1-c], &s.sides[1-c], s.key.proto)
	for i, e := range s.exporters[:s.seen] {
		out.Exporters[i] = t.points.list[e]
	}
}

func fillSide(out *flow.SessionSide, e *endpoint, d *side, proto uint8) {
	*out = flow.SessionSide{
		IP: e.ip(), Port: e.port, Bytes: d.bytes, Packets: d.packets, ASN: d.asn, Groups: d.groups, TCPFlags: uint16(d.flags), Country: d.country,
	}
	if proto == protoICMP || proto == protoICMPv6 {
		out.Port = 0
	}
}
