package health

import (
	"math"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// unstableAfter is how far the offset of a clock may wander within five minutes, in seconds.
const unstableAfter = 5.0

// leastDelays is how many datagrams it takes to say how the clock is, as some of them have waited on the way; a first idea takes fewer.
const leastDelays, firstDelays = 16, 3

// offset returns by how much the exporter's clock is ahead of the collector's, in ns: as its datagrams were corrected, else by the
// monitor's own estimate; sure tells whether that is enough to find fault with it.
func (s *stream) offset(number int64) (ns int64, sure bool) {
	if k := &s.correction; !k.Receipt && k.Wall != 0 && k.WallError >= 0 {
		return -k.Wall, true
	}
	w, known := s.shortest(number)
	return -w.minDelay, known && w.delays >= leastDelays
}

// shortest returns the sums of the last minute (or five, of quiet exporters): the shortest way of a datagram stands for no way at all.
// Header times of whole seconds make clocks look slow by up to one.
func (s *stream) shortest(number int64) (w sums, known bool) {
	w = s.ring.over(number, minute)
	if w.delays < leastDelays {
		w = s.ring.over(number, loss)
	}
	return w, w.delays >= firstDelays
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

// clock judges the exporter's clock.
func (f *faults) clock() {
	ns, sure := f.offset(f.number)
	offset := float64(ns) / 1e9
	level, threshold := graded(math.Abs(offset), clockWarning, clockCritical)
	if !sure || f.on(UptimeFrozen) {
		level = Fine
	}
	f.set(ClockOffset, level, verdict{value: offset, threshold: threshold})
	wander := f.wander(f.number)
	level = when(wander > unstableAfter && !f.on(UptimeFrozen), Warning)
	f.set(ClockUnstable, level, verdict{value: wander, threshold: unstableAfter})
}

// clockOf returns what is known of a stream's clock, nil where nothing is.
func (s *stream) clockOf(number int64) *Clock {
	if s.account != nil {
		if c := s.account.Clock.Load(); c.Datagrams > 0 {
			return &Clock{
				OffsetMs: -milliseconds(int64(c.Offset)), UncertaintyMs: milliseconds(int64(c.Uncertainty)), DriftPPM: c.DriftPPM,
				Status: c.Status.String(), Reason: c.Reason.String(), Corrected: c.Corrected,
			}
		}
	}
	w, known := s.shortest(number)
	if !known {
		return nil
	}
	return &Clock{OffsetMs: -milliseconds(w.minDelay), UncertaintyMs: milliseconds(int64(time.Second)), Status: flow.ClockUnknown.String()}
}

func milliseconds(ns int64) float64 { return float64(ns) / 1e6 }
