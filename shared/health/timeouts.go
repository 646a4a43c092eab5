package health

import "math/bits"

// Durations are counted on a scale of 16 steps an octave, from 1.024 s to 2.3 hours; delays from the end of a flow to its export in
// whole seconds.
const (
	firstOctave = 10 // 2^10 ms
	octaves     = 13
	steps       = 16
	maxDelay    = 512 // s
)

// timeouts learns the flow timeouts of an exporter (3.3 of the project's notes on detection): active where the durations of
// flows end, inactive the median time from the end of other flows to their export. Counts are halved every hour, so that a change shows.
type timeouts struct {
	durations [octaves * steps]uint32
	cut       [octaves * steps]uint32 // of records that say that the active timeout cut them (IE 136: 2)
	delays    [maxDelay]uint32
	delayed   uint32
	cuts      uint32
}

// step returns the place of a duration of at least 1.024 s.
func step(ms uint64) int {
	top := bits.Len64(ms) - 1
	i := (top-firstOctave)*steps + int(ms>>(top-4)&(steps-1))
	return min(i, octaves*steps-1)
}

// edge returns the least duration of a step, in seconds.
func edge(i int) float64 {
	return float64(uint64(steps+i%steps)<<(firstOctave+i/steps-4)) / 1000
}

// take counts a record; delay, from the end of the flow to its export, is negative where it says nothing.
func (t *timeouts) take(duration int64, cut bool, delay int64) {
	if ms := uint64(max(duration, 0)) / 1e6; ms >= 1<<firstOctave {
		i := step(ms)
		t.durations[i]++
		if cut {
			t.cut[i]++
			t.cuts++
		}
	}
	if s := delay / 1e9; delay >= 0 {
		t.delays[min(s, maxDelay-1)]++
		t.delayed++
	}
}

// age halves the counts.
func (t *timeouts) age() {
	t.cuts, t.delayed = 0, 0
	for i := range t.durations {
		t.durations[i] /= 2
		t.cut[i] /= 2
		t.cuts += t.cut[i]
	}
	for i := range t.delays {
		t.delays[i] /= 2
		t.delayed += t.delays[i]
	}
}

// Evidence that timeouts take.
const (
	longFlows    = 5  // flows that reach a length, before it is believed
	leastActive  = 10 // s: shorter lengths say nothing of a timeout
	fewestDelays = 50
	dense        = 3 // times as many flows a step as below it make an end of durations a limit
)

// active returns the active timeout in seconds, 0 while unknown. With atLeast there are flows as long, and no limit shows.
func (t *timeouts) active() (seconds float64, atLeast bool) {
	hist, sure := &t.durations, false
	if t.cuts >= longFlows {
		hist, sure = &t.cut, true
	}
	n, top := uint32(0), -1
	for i := len(hist) - 1; i >= 0 && top < 0; i-- {
		if n += hist[i]; n >= longFlows {
			top = i
		}
	}
	if top < 0 || edge(top) < leastActive {
		return 0, false
	}
	// The peak may lie a little below the longest flows: those that the exporter came to late.
	peak := top
	for i := max(0, top-3); i < top; i++ {
		if hist[i] > hist[peak] {
			peak = i
		}
	}
	var at, below uint32
	for i := max(0, peak-1); i < len(hist); i++ {
		at += hist[i]
	}
	for i := max(0, peak-1-2*steps/4); i < peak-1; i++ {
		below += hist[i]
	}
	// at spans some 3 steps, below 8: as many flows a step would make below the larger one.
	return standard(edge(peak)), !sure && (at < 2*longFlows || float64(at)/3 < dense*float64(below)/8)
}

// standards are the timeouts that people set, in seconds.
var standards = [...]float64{10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 600, 900, 1200, 1800, 3600}

// standard returns the timeout that a length stands for: flows are cut a little early or late, and a step is 3 to 6 % wide.
func standard(seconds float64) float64 {
	for _, s := range standards {
		if seconds > 0.9*s && seconds < 1.07*s {
			return s
		}
	}
	return seconds
}

// inactive returns the median time from the end of flows to their export in seconds, false while unknown.
func (t *timeouts) inactive() (seconds float64, ok bool) {
	if t.delayed < fewestDelays {
		return 0, false
	}
	n := uint32(0)
	for i, c := range t.delays {
		if n += c; 2*n >= t.delayed {
			return float64(i), true
		}
	}
	return 0, false
}
