package interfaces

import (
	"cmp"
	"slices"

	"github.com/weirflow/weir/shared/flow"
)

// Load is what passed an interface of late, in bit/s: by its counters, and by what flow records add up to, framing included.
type Load struct {
	Index uint32
	Name  flow.Symbol
	Speed uint64 // bit/s; 0 unknown

	// Peak is the greatest of a minute and direction, of the last three minutes; minutes of flows may still grow. Flows of which too few
	// packets were sampled count by what they are at least (SureError).
	PeakCounters, PeakFlows float64
	PeakAt                  int64 // start of the first of these minutes with counters, ns since the Unix epoch; 0: none

	// The means over the last minutes of which counters and flows are complete, up to five; Minutes says how many those are.
	CountersIn, CountersOut, FlowsIn, FlowsOut float64
	PacketsIn                                  float64 // of the flows, in all
	FlowsInError                               float64 // see Amounts.Error
	Minutes                                    int
	Since                                      int64 // start of the first of them
}

// loadMinutes are the minutes that a load is the mean of; peakMinutes those that its peak is of.
const (
	loadMinutes = 5
	peakMinutes = 3
)

// Loads appends the loads of an exporter's interfaces that have counters or a speed, in the order of their numbers, as of the time now.
// It is called by the goroutine that Observe is called by.
func (m *Meter) Loads(exporter flow.Addr, now int64, list []Load) []Load {
	a := m.agents[exporter]
	if a == nil {
		return list
	}
	from := len(list)
	late := max(a.late.now, a.late.previous)
	for _, p := range a.ports {
		if p.kind != KindInterface {
			continue
		}
		facts := m.deps.Table.Facts(exporter, p.index)
		counters := p.counters()
		if counters == nil && facts.Speed == 0 {
			continue
		}
		l := Load{Index: p.index, Name: facts.Name, Speed: facts.Speed}
		l.peak(counters, &p.series[Flows], now)
		if counters != nil {
			l.mean(counters, &p.series[Flows], now-late)
		}
		list = append(list, l)
	}
	slices.SortFunc(list[from:], func(a, b Load) int { return cmp.Compare(a.Index, b.Index) })
	return list
}

// counters returns the series of the source of counters that told last, nil where none did.
func (p *port) counters() *series {
	best := Flows
	for source := Flows + 1; source < numSources; source++ {
		if len(p.series[source].bins) > 0 && p.last[source].At > p.last[best].At {
			best = source
		}
	}
	if best == Flows {
		return nil
	}
	return &p.series[best]
}

func (l *Load) peak(counters, flows *series, now int64) {
	since := now - now%minute - peakMinutes*minute
	if counters != nil {
		for i := range counters.bins {
			if b := &counters.bins[i]; b.at >= since && b.seconds >= leastCoverage {
				if l.PeakAt == 0 {
					l.PeakAt = b.at
				}
				l.PeakCounters = max(l.PeakCounters, 8*max(b.in.Octets, b.out.Octets)/b.seconds)
			}
		}
	}
	for i := range flows.bins {
		if b := &flows.bins[i]; b.at >= since {
			l.PeakFlows = max(l.PeakFlows, 8*max(b.in.atLeast(), b.out.atLeast())/b.seconds)
		}
	}
}

// atLeast is how much flows moved: what is sure of it where too few packets were sampled.
func (a *Amounts) atLeast() float64 {
	sum, e := a.Octets+a.Framing, a.Error()
	if e <= SureError {
		return sum
	}
	return sum * max(0, 1-e)
}

// mean compares counters with flows in the minutes that end before a time.
func (l *Load) mean(counters, flows *series, before int64) {
	var in Amounts
	for i := len(counters.bins) - 1; i >= 0 && l.Minutes < loadMinutes; i-- {
		c := &counters.bins[i]
		if c.at+minute > before || c.seconds < leastCoverage || c.in.Octets < 0 || c.out.Octets < 0 {
			continue
		}
		l.Minutes++
		l.Since = c.at
		l.CountersIn += 8 * c.in.Octets / c.seconds
		l.CountersOut += 8 * c.out.Octets / c.seconds
		for j := range flows.bins {
			if f := &flows.bins[j]; f.at == c.at {
				l.FlowsIn += 8 * (f.in.Octets + f.in.Framing) / f.seconds
				l.FlowsOut += 8 * (f.out.Octets + f.out.Framing) / f.seconds
				in.Add(&f.in)
			}
		}
	}
	l.PacketsIn, l.FlowsInError = in.Unicast, in.Error()
	if n := float64(l.Minutes); n > 0 {
		l.CountersIn, l.CountersOut, l.FlowsIn, l.FlowsOut = l.CountersIn/n, l.CountersOut/n, l.FlowsIn/n, l.FlowsOut/n
	}
}
