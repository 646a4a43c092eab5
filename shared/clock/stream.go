package clock

import (
	"sync"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

const (
	// stepLimit is how far a sample may lie off the line before the clock counts as set: delays on networks are shorter.
	stepLimit = 2 * second
	// A clock that was set back looks like a delay, until so many datagrams over so long show no end of it, and lie no further apart
	// than stepLimit: what networks bring about is scattered.
	stepDatagrams = 20
	stepTime      = 60 * second
	manySteps     = 3                       // of a clock that is set again and again,
	stepMemory    = int64(10 * time.Minute) // within so long
	frozenTime    = 10 * second             // that the uptime may stand still
	oldDatagram   = int64(time.Minute)      // a datagram received so long before the newest has been seen before: it waited
	oldInARow     = 64                      // or else the collector's own clock was set back
)

// stream is the clock of one exporter, domain and protocol.
type stream struct {
	mu     sync.Mutex
	seen   int64       // time of receipt of the newest datagram
	old    int         // datagrams in a row that were older
	uptime flow.Uptime // of the newest datagram, by the header's time (sFlow: by the time of receipt)
	since  int64       // uptime of the newest datagram without wraps, ms
	ticked int64       // export time (sFlow: time of receipt) at which the uptime last went on
	frozen bool

	envelope envelope // of time of receipt - uptime, or - export time where the header has no uptime
	boot     boot
	first    int64 // the envelope when it had few samples
	away     away
	steps    [manySteps]int64 // times of the latest

	byUptime, byWall bool // times are corrected
	unsteady         bool
	state            flow.ClockState
}

// away is samples in a row that lie far above the line.
type away struct {
	count  int
	since  int64
	values bounds
}

// observe learns from a datagram and returns its correction.
func (s *stream) observe(d *flow.Datagram) flow.ClockCorrection {
	since, fresh := int64(0), s.isFresh(d)
	if d.HasUptime {
		since = s.follow(d, fresh)
	}
	m := sampleOf(d, since)
	if fresh {
		s.state.Datagrams++
		s.learn(d, m)
		s.judge(d, m)
	}
	k := s.correct(d, m)
	if s.state.TimesError = time.Duration(k.WallError); d.HasUptime && d.Exported != 0 {
		s.state.TimesError = time.Duration(k.UptimeError)
	}
	return k
}

// sample is what a datagram says.
type sample struct {
	point       // time of receipt, and that less the exporter's time
	boot  int64 // export time - uptime
	blind bool  // the time of receipt is made up
	whole bool  // the export time is a whole second
}

func sampleOf(d *flow.Datagram, since int64) sample {
	m := sample{point: point{at: d.Received}, boot: d.Exported - since*1e6, blind: d.Received == d.Exported, whole: d.Exported%second == 0}
	m.value = d.Received - since*1e6
	if !d.HasUptime {
		m.value = d.Received - d.Exported
	}
	return m
}

// isFresh tells datagrams apart that have been seen before: those with sets that waited for a template come again with it.
func (s *stream) isFresh(d *flow.Datagram) bool {
	if d.Received >= s.seen-oldDatagram {
		s.seen, s.old = max(s.seen, d.Received), 0
		return true
	}
	if s.old++; s.old < oldInARow {
		return false
	}
	s.begin()
	s.seen, s.old = d.Received, 0
	return true
}

// begin forgets what samples said.
func (s *stream) begin() {
	s.envelope.reset()
	s.boot.reset()
	s.away = away{}
}

// follow returns the exporter's uptime at the datagram, in ms and without wraps.
func (s *stream) follow(d *flow.Datagram, fresh bool) int64 {
	now := d.Exported
	if now == 0 {
		now = d.Received
	}
	next := flow.UptimeAt(now, d.Uptime)
	step := s.uptime.Step(next)
	first := s.uptime == flow.Uptime{}
	if step == flow.UptimeLate && s.bootedAgain(d) {
		step = flow.UptimeRestarted
	}
	if !fresh || !first && step == flow.UptimeLate {
		return s.since - int64(s.uptime.Ms-d.Uptime)
	}
	switch {
	case first:
		s.since, s.ticked = int64(d.Uptime), now
	case step == flow.UptimeRestarted, step == flow.UptimeRuns && s.wasOff(d):
		s.begin()
		s.state.Steps++
		s.since = int64(d.Uptime)
	default:
		s.since += int64(d.Uptime - s.uptime.Ms)
	}
	if d.Uptime != s.uptime.Ms {
		s.ticked = now
	}
	s.frozen = now-s.ticked >= frozenTime
	s.uptime = next
	return s.since
}

// bootedAgain tells whether the uptime fell as the exporter started anew, though its header says that it was late: a device without a
// battery for its clock starts at the same time of day each time. No datagram is overtaken by so much.
func (s *stream) bootedAgain(d *flow.Datagram) bool {
	const overtaken = int64(time.Minute)
	late := point{at: d.Received, value: d.Received - (s.since-int64(s.uptime.Ms-d.Uptime))*1e6}
	return s.envelope.total > 0 && s.envelope.line.above(late) > overtaken
}

// wasOff tells whether the exporter started anew though its uptime did not fall, as it was off for longer than it had been up: its boot
// time moved by both clocks alike, which no delay and no setting of its clock does.
func (s *stream) wasOff(d *flow.Datagram) bool {
	if !s.boot.all.any || s.envelope.total == 0 || d.Uptime == s.uptime.Ms {
		return false
	}
	since := s.since + int64(d.Uptime-s.uptime.Ms)
	m := sampleOf(d, since)
	byHeader, byReceipt := m.boot-s.boot.all.greatest, s.envelope.line.above(m.point)
	apart := byHeader - byReceipt
	return !m.blind && byReceipt > stepLimit+second && apart < stepLimit && apart > -stepLimit
}

// learn takes a sample into account.
func (s *stream) learn(d *flow.Datagram, m sample) {
	if s.frozen {
		s.begin()
		return
	}
	if d.HasUptime && d.Exported != 0 && s.boot.add(d.Exported/bucketWidth, m.boot, m.whole) {
		s.state.Steps++
	}
	if !m.blind {
		s.lay(m.point)
	}
}

func (s *stream) lay(p point) {
	e := &s.envelope
	if e.stale(p.at) && e.line.above(p) > stepLimit {
		e.reset()
	}
	if e.total > 0 {
		switch above := e.line.above(p); {
		case above < -stepLimit:
			s.step(p.at)
		case above <= stepLimit:
			s.away = away{}
		case !s.away.lasts(p):
			e.weigh(above)
			return
		default:
			s.step(p.at)
		}
	}
	e.add(p)
	if e.total <= fewSamples {
		s.first = e.line.value
	}
}

// lasts counts a sample far above the line, and tells whether that is no delay any more.
func (a *away) lasts(p point) bool {
	a.values.add(one(p.value))
	if a.count == 0 || a.values.greatest-a.values.least > stepLimit {
		*a = away{since: p.at, values: one(p.value)}
	}
	a.count++
	return a.count >= stepDatagrams && p.at-a.since >= stepTime
}

// step begins a new envelope. The first samples may have been delayed: what is better then is no step.
func (s *stream) step(at int64) {
	if s.envelope.total > fewSamples {
		copy(s.steps[1:], s.steps[:])
		s.steps[0] = at
		s.state.Steps++
	}
	s.envelope.reset()
	s.away = away{}
}
