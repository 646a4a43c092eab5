package health

import "github.com/weirflow/weir/shared/flow"

// Links knows what passes the interfaces of exporters.
type Links interface {
	// LinksOf appends the interfaces of an exporter with counters, compared over the last minutes that are final at the time now.
	LinksOf(exporter flow.Addr, now int64, list []Link) []Link
}

// compare holds an exporter's flows against the counters of its interfaces. What its streams share is told by the first of them.
func (f *faults) compare(m *Monitor) {
	var speed, mismatch verdict
	if m.deps.Links != nil {
		m.links = m.deps.Links.LinksOf(f.device.key.ip, f.now, m.links[:0])
		for i := range m.links {
			l := &m.links[i]
			worse(&speed, l.overSpeed())
			worse(&mismatch, l.mismatch(f.sampling.greatest()))
		}
	}
	f.set(InterfaceSpeed, speed.level, speed)
	f.set(SamplingMismatch, mismatch.level, mismatch)
}

func worse(v *verdict, o verdict) {
	if o.level > v.level {
		*v = o
	}
}

// overSpeed tells whether more passes an interface than its speed allows: the speed is wrong then.
func (l *Link) overSpeed() verdict {
	most := max(l.CountersIn, l.CountersOut, l.FlowsIn, l.FlowsOut)
	return verdict{
		level: when(l.Speed > 0 && most > speedOver*float64(l.Speed), Warning),
		value: most, threshold: float64(l.Speed), link: l.Index,
	}
}

// mismatch tells whether counters and the sum of the flows differ so much that the sampling interval n cannot be true.
func (l *Link) mismatch(n float64) verdict {
	counters, flows := l.CountersIn, l.FlowsIn
	if counters < linkLeast || flows < linkLeast {
		counters, flows = l.CountersOut, l.FlowsOut
	}
	if counters < linkLeast || flows < linkLeast {
		return verdict{}
	}
	r := counters / flows
	return verdict{level: when(r > 1+mismatchShare || r < 1-mismatchShare, Warning), value: r, threshold: 1 + mismatchShare, detail: n, link: l.Index}
}
