package flowinput

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
)

// Names of the measurements of interfaces, by kind.
var interfaceNames = [...]string{
	interfaces.KindInterface: "weir_interface", interfaces.KindVLAN: "weir_vlan", interfaces.KindProcessor: "weir_processor",
}

// maxMinutes is how many minutes of interfaces are remembered, half a kilobyte each.
const maxMinutes = 100_000

// minuteKey is a minute of an interface by one source.
type minuteKey struct {
	exporter flow.Addr
	index    uint32
	kind     interfaces.Kind
	source   interfaces.Source
	at       int64
}

// minuteSum is what a minute has come to, and what was told of that.
type minuteSum struct {
	latest  interfaces.Minute
	in, out interfaces.Amounts // told
	told    bool
	changed bool
}

// interfaceSums tells of what passed interfaces by the minute, as [schedule] says: a minute once as a whole, then what it has come to since.
// It is a sink.Interfaces.
type interfaceSums struct {
	schedule schedule
	now      func() int64
	offer    func(*point) bool

	mu      sync.Mutex
	minutes map[minuteKey]*minuteSum
	series  map[minuteKey]bool // with at 0: those that have points
	limit   int                // of them
	retold  int64
	over    uint64 // minutes, as told of by the meter, that found no series, or no room
	late    uint64 // minutes that changed after the bound of lateness
	point   point
}

// meterEvery is how often minutes are told of by the meter: a minute is known as a whole so much later than its records.
const meterEvery = time.Minute

func newInterfaceSums(s schedule, limit int, now func() int64, offer func(*point) bool) *interfaceSums {
	own := newSchedule(time.Minute, time.Duration(s.hold)+meterEvery, time.Duration(s.lateness), s.started)
	return &interfaceSums{schedule: own, limit: limit, now: now, offer: offer, minutes: map[minuteKey]*minuteSum{}, series: map[minuteKey]bool{}}
}

// WriteInterfaces implements sink.Interfaces.
func (s *interfaceSums) WriteInterfaces(_ context.Context, list []interfaces.Minute) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for i := range list {
		m := &list[i]
		key := minuteKey{m.Exporter, m.Index, m.Kind, m.Source, m.At}
		sum := s.minutes[key]
		switch {
		case s.schedule.over(m.At, now):
			s.late++
			continue
		case sum == nil && (len(s.minutes) >= maxMinutes || !s.admit(key)):
			s.over++
			continue
		case sum == nil:
			sum = &minuteSum{}
			s.minutes[key] = sum
		}
		sum.latest, sum.changed = *m, true
	}
	return nil
}

// admit tells whether an interface has a series; the first ones get one.
func (s *interfaceSums) admit(k minuteKey) bool {
	k.at = 0
	if !s.series[k] && len(s.series) < s.limit {
		s.series[k] = true
	}
	return s.series[k]
}

// advance tells of the minutes that are due.
func (s *interfaceSums) advance(now int64) { s.tellDue(now, false) }

// finish tells of all.
func (s *interfaceSums) finish(now int64) { s.tellDue(now, true) }

func (s *interfaceSums) tellDue(now int64, all bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	again := now >= s.retold+s.schedule.late
	if again {
		s.retold = now
	}
	var due []minuteKey
	for k, sum := range s.minutes {
		switch {
		case sum.changed && (all || (!sum.told && s.schedule.whole(k.at, now)) || (sum.told && again)):
			due = append(due, k)
		case s.schedule.over(k.at, now):
			delete(s.minutes, k)
		}
	}
	slices.SortFunc(due, minuteKey.compare)
	for _, k := range due {
		s.tell(k, s.minutes[k], now)
	}
}

func (k minuteKey) compare(o minuteKey) int {
	return cmp.Or(cmp.Compare(k.at, o.at), bytes.Compare(k.exporter[:], o.exporter[:]), cmp.Compare(k.kind, o.kind),
		cmp.Compare(k.index, o.index), cmp.Compare(k.source, o.source))
}

// tell tells of a minute; where there is no room it stays due.
func (s *interfaceSums) tell(k minuteKey, sum *minuteSum, now int64) {
	m, p := &sum.latest, &s.point
	whole := !sum.told
	p.begin(interfaceNames[k.kind], s.schedule.stampOf(k.at, sum.told, now))
	p.tag("exporter", m.Exporter.String())
	p.tag("index", strconv.FormatUint(uint64(m.Index), 10))
	p.tag("interface", cleanText(m.Name))
	p.tag("source", m.Source.String())
	if k.kind == interfaces.KindProcessor {
		p.gauges(m.Gauges)
	} else {
		p.amounts("in_", &m.In, &sum.in)
		if k.kind == interfaces.KindInterface {
			p.amounts("out_", &m.Out, &sum.out)
		}
		if whole {
			p.link(m)
		}
	}
	if len(p.fields) > 0 && !s.offer(p) {
		return
	}
	sum.told, sum.changed, sum.in, sum.out = true, false, m.In, m.Out
}

// amounts adds what has passed in one direction since it was told of.
func (p *point) amounts(prefix string, is, was *interfaces.Amounts) {
	packets, before := is.Packets(), was.Packets()
	for _, f := range []struct {
		key     string
		is, was float64
	}{
		{"bytes", is.Octets, was.Octets}, {"framing_bytes", is.Framing, was.Framing}, {"packets", packets, before},
		{"multicast", is.Multicast, was.Multicast}, {"broadcast", is.Broadcast, was.Broadcast},
		{"discards", is.Discards, was.Discards}, {"errors", is.Errors, was.Errors},
	} {
		if known := f.is >= 0; known && (f.is > 0 || f.key != "framing_bytes") {
			p.float(prefix+f.key, f.is-max(f.was, 0))
		}
	}
}

// link adds what is known of an interface beside what passed it.
func (p *point) link(m *interfaces.Minute) {
	p.text("alias", cleanText(m.Alias))
	p.float("seconds", m.Seconds)
	if m.Admin != flow.StatusUnknown {
		p.boolean("admin_up", m.Admin == flow.StatusUp)
	}
	if m.Oper != flow.StatusUnknown {
		p.boolean("oper_up", m.Oper == flow.StatusUp)
	}
	if m.Speed == 0 {
		return
	}
	p.count("speed", m.Speed)
	for _, d := range []struct {
		key string
		a   *interfaces.Amounts
	}{{"in_use", &m.In}, {"out_use", &m.Out}} {
		if d.a.Octets >= 0 && m.Seconds > 0 {
			p.float(d.key, (d.a.Octets+d.a.Framing)*8/(float64(m.Speed)*m.Seconds))
		}
	}
}

// gauges adds what a processor said.
func (p *point) gauges(g *interfaces.Gauges) {
	if g == nil {
		return
	}
	for _, f := range []struct {
		key string
		v   float64
	}{
		{"load_5s", g.Load5s.Mean}, {"load_5s_peak", g.Load5s.Peak}, {"load_1m", g.Load1m.Mean}, {"load_5m", g.Load5m.Mean},
		{"memory", g.Memory}, {"memory_free", g.FreeMemory},
	} {
		if f.v >= 0 {
			p.float(f.key, f.v)
		}
	}
}
