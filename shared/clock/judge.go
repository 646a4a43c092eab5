package clock

import (
	"time"

	"github.com/weirflow/weir/shared/flow"
)

const (
	// PathAllowance is what corrected times are held to be late by the least delay on the way, which cannot be seen in datagrams that
	// go one way. It is part of every uncertainty.
	PathAllowance = 40 * time.Millisecond
	// SampleDelay is for how long an sFlow agent may keep a sample before it sends it: sFlow Version 5 (2004), 3.1, "a second".
	SampleDelay = time.Second
	// ReceiptError is how far the time of receipt may lie after the end of a flow, where nothing better is known: caches keep a flow
	// for an inactive timeout of up to half a minute.
	ReceiptError = 30 * time.Second

	leastOffset  = int64(250 * time.Millisecond) // that is corrected, once it is known
	closeOffset  = int64(100 * time.Millisecond) // below which correcting ends
	largeOffset  = 2 * second                    // that is corrected early: no delay lasts so long
	clearly      = 3                             // times its error an offset must be
	minuteLimit  = second / 2                    // by which the minima of minutes may differ (interquartile range)
	earlySamples = 30
	earlyTime    = 10 * second
	wandering    = second // of an early estimate, since it had few samples
)

// estimate is an offset and how far it may be off.
type estimate struct{ offset, err int64 }

// placed is by how much times that are placed by header and uptime are off. For those it does not matter what the header leaves out.
func (s *stream) placed(at int64) estimate {
	return estimate{s.envelopeAt(at) - s.boot.all.greatest, s.envelope.error() + int64(PathAllowance)}
}

// wall is by how much the exporter's time of day is off.
func (s *stream) wall(d *flow.Datagram) estimate {
	if d.HasUptime {
		w := s.placed(d.Received)
		w.err += s.boot.error(s.boot.all)
		return w
	}
	w := estimate{s.envelopeAt(d.Received), s.envelope.error() + int64(PathAllowance)}
	if s.envelope.total < fewSamples || s.envelope.near > inStep {
		// Datagrams that leave at the same fraction of a second do not show what the header cuts off.
		w.err += second
	}
	return w
}

// inStep is the share of samples in the first half-second above the line from which on they are not spread over whole seconds: half
// of them would be there.
const inStep = 0.75

// envelopeAt returns the line, less what the minimum of few samples lies above it.
func (s *stream) envelopeAt(at int64) int64 {
	e := &s.envelope
	v := e.line.read(max(at, e.line.at))
	if e.total < fewSamples {
		v -= int64(e.excess) / int64(e.total)
	}
	return v
}

// steady tells whether the minima of several minutes agree.
func (s *stream) steady() bool { return s.envelope.whole() >= slopeBuckets && !s.unsteady }

// early tells whether there are enough datagrams for a large offset.
func (s *stream) early(at int64) bool {
	e := &s.envelope
	return e.total >= earlySamples && at-e.began >= earlyTime && s.first-e.line.value < wandering
}

// judge says what to think of the clock after a datagram.
func (s *stream) judge(d *flow.Datagram, m sample) {
	if d.Exported == 0 {
		s.judgeReceipt()
		return
	}
	st := &s.state
	st.Reason = flow.ClockNoReason
	switch known := s.envelope.total > 0; {
	case s.frozen:
		st.Status, st.Reason = flow.ClockBad, flow.ClockFrozen
	case !known || m.blind:
		st.Status, st.Reason = flow.ClockUnknown, flow.ClockFew
	default:
		s.weigh(d)
	}
	if st.Status == flow.ClockBad {
		s.byUptime, s.byWall = false, false
	}
	st.Corrected = s.byUptime || s.byWall
}

// weigh judges a clock of which there is an estimate.
func (s *stream) weigh(d *flow.Datagram) {
	e, st := &s.envelope, &s.state
	s.unsteady = e.whole() >= slopeBuckets && (e.steep || e.spread > minuteLimit || s.unsteady && e.spread > minuteLimit/2)
	w := s.wall(d)
	st.Offset, st.Uncertainty, st.DriftPPM = time.Duration(w.offset), time.Duration(w.err), -e.line.slope*1e6
	far := abs(w.offset) > largeOffset+w.err
	switch stepping := s.steps[manySteps-1] > d.Received-stepMemory && s.steps[manySteps-1] != 0; {
	case far && s.unsteady:
		st.Status, st.Reason = flow.ClockBad, flow.ClockUnsteady
		return
	case far && stepping:
		st.Status, st.Reason = flow.ClockBad, flow.ClockSteps
		return
	}
	if d.HasUptime {
		s.byUptime = s.wanted(s.byUptime, s.placed(d.Received), d.Received) || s.byUptime && !s.ownTimes(d)
	}
	s.byWall = s.wanted(s.byWall, w, d.Received)
	switch {
	case s.steady(), far && s.early(d.Received):
		st.Status = flow.ClockGood
	case s.unsteady:
		st.Status, st.Reason = flow.ClockUnknown, flow.ClockUnsteady
	default:
		st.Status, st.Reason = flow.ClockUnknown, flow.ClockFew
	}
}

// ownTimes tells whether the header says well enough when the exporter started, so that its times can do without correction.
func (s *stream) ownTimes(d *flow.Datagram) bool {
	return !s.boot.seconds || s.boot.error(s.boot.settled(d.Exported/bucketWidth, s.boot.all.greatest)) < closeOffset
}

// wanted tells whether times that are off by w are to be corrected; on says whether they have been.
func (s *stream) wanted(on bool, w estimate, at int64) bool {
	size := abs(w.offset)
	switch {
	case on:
		return size > closeOffset || !s.steady()
	case w.offset < -largeOffset:
		return true // ahead of the collector: no delay does that
	case size <= max(leastOffset, clearly*w.err):
		return false
	}
	return s.steady() || size > largeOffset && s.early(at)
}

// judgeReceipt is for protocols without a time of their own.
func (s *stream) judgeReceipt() {
	s.state.Status, s.state.Reason = flow.ClockGood, flow.ClockDelay
	s.state.Uncertainty = SampleDelay + PathAllowance
}

func abs(v int64) int64 { return max(v, -v) }
