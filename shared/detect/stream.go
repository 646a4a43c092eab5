package detect

import (
	"math/bits"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

const (
	latenessStep  = 2 * second
	maxLateness   = 35 * 60 * second // longer ones are not waited for
	latenessSteps = int(maxLateness / latenessStep)
	latenessShare = 1000 // 1/1000 of the records may come later than the watermark waits for
	maxSilence    = 120 * second
	minSilence    = 10 * second
	forgetEvery   = 600 // seconds after which counts of a stream are halved
)

// stream is what is known about an exporter and domain: how late it reports, whether it is alive, whether it exports both
// directions.
type stream struct {
	key      flow.StreamKey
	exported int64 // latest export time, corrected
	received int64 // latest receive time
	lateness []uint32
	reports  uint64 // records in lateness
	learned  int64  // ns: 99.9 % of the records report no more than this after their start
	nextLook uint64
	gaps     [48]uint32 // between datagrams, by the bit length of milliseconds
	numGaps  uint32
	outbound uint32 // records that inside hosts sent
	asked    uint32 // established TCP records towards inside hosts whose reverse was seen,
	probed   uint32 // of so many
}

// streams are the exporters' streams by key, with the watermark over all.
type streams struct {
	list     []stream
	byKey    map[flow.StreamKey]uint16
	limit    int
	shortest int64 // the least that is waited for
}

func newStreams(cfg Config) streams {
	const slack = 5 * time.Second
	return streams{
		byKey: map[flow.StreamKey]uint16{}, limit: cfg.Budget.Streams,
		shortest: int64(cfg.ActiveTimeout + cfg.InactiveTimeout + slack),
	}
}

// of returns the number of a stream; beyond the cap all further streams share the last number.
func (s *streams) of(key flow.StreamKey) (n uint16, fits bool) {
	if n, ok := s.byKey[key]; ok {
		return n, true
	}
	if len(s.list) < s.limit {
		s.list = append(s.list, stream{key: key, lateness: make([]uint32, latenessSteps+1), learned: s.shortest})
		s.byKey[key] = uint16(len(s.list) - 1)
		return uint16(len(s.list) - 1), true
	}
	return uint16(len(s.list) - 1), false
}

// datagram takes note of a datagram. An export time that is off by more than exporters need to send counts as the receive
// time: one bad clock must not move the watermark.
func (s *stream) datagram(exported, received int64) int64 {
	const trust = 60 * second
	if exported > received || exported < received-trust {
		exported = received
	}
	if s.received != 0 && received >= s.received {
		s.gaps[bits.Len64(uint64(received-s.received)/1e6)%len(s.gaps)]++
		s.numGaps++
	}
	s.received = max(s.received, received)
	s.exported = max(s.exported, exported)
	return exported
}

// report takes note of how long after its start a record was exported.
func (s *stream) report(exported, start int64) {
	i := min(max(0, int((exported-start)/latenessStep)), latenessSteps)
	s.lateness[i]++
	s.reports++
}

// learn updates what the stream needs for a record to be reported; it looks again when a tenth more has come.
func (s *stream) learn(shortest int64) {
	if s.reports < s.nextLook {
		return
	}
	s.nextLook = s.reports + s.reports/10 + 1
	later := uint64(0)
	for i := latenessSteps; i >= 0; i-- {
		if later += uint64(s.lateness[i]); later*latenessShare > s.reports {
			s.learned = min(max(int64(i+1)*latenessStep, shortest), maxLateness)
			return
		}
	}
}

// forget halves the counts, so that changes of an exporter's settings are learned.
func (s *stream) forget() {
	s.reports, s.nextLook = 0, 0
	for i := range s.lateness {
		s.lateness[i] /= 2
		s.reports += uint64(s.lateness[i])
	}
	s.numGaps = 0
	for i := range s.gaps {
		s.gaps[i] /= 2
		s.numGaps += s.gaps[i]
	}
	s.outbound, s.asked, s.probed = s.outbound/2, s.asked/2, s.probed/2
}

// alive tells whether the stream has sent lately: within three of its usual gaps (99 %), but within two minutes.
func (s *stream) alive(clock int64) bool {
	seen, gap := uint32(0), int64(0)
	for i, n := range s.gaps {
		if seen += n; n > 0 {
			gap = int64(1) << i * 1e6
		}
		if seen*100 >= s.numGaps*99 {
			break
		}
	}
	return clock-s.received <= min(max(3*gap, minSilence), maxSilence)
}

// bothWays tells whether the stream exports what inside hosts send as well as what they receive. TCP connections show it
// best; without enough of them, that inside hosts are seen to send at all must do.
func (s *stream) bothWays() bool {
	const enough = 20
	if s.probed >= enough {
		return s.asked*2 >= s.probed
	}
	return s.outbound >= enough
}

// sends tells whether the stream exports what inside hosts send.
func (s *stream) sends() bool { return s.outbound > 0 }

// watermark returns the event time before which every living exporter has reported. A silent one is not waited for; where
// all are silent, time itself passes.
func (s *streams) watermark(clock int64) int64 {
	least, longest := int64(-1), s.shortest
	for i := range s.list {
		st := &s.list[i]
		st.learn(s.shortest)
		longest = max(longest, st.learned)
		if !st.alive(clock) {
			continue
		}
		if w := st.exported - st.learned; least < 0 || w < least {
			least = w
		}
	}
	if least < 0 {
		return clock - longest
	}
	return least
}

// longest returns the greatest lateness that is waited for.
func (s *streams) longest() int64 {
	l := s.shortest
	for i := range s.list {
		l = max(l, s.list[i].learned)
	}
	return l
}
