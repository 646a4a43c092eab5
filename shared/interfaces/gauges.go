package interfaces

import "github.com/weirflow/weir/shared/flow"

// Gauge is how busy a processor was, as a share from 0 to 1, or [Unknown].
type Gauge struct{ Mean, Peak float64 }

// Gauges is what a processor said within some time. Each of its loads is the exporter's own mean over 5 seconds, a minute or five.
type Gauges struct {
	Samples                float64 // how many the means are of
	Load5s, Load1m, Load5m Gauge
	Memory                 float64 // bytes in all, the greatest told; Unknown
	FreeMemory             float64 // bytes, the least told; Unknown
}

// gaugesOf returns what a sample says.
func gaugesOf(s *flow.ProcessorSample) Gauges {
	return Gauges{
		Samples: 1, Load5s: loadOf(s.Load5s), Load1m: loadOf(s.Load1m), Load5m: loadOf(s.Load5m),
		Memory: memoryOf(s.TotalMemory), FreeMemory: memoryOf(s.FreeMemory),
	}
}

func loadOf(hundredths int32) Gauge {
	if hundredths < 0 {
		return Gauge{Mean: Unknown, Peak: Unknown}
	}
	share := float64(hundredths) / 10_000
	return Gauge{Mean: share, Peak: share}
}

func memoryOf(n uint64) float64 {
	if n == flow.NoCounter {
		return Unknown
	}
	return float64(n)
}

// Add takes what was said in b as said in the same time: means by their samples, of peaks the greatest. What one of both does not tell
// is as the other says.
func (g *Gauges) Add(b *Gauges) {
	to, from := g.loads(), b.loads()
	for i := range to {
		to[i].add(from[i], g.Samples, b.Samples)
	}
	g.Samples += b.Samples
	g.Memory = max(g.Memory, b.Memory)
	if g.FreeMemory < 0 || b.FreeMemory >= 0 && b.FreeMemory < g.FreeMemory {
		g.FreeMemory = b.FreeMemory
	}
}

func (g *Gauges) loads() [3]*Gauge { return [3]*Gauge{&g.Load5s, &g.Load1m, &g.Load5m} }

// add takes b, which is of n samples, to one of own samples.
func (l *Gauge) add(b *Gauge, own, n float64) {
	switch {
	case b.Mean < 0:
	case l.Mean < 0:
		*l = *b
	default:
		l.Mean += (b.Mean - l.Mean) * n / (own + n)
		l.Peak = max(l.Peak, b.Peak)
	}
}
