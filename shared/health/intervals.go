package health

import (
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// maxIntervals is how many sampling intervals of a stream are told apart: one a sampler. Further ones are left out.
const maxIntervals = 8

// Times of sampling intervals, in ns.
const (
	intervalIdle = int64(time.Hour)   // an interval not seen for so long is forgotten
	intervalGone = int64(time.Minute) // one not seen for so long has been given up for the one that came instead
	changeLasts  = int64(10 * time.Minute)
)

// interval is a sampling interval that records of a stream had.
type interval struct {
	n           float64
	source      flow.SamplingSource
	first, last int64
}

// intervals is what records of a stream say of sampling.
type intervals struct {
	list    [maxIntervals]interval
	used    int
	current int // index of the last record's

	changed  int64 // when an interval took another's place; 0: it did not
	from, to float64
}

// take takes the interval of a record into account.
func (s *intervals) take(n float64, source flow.SamplingSource, now int64) {
	if s.current < s.used && s.list[s.current].n == n && s.list[s.current].source == source {
		s.list[s.current].last = now
		return
	}
	for i := range s.list[:s.used] {
		if s.list[i].n == n && s.list[i].source == source {
			s.current, s.list[i].last = i, now
			return
		}
	}
	if s.used < maxIntervals {
		s.list[s.used] = interval{n: n, source: source, first: now, last: now}
		s.current = s.used
		s.used++
	}
}

// judge notices that an interval has taken another's place: it came while the other was in use, which has not been seen since.
func (s *intervals) judge(now int64) {
	kept := 0
	for i := range s.list[:s.used] {
		if now-s.list[i].last < intervalIdle {
			s.list[kept] = s.list[i]
			kept++
		}
	}
	s.used, s.current = kept, maxIntervals
	for i := range s.list[:s.used] {
		young := &s.list[i]
		if now-young.first < intervalGone || now-young.first > 2*intervalGone || now-young.last >= intervalGone {
			continue
		}
		for j := range s.list[:s.used] {
			old := &s.list[j]
			if old.last < young.first+intervalGone && now-old.last >= intervalGone && old.first < young.first && told(old) && told(young) && old.n != young.n {
				s.changed, s.from, s.to = young.first, old.n, young.n
			}
		}
	}
}

// told tells whether an exporter said that it samples so: what is assumed until it does is no change.
func told(i *interval) bool {
	return i.source != flow.SamplingAssumed && i.source != flow.SamplingUnknown && i.source != flow.SamplingNone
}

// now returns the greatest interval in use, 1 where none is known.
func (s *intervals) greatest() float64 {
	n := 1.0
	for i := range s.list[:s.used] {
		n = max(n, s.list[i].n)
	}
	return n
}
