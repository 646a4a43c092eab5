package flowinput

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// trafficConfig says what traffic is summed by, and for how long.
type trafficConfig struct {
	by       []dimension       // in their order
	limits   map[dimension]int // values; those of [dimensions] where not named
	series   int               // combinations of values
	schedule schedule
	totals   bool // counters over all intervals, too
	top      topConfig
}

// maxPages bounds the memory of intervals: 128 MiB.
const maxPages = 12_800

// ahead is how far beyond the present records may end: normalize sets aside what is further.
const ahead = 2 * time.Minute

// traffic sums records by tags in intervals of the time at which they end, and tells of the intervals as [schedule] says. Sums leave out what
// the contract leaves out: records that are set aside, and other exporters' copies. It is a sink.Records. Time passes with the records and
// by advance, whichever is later.
type traffic struct {
	cfg     trafficConfig
	symbols *flow.Symbols
	offer   func(*point) bool // false: there is no room now

	mu     sync.Mutex
	values []*values // of cfg.by
	series *series
	pages  pages
	ring   []*interval
	latest *interval // of the last record
	used   []*interval
	total  []amounts // by series, of what was told
	hosts  *topHosts // nil: none
	now    int64
	next   int64 // when intervals are looked at again
	forgot int64 // when room was made last
	counts trafficCounts
	settle *flow.Settlement
	point  point
}

// trafficCounts are the counters of a traffic.
type trafficCounts struct {
	records     uint64 // summed
	copies      uint64 // left out
	aside       uint64 // left out
	late        uint64 // ended before the bound of lateness: not summed
	lateBytes   uint64
	future      uint64 // ended too far ahead: not summed
	noRoom      uint64 // summed in no interval, as there was no memory for it
	hostsUntold uint64 // flows of hosts for whose points there was no room
	untold      uint64 // summed, but there was no room for the points until the interval was over
}

func newTraffic(cfg trafficConfig, symbols *flow.Symbols, offer func(*point) bool) *traffic {
	t := &traffic{cfg: cfg, symbols: symbols, offer: offer, pages: pages{left: maxPages}, settle: flow.NewSettlement()}
	for _, d := range cfg.by {
		limit := dimensions[d].Limit
		if l, ok := cfg.limits[d]; ok {
			limit = l
		}
		t.values = append(t.values, newValues(d, limit))
	}
	t.series = newSeries(cfg.series, len(cfg.by))
	s := cfg.schedule
	t.ring = make([]*interval, (s.lateness+int64(ahead))/s.period+4)
	for i := range t.ring {
		t.ring[i] = &interval{}
	}
	if cfg.top.hosts > 0 {
		t.hosts = newTopHosts(cfg.top)
	}
	return t
}

// WriteBatch implements sink.Records.
func (t *traffic) WriteBatch(_ context.Context, b *flow.Batch) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range b.Records {
		r := &b.Records[i]
		if r.Created >= t.next {
			t.pass(r.Created)
		}
		switch {
		case r.Invalid != flow.ReasonNone:
			t.counts.aside++
		case r.Present.Has(flow.HasDuplicateOf):
			t.counts.copies++
		default:
			t.add(r)
		}
	}
	t.settle.Add(b, nil)
	t.settle.Commit()
	return nil
}

// add sums a record.
func (t *traffic) add(r *flow.Record) {
	v := t.intervalOf(r)
	if v == nil {
		return
	}
	var key seriesKey
	for i, values := range t.values {
		key.set(i, values.numberOf(r, t.symbols))
	}
	a := v.amountsOf(t.series.numberOf(key, t.now), &t.pages)
	if a == nil {
		t.counts.noRoom++
		return
	}
	a.add(&amounts{bytes: r.Bytes, packets: r.Packets, flows: 1, rawBytes: r.RawBytes, rawPackets: r.RawPackets})
	v.pending = true
	t.counts.records++
	if t.hosts != nil {
		t.hosts.add(v, r)
	}
}

// intervalOf returns the interval that a record ends in, nil where it is too late, or ahead.
func (t *traffic) intervalOf(r *flow.Record) *interval {
	s := &t.cfg.schedule
	if v := t.latest; v != nil && v.used && r.End >= v.at && r.End-v.at < s.period {
		return v
	}
	start := s.startOf(r.End)
	switch {
	case s.over(start, t.now):
		t.counts.late++
		t.counts.lateBytes += r.Bytes
		return nil
	case start > t.now+int64(ahead):
		t.counts.future++
		return nil
	}
	v := t.ring[uint64(start/s.period)%uint64(len(t.ring))]
	if v.used && v.at != start { // time has not passed yet for what was there
		t.counts.future++
		return nil
	}
	if !v.used {
		v.at, v.used, v.told = start, true, s.whole(start, t.now)
		t.used = append(t.used, v)
	}
	t.latest = v
	return v
}

// advance lets time pass.
func (t *traffic) advance(now int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now >= t.next {
		t.pass(now)
	}
}

// pass tells of the intervals that are due, oldest first. The caller holds the lock.
func (t *traffic) pass(now int64) {
	t.now = max(t.now, now)
	t.next = t.now - t.now%int64(time.Second) + int64(time.Second)
	slices.SortFunc(t.used, func(a, b *interval) int { return cmp.Compare(a.at, b.at) })
	for _, v := range t.used {
		if t.due(v) && !t.tell(v) {
			break // the next ones find no room either
		}
	}
	t.used = slices.DeleteFunc(t.used, t.end)
	t.forget()
}

func (t *traffic) due(v *interval) bool {
	s := &t.cfg.schedule
	switch {
	case v.telling.active:
		return true
	case !v.told:
		return s.whole(v.at, t.now)
	}
	return v.pending && (t.now >= v.retold+s.late || s.over(v.at, t.now))
}

// end frees an interval for which nothing more is taken.
func (t *traffic) end(v *interval) bool {
	if !t.cfg.schedule.over(v.at, t.now) {
		return false
	}
	for i, pg := range v.pages {
		if pg == nil {
			continue
		}
		for j := range pg {
			t.counts.untold += pg[j].flows
		}
		*pg = page{}
		t.pages.give(pg)
		v.pages[i] = nil
	}
	if t.hosts != nil {
		t.hosts.release(v)
	}
	*v = interval{pages: v.pages[:0]}
	return true
}

// finish tells of everything, and waits for room until the context ends.
func (t *traffic) finish(ctx context.Context, now int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pass(now)
	for _, v := range t.used {
		for v.pending || v.telling.active {
			if t.tell(v) {
				continue
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
}
