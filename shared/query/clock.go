package query

import (
	"time"

	"github.com/weirflow/weir/shared/clock"
	"github.com/weirflow/weir/shared/flow"
)

// Clock is what is known about an exporter's clock, as shown by weir exporters.
type Clock struct {
	Status    string `json:"status"` // unknown, good or bad
	Reason    string `json:"reason,omitempty"`
	Corrected bool   `json:"corrected"`
	// OffsetMs is what has to be added to the exporter's clock to get the collector's: negative where it is ahead. UncertaintyMs is how
	// far that may be off. Both are nil where nothing is known, as with protocols that tell no time.
	OffsetMs      *int64 `json:"offset_ms"`
	UncertaintyMs *int64 `json:"uncertainty_ms"`
	// TimesUncertaintyMs is how far records' times may be off, as they are stored, nil where that is not known.
	TimesUncertaintyMs *int64  `json:"times_uncertainty_ms"`
	DriftPPM           float64 `json:"drift_ppm"` // how fast it runs, in millionths
	Steps              uint64  `json:"steps"`     // times that it was set or began anew
}

// ClockOf shows the state of a clock, nil for one of which there were no datagrams.
func ClockOf(s flow.ClockState) *Clock {
	if s.Datagrams == 0 {
		return nil
	}
	c := &Clock{Status: s.Status.String(), Reason: s.Reason.String(), Corrected: s.Corrected, DriftPPM: s.DriftPPM, Steps: s.Steps}
	if s.TimesError >= 0 {
		c.TimesUncertaintyMs = millis(s.TimesError)
	}
	if s.Uncertainty > 0 && s.Reason != flow.ClockDelay {
		c.OffsetMs, c.UncertaintyMs = millis(s.Offset), millis(s.Uncertainty)
	}
	return c
}

func millis(d time.Duration) *int64 {
	ms := d.Round(time.Millisecond).Milliseconds()
	return &ms
}

// timed is what is known of the times of an exporter's records.
type timed struct {
	uncertainty int64 // ms
	receipt     bool  // they are times of receipt, which err each by itself
}

// AddClocks says of each session of a list how far its start may be off, by the clocks of the exporters that saw it as they are now, and
// of each whether it is decidable that it came after the one before it.
func AddClocks(list []flow.Session, exporters []Exporter) {
	known := map[string]timed{}
	for i := range exporters {
		e := &exporters[i]
		if e.Clock == nil || e.Clock.TimesUncertaintyMs == nil {
			continue
		}
		k := known[e.IP]
		k.uncertainty = max(k.uncertainty, *e.Clock.TimesUncertaintyMs)
		k.receipt = k.receipt || e.Clock.Reason == flow.ClockDelay.String() || e.Clock.Status == flow.ClockBad.String()
		known[e.IP] = k
	}
	var before timed
	for i := range list {
		s := &list[i]
		after := startOf(s, known)
		if i > 0 && s.HasClock && list[i-1].HasClock {
			s.OrderInDoubt = inDoubt(&list[i-1], before, s, after)
		}
		before = after
	}
}

// startOf fills how far the start of a session may be off: as far as the worst of its exporters, as it does not say which saw it first.
func startOf(s *flow.Session, known map[string]timed) (worst timed) {
	for _, a := range s.SeenBy() {
		k, ok := known[a.String()]
		if !ok {
			s.HasClock = false
			return timed{}
		}
		worst.uncertainty, worst.receipt = max(worst.uncertainty, k.uncertainty), worst.receipt || k.receipt
		s.HasClock = true
	}
	s.StartUncertainty = uint32(min(worst.uncertainty, 1<<32-1))
	return worst
}

// oneClockMs is how far apart, in ms, two times of one clock must be for their order: it is told in ms.
const oneClockMs = 1

func inDoubt(a *flow.Session, ofA timed, b *flow.Session, ofB timed) bool {
	if a.ExporterCount == 1 && b.ExporterCount == 1 && a.Exporters[0] == b.Exporters[0] && !ofA.receipt {
		ofA.uncertainty, ofB.uncertainty = oneClockMs, 0
	}
	const ms = int64(time.Millisecond)
	return clock.Order(clock.Instant{Time: a.Start, Uncertainty: ofA.uncertainty * ms}, clock.Instant{Time: b.Start, Uncertainty: ofB.uncertainty * ms}) == clock.Undecidable
}
