package pipeline

import (
	"time"

	"github.com/weirflow/weir/shared/clock"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/health"
)

// healthClocks tells health what is known of the exporters' clocks, once enough is.
type healthClocks struct{ clocks *clock.Clocks }

// ClockOf implements [health.Clocks]. An uptime that stands still is a fault of its own there.
func (h healthClocks) ClockOf(key flow.StreamKey, _ int64) (c health.Clock, ok bool) {
	s, ok := h.clocks.State(key)
	if !ok || s.Status == flow.ClockUnknown || s.Reason == flow.ClockFrozen || s.Reason == flow.ClockDelay {
		return c, false
	}
	const ms = float64(time.Millisecond)
	c = health.Clock{OffsetMs: -float64(s.Offset) / ms, UncertaintyMs: float64(s.Uncertainty) / ms, DriftPPM: s.DriftPPM, Status: "ok"}
	if s.Status == flow.ClockBad {
		c.Status = s.Status.String()
	}
	return c, true
}
