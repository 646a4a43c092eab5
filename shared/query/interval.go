package query

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // days mean the same on machines without a database of zones
)

// MaxInterval is the longest interval and the farthest comparison.
const MaxInterval = 366 * 24 * time.Hour

// Step is how time is cut into buckets, which have numbers: multiples of a length since the Unix epoch, or days and weeks of a zone,
// of which some have an hour more or less. Weeks begin on Monday.
type Step struct {
	Width time.Duration  // the nominal length
	Days  int            // > 0: local days of Zone
	Weeks bool           // Days counts from a Monday
	Zone  *time.Location // of days
}

// daysToMonday is how far the Unix epoch, a Thursday, is from the Monday before it.
const daysToMonday = 3

// ParseInterval reads a length: a number with a unit, s, m, h, d (days) or w (weeks). Errors are *[Error] about the part.
func ParseInterval(part, text string) (Step, error) {
	wrong := &Error{Part: part, Text: fmt.Sprintf("%q is not a number with a unit (s, m, h, d or w) such as 5m, up to a year", text)}
	text = strings.TrimSpace(text)
	if len(text) < 2 {
		return Step{}, wrong
	}
	last := len(text) - 1
	n, err := strconv.ParseUint(text[:last], 10, 31)
	unit, known := timeUnits[text[last]]
	if err != nil || !known || n == 0 || time.Duration(n) > MaxInterval/unit {
		return Step{}, wrong
	}
	s := Step{Width: time.Duration(n) * unit, Zone: time.UTC}
	if unit >= day {
		s.Days, s.Weeks = int(s.Width/day), text[last] == 'w'
	}
	return s, nil
}

const day = 24 * time.Hour

// loadZone finds a zone by its name. The zone of the machine is none: it may be another one where the question is answered.
func loadZone(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, &Error{Part: "zone", Text: fmt.Sprintf("no time zone %q: write a name such as Europe/Berlin", name)}
	}
	return zone, nil
}

// Number returns the number of the bucket that holds a time in ns since the Unix epoch.
func (s Step) Number(ns int64) int64 {
	if s.Days == 0 {
		return floorDiv(ns, int64(s.Width))
	}
	t := time.Unix(0, ns).In(s.Zone)
	number := floorDiv(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix(), int64(day/time.Second))
	if s.Weeks {
		number += daysToMonday
	}
	return floorDiv(number, int64(s.Days))
}

// Begin returns when a bucket begins, in ns since the Unix epoch.
func (s Step) Begin(number int64) int64 {
	if s.Days == 0 {
		return number * int64(s.Width)
	}
	number *= int64(s.Days)
	if s.Weeks {
		number -= daysToMonday
	}
	date := time.Date(1970, 1, 1+int(number), 0, 0, 0, 0, time.UTC)
	t := time.Date(date.Year(), date.Month(), date.Day(), 0, 0, 0, 0, s.Zone)
	if t.Day() != date.Day() { // this day has no midnight: it begins where the clocks were set forward
		_, t = t.ZoneBounds()
	}
	return t.UnixNano()
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Change is where the offset of a step's zone from UTC changes.
type Change struct {
	At     int64         // ns since the Unix epoch; the first of a list counts from the beginning of time
	Offset time.Duration // east of UTC from then on
}

// Changes returns the offset at a time and its changes up to another, for engines that cut days without a database of zones.
func (s Step) Changes(from, to int64) []Change {
	var list []Change
	t := time.Unix(0, from).In(s.Zone)
	for {
		_, offset := t.Zone()
		list = append(list, Change{At: t.UnixNano(), Offset: time.Duration(offset) * time.Second})
		_, end := t.ZoneBounds()
		if end.IsZero() || end.UnixNano() > to {
			return list
		}
		if !end.After(t) { // as package time says of the last day of a leap year that is beyond its table
			end = t.Add(day)
		}
		t = end
	}
}
