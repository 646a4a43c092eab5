package send

import "time"

// pacer says when datagrams are due: at a rate, or as their own times say at a speed. The first is due at once.
type pacer struct {
	speed, rate float64 // at most one above 0; both 0: everything is due at once
	now         func() time.Time

	started bool
	start   time.Time // when the first datagram was due
	first   int64     // time of the first datagram in its source, ns
	count   float64   // datagrams so far
}

// longest is a duration that no run lasts and no arithmetic overflows.
const longest = float64(100 * 365 * 24 * time.Hour)

// wait returns how long the next datagram, captured at the given time, has to wait; 0 or less where it is due.
func (p *pacer) wait(captured int64) time.Duration {
	if p.speed == 0 && p.rate == 0 {
		return 0
	}
	if !p.started {
		p.started, p.start, p.first = true, p.now(), captured
	}
	due := p.count / p.rate * float64(time.Second)
	if p.rate == 0 {
		due = float64(captured-p.first) / p.speed
	}
	p.count++
	return time.Duration(max(min(due, longest), 0)) - p.now().Sub(p.start)
}
