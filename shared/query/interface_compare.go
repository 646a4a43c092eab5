package query

import (
	"time"

	"github.com/weirflow/weir/shared/interfaces"
)

// wholeMinute is how many seconds of a minute counters must cover for it to be compared.
const wholeMinute = 59.0

// compare sets flows beside counters. It leaves out minutes whose records may not all have come: the first, and the last ones, as many as
// records have been late.
func compare(list []interfaces.Minute, source interfaces.Source, to *Interface) {
	first, until, any := comparable(list)
	if !any {
		return
	}
	var counters [2]float64
	var flows [2]interfaces.Amounts
	minutes := 0
	for _, b := range binsOf(list, source, int64(time.Minute)) {
		if b.at <= first || b.at+int64(time.Minute) > until || source != interfaces.Flows && b.seconds < wholeMinute {
			continue
		}
		minutes++
		for i, out := range []bool{false, true} {
			a, f := b.side(out)
			counters[i] += max(a.Octets, 0)
			f.Octets = max(f.Octets, 0)
			if flows[i].Variance < 0 || b.hasFlow && f.Variance < 0 { // written by an earlier version
				f.Variance, flows[i].Variance = interfaces.Unknown, interfaces.Unknown
			}
			flows[i].Add(f)
		}
	}
	if minutes == 0 {
		return
	}
	for i, side := range []*InterfaceSide{&to.In, &to.Out} {
		sum := flows[i].Octets + flows[i].Framing
		bps := sum * 8 / float64(minutes*60)
		side.Flow.Compared, side.Flow.BPS, side.Flow.Error = minutes, &bps, told(flows[i].Error())
		if counters[i] > 0 {
			d := sum/counters[i] - 1
			side.Flow.Difference = &d
		}
		if sum == 0 {
			side.Flow.Error = errorOfNone(counters[i], &flows[1-i])
		}
	}
}

// errorOfNone is the error of flows of which none was seen: how uncertain they would be if they were what counters say, sampled as those
// of the other direction. It is nil where there are none either.
func errorOfNone(counters float64, other *interfaces.Amounts) *float64 {
	sum := other.Octets + other.Framing
	if sum == 0 || counters == 0 || other.Variance < 0 {
		return nil
	}
	e := (&interfaces.Amounts{Octets: counters, Variance: other.Variance * counters / sum}).Error()
	return &e
}

// comparable returns the first minute of flows, and until when all records have come.
func comparable(list []interfaces.Minute) (first, until int64, any bool) {
	late := 0.0
	for i := range list {
		if m := &list[i]; m.Source == interfaces.Flows {
			if !any {
				first, any = m.At, true
			}
			late, until = max(late, m.Late), m.At+int64(time.Minute)
		}
	}
	return first, until - int64(late*1e9), any
}
