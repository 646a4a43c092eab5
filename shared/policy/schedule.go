package policy

import (
	"fmt"
	"time"
	_ "time/tzdata" // schedules mean the same on machines without a database of zones
)

// Schedule is times of the week in a named zone: on Days from From to To. It wraps around midnight when To is not after From; the
// hours after midnight then belong to the day before.
type Schedule struct {
	Days    uint8  // bit 0 is Sunday ... bit 6 Saturday, as in time.Weekday
	From    int    // minute of the day, 0 to 1439, by the clock on the wall
	To      int    // minute of the day, 1 to 1440, not included; 0 to 1440 is the whole day
	Zone    string // IANA name; "" is UTC
	Outside bool   // the policy applies outside of these times
}

// AllDays are the days of the whole week.
const AllDays = 1<<7 - 1

// Check returns what is wrong with the schedule.
func (s *Schedule) Check() error {
	switch {
	case s.Days == 0 || s.Days > AllDays:
		return fmt.Errorf("days: want at least one")
	case s.From < 0 || s.From >= 24*60 || s.To < 0 || s.To > 24*60:
		return fmt.Errorf("hours: out of range")
	case s.From == s.To:
		return fmt.Errorf("hours: they end where they start")
	}
	_, err := Zone(s.Zone)
	return err
}

// Zone returns the time zone of a name; "" is UTC.
func Zone(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, fmt.Errorf("zone %q differs from machine to machine: name one like Europe/Zurich or UTC", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is not a time zone: want one like Europe/Zurich or UTC", name)
	}
	return loc, nil
}

// calendar is a schedule that is ready to be asked.
type calendar struct {
	Schedule
	loc *time.Location
}

func newCalendar(s *Schedule) (*calendar, error) {
	if s == nil {
		return nil, nil
	}
	if err := s.Check(); err != nil {
		return nil, err
	}
	loc, err := Zone(s.Zone)
	return &calendar{Schedule: *s, loc: loc}, err
}

// applies tells whether the policy applies at a time (ns since the Unix epoch). What counts is the clock on the wall: an hour that
// a change to summer time leaves out has no traffic, and one that is repeated is in or out both times.
func (c *calendar) applies(ns int64) bool {
	if c == nil {
		return true
	}
	t := time.Unix(0, ns).In(c.loc)
	minute, day := t.Hour()*60+t.Minute(), t.Weekday()
	on := func(d time.Weekday) bool { return c.Days>>d&1 != 0 }
	var in bool
	if c.From < c.To {
		in = on(day) && minute >= c.From && minute < c.To
	} else {
		in = on(day) && minute >= c.From || on((day+6)%7) && minute < c.To
	}
	return in != c.Outside
}
