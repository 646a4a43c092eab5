package policy

// Inherit takes over what old remembers of policies that both have and that judge alike: of the same name, filter, grouping, limit, window
// and schedule. Their windows and findings go on; those of all others begin anew, open sessions included. The sets must have the same table
// of symbols; old must not be used afterwards.
func (s *Set) Inherit(old *Set) {
	number := s.successors(old)
	for id, t := range old.open {
		if t.renumber(number) {
			s.open[id] = t
		}
	}
	for k, w := range old.windows {
		i, ok := number[k.rule]
		if !ok {
			continue
		}
		w.rule = i
		s.windows[w.windowKey] = w
		for _, d := range w.sets {
			if d != nil {
				s.values += len(d.seen)
			}
		}
	}
	for _, w := range old.raised {
		if s.windows[w.windowKey] == w {
			s.raised = append(s.raised, w)
		}
	}
	s.free, s.now, s.checked, s.swept, s.counters = old.free, old.now, old.checked, old.swept, old.counters
}

// successors maps the numbers of old's policies to those that they have here.
func (s *Set) successors(old *Set) map[uint16]uint16 {
	known := make(map[string]int, len(s.rules))
	for i, r := range s.rules {
		known[r.Name] = i
	}
	number := map[uint16]uint16{}
	for i, r := range old.rules {
		if j, ok := known[r.Name]; ok && r.JudgesAs(&s.rules[j].Policy) {
			number[uint16(i)] = uint16(j)
		}
	}
	return number
}

// JudgesAs tells whether two policies have the same filter, grouping, limit, window and schedule: names, titles and severities aside,
// what one finds the other does.
func (p *Policy) JudgesAs(o *Policy) bool {
	a, b := p.Schedule, o.Schedule
	same := a == nil && b == nil || a != nil && b != nil && *a == *b
	return same && p.Filter == o.Filter && p.By == o.By && p.Window == o.Window && p.Limit.String() == o.Limit.String()
}

// renumber keeps what is about policies that have a successor; it is false where nothing is left.
func (t *tracked) renumber(number map[uint16]uint16) bool {
	fired := t.fired[:0]
	for _, i := range t.fired {
		if j, ok := number[i]; ok {
			fired = append(fired, j)
		}
	}
	kept := t.told[:0]
	for _, x := range t.told {
		if j, ok := number[x.rule]; ok {
			x.rule = j
			kept = append(kept, x)
		}
	}
	t.fired, t.told = fired, kept
	return len(fired)+len(kept) > 0
}
