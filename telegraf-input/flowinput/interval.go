package flowinput

import "time"

// amounts is what passed in an interval by a series.
type amounts struct {
	bytes, packets, flows, rawBytes, rawPackets uint64
}

func (a *amounts) add(b *amounts) {
	a.bytes += b.bytes
	a.packets += b.packets
	a.flows += b.flows
	a.rawBytes += b.rawBytes
	a.rawPackets += b.rawPackets
}

// pageSeries is how many series share a page of amounts: intervals in which few are active take little memory.
const pageSeries = 256

type page [pageSeries]amounts

// pages gives out pages up to a limit.
type pages struct {
	free []*page
	left int // that may still be made
}

// take returns an empty page, or nil.
func (p *pages) take() *page {
	if n := len(p.free); n > 0 {
		pg := p.free[n-1]
		p.free = p.free[:n-1]
		return pg
	}
	if p.left == 0 {
		return nil
	}
	p.left--
	return new(page)
}

// give takes an empty page back.
func (p *pages) give(pg *page) { p.free = append(p.free, pg) }

// interval is the amounts of a span of event time that have not been told yet.
type interval struct {
	at      int64 // its start, ns since the Unix epoch
	used    bool
	told    bool  // it has been told of once, or will not be told of as a whole
	pending bool  // there are amounts
	retold  int64 // when it was last told of
	pages   []*page
	telling telling
	hosts   hostTable
}

// telling is a pass over an interval that tells what is in it. It may take several attempts, while there is no room for points.
type telling struct {
	active bool
	stamp  int64 // the points' time
	next   int   // series from which on it goes on
}

// amountsOf returns the place of a series' amounts; nil where there is no memory for it.
func (v *interval) amountsOf(number uint32, from *pages) *amounts {
	i := int(number / pageSeries)
	for len(v.pages) <= i {
		v.pages = append(v.pages, nil)
	}
	if v.pages[i] == nil {
		if v.pages[i] = from.take(); v.pages[i] == nil {
			return nil
		}
	}
	return &v.pages[i][number%pageSeries]
}

// schedule says when intervals are told of, and with which times.
//
// An interval is told of as a whole when it has been over for hold; that point has the time of its start. What comes later is told of every
// late, as further points, until lateness has passed. Stores keep one point of a series and time, so each has a time of its own within the
// interval, by when it is told: those of the same process are at least a millisecond apart, and so are those of one that was started
// again. Only a process that has been there from the interval's start to the end of its hold may use the start itself, and of those there is one.
type schedule struct {
	period, hold, lateness, late int64
	divisor                      int64 // by which the time since an interval's start is squeezed into it
	started                      int64 // when the process began to receive; 0: always
}

// millisecond is what times of points are whole numbers of: what stores can tell apart.
const millisecond = int64(time.Millisecond)

func newSchedule(period, hold, lateness time.Duration, started int64) schedule {
	s := schedule{period: int64(period), hold: int64(hold), lateness: int64(max(lateness, hold)), started: started}
	longest := s.lateness + 4*s.period + s.hold
	s.divisor = max(64, longest/s.period+2)
	s.late = max(s.period, s.divisor*millisecond, int64(10*time.Second))
	return s
}

// startOf returns the start of the interval that a time is in.
func (s *schedule) startOf(at int64) int64 {
	start := at - at%s.period
	if start > at { // before 1970
		start -= s.period
	}
	return start
}

// whole tells whether an interval can be told of as a whole at a time.
func (s *schedule) whole(start, now int64) bool { return now >= start+s.period+s.hold }

// over tells whether nothing more is taken for an interval.
func (s *schedule) over(start, now int64) bool { return now >= start+s.period+s.lateness }

// stampOf returns the time of the points of an interval that are told now; told says whether there have been some.
func (s *schedule) stampOf(start int64, told bool, now int64) int64 {
	if !told && s.whole(start, now) && s.started <= start {
		return start
	}
	since := max(0, now-start) / s.divisor
	return start + min(since-since%millisecond+millisecond, s.period-millisecond)
}
