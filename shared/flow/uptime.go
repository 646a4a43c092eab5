package flow

// UptimeStep is what an uptime says beside the one before it.
type UptimeStep uint8

// Steps of an uptime clock.
const (
	UptimeRuns      UptimeStep = iota // it went on
	UptimeLate                        // it is less, as the datagram was overtaken by a later one
	UptimeWrapped                     // it went beyond 2^32 ms
	UptimeRestarted                   // it began anew
)

// UptimePeriod is after how many ms the uptime of a header wraps: 49.7 days.
const UptimePeriod = 1 << 32

// Tolerances of [Uptime.Step].
const (
	bootTolerance = 5e9                      // ns by which the boot time may wander: header times of whole seconds, queues
	wrapTolerance = 2e9                      // ns by which boot times on both sides of a wrap may differ
	nearWrap      = UptimePeriod - 3_600_000 // ms of uptime beyond which a fall may be a wrap
)

// Uptime is a point on an exporter's uptime clock.
type Uptime struct {
	Ms   uint32 // uptime of the header
	Boot int64  // the time less the uptime, ns since the Unix epoch: by the header's own time, or by the time of receipt
}

// UptimeAt returns the point of an uptime ms at the time ns.
func UptimeAt(ns int64, ms uint32) Uptime { return Uptime{Ms: ms, Boot: ns - int64(ms)*1e6} }

// Step tells restart, wrap and late datagrams apart when next follows u: the uptime falls in all three, but a late datagram leaves the
// boot time where it was, and a wrap moves it by exactly a period.
func (u Uptime) Step(next Uptime) UptimeStep {
	if next.Ms >= u.Ms {
		return UptimeRuns
	}
	moved := next.Boot - u.Boot
	if moved < bootTolerance && moved > -bootTolerance {
		return UptimeLate
	}
	if off := moved - UptimePeriod*1e6; u.Ms > nearWrap && off < wrapTolerance && off > -wrapTolerance {
		return UptimeWrapped
	}
	return UptimeRestarted
}
