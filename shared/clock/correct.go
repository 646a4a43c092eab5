package clock

import (
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// correct returns what is to be added to the times of a datagram's records.
func (s *stream) correct(d *flow.Datagram, m sample) flow.ClockCorrection {
	k := flow.UnknownClock()
	k.Seconds = m.whole
	switch {
	case d.Exported == 0:
		k.WallError = int64(SampleDelay+PathAllowance) + s.late(m)
	case s.state.Status == flow.ClockBad:
		k.Receipt, k.UptimeError, k.WallError = true, int64(ReceiptError), int64(ReceiptError)
	default:
		s.correctWall(&k, d, m)
		if d.HasUptime {
			s.correctUptime(&k, d, m)
		}
	}
	return k
}

// correctUptime is for times placed by the header: moved to the collector's clock, or else by what the header leaves out.
func (s *stream) correctUptime(k *flow.ClockCorrection, d *flow.Datagram, m sample) {
	if s.byUptime && s.envelope.total > 0 {
		k.Uptime, k.UptimeError = whole(s.envelopeAt(d.Received)-m.boot), s.placed(d.Received).err
		return
	}
	if !s.boot.all.any {
		return
	}
	if s.boot.seconds {
		b := s.boot.settled(d.Exported/bucketWidth, m.boot)
		k.Uptime, k.UptimeError = whole(b.greatest-m.boot), s.boot.error(b)
	}
	if s.envelope.total >= fewSamples {
		w := s.placed(d.Received)
		k.UptimeError = max(k.UptimeError, 0) + abs(w.offset) + w.err
	}
}

// awayInARow is how many datagrams in a row look as if the clock had been set back before it is taken into account.
const awayInARow = 3

// correctWall is for times that the exporter told as time of day.
func (s *stream) correctWall(k *flow.ClockCorrection, d *flow.Datagram, m sample) {
	if s.envelope.total == 0 || !s.boot.all.any && d.HasUptime {
		return
	}
	w := s.wall(d)
	switch {
	case !s.byWall:
		if s.envelope.total >= fewSamples {
			k.WallError = abs(w.offset) + w.err
		}
	case !d.HasUptime && s.away.count >= awayInARow && s.envelope.line.above(m.point) > stepLimit:
		// A clock that has just been set back, by the looks of it: the time of receipt is nearer than what was.
		k.Wall, k.WallError = whole(m.value), w.err+second
	default:
		k.Wall, k.WallError = whole(w.offset), w.err
	}
}

// late returns by how much more than usual a datagram of a protocol without times was delayed, up to the longest believed delay.
func (s *stream) late(m sample) int64 {
	if s.envelope.total == 0 {
		return 0
	}
	return min(max(s.envelope.line.above(m.point), 0), stepLimit)
}

// whole rounds to milliseconds.
func whole(ns int64) int64 { return int64(time.Duration(ns).Round(time.Millisecond)) }
