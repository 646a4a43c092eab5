package interfaces

const minute = 60 * second

// bin is a minute of a series.
type bin struct {
	at      int64 // start
	seconds float64
	in, out Amounts
	dirty   bool // changed since it was last told
	// Few things have these.
	ethernet *EthernetErrors
	gauges   *Gauges
}

// series is the minutes of an interface by one source, in order.
type series struct{ bins []bin }

// at returns the bin of the minute that begins at start; it is made where it is missing.
func (s *series) at(start int64) *bin {
	i := len(s.bins)
	for i > 0 && s.bins[i-1].at > start {
		i--
	}
	if i > 0 && s.bins[i-1].at == start {
		return &s.bins[i-1]
	}
	s.bins = append(s.bins, bin{})
	copy(s.bins[i+1:], s.bins[i:])
	s.bins[i] = bin{at: start, in: nothing(), out: nothing()}
	return &s.bins[i]
}

// forget lets go of the minutes before a time that have been told, and of those long before it at any rate.
func (s *series) forget(before, anyway int64) {
	n := 0
	for n < len(s.bins) && s.bins[n].at < before && (!s.bins[n].dirty || s.bins[n].at < anyway) {
		n++
	}
	if n > 0 {
		s.bins = append(s.bins[:0], s.bins[n:]...)
	}
}

// spread spreads what two samples differ by evenly over the time from one to the next.
func (s *series) spread(from, to int64, g *gain) {
	for start := from - from%minute; start < to; start += minute {
		part := float64(min(to, start+minute)-max(from, start)) / float64(to-from)
		b := s.at(start)
		a := g.in.part(part)
		b.in.Add(&a)
		a = g.out.part(part)
		b.out.Add(&a)
		if g.hasEthernet {
			b.addEthernet(g.ethernet.part(part))
		}
		b.seconds += part * float64(to-from) / float64(second)
		b.dirty = true
	}
}

func (b *bin) addEthernet(e EthernetErrors) {
	if b.ethernet == nil {
		b.ethernet = &e
		return
	}
	b.ethernet.Add(&e)
}

// say takes what a processor said into the minute that it was said in.
func (s *series) say(at int64, g Gauges) {
	b := s.at(at - at%minute)
	b.seconds, b.dirty = 60, true
	if b.gauges == nil {
		b.gauges = &g
		return
	}
	b.gauges.Add(&g)
}
