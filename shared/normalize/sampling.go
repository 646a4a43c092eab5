package normalize

import (
	"math"
	"slices"

	"github.com/weirflow/weir/shared/flow"
)

// sample settles the record's sampling interval: override, what the decoder learned, 1. A sampler that was never described
// (unknown) counts as 1 too, but is not taken for it: detectors treat it with care.
func (x *scope) sample(r *flow.Record) {
	switch {
	case x.override > 0:
		r.SamplingInterval, r.SamplingSource = x.override, flow.SamplingOverride
	case r.SamplingSource == flow.SamplingUnknown:
		r.SamplingInterval = 1
	case !(r.SamplingInterval >= 1) || math.IsInf(r.SamplingInterval, 0):
		r.SamplingInterval, r.SamplingSource = 1, flow.SamplingAssumed
	}
	if r.Protocol != flow.SFlow5 || r.Present.Has(flow.HasPackets) { // notices of dropped packets are no samples
		x.sampling, x.samplingFrom = r.SamplingInterval, r.SamplingSource
	}
}

// override returns the override of an exporter of a datagram: by the address that the exporter is known by, else by the one that
// its datagrams come from.
func (n *Normalizer) override(d *flow.Datagram, exporter flow.Addr) float64 {
	o := n.overrides.Load()
	if v := o.of(exporter, d.Domain); v > 0 || d.Stream == nil {
		return v
	}
	return o.of(d.Stream.Key.Exporter, d.Domain)
}

// Overrides finds the override of an exporter and domain: single addresses by a map, prefixes by a list, longest first. It never changes.
type Overrides struct {
	single   map[single]float64
	prefixes []Override
}

type single struct {
	exporter  flow.Addr
	domain    uint32
	hasDomain bool
}

// NewOverrides makes a table of overrides that [Normalizer.Use] puts into force.
func NewOverrides(list []Override) (*Overrides, error) {
	if err := checkOverrides(list); err != nil {
		return nil, err
	}
	return newOverrides(list), nil
}

func newOverrides(list []Override) *Overrides {
	o := &Overrides{single: map[single]float64{}}
	for _, v := range list {
		if v.Exporters.IsSingleIP() {
			o.single[single{flow.AddrFromNetip(v.Exporters.Addr()), v.Domain, v.HasDomain}] = v.Interval
		} else {
			o.prefixes = append(o.prefixes, v)
		}
	}
	slices.SortStableFunc(o.prefixes, func(a, b Override) int {
		switch {
		case a.Exporters.Bits() != b.Exporters.Bits():
			return b.Exporters.Bits() - a.Exporters.Bits()
		case a.HasDomain == b.HasDomain:
			return 0
		case a.HasDomain:
			return -1
		}
		return 1
	})
	return o
}

// of returns the interval, or 0 where there is no override.
func (o *Overrides) of(exporter flow.Addr, domain uint32) float64 {
	if len(o.single) > 0 {
		if n, ok := o.single[single{exporter, domain, true}]; ok {
			return n
		}
		if n, ok := o.single[single{exporter: exporter}]; ok {
			return n
		}
	}
	if len(o.prefixes) == 0 {
		return 0
	}
	ip := exporter.Netip()
	for i := range o.prefixes {
		if p := &o.prefixes[i]; (!p.HasDomain || p.Domain == domain) && p.Exporters.Contains(ip) {
			return p.Interval
		}
	}
	return 0
}
