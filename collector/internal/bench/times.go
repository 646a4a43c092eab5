package bench

import (
	"fmt"
	"slices"
	"time"
)

// times are how long the rounds of one question took.
type times []time.Duration

// median returns the middle one, of an even number the later of the two.
func (t times) median() time.Duration {
	if len(t) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(t))
	return s[len(s)/2]
}

// worst returns the longest.
func (t times) worst() time.Duration {
	if len(t) == 0 {
		return 0
	}
	return slices.Max(t)
}

// show writes a time in the unit that suits it.
func show(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%.2f ms", float64(d)/1e6)
	case d < time.Second:
		return fmt.Sprintf("%.0f ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}
