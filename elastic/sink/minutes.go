package sink

import (
	"sync"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
)

// minutes holds minutes of interfaces back until they are over, as a document is never changed: then a minute is told of as a whole, and what it
// comes to later as further parts, which add to it. It is safe for concurrent use.
type minutes struct {
	mu   sync.Mutex
	list map[minuteKey]*minute
	over uint64 // minutes for which there was no room, or that changed when they were forgotten
}

type minuteKey struct {
	exporter flow.Addr
	index    uint32
	kind     interfaces.Kind
	source   interfaces.Source
	at       int64
	run      uint64
}

// minute is what a minute has come to, and what was told of that.
type minute struct {
	latest, told interfaces.Minute
	parts        uint64 // told
	changed      int64  // when it changed first since it was told of, 0: it has not
}

const (
	// maxMinutes is how many minutes are remembered, 1 kB each.
	maxMinutes = 100_000
	// minuteHold is how long after its end a minute is told of: it is known as a whole a minute later than its records.
	minuteHold = 2 * time.Minute
	// minuteLate is how long after its end a minute may change.
	minuteLate = 40 * time.Minute
	// minuteAgain is how long changes are gathered before a further part is told of.
	minuteAgain = 5 * time.Minute
)

func newMinutes() *minutes { return &minutes{list: map[minuteKey]*minute{}} }

func (s *minutes) take(list []interfaces.Minute) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range list {
		m := &list[i]
		k := minuteKey{m.Exporter, m.Index, m.Kind, m.Source, m.At, m.Run}
		known := s.list[k]
		if known == nil {
			if len(s.list) >= maxMinutes {
				s.over++
				continue
			}
			known = &minute{}
			s.list[k] = known
		}
		known.latest = *m
		if known.changed == 0 {
			known.changed = -1 // now
		}
	}
}

// tell gives what is due at a time to put, or all that was not told of.
func (s *minutes) tell(now int64, all bool, put func(*interfaces.Minute, uint64)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, m := range s.list {
		if m.changed < 0 {
			m.changed = now
		}
		due := m.parts == 0 && now >= k.at+60e9+int64(minuteHold) || m.parts > 0 && now >= m.changed+int64(minuteAgain)
		if m.changed != 0 && (all || due) {
			part := m.difference()
			put(&part, m.parts)
			m.told, m.parts, m.changed = m.latest, m.parts+1, 0
		}
		if now >= k.at+60e9+int64(minuteLate) && m.changed == 0 {
			delete(s.list, k)
		}
	}
}

// difference is what has come since the minute was told of. What processors say does not add up: it is told once.
func (m *minute) difference() interfaces.Minute {
	d := m.latest
	if m.parts == 0 {
		return d
	}
	d.Seconds -= m.told.Seconds
	subtract(amounts(&d.In), amounts(&m.told.In))
	subtract(amounts(&d.Out), amounts(&m.told.Out))
	if d.Ethernet != nil && m.told.Ethernet != nil {
		e := *d.Ethernet
		to, from := e.List(), m.told.Ethernet.List()
		subtract(to[:], from[:])
		d.Ethernet = &e
	}
	d.Gauges = nil
	return d
}

func amounts(a *interfaces.Amounts) []*float64 {
	return []*float64{&a.Octets, &a.Framing, &a.Unicast, &a.Multicast, &a.Broadcast, &a.Discards, &a.Errors, &a.Variance}
}

func subtract(to, from []*float64) {
	for i := range to {
		if *to[i] >= 0 && *from[i] > 0 {
			*to[i] -= *from[i]
		}
	}
}
