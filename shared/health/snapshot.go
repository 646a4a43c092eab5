package health

import (
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// Report returns what is known of a stream, nil where it is not watched. Its faults are those as of the last tick.
func (m *Monitor) Report(key flow.StreamKey) *Stream {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.streams[key]
	if s == nil {
		return nil
	}
	return m.report(s)
}

func (m *Monitor) report(s *stream) *Stream {
	number := m.clock / bucketWidth
	w, last := s.ring.over(number+1, loss), s.ring.over(number+1, minute)
	settled := s.ring.over(number-settling, ringSize-settling-1)
	r := &Stream{
		AsOf: utc(m.clock), Vendor: s.device.vendor.String(),
		WithoutFlags: shareOf(w.noFlags, w.tcp, fewest), WithSYN: shareOf(w.syn, w.tcp, fewest), BothDirections: shareOf(settled.both, settled.pairs, fewest),
		ZeroDuration: shareOf(w.instant, w.several, fewest), Copies: shareOf(w.copies, w.records, fewest), Doubled: shareOf(w.doubled, w.directed-w.doubled, fewest),
		LackOfResource: shareOf(w.starved, w.reasons, fewest), RecordsPerSecond: float64(last.records) / 60, Restarts: s.restarts, Clashes: w.clashes,
		Intervals: []Interval{}, Links: m.linksOf(s.device), Faults: []Fault{},
	}
	if lost, sent := s.ring.lost(number + 1); sent > 0 {
		v := lost / sent
		r.GapRate = &v
	}
	if s.minutes >= 10 {
		v := s.usual
		r.UsualRecords = &v
	}
	m.reportTimes(s, r, number)
	for i := range s.sampling.list[:s.sampling.used] {
		v := &s.sampling.list[i]
		r.Intervals = append(r.Intervals, Interval{N: v.n, Source: v.source.String(), Last: utc(v.last)})
	}
	for k := range s.verdicts {
		if v := &s.verdicts[k]; v.level > Fine {
			r.Faults = append(r.Faults, v.fault(Kind(k)))
		}
	}
	return r
}

// fewest is how many records or flows a share in a report is of at least.
const fewest = 10

func (m *Monitor) reportTimes(s *stream, r *Stream, number int64) {
	age := func(at int64) *float64 {
		if at == 0 {
			return nil
		}
		v := float64(max(m.clock-at, 0)) / 1e9
		return &v
	}
	r.WaitingSince = age(s.waitingFrom)
	r.TemplateAge, r.OptionsAge = age(s.templateAt), age(s.optionsAt)
	if v, atLeast := s.timeouts.active(); v > 0 {
		r.ActiveTimeout = &Timeout{Seconds: v, AtLeast: atLeast}
	}
	if v, ok := s.timeouts.inactive(); ok {
		r.InactiveTimeout = &Timeout{Seconds: v}
	}
	r.Clock = s.clockOf(number + 1)
}

// fault is a verdict as it is shown.
func (v *verdict) fault(k Kind) Fault {
	t := &traits[k]
	return Fault{
		Kind: t.name, Level: v.level.String(), Check: t.check, Since: utc(v.since), Value: v.value, Threshold: v.threshold, Unit: t.unit,
		Text: v.text(k), Interface: v.link,
	}
}

// FaultOf returns a fault that is known from elsewhere, for [Advise].
func FaultOf(k Kind, level Level, value float64, since time.Time) Fault {
	v := verdict{level: level, value: value, since: since.UnixNano()}
	return v.fault(k)
}
