package policy

import (
	"strconv"
	"time"
)

// Measure is what a limit is about.
type Measure uint8

// Measures. Bytes and packets are scaled by the sampling interval; out is from client to server. Rates are averages: over the
// window, or over the length of a session, where less than a second counts as one.
const (
	Bytes Measure = iota + 1
	BytesOut
	BytesIn
	Packets
	Sessions
	BPS       // bit/s
	PPS       // packets/s
	Peers     // different addresses on the other side: servers, or clients where destinations are grouped
	Ports     // different server ports
	Countries // different countries of the peers
	Duration  // ns: of the session, in a window of the longest one
	numMeasures
)

var measureNames = [numMeasures]string{"", "bytes", "bytes_out", "bytes_in", "packets", "sessions", "bps", "pps", "peers", "ports", "countries", "duration"}

var measureUnits = [numMeasures]string{"", "bytes", "bytes", "bytes", "packets", "sessions", "bit/s", "packets/s", "addresses", "ports", "countries", "ns"}

// String returns the name used in limits.
func (m Measure) String() string { return measureNames[m] }

// Unit returns the unit of values: "bytes", "bit/s", "ns", ...
func (m Measure) Unit() string { return measureUnits[m] }

// MeasureNames returns the names of all measures.
func MeasureNames() []string { return append([]string(nil), measureNames[1:]...) }

func (m Measure) distinct() bool { return m == Peers || m == Ports || m == Countries }

func (m Measure) rate() bool { return m == BPS || m == PPS }

// Limit is a value of a measure that must not be passed.
type Limit struct {
	Measure Measure
	OrEqual bool    // reaching the value is too much, too (>=)
	Value   float64 // in the measure's unit
}

// Passed tells whether a value is too much.
func (l Limit) Passed(value float64) bool {
	return value > l.Value || (l.OrEqual && value == l.Value)
}

// String returns the text of the limit: "bytes_out > 10MB".
func (l Limit) String() string {
	op := " > "
	if l.OrEqual {
		op = " >= "
	}
	return l.Measure.String() + op + l.Measure.format(l.Value)
}

// format writes a value with the largest unit that needs no more than the digits it has.
func (m Measure) format(v float64) string {
	if m == Duration {
		return formatDuration(v)
	}
	units := countUnits
	if m <= BytesIn {
		units = sizeUnits
	}
	for _, u := range units {
		if n := v / u.factor; u.factor > 1 && n >= 1 && n == float64(int64(n)) && !u.binary {
			return strconv.FormatFloat(n, 'f', -1, 64) + u.suffix
		}
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func formatDuration(v float64) string {
	for _, u := range timeUnits {
		if n := v / u.factor; n >= 1 && n == float64(int64(n)) && u.suffix != "w" && u.suffix != "ms" {
			return strconv.FormatFloat(n, 'f', -1, 64) + u.suffix
		}
	}
	return strconv.FormatFloat(v/float64(time.Millisecond), 'f', -1, 64) + "ms"
}

// Condition is a limit, or conditions joined by and (All) or or (Any). Exactly one of the three is set; with neither All nor Any it
// is Limit.
type Condition struct {
	Limit Limit
	All   []Condition
	Any   []Condition
}

// IsZero tells whether there is no condition.
func (c Condition) IsZero() bool { return c.Limit == Limit{} && len(c.All)+len(c.Any) == 0 }

// String returns the text that [ParseCondition] reads.
func (c Condition) String() string { return c.text(false) }

func (c Condition) text(inside bool) string {
	list, word := c.All, " and "
	if len(c.Any) > 0 {
		list, word = c.Any, " or "
	}
	if len(list) == 0 {
		return c.Limit.String()
	}
	s := ""
	for i, m := range list {
		if i > 0 {
			s += word
		}
		s += m.text(true)
	}
	if inside {
		return "(" + s + ")"
	}
	return s
}

// Limits returns the limits of the condition in the order of its text.
func (c Condition) Limits() []Limit {
	if len(c.All)+len(c.Any) == 0 {
		return []Limit{c.Limit}
	}
	var list []Limit
	for _, m := range c.All {
		list = append(list, m.Limits()...)
	}
	for _, m := range c.Any {
		list = append(list, m.Limits()...)
	}
	return list
}

// passed tells whether the values of the measures are too much.
func (c *Condition) passed(values *[numMeasures]float64) bool {
	if len(c.Any) > 0 {
		for i := range c.Any {
			if c.Any[i].passed(values) {
				return true
			}
		}
		return false
	}
	for i := range c.All {
		if !c.All[i].passed(values) {
			return false
		}
	}
	return len(c.All) > 0 || c.Limit.Passed(values[c.Limit.Measure])
}
