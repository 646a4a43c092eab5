package model

import (
	"time"

	"github.com/weirflow/weir/shared/query"
)

// Window is what Grafana says of a query besides its JSON.
type Window struct {
	From, To  time.Time     // from <= @timestamp < to
	Interval  time.Duration // the panel's: so long is a point of its width
	MaxPoints int64         // the panel's width; 0 is not known
}

// steps are the lengths of buckets from which one is chosen to follow a panel's width. Those up to 30 minutes divide an hour, longer ones
// a day, so that buckets stay where they are while time goes on.
var steps = []string{
	"1s", "2s", "5s", "10s", "15s", "30s", "1m", "2m", "5m", "10m", "15m", "30m", "1h", "2h", "3h", "6h", "12h", "1d", "2d", "1w", "2w", "4w", "12w", "52w",
}

// autoInterval is the word for an interval that follows the panel.
const autoInterval = "auto"

// interval returns the length of a series' buckets: as written, or the shortest of [steps] that is at least the panel's interval, the
// least one asked for, and long enough that the panel's points suffice.
func (w Window) interval(asked, least string) (string, error) {
	if asked != "" && asked != autoInterval {
		_, err := query.ParseInterval("interval", asked)
		return asked, err
	}
	need := max(w.Interval, time.Second)
	if w.MaxPoints > 0 {
		need = max(need, ceilDiv(w.To.Sub(w.From), w.MaxPoints))
	}
	if least != "" {
		s, err := query.ParseInterval("minInterval", least)
		if err != nil {
			return "", err
		}
		need = max(need, s.Width)
	}
	for _, text := range steps {
		if s, err := query.ParseInterval("interval", text); err == nil && s.Width >= need {
			return text, nil
		}
	}
	return steps[len(steps)-1], nil
}

func ceilDiv(d time.Duration, n int64) time.Duration {
	return time.Duration((int64(d) + n - 1) / n)
}

// moves are what the ends of short ranges are moved to multiples of. They divide each other, so that a range whose length grows by little
// (now/d to now) seldom changes from one to another.
var moves = []time.Duration{time.Minute, 30 * time.Second, 10 * time.Second, 5 * time.Second, time.Second, 500 * time.Millisecond, 100 * time.Millisecond}

const (
	// nearNow is how far from now a range ends that is taken for one up to now: clocks of browsers are not better.
	nearNow = time.Minute
	// maxMoved is the part of its length by which a range is moved at most.
	maxMoved = 200
)

// IsLive tells whether a window ends about now.
func (w Window) IsLive(now time.Time) bool {
	return !w.To.Before(now.Add(-nearNow)) && !w.To.After(now.Add(nearNow))
}

// Share moves a window that ends about now to whole multiples of a quantum, both ends alike, so that those who ask for the same within it
// ask the same. The quantum, which is returned, is the longest one asked for, and at most 1/200 of the window. Windows that end at another
// time are left as they are: who asks for them asks for the same anyway.
func (w Window) Share(most time.Duration, now time.Time) (Window, time.Duration) {
	if most <= 0 || !w.IsLive(now) {
		return w, max(most, 0)
	}
	quantum := shareQuantum(most, w.To.Sub(w.From))
	if quantum > 0 {
		w.From, w.To = w.From.Truncate(quantum), w.To.Truncate(quantum)
	}
	return w, quantum
}

// Early is Share with a lead: in the first half of a quantum the window is the one of the quantum before, so that the next, which is
// then the window that Share gives, can be asked about ahead of those who will want it. Where there is no lead, next is nil. A window is
// moved by one and a half of the longest quantum at most.
func (w Window) Early(most time.Duration, now time.Time) (early Window, next *Window, quantum time.Duration) {
	late, quantum := w.Share(most, now)
	if late == w {
		return late, nil, quantum // moved to nothing: it is not shared, or ends where a quantum does
	}
	w.From, w.To = w.From.Add(-quantum/2), w.To.Add(-quantum/2)
	early, same := w.Share(most, now)
	if same != quantum || early == late || early == w {
		return late, nil, quantum
	}
	return early, &late, quantum
}

// shareQuantum is the quantum of a window so long; 0: it is too short for any.
func shareQuantum(most, length time.Duration) time.Duration {
	if length/maxMoved >= most {
		return most
	}
	for _, q := range moves {
		if q <= most && q <= length/maxMoved {
			return q
		}
	}
	return 0
}
