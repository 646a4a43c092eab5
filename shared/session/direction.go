package session

import "github.com/weirflow/weir/shared/flow"

// Confidences of who is the client, by the rule that told (docs/sessions.md).
const (
	sureSaid    = 1.0  // the record says so
	sureOpening = 0.95 // flags, ICMP queries, or a record of both directions
	sureEarlier = 0.85
	sureLearned = 0.85
	surePort    = 0.75
	sureLower   = 0.55
	sureNot     = 0.5
)

// resolve tells which side is the client (0 or 1) and how sure that is.
func (t *Table) resolve(s *entry) (client int, confidence float64) {
	if c, ok := either(s, func(d *side) bool { return d.marks&markSaysClient != 0 }); ok {
		return c, sureSaid
	}
	if c, ok := opening(s); ok {
		return c, sureOpening
	}
	if c, ok := earlier(s); ok {
		return c, sureEarlier
	}
	now := t.now()
	a, b := t.servers.known(&s.key.a, s.key.proto, now), t.servers.known(&s.key.b, s.key.proto, now)
	if a != b {
		return pick(b), sureLearned
	}
	return t.byPort(s)
}

// pick returns 0, or 1 where the first endpoint is not the client.
func pick(first bool) int {
	if first {
		return 0
	}
	return 1
}

// either returns the side that alone has a property.
func either(s *entry, has func(*side) bool) (int, bool) {
	a, b := has(&s.sides[0]), has(&s.sides[1])
	return pick(a), a != b
}

// opening goes by what only the one that opens, or only the one that answers, sends.
func opening(s *entry) (int, bool) {
	for _, m := range [...]marks{markSynOnly, markQuery} {
		if c, ok := either(s, func(d *side) bool { return d.marks&m != 0 }); ok {
			return c, true
		}
	}
	if c, ok := either(s, func(d *side) bool { return d.marks&(markSynAck|markReply|markNegative) != 0 }); ok {
		return 1 - c, true
	}
	if c, ok := refuser(s); ok {
		return 1 - c, true
	}
	return either(s, func(d *side) bool { return d.marks&markBiflowSource != 0 })
}

// refuser returns the side that sent nothing but a reset to nothing that was seen.
func refuser(s *entry) (int, bool) {
	for i := range s.sides {
		d, other := &s.sides[i], &s.sides[1-i]
		if d.owner != 0 && other.owner == 0 && d.flags&flow.RST != 0 && d.flags&^(flow.RST|flow.ACK) == 0 {
			return i, true
		}
	}
	return 0, false
}

// clockError is the least error of two times of one exporter, in ns: most export milliseconds.
const clockError = 1_000_000

// earlier goes by who sent first, where one exporter saw both and, for TCP, both openings.
func earlier(s *entry) (int, bool) {
	a, b := &s.sides[0], &s.sides[1]
	if a.owner == 0 || a.owner != b.owner {
		return 0, false
	}
	if s.key.proto == protoTCP && a.flags&b.flags&flow.SYN == 0 {
		return 0, false
	}
	apart := a.first - b.first
	return pick(apart < 0), max(apart, -apart) > 3*max(s.jitter, clockError)
}

// byPort goes by the ports alone.
func (t *Table) byPort(s *entry) (int, float64) {
	a, b := s.key.a.port, s.key.b.port
	if s.key.proto == protoICMP || s.key.proto == protoICMPv6 || a == b {
		return pick(s.sides[0].owner != 0), sureNot
	}
	low := func(p uint16) bool { return p > 0 && p < 1024 }
	if low(a) != low(b) {
		return pick(low(b)), surePort
	}
	if x, y := t.isService(s.key.proto, a), t.isService(s.key.proto, b); x != y {
		return pick(y), surePort
	}
	return pick(b < a), sureLower
}

func (t *Table) isService(proto uint8, port uint16) bool {
	return servicePort(port) || (t.service != nil && t.service(proto, port))
}

// servicePort tells common service ports from 1024 on.
func servicePort(port uint16) bool {
	switch port {
	case 1194, 1433, 1434, 1521, 1701, 1723, 1883, 1900, 2049, 2055, 3128, 3268, 3269, 3306, 3389, 3478, 4500, 4739, 5060, 5061, 5222, 5353,
		5432, 5671, 5672, 5900, 5985, 5986, 6343, 6379, 6443, 8000, 8080, 8443, 8883, 9000, 9042, 9092, 9200, 11211, 27017, 51820:
		return true
	}
	return false
}
