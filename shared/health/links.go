package health

import (
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
)

// Loads knows what passes the interfaces of exporters: an [interfaces.Meter]. It is asked by the goroutine that calls Observe.
type Loads interface {
	// Loads appends the loads of an exporter's interfaces as of the time now.
	Loads(exporter flow.Addr, now int64, list []interfaces.Load) []interfaces.Load
}

// Thresholds of loads.
const (
	mismatchShare   = 0.25
	mismatchMinutes = 3
	mismatchPackets = 1500 // sampled ones, for an error of a tenth (docs/sampling.md)
	speedOver       = 1.05
	linkLeast       = 1e5 // bit/s: below, flows and counters are not compared
)

// compare holds an exporter's flows against the counters and speeds of its interfaces. Traffic is metered where it comes in, mostly, so
// that direction is compared.
func (f *faults) compare() {
	var speed, mismatch verdict
	twice, partial := f.on(DoubleMetering), f.on(OneDirection)
	for i := range f.device.loads {
		l := &f.device.loads[i]
		most := l.PeakCounters // since is a matter of the data: a tick may see more or less of a batch
		if !twice {
			most = max(most, l.PeakFlows)
		}
		worse(&speed, verdict{since: l.PeakAt, level: when(l.Speed > 0 && most > speedOver*float64(l.Speed), Warning), value: most, threshold: float64(l.Speed), link: l.Index})
		if !twice && !partial {
			worse(&mismatch, mismatchOf(l, f.sampling.greatest()))
		}
	}
	f.set(InterfaceSpeed, speed.level, speed)
	f.set(SamplingMismatch, mismatch.level, mismatch)
}

// worse keeps the first of the worst verdicts.
func worse(v *verdict, o verdict) {
	if o.level > v.level {
		*v = o
	}
}

// mismatchOf tells whether counters and the sum of the flows differ so much that the sampling interval n cannot be true.
func mismatchOf(l *interfaces.Load, n float64) verdict {
	if l.Minutes < mismatchMinutes || l.CountersIn < linkLeast || l.FlowsIn < linkLeast || l.PacketsIn < mismatchPackets*n || l.FlowsInError > interfaces.SureError {
		return verdict{}
	}
	r := l.CountersIn / l.FlowsIn
	return verdict{since: l.Since, level: when(r > 1+mismatchShare || r < 1/(1+mismatchShare), Warning), value: r, threshold: 1 + mismatchShare, detail: n, link: l.Index}
}

// linksOf returns what is known of an exporter's interfaces as it is shown.
func (m *Monitor) linksOf(d *device) []Link {
	list := make([]Link, 0, len(d.loads))
	for i := range d.loads {
		l := &d.loads[i]
		link := Link{Index: l.Index, Speed: l.Speed, CountersIn: l.CountersIn, CountersOut: l.CountersOut, FlowsIn: l.FlowsIn, FlowsOut: l.FlowsOut, FlowsInError: l.FlowsInError}
		if m.deps.Symbols != nil && l.Name != 0 {
			link.Name = m.deps.Symbols.Text(l.Name)
		}
		list = append(list, link)
	}
	return list
}
