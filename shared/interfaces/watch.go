package interfaces

import (
	"math"
	"math/bits"
	"slices"

	"github.com/weirflow/weir/shared/detect"
	"github.com/weirflow/weir/shared/flow"
)

// detectorName is the detector of interfaces that are used beyond their means, or lose what they should carry.
const detectorName = "infra.interface"

// Thresholds of infra.interface.
const (
	window        = 5 // minutes that are looked at
	loudMinutes   = 3 // of them that must be over a rate's threshold
	useWarning    = 0.80
	useCritical   = 0.95
	lossWarning   = 1e-4 // errors or discards a packet
	lossCritical  = 1e-3
	lossLeast     = 100  // errors or discards in the window
	stormPPS      = 5000 // broadcasts a second
	stormFactor   = 10   // times what is usual
	stormLearn    = 60   // minutes until it is known what is usual
	speedLearn    = 24 * 60
	leastCoverage = 30 // seconds of a minute that must be known
)

// Severities.
const (
	severityWarning  = 30
	severityCritical = 60
)

// condition is what may be wrong with a direction of an interface.
type condition uint8

const (
	utilization condition = iota
	errorsSeen
	discardsSeen
	broadcastStorm
	numConditions
)

var conditionNames = [numConditions]string{"utilization", "errors", "discards", "broadcast"}

// direction is in or out.
type direction uint8

const (
	inbound direction = iota
	outbound
	numDirections
)

var directionNames = [numDirections]string{"in", "out"}

// watch is what an interface's minutes have told so far.
type watch struct {
	source Source // whose counters are judged: those that come first, others when they stay away
	until  int64  // of its last sample
	judged int64  // minutes before are judged
	sides  [numDirections]watchedSide
	// minutes are those that have been learned from.
	minutes int
}

type watchedSide struct {
	over, far, storm uint8   // the last minutes, the latest in the lowest bit: over the warning, over the critical, a storm
	most             float64 // bit/s, the greatest of a minute
	usual            float64 // broadcasts a second, averaged over a day
}

// sight is one look at an interface after a sample.
type sight struct {
	agent   *agent
	port    *port
	source  Source
	until   int64 // the last sample
	facts   Facts
	symbols *flow.Symbols
	now     int64
}

// otherSource is after how long without samples of one source another's are judged.
const otherSource = 10 * minute

// look judges the minutes that a sample completed.
func (w *watcher) look(s *sight) {
	state := &s.port.watch
	if state.until != 0 && s.source != state.source && s.until < state.until+otherSource {
		return
	}
	state.source, state.until = s.source, s.until
	bins := s.port.series[s.source].bins
	for i := range bins {
		b := &bins[i]
		if b.at < state.judged || b.at+minute > s.until || b.seconds < leastCoverage {
			continue
		}
		state.pass(b.at)
		for side := range numDirections {
			w.judge(s, bins[:i+1], side)
		}
		state.minutes++
	}
}

// pass moves on to the minute that begins at a time.
func (s *watch) pass(at int64) {
	shift := uint(1)
	if s.judged != 0 {
		shift = uint(min((at-s.judged)/minute+1, 8))
	}
	for i := range s.sides {
		side := &s.sides[i]
		side.over, side.far, side.storm = side.over<<shift, side.far<<shift, side.storm<<shift
	}
	s.judged = at + minute
}

// judge looks at the last of the minutes, in one direction.
func (w *watcher) judge(s *sight, bins []bin, side direction) {
	b := &bins[len(bins)-1]
	state, a := &s.port.watch.sides[side], b.side(side)
	w.use(s, b, side)
	recent := recentOf(bins, side)
	w.loss(s, recent, side, errorsSeen)
	w.loss(s, recent, side, discardsSeen)
	if a.Broadcast >= 0 {
		w.broadcast(s, b, side)
	}
	if a.Octets >= 0 {
		state.most = max(state.most, a.Octets*8/b.seconds)
	}
}

func (b *bin) side(d direction) *Amounts {
	if d == inbound {
		return &b.in
	}
	return &b.out
}

// loud tells whether enough of the last minutes are marked, and how many minutes ago the first of them was.
func loud(marks uint8) (first int, yes bool) {
	marks &= 1<<window - 1
	return bits.Len8(marks) - 1, marks&1 != 0 && bits.OnesCount8(marks) >= loudMinutes
}

// use judges how much of its speed an interface uses.
func (w *watcher) use(s *sight, b *bin, side direction) {
	state, a := &s.port.watch.sides[side], b.side(side)
	speed, learned := float64(s.facts.Speed), false
	if speed == 0 {
		if s.port.watch.minutes < speedLearn || a.Octets < 0 {
			return
		}
		speed, learned = usualSpeed(state.most), true
	}
	if a.Octets < 0 {
		return
	}
	share := a.Octets * 8 / b.seconds / speed
	if share >= useWarning {
		state.over |= 1
	}
	if share >= useCritical {
		state.far |= 1
	}
	first, yes := loud(state.over)
	if !yes {
		return
	}
	v := verdict{what: utilization, side: side, start: b.at - int64(first)*minute, end: b.at + minute, value: share, threshold: useWarning, unit: percent, speed: speed, learned: learned}
	if _, far := loud(state.far); far && !learned {
		v.critical = true
	}
	w.raise(s, &v)
}

// usualSpeeds are speeds of links in bit/s. A learned maximum stands for the next of them: that it was never passed by much says
// no more.
var usualSpeeds = [...]float64{1e6, 10e6, 100e6, 1e9, 2.5e9, 5e9, 10e9, 25e9, 40e9, 50e9, 100e9, 200e9, 400e9, 800e9}

func usualSpeed(most float64) float64 {
	for _, speed := range usualSpeeds {
		if most <= speed {
			return speed
		}
	}
	return most
}

// recent is what the minutes of the window add up to.
type recent struct {
	packets, errors, discards float64
	from, to                  int64
	firstError, firstDiscard  int64
}

func recentOf(bins []bin, side direction) recent {
	last := bins[len(bins)-1].at
	r := recent{from: last, to: last + minute}
	for i := len(bins) - 1; i >= 0 && bins[i].at > last-window*minute; i-- {
		a := bins[i].side(side)
		r.from = bins[i].at
		r.packets += max(a.Packets(), 0)
		if a.Errors > 0 {
			r.errors, r.firstError = r.errors+a.Errors, bins[i].at
		}
		if a.Discards > 0 {
			r.discards, r.firstDiscard = r.discards+a.Discards, bins[i].at
		}
	}
	return r
}

// loss judges errors or discards by the packets beside them.
func (w *watcher) loss(s *sight, r recent, side direction, what condition) {
	n, first := r.errors, r.firstError
	if what == discardsSeen {
		n, first = r.discards, r.firstDiscard
	}
	if n < lossLeast {
		return
	}
	share := min(1, n/math.Max(r.packets, 1))
	if share < lossWarning {
		return
	}
	w.raise(s, &verdict{what: what, side: side, start: first, end: r.to, value: share, threshold: lossWarning, unit: percent, count: n, critical: share >= lossCritical})
}

// broadcast judges the rate of broadcasts, and learns what is usual.
func (w *watcher) broadcast(s *sight, b *bin, side direction) {
	watch := &s.port.watch
	state := &watch.sides[side]
	pps := b.side(side).Broadcast / b.seconds
	known := watch.minutes >= stormLearn
	if pps < stormPPS || known && pps < stormFactor*state.usual {
		state.usual += (pps - state.usual) / float64(min(watch.minutes+1, 24*60))
		return
	}
	state.storm |= 1
	if first, yes := loud(state.storm); yes {
		v := verdict{what: broadcastStorm, side: side, start: b.at - int64(first)*minute, end: b.at + minute, value: pps, threshold: stormPPS, unit: "packet/s"}
		if known {
			usual := state.usual
			v.threshold, v.usual = max(stormPPS, stormFactor*usual), &usual
		}
		w.raise(s, &v)
	}
}

// watcher keeps the findings.
type watcher struct {
	life     Life
	off      bool
	findings map[string]*finding
	order    []*finding // as they were raised
	out      []*finding
	restored map[string]flow.Alert
	lapsed   []flow.Alert // of these, ended and not told yet
	raised   uint64
}

func newWatcher(cfg Config) watcher {
	return watcher{life: cfg.Life, off: detect.Named(cfg.Disabled, detectorName), findings: map[string]*finding{}, restored: map[string]flow.Alert{}}
}

// maxFindings is how many findings are kept; beyond, new ones are left out: they would tell of the same trouble.
const maxFindings = 10_000

// raise makes or keeps a finding active.
func (w *watcher) raise(s *sight, v *verdict) {
	if w.off {
		return
	}
	key := keyOf(s, v)
	f := w.findings[key]
	if f == nil {
		if len(w.findings) >= maxFindings {
			return
		}
		f = newFinding(key, s, v)
		if r, ok := w.restored[key]; ok {
			f.id, f.start, f.detected = r.ID, r.Start.UnixNano(), r.DetectedAt.UnixNano()
			delete(w.restored, key)
		}
		w.findings[key] = f
		w.order = append(w.order, f)
	}
	if f.state != flow.AlertActive {
		f.state, f.critical = flow.AlertActive, false
		w.raised++
	}
	f.take(s, v)
	w.note(f)
}

// pass ends findings whose condition has not been met for long.
func (w *watcher) pass(now int64) {
	w.lapse(now)
	kept := w.order[:0]
	for _, f := range w.order {
		quiet := now - f.last
		if f.state == flow.AlertActive && quiet >= int64(w.life.Hold) {
			f.state = flow.AlertWatching
			w.note(f)
		}
		if quiet >= int64(w.life.Hold+w.life.Reopen) {
			f.state = flow.AlertEnded
			w.note(f)
			delete(w.findings, f.key)
			continue
		}
		kept = append(kept, f)
	}
	clear(w.order[len(kept):])
	w.order = kept
}

func (w *watcher) finish(now int64) {
	w.pass(now)
	for _, f := range w.order {
		f.state = flow.AlertEnded
		w.note(f)
	}
	w.order = w.order[:0]
	clear(w.findings)
}

// note puts a finding among the changes where its state or severity is not what was last told.
func (w *watcher) note(f *finding) {
	now := telling{f.state, f.critical}
	if now == f.told {
		return
	}
	f.told = now
	if !slices.Contains(w.out, f) {
		w.out = append(w.out, f)
	}
}
