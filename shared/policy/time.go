package policy

// checkEvery is how often (ns of event time) the windows under a finding are looked at without traffic of theirs.
const checkEvery = int64(1e9)

// pass takes the time on.
func (s *Set) pass(now int64) {
	if now <= s.now {
		return
	}
	s.now = now
	if len(s.raised) == 0 || now-s.checked < checkEvery {
		return
	}
	s.checked = now
	still := s.raised[:0]
	for _, w := range s.raised {
		if w.raised {
			s.move(w, now/s.rules[w.rule].bin)
		}
		if w.listed = w.raised; w.listed {
			still = append(still, w)
		}
	}
	clear(s.raised[len(still):])
	s.raised = still
}

// sweep forgets windows that nothing is in any more, at most once a second of event time.
func (s *Set) sweep() {
	if s.swept != 0 && s.now-s.swept < checkEvery {
		return
	}
	s.swept = s.now
	for k, w := range s.windows {
		if w.raised || s.now/s.rules[k.rule].bin-w.newest < numBins {
			continue
		}
		for _, d := range w.sets {
			if d != nil {
				s.values -= len(d.seen)
			}
		}
		delete(s.windows, k)
	}
}
