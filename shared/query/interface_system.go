package query

import "github.com/weirflow/weir/shared/interfaces"

// system adds what is told besides amounts. The minutes are the engine's, so the bin has copies.
func (b *sumBin) system(m *interfaces.Minute) {
	if m.Ethernet != nil {
		if b.ethernet == nil {
			e := interfaces.NoEthernet()
			b.ethernet = &e
		}
		b.ethernet.Add(m.Ethernet)
	}
	switch {
	case m.Gauges == nil:
	case b.gauges == nil:
		g := *m.Gauges
		b.gauges = &g
	default:
		b.gauges.Add(m.Gauges)
	}
}

// systemOf sums up what bins tell besides amounts; nil where they tell nothing.
func systemOf(bins []sumBin) (*Ethernet, *ProcessorUse) {
	all := sumBin{}
	var last *interfaces.Gauges
	for i := range bins {
		b := &bins[i]
		all.system(&interfaces.Minute{Ethernet: b.ethernet, Gauges: b.gauges})
		if b.gauges != nil {
			last = b.gauges
		}
	}
	return ethernetOf(all.ethernet), useOf(all.gauges, last)
}

func ethernetOf(e *interfaces.EthernetErrors) *Ethernet {
	if e == nil || *e == interfaces.NoEthernet() {
		return nil
	}
	return &Ethernet{
		Alignment: told(e.Alignment), FCS: told(e.FCS), TooLong: told(e.TooLong), InternalReceive: told(e.InternalReceive), Collisions: told(e.Collisions),
		LateCollisions: told(e.LateCollisions), Carrier: told(e.Carrier), InternalTransmit: told(e.InternalTransmit), Symbol: told(e.Symbol),
	}
}

func useOf(all, last *interfaces.Gauges) *ProcessorUse {
	if all == nil {
		return nil
	}
	load := func(all, last interfaces.Gauge) LoadSum {
		return LoadSum{Now: told(last.Mean), Avg: told(all.Mean), Peak: told(all.Peak)}
	}
	return &ProcessorUse{
		Load5s: load(all.Load5s, last.Load5s), Load1m: load(all.Load1m, last.Load1m), Load5m: load(all.Load5m, last.Load5m),
		Memory: told(all.Memory), FreeMemory: told(last.FreeMemory), LeastFree: told(all.FreeMemory),
	}
}
