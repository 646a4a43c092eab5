package health

import (
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// Thresholds, with their source: 5.61 and 3.3 of the project's notes on detection where nothing else is said, else ours.
const (
	lossWarning, lossCritical   = 0.01, 0.05
	clockWarning, clockCritical = 5.0, 60.0 // s
	frozenAfter                 = int64(30 * time.Second)
	frozenDatagrams             = 5
	silentAfter                 = int64(60 * time.Second)
	silentGaps                  = 5                       // times the gap that 99 % are shorter than
	silentRecords               = 5.0                     // that would have come
	silentLong                  = int64(10 * time.Minute) // critical from then on
	waitNotice, waitWarning     = int64(60 * time.Second), int64(5 * time.Minute)
	clashSigns                  = 3
	unknownShare                = 0.5
	flagsShare, flagsRecords    = 0.5, 100
	synShare, synRecords        = 0.01, 500
	instantShare, instantLeast  = 0.5, 100
	starvedShare, starvedLeast  = 0.01, 100
	restartsMost                = 2
	invalidShare, invalidLeast  = 0.01, 20
	doubledShare, doubledLeast  = 0.2, 20
	oneWayShare, oneWayPairs    = 0.1, 20
	activeMost, inactiveMost    = 300.0, 60.0 // s; recommended are 60 s and 10 to 15 s
	leastUnits, leastGapEvents  = 50, 3
	leastDropped                = 10 // samples
)

// settling is how many buckets the other direction of a conversation has to come.
const settling = 4

// faults judges a stream as of a tick.
type faults struct {
	*stream
	now    int64 // ns
	number int64
	long   sums // 5 minutes
	short  sums // a minute
}

// judge says what is wrong with a stream, given all before the bucket of a number.
func (m *Monitor) judge(s *stream, number int64) {
	f := faults{stream: s, now: number * bucketWidth, number: number, long: s.ring.over(number, loss), short: s.ring.over(number, minute)}
	s.sampling.judge(f.now)
	f.silent()
	if f.clash(); f.on(TemplateClash) { // what else is seen of them is as of one device that does not exist
		for k := range s.verdicts {
			if k := Kind(k); k != Silent && k != TemplateClash {
				f.set(k, Fine, verdict{})
			}
		}
		return
	}
	f.frozen()
	f.loss()
	f.restarting()
	f.templates()
	f.clock()
	f.intervals()
	f.quality()
	f.shape()
	f.metering()
	f.lengths()
	f.compare()
}

func (f *faults) on(k Kind) bool { return f.verdicts[k].level > Fine }

// set notes the level of a kind of fault, Fine where there is none.
func (f *faults) set(k Kind, level Level, v verdict) {
	old := &f.verdicts[k]
	if level == Fine {
		*old = verdict{}
		return
	}
	v.level = level
	switch {
	case old.level > Fine:
		v.since = old.since
	case v.since == 0:
		v.since = f.now - bucketWidth
	}
	*old = v
}

// when returns a level where a condition holds, and Fine else.
func when(condition bool, level Level) Level {
	if condition {
		return level
	}
	return Fine
}

// graded returns the level of a value by two thresholds, and the threshold that it passed.
func graded(value, warning, critical float64) (Level, float64) {
	switch {
	case value >= critical:
		return Critical, critical
	case value >= warning:
		return Warning, warning
	}
	return Fine, warning
}

func (f *faults) silent() {
	quiet := f.now - f.last
	usually, known := f.silence.p99()
	limit := max(silentAfter, silentGaps*usually)
	level := when(known && quiet > limit && f.usual*float64(quiet)/1e9 >= silentRecords, Warning)
	if level > Fine && quiet > silentLong {
		level = Critical
	}
	f.set(Silent, level, verdict{since: f.last, value: float64(quiet) / 1e9, threshold: float64(limit) / 1e9})
}

func (f *faults) clash() {
	n := f.long.clashes
	f.set(TemplateClash, when(n >= clashSigns, Warning), verdict{value: float64(n), threshold: clashSigns})
}

func (f *faults) frozen() {
	stood := f.last - f.uptimeAt
	on := f.hasUptime && f.standing >= frozenDatagrams && stood >= frozenAfter
	f.set(UptimeFrozen, when(on, Warning), verdict{since: f.uptimeAt, value: float64(stood) / 1e9, threshold: float64(frozenAfter) / 1e9})
}

// lateBuckets is for how many buckets datagrams may be on their way.
const lateBuckets = 3

// lost returns how many units of how many sent were lost over the 5 minutes before the bucket of a number. Of what is missing as much
// may be on its way as came late just now, and no more than was missing all the while.
func (r *ring) lost(number int64) (lost, sent float64) {
	w := r.over(number, loss)
	missing := w.expected - int64(w.units)
	for back := int64(1); back < lateBuckets; back++ {
		o := r.over(number-back, loss-int(back))
		missing = min(missing, o.expected-int64(o.units))
	}
	late := r.over(number, lateBuckets).late
	lost = max(float64(missing)-float64(late), 0)
	return lost, lost + float64(w.units)
}

func (f *faults) loss() {
	lost, sent := f.ring.lost(f.number)
	share := lost / max(sent, 1)
	level, threshold := graded(share, lossWarning, lossCritical)
	if f.long.gapEvents < leastGapEvents || sent < leastUnits {
		level = Fine
	}
	f.set(Loss, level, verdict{value: share, threshold: threshold})
	dropped := float64(f.long.dropped) / float64(max(f.long.dropped+f.long.samples, 1))
	if level, threshold = graded(dropped, lossWarning, lossCritical); f.long.dropped < leastDropped {
		level = Fine
	}
	f.set(SamplesDropped, level, verdict{value: dropped, threshold: threshold})
}

func (f *faults) restarting() {
	n := f.long.restarts
	f.set(Restarting, when(n >= restartsMost, Warning), verdict{value: float64(n), threshold: restartsMost})
}

func (f *faults) templates() {
	waited := f.now - f.waitingFrom
	level := Fine
	if f.waitingFrom != 0 && f.short.waiting > 0 {
		switch {
		case waited >= waitWarning:
			level = Warning
		case waited >= waitNotice:
			level = Notice
		}
	}
	f.set(NoTemplate, level, verdict{since: f.waitingFrom, value: float64(waited) / 1e9, threshold: float64(waitNotice) / 1e9})
}

func (f *faults) intervals() {
	share := share(f.short.unknown, f.short.records)
	seen := f.now-f.first >= int64(50*time.Second)
	f.set(SamplingUnknown, when(seen && f.short.unknown >= 10 && share >= unknownShare, Warning), verdict{value: share, threshold: unknownShare})
	s := &f.sampling
	changed := s.changed != 0 && f.now-s.changed < changeLasts
	f.set(SamplingChanged, when(changed, Warning), verdict{since: s.changed, value: s.to, detail: s.from})
}

// quality judges what exporters leave out.
func (f *faults) quality() {
	w, sflow := &f.long, f.key.Protocol == flow.SFlow5
	flags := share(w.noFlags, w.tcp)
	f.set(FlagsMissing, when(w.tcp >= flagsRecords && flags >= flagsShare, Warning), verdict{value: flags, threshold: flagsShare})
	syn := share(w.syn, w.tcp)
	missing := w.tcp >= synRecords && syn < synShare && !f.on(FlagsMissing) && !sflow && f.sampling.greatest() <= 1
	f.set(NoSYN, when(missing, Warning), verdict{value: syn, threshold: synShare})
	starved := share(w.starved, w.reasons)
	f.set(CacheFull, when(w.reasons >= starvedLeast && starved >= starvedShare, Warning), verdict{value: starved, threshold: starvedShare})
}

// shape judges times that cannot be true.
func (f *faults) shape() {
	w := &f.long
	instant, frozen := share(w.instant, w.several), f.on(UptimeFrozen)
	f.set(ZeroDuration, when(!frozen && w.several >= instantLeast && instant > instantShare, Warning), verdict{value: instant, threshold: instantShare})
	invalid := share(w.invalid, w.records)
	f.set(Impossible, when(!frozen && w.invalid >= invalidLeast && invalid >= invalidShare, Notice), verdict{value: invalid, threshold: invalidShare})
}

// metering judges what is counted twice or not at all.
func (f *faults) metering() {
	w := &f.long
	flows := w.directed - w.doubled
	doubled := share(w.doubled, flows)
	f.set(DoubleMetering, when(w.doubled >= doubledLeast && doubled >= doubledShare, Warning), verdict{value: doubled, threshold: doubledShare})
	settled := f.ring.over(f.number-settling, ringSize-settling-1)
	both := share(settled.both, settled.pairs)
	oneWay := settled.pairs >= oneWayPairs && both < oneWayShare
	f.set(OneDirection, when(oneWay, Notice), verdict{value: both, threshold: oneWayShare})
}

// lengths judges the flow timeouts.
func (f *faults) lengths() {
	frozen := f.on(UptimeFrozen)
	active, atLeast := f.timeouts.active()
	detail := 0.0
	if atLeast {
		detail = 1
	}
	f.set(ActiveTimeout, when(active >= activeMost && !frozen, Notice), verdict{value: active, threshold: activeMost, detail: detail})
	inactive, known := f.timeouts.inactive()
	f.set(InactiveTimeout, when(known && inactive > inactiveMost && !frozen, Notice), verdict{value: inactive, threshold: inactiveMost})
}
