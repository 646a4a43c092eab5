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

// Share moves a window that ends about now to whole multiples of a quantum, both ends alike, so that those who ask for the same within it
// ask the same. Others, and with a quantum of 0 all, stay as they are.
func (w Window) Share(quantum time.Duration, now time.Time) Window {
	if quantum <= 0 || w.To.Before(now.Add(-time.Minute)) || w.To.Sub(w.From) < 10*quantum {
		return w
	}
	w.From, w.To = w.From.Truncate(quantum), w.To.Truncate(quantum)
	return w
}
