package health

import (
	"math/bits"
	"sync"

	"github.com/weirflow/weir/shared/flow"
)

// Monitor watches exporters. Observe and Advance are for one goroutine at a time; reports may be asked for from anywhere.
type Monitor struct {
	cfg  Config
	deps Deps

	mu      sync.Mutex
	clock   int64 // the greatest time of receipt, ns since the Unix epoch
	judged  int64 // number of the bucket before which faults have been judged
	streams map[flow.StreamKey]*stream
	devices map[deviceKey]*device
	list    []*stream // by number; nil: free
	free    []int32
	opened  []*stream // of the datagrams of the batch at hand
	pairs   pairs
	alerts  alerts
	stats   Stats
}

// Stats are the counters of a monitor.
type Stats struct {
	Streams int    // watched
	Records uint64 // looked at
	Raised  uint64 // alerts raised, returns included
	Open    int    // alerts
	// Caps counts what found no place: streams and findings left out, conversations given up.
	Caps map[string]uint64
}

// New returns a monitor that has seen nothing.
func New(cfg Config, deps Deps) (*Monitor, error) {
	cfg = cfg.withDefaults()
	seed, err := deps.seed()
	if err != nil {
		return nil, err
	}
	return &Monitor{
		cfg: cfg, deps: deps, streams: map[flow.StreamKey]*stream{}, devices: map[deviceKey]*device{},
		pairs: newPairs(cfg.Pairs, seed), alerts: newAlerts(&cfg),
		stats: Stats{Caps: map[string]uint64{"streams": 0}},
	}, nil
}

// Observe takes a batch into account: normalized, enriched, with other exporters' copies marked. It allocates nothing but for new
// streams and faults.
func (m *Monitor) Observe(b *flow.Batch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.opened = m.opened[:0]
	var s *stream
	var sums *sums
	meta := -1
	for i := range b.Records {
		r := &b.Records[i]
		if int(r.Meta) >= len(b.Datagrams) {
			continue
		}
		for len(m.opened) <= int(r.Meta) {
			m.open(b)
			meta = -1 // time may have passed
		}
		if int(r.Meta) != meta {
			if meta, s = int(r.Meta), m.opened[r.Meta]; s != nil {
				sums = s.ring.at(m.clock / bucketWidth)
				m.guess(s.device, b, r)
			}
		}
		if s != nil {
			m.record(s, sums, &b.Datagrams[meta], r)
		}
	}
	for len(m.opened) < len(b.Datagrams) {
		m.open(b)
	}
	m.stats.Records += uint64(len(b.Records))
}

// open takes the next datagram of a batch into account.
func (m *Monitor) open(b *flow.Batch) {
	d := &b.Datagrams[len(m.opened)]
	m.passTo(d.Received)
	s := m.streamOf(d)
	m.opened = append(m.opened, s)
	if s == nil {
		return
	}
	if key := (deviceKey{d.Exporter, s.key.Port}); s.device == nil || s.device.key != key {
		m.attribute(s, key)
	}
	sums := s.ring.at(m.clock / bucketWidth)
	if b.Normalized { // of canonical JSON: there was no datagram
		sums.datagrams++
		s.last = m.clock
		return
	}
	s.open(d, sums, m.clock)
}

// streamOf returns the stream of a datagram, a new one where there is none; nil at the cap.
func (m *Monitor) streamOf(d *flow.Datagram) *stream {
	key := d.Mark.Key
	if d.Stream != nil {
		key = d.Stream.Key
	}
	if s := m.streams[key]; s != nil {
		return s
	}
	if len(m.streams) >= m.cfg.Streams {
		m.stats.Caps["streams"]++
		return nil
	}
	s := &stream{key: key, account: d.Stream, first: m.clock, correction: flow.UnknownClock()}
	if n := len(m.free); n > 0 {
		s.number, m.free = m.free[n-1], m.free[:n-1]
		m.list[s.number] = s
	} else {
		s.number = int32(len(m.list))
		m.list = append(m.list, s)
	}
	m.streams[key] = s
	return s
}

// Advance lets time pass while no datagram comes.
func (m *Monitor) Advance(now int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.passTo(now)
}

// maxSteps is how many ticks are gone through after a long time without anything: what is beyond is over.
const maxSteps = 2 * 360

// passTo moves the clock, stopping at the end of every bucket, so that how often it is called changes nothing.
func (m *Monitor) passTo(now int64) {
	if now <= m.clock {
		return
	}
	last := now / bucketWidth
	if m.judged == 0 {
		m.judged = last
	}
	m.judged = max(m.judged, last-maxSteps)
	for m.judged < last {
		m.judged++
		m.clock = max(m.clock, m.judged*bucketWidth)
		m.tick(m.judged)
	}
	m.clock = now
}

// Buckets in a minute and in an hour, at whose ends something is done.
const (
	hour       = 360
	thinFrom   = 64 // records a tick from which conversations are thinned
	maxThinned = 20 // bits
)

// tick judges everything before the bucket of a number.
func (m *Monitor) tick(number int64) {
	for _, d := range m.devices {
		d.thinning = 1<<min(bits.Len32(d.records/thinFrom), maxThinned) - 1
		d.records = 0
		if m.deps.Loads != nil {
			d.loads = m.deps.Loads.Loads(d.key.ip, m.clock, d.loads[:0])
		}
	}
	for _, s := range m.list {
		if s == nil {
			continue
		}
		if m.clock-s.last > int64(m.cfg.Forget) {
			m.forget(s)
			continue
		}
		s.pass(number)
		m.judge(s, number)
	}
	m.alerts.pass(m, number*bucketWidth)
}

// pass does what is due every minute and every hour.
func (s *stream) pass(number int64) {
	if number%minute == 0 {
		rate := float64(s.ring.over(number, minute).records) / 60
		s.minutes++
		s.usual += (rate - s.usual) / float64(min(s.minutes, 60))
		s.restarts -= s.restarts / 60
	}
	if number%hour == 0 {
		s.timeouts.age()
		s.silence.age()
	}
}

func (m *Monitor) forget(s *stream) {
	delete(m.streams, s.key)
	m.list[s.number] = nil
	m.free = append(m.free, s.number)
	m.leave(s)
}

// attribute makes a stream one of an exporter, which may turn out to be another than its datagrams come from.
func (m *Monitor) attribute(s *stream, key deviceKey) {
	m.leave(s)
	d := m.devices[key]
	if d == nil {
		d = &device{key: key}
		m.devices[key] = d
	}
	d.streams++
	s.device = d
}

func (m *Monitor) leave(s *stream) {
	if d := s.device; d != nil {
		if d.streams--; d.streams == 0 {
			delete(m.devices, d.key)
		}
	}
}

// Finish ends all alerts, at the end of a replay.
func (m *Monitor) Finish(now int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.passTo(now)
	m.alerts.finish()
}

// Changes returns the alerts that changed since the last call, each in its last state, sorted by start and id.
func (m *Monitor) Changes() []flow.Alert {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.alerts.changes()
}

// Restore takes alerts that were open when an earlier process ended: what is found again under the same key goes on under its id.
func (m *Monitor) Restore(open []flow.Alert) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.alerts.restore(open)
}

// Stats returns the counters.
func (m *Monitor) Stats() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.stats
	s.Streams, s.Raised, s.Open = len(m.streams), m.alerts.raised, len(m.alerts.open)
	s.Caps = map[string]uint64{"streams": m.stats.Caps["streams"], "pairs": m.pairs.evicted, "findings": m.alerts.leftOut}
	return s
}
