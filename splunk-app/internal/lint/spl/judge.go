package spl

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// World is what searches are judged by.
type World struct {
	// Fields returns the fields of events of source types, or of all kinds where there is none; the map is the caller's.
	Fields     func(sourcetypes []string) map[string]bool
	Eventtypes map[string]string   // their searches, expanded
	Lookups    map[string][]string // their columns
}

// own are the fields that Splunk gives to every event.
var own = []string{
	"_time", "_raw", "_indextime", "host", "source", "sourcetype", "index", "splunk_server", "eventtype", "tag", "linecount", "punct", "earliest", "latest",
	"date_hour", "date_mday", "date_minute", "date_month", "date_second", "date_wday", "date_year", "date_zone",
}

// Outcome is what a search comes to.
type Outcome struct {
	Fields   []string // of its results, sorted
	Open     bool     // there may be others: they depend on the data
	Problems []string
}

// Judge returns what is wrong with a search.
func (w *World) Judge(s *Search) Outcome {
	j := w.run(s)
	return Outcome{Fields: slices.Sorted(maps.Keys(j.known)), Open: j.open, Problems: j.problems}
}

// judge goes through a pipeline and remembers which fields there are.
type judge struct {
	world    *World
	known    map[string]bool
	open     bool
	problems []string
}

func (w *World) run(s *Search) *judge {
	j := &judge{world: w, known: map[string]bool{}}
	for i := range s.Commands {
		j.command(&s.Commands[i], i == 0)
	}
	return j
}

func (j *judge) fault(format string, args ...any) {
	j.problems = append(j.problems, fmt.Sprintf(format, args...))
}

// take notes that a command takes a field.
func (j *judge) take(name, command string) {
	switch {
	case j.open || name == "" || j.known[name] || strings.Contains(name, "$"):
	case strings.Contains(name, "*"):
		for known := range j.known {
			if ok, err := path.Match(name, known); ok && err == nil {
				return
			}
		}
		j.fault("%s: no field is like %s", command, name)
	default:
		j.fault("%s: no event has the field %s, and nothing makes it", command, name)
	}
}

func (j *judge) give(names ...string) {
	for _, name := range names {
		j.known[name] = true
	}
}

// only leaves no fields but these.
func (j *judge) only(names []string) {
	kept := map[string]bool{}
	for _, name := range names {
		if !strings.Contains(name, "*") {
			kept[name] = true
			continue
		}
		for known := range j.known {
			if ok, err := path.Match(name, known); ok && err == nil {
				kept[known] = true
			}
		}
	}
	j.known = kept
}

// merge adds what a subsearch finds.
func (j *judge) merge(c *Command) {
	for _, sub := range c.Subs {
		s := j.world.run(sub)
		j.problems = append(j.problems, s.problems...)
		j.open = j.open || s.open
		j.give(slices.Collect(maps.Keys(s.known))...)
	}
}

// judgeSubs judges subsearches whose results become terms.
func (j *judge) judgeSubs(c *Command) {
	for _, sub := range c.Subs {
		j.problems = append(j.problems, j.world.run(sub).problems...)
	}
}
