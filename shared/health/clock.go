package health

import "time"

// States of a clock.
const (
	clockOK  = "ok"
	clockBad = "bad"
)

// unstableAfter is how far the offset of a clock may wander within five minutes, in seconds.
const unstableAfter = 5.0

// leastDelays is how many datagrams of a minute it takes to say how the clock is.
const leastDelays = 3

// clockOf returns what is known of a stream's clock as of a tick.
func (m *Monitor) clockOf(s *stream, number, now int64) (Clock, bool) {
	if m.deps.Clocks != nil {
		if c, ok := m.deps.Clocks.ClockOf(s.key, now); ok {
			return c, true
		}
	}
	return s.clock(number)
}

// clock is the monitor's own estimate: the shortest way of a datagram within the last minute stands for no way at all. Header times of
// whole seconds make clocks look slow by up to one.
func (s *stream) clock(number int64) (Clock, bool) {
	w := s.ring.over(number, minute)
	if w.delays < leastDelays {
		return Clock{}, false
	}
	least, most, minutes := w.minDelay, w.minDelay, 1
	for i := int64(1); i < 5; i++ {
		if o := s.ring.over(number-i*minute, minute); o.delays >= leastDelays {
			least, most = min(least, o.minDelay), max(most, o.minDelay)
			minutes++
		}
	}
	c := Clock{OffsetMs: -float64(w.minDelay) / 1e6, UncertaintyMs: float64(time.Second) / 1e6, Status: clockOK}
	if spread := float64(most-least) / 1e9; minutes >= 3 && spread > unstableAfter {
		c.Status, c.UncertaintyMs = clockBad, spread*1000
	}
	return c, true
}
