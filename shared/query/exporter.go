package query

import (
	"math"
	"time"

	"github.com/weirflow/weir/shared/detect/sampling"
	"github.com/weirflow/weir/shared/flow"
)

// ExporterOf reads the counters of a stream.
func ExporterOf(s *flow.Stream) Exporter {
	e := Exporter{
		IP: s.Exporter().String(), Port: s.Key.Port, Domain: s.Key.Domain, Protocol: s.Key.Protocol.String(),
		Datagrams: s.Datagrams.Load(), Bytes: s.Bytes.Load(), Decoded: s.Decoded.Load(), Refused: s.Refused.Map(),
		Sets: s.Sets.Load(), SetsDecoded: s.SetsDecoded.Load(), Waiting: s.Waiting.Load(), SetsExpired: s.SetsExpired.Map(),
		Records: s.Records.Load(), Stored: s.Stored.Load(), AlreadyStored: s.AlreadyStored.Load(), SetAside: s.SetAside.Map(),
		Dropped: s.Dropped.Map(), InFlight: s.InFlight.Load(), Templates: s.Templates.Load(), OptionsRecords: s.OptionsRecords.Load(),
		FlowSamples: s.FlowSamples.Load(), CounterSamples: s.CounterSamples.Load(), Gaps: s.Gaps.Load(), Reordered: s.Reordered.Load(),
		Restarts: s.Restarts.Load(), Clashes: s.Clashes.Load(), Errors: s.Errors.Map(), Repaired: s.Repaired.Map(),
		DroppedPackets: s.DroppedPackets.Load(), SampleGaps: s.SampleGaps.Load(), SampleDrops: s.SampleDrops.Load(), SamplePool: s.SamplePool.Load(),
	}
	if s.Exporter() != s.Key.Exporter {
		e.Source = s.Key.Exporter.String()
	}
	if ns := s.LastSeen.Load(); ns != 0 {
		t := time.Unix(0, ns).UTC()
		e.LastSeen = &t
	}
	e.Sampling, e.CannotSee = samplingOf(s)
	e.Clock = ClockOf(s.Clock.Load())
	return e
}

func samplingOf(s *flow.Stream) (*Sampling, []string) {
	interval, source := math.Float64frombits(s.Sampling.Load()), flow.SamplingSource(s.SamplingSource.Load())
	if interval == 0 {
		return nil, []string{}
	}
	out := &Sampling{Source: source.String()}
	n := sampling.Effective(interval, source)
	if n != sampling.Unknown {
		out.Interval = &n
	}
	return out, sampling.CannotSee(sampling.ClassOf(n))
}
