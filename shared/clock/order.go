package clock

import "fmt"

// Instant is a time and how far it may be off, both in ns; the time is since the Unix epoch.
type Instant struct{ Time, Uncertainty int64 }

// Relation says which of two instants was first.
type Relation uint8

// Relations of two instants.
const (
	Undecidable Relation = iota // the clocks are not exact enough to tell
	Before
	After
)

// String returns "not decidable", "before" or "after".
func (r Relation) String() string {
	switch r {
	case Undecidable:
		return "not decidable"
	case Before:
		return "before"
	case After:
		return "after"
	}
	return fmt.Sprintf("Relation(%d)", uint8(r))
}

// Order tells whether a was before or after b, or that it is not decidable: they are no further apart than both may be off together.
// Negative uncertainties count as none.
func Order(a, b Instant) Relation {
	apart, doubt := saturatingSub(b.Time, a.Time), saturatingAdd(max(a.Uncertainty, 0), max(b.Uncertainty, 0))
	switch {
	case apart > doubt:
		return Before
	case apart < -doubt:
		return After
	}
	return Undecidable
}

const most = 1<<63 - 1

func saturatingAdd(a, b int64) int64 {
	if a > most-b {
		return most
	}
	return a + b
}

// saturatingSub keeps the result where its sign can be turned.
func saturatingSub(a, b int64) int64 {
	d := a - b
	switch {
	case a >= 0 && b < 0 && d < 0:
		return most
	case a < 0 && b >= 0 && d >= 0, d == -most-1:
		return -most
	}
	return d
}
