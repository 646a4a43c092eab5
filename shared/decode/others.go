package decode

// Several devices behind one address that share a domain take turns in one stream, each with a count of its own. A datagram that
// goes on exactly where the stream once left off, after it went on elsewhere, is the sign of it.
const (
	mostOthers = 3
	turnsLate  = 8    // turns after which even datagrams that look late are another device's
	mostLost   = 4096 // units that another device may have lost since its last turn
)

// other is a place that the stream left.
type other struct {
	place
	turns int    // how often it went on here
	seen  uint32 // the stream's latest number at the latest turn
}

type others struct {
	list [mostOthers]other
	n    int // in use
	at   int // the next to be given up
}

// find returns the place that the datagram continues, or nil: exactly, or with a loss where it has been continued before.
func (o *others) find(a *arrival) (at *other, lost uint32) {
	for i := range o.list[:o.n] {
		p := &o.list[i]
		if p.hasUptime && a.hasUptime && apart(p.boot, a.boot()) {
			continue
		}
		switch lost := a.sequence - p.next; {
		case lost == 0:
			return p, 0
		case lost < mostLost && p.turns > 1:
			at = p
		}
	}
	if at != nil {
		lost = a.sequence - at.next
	}
	return at, lost
}

func apart(a, b int64) bool { return a-b > bootTolerance || b-a > bootTolerance }

// leave remembers a place.
func (o *others) leave(p other) {
	if o.n < mostOthers {
		o.list[o.n] = p
		o.n++
		return
	}
	o.list[o.at] = p
	o.at = (o.at + 1) % mostOthers
}

// turn corrects a verdict where the datagram is another device's, and remembers the places that the stream leaves.
func (s *sequence) turn(a arrival, v *verdict) {
	if v.gap == 0 && !v.restarted && !v.reordered {
		return
	}
	at, lost := s.others.find(&a)
	if at == nil || lost > 0 && v.gap > 0 && v.gap <= lost {
		p := other{place: s.place}
		if v.reordered {
			p.advance(a)
		}
		s.others.leave(p)
		return
	}
	if at.turns == 0 || at.seen != s.last { // else a run of late datagrams
		at.turns++
	}
	at.seen = s.last
	if v.reordered && at.turns < turnsLate { // as datagrams do that come late
		at.advance(a)
		return
	}
	*v = verdict{clash: at.turns > 1, gap: lost} // the first turn may be a datagram that went astray
	left := other{place: s.place, turns: at.turns}
	s.place, *at = at.place, left
}

// continues tells whether the datagram goes on where another device's left off.
func (s *sequence) continues(a *arrival) bool {
	at, _ := s.others.find(a)
	return at != nil
}
