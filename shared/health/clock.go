package health

import "time"

// States of a clock.
const (
	clockOK  = "ok"
	clockBad = "bad"
)

// unstableAfter is how far the offset of a clock may wander within five minutes, in seconds.
const unstableAfter = 5.0

// leastDelays is how many datagrams it takes to say how the clock is, as some of them have waited on the way; a first idea takes fewer.
const leastDelays, firstDelays = 16, 3

// clockOf returns what is known of a stream's clock as of a tick; sure tells whether that is enough to find fault with it.
func (m *Monitor) clockOf(s *stream, number, now int64) (c Clock, sure bool) {
	if m.deps.Clocks != nil {
		if c, ok := m.deps.Clocks.ClockOf(s.key, now); ok {
			return c, true
		}
	}
	return s.clock(number)
}

// clock is the monitor's own estimate: the shortest way of a datagram within the last minute (or five, of quiet exporters) stands for
// no way at all. Header times of whole seconds make clocks look slow by up to one.
func (s *stream) clock(number int64) (c Clock, sure bool) {
	w := s.ring.over(number, minute)
	if w.delays < leastDelays {
		w = s.ring.over(number, loss)
	}
	if w.delays < firstDelays {
		return Clock{}, false
	}
	c = Clock{OffsetMs: -float64(w.minDelay) / 1e6, UncertaintyMs: float64(time.Second) / 1e6, Status: clockOK}
	if spread := s.wander(number); spread > unstableAfter {
		c.Status, c.UncertaintyMs = clockBad, spread*1000
	}
	return c, w.delays >= leastDelays
}

// wander returns how far the minutes' shortest ways lie apart, in seconds, over five minutes of which three at least say something.
func (s *stream) wander(number int64) float64 {
	var least, most int64
	minutes := 0
	for i := range int64(5) {
		w := s.ring.over(number-i*minute, minute)
		if w.delays < leastDelays {
			continue
		}
		if minutes == 0 {
			least, most = w.minDelay, w.minDelay
		}
		least, most = min(least, w.minDelay), max(most, w.minDelay)
		minutes++
	}
	if minutes < 3 {
		return 0
	}
	return float64(most-least) / 1e9
}
