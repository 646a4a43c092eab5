package decode

// NetFlow v9 counts datagrams (RFC 3954, 5.1), but some exporters count flows or records. Their numbers jump from datagram to datagram
// by what one holds; taken for losses those jumps are most of the traffic. unit learns what an exporter counts.

// Ways of counting, as bits of candidates.
const (
	countsHeader   = 1 << iota // records by the header of the datagram before
	countsRecords              // data records of the datagram before
	countsIncluded             // data records of the datagram itself
)

const (
	unitProof  = 4 // jumps that one way of counting explains, without one that contradicts it
	unitSettle = 8 // steps of one between datagrams of several records, after which datagrams are what is counted
)

type unit struct {
	way        uint8  // the learned one, 0: datagrams
	candidates uint8  // ways that explain all jumps so far
	jumps      int    // so many
	steps      int    // contradictions in a row
	held       uint32 // gaps that are none if a candidate proves right
}

// next returns the number that a datagram is expected to have.
func (u *unit) next(p *place, a *arrival) uint32 {
	switch {
	case u.way&countsIncluded != 0:
		return p.last + a.counts.records
	case u.way&countsRecords != 0:
		return p.last + p.counts.records
	case u.way&countsHeader != 0:
		return p.last + p.counts.header
	}
	return p.next
}

// of returns by how much a datagram moves the count on, as far as it can be told before the next one.
func (u *unit) of(c *counts) uint32 {
	switch {
	case u.way&countsIncluded != 0:
		return 1
	case u.way&countsRecords != 0:
		return c.records
	case u.way&countsHeader != 0:
		return c.header
	}
	return 1
}

// learn takes a datagram that comes gap behind the expected number, and returns the gap to count.
func (u *unit) learn(p *place, a *arrival, gap uint32) uint32 {
	if u.way != 0 || u.steps >= unitSettle {
		return gap
	}
	step := a.sequence - p.last
	explains := explained(p, a, step)
	switch {
	case step == 1 && explains == 0:
		u.steps++
		return u.contradicted()
	case step <= 1:
		return gap
	}
	if u.jumps > 0 {
		explains &= u.candidates
	}
	if explains == 0 {
		return gap + u.contradicted()
	}
	u.candidates = explains
	u.held += gap
	if u.jumps++; u.jumps < unitProof {
		return 0
	}
	u.way, u.held = explains&-explains, 0
	return 0
}

// contradicted gives up the candidates, and returns what was held for them.
func (u *unit) contradicted() uint32 {
	held := u.held
	*u = unit{steps: u.steps}
	return held
}

// explained returns the ways of counting that make such a step.
func explained(p *place, a *arrival, step uint32) (ways uint8) {
	if step == p.counts.header {
		ways |= countsHeader
	}
	if p.counts.known && step == p.counts.records {
		ways |= countsRecords
	}
	if a.counts.known && step == a.counts.records {
		ways |= countsIncluded
	}
	return ways
}
