package health

import (
	"math/bits"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
)

// deviceKey names an exporter: its address, as it told of itself or its datagrams come from, and the UDP port where that tells devices
// behind one address apart.
type deviceKey struct {
	ip   flow.Addr
	port uint16
}

// String returns "192.0.2.1" or "192.0.2.1:40001".
func (k deviceKey) String() string { return flow.StreamKey{Exporter: k.ip, Port: k.port}.Source() }

// device is what the streams of one exporter share.
type device struct {
	key     deviceKey
	streams int
	// Conversations whose hash has one of these bits are not followed: the busier the exporter, the more bits.
	thinning uint64
	records  uint32            // since the last tick
	loads    []interfaces.Load // as of the last tick
	vendor   Vendor
	looked   uint32 // datagrams until the vendor is looked for again
}

// stream is what is known of one stream.
type stream struct {
	number   int32
	key      flow.StreamKey
	account  *flow.Stream
	device   *device
	ring     ring
	timeouts timeouts
	sampling intervals
	silence  silence

	first, last int64 // times of receipt
	counts      flow.Counts
	next        uint32 // sequence number expected next, where known
	nextKnown   bool
	units       uint32 // of the last datagram that came in order
	templateAt  int64  // when the last template came, 0: none yet
	optionsAt   int64
	waiting     uint32
	waitingFrom int64 // when sets began to wait, 0: none do

	correction flow.ClockCorrection // of the last datagram's records

	uptime    uint32
	hasUptime bool
	uptimeAt  int64 // since when it has stood at this value
	standing  int   // datagrams since then
	restarted bool  // a restart has been seen

	usual    float64 // records a second, smoothed over an hour
	minutes  int     // that are in usual
	restarts float64 // an hour, smoothed
	verdicts [numKinds]verdict
}

// shortLife is an uptime, in ms, after which an exporter that restarts does so for the second time in a short while.
const shortLife = 5 * 60e3

// open takes a datagram into account; its records follow.
func (s *stream) open(d *flow.Datagram, b *sums, now int64) {
	again := d.Received < s.last // it waited for its template
	if s.last != 0 && now > s.last {
		s.silence.take(now - s.last)
	}
	s.last = max(s.last, now)
	c := &d.Mark.Counts
	if s.counts.Decoded == 0 { // what was lost before is not of this run
		s.counts = flow.Counts{Decoded: max(c.Decoded, 1) - 1, Gaps: c.Gaps, Reordered: c.Reordered, Restarts: c.Restarts, SampleDrops: c.SampleDrops}
	}
	b.datagrams += gain(c.Decoded, s.counts.Decoded)
	s.count(d, c, b, again)
	s.wait(d, c, b, now)
	if c.Definitions > s.counts.Definitions {
		s.templateAt = now
	}
	if c.OptionsRecords > s.counts.OptionsRecords {
		s.optionsAt = now
	}
	s.counts = *c
	if again {
		return
	}
	s.correction = d.Clock
	if d.Exported != 0 {
		b.delay(d.Received - d.Exported)
	}
	s.tick(d, now)
}

// count takes what the sequence numbers say.
func (s *stream) count(d *flow.Datagram, c *flow.Counts, b *sums, again bool) {
	gaps, late, restarts := gain(c.Gaps, s.counts.Gaps), gain(c.Reordered, s.counts.Reordered) > 0, gain(c.Restarts, s.counts.Restarts)
	if c.Decoded > s.counts.Decoded {
		s.goOn(d, b, progress{gaps: gaps, units: s.unitsOf(d, c, again), late: late, restarted: restarts > 0})
	}
	if gaps > 0 {
		b.gapEvents++
	}
	b.clashes += gain(c.Clashes, s.counts.Clashes)
	b.samples += gain(c.FlowSamples, s.counts.FlowSamples)
	b.dropped += gain(c.SampleDrops, s.counts.SampleDrops)
	if restarts == 0 {
		return
	}
	if b.restarts += restarts; !s.restarted && s.hasUptime && s.uptime < shortLife {
		b.restarts++ // it had not been up for long
	}
	s.restarted, s.hasUptime = true, false
	s.restarts += float64(restarts)
}

// unitsOf returns how many units of its sequence a datagram holds, as far as its protocol says.
func (s *stream) unitsOf(d *flow.Datagram, c *flow.Counts, again bool) uint32 {
	switch d.Protocol {
	case flow.NetFlow5, flow.NetFlow7:
		return d.Records
	case flow.IPFIX:
		units := gain(c.OptionsRecords, s.counts.OptionsRecords)
		if !again {
			units += d.Records
		}
		return units
	}
	return max(s.units, 1) // some exporters count records in NetFlow v9
}

// progress is what the decoder says of a datagram's place in the sequence.
type progress struct {
	gaps, units     uint32
	late, restarted bool
}

// far is how far, in units, a sequence number that is taken anew may lie from the one that was expected and still be of the same count.
const far = 4096

// goOn counts the units of a datagram, and by how many the sequence went on: those, and what was lost before it. The difference of
// the sums does not depend on the order in which datagrams come.
func (s *stream) goOn(d *flow.Datagram, b *sums, p progress) {
	step := int64(int32(d.Mark.Next - s.next))
	known := s.nextKnown && d.Mark.Known
	rebooted := d.HasUptime && s.hasUptime && d.Uptime < s.uptime
	s.next, s.nextKnown = d.Mark.Next, d.Mark.Known
	switch own := step - int64(p.gaps); {
	case p.late:
		b.units += p.units
		b.late += p.units
	case known && p.restarted && -far < step && step < far && !rebooted:
		b.units += p.units
		b.expected += step // many datagrams came late
	case known && !p.restarted && own >= 0 && own < far:
		s.units = uint32(own)
		b.units += s.units
		b.expected += step
	default: // another count, or one that is not known
		b.units += p.units
		b.expected += int64(p.units + p.gaps)
	}
}

// gain is by how much a counter grew, 0 where an older value comes after a newer one.
func gain(now, before uint64) uint32 {
	if now <= before {
		return 0
	}
	return uint32(min(now-before, 1<<31))
}

// wait notices sets that wait for their template.
func (s *stream) wait(d *flow.Datagram, c *flow.Counts, b *sums, now int64) {
	switch w := d.Mark.Waiting; {
	case w == 0:
		s.waitingFrom = 0
	case w > s.waiting || c.SetsDecoded == s.counts.SetsDecoded:
		b.waiting++
		if s.waitingFrom == 0 {
			s.waitingFrom = now
		}
	}
	s.waiting = d.Mark.Waiting
}

// tick notices whether the exporter's uptime passes.
func (s *stream) tick(d *flow.Datagram, now int64) {
	switch {
	case !d.HasUptime:
	case !s.hasUptime || d.Uptime != s.uptime:
		s.uptime, s.hasUptime, s.uptimeAt, s.standing = d.Uptime, true, now, 0
	default:
		s.standing++
	}
}

// record takes a record into account.
func (m *Monitor) record(s *stream, b *sums, d *flow.Datagram, r *flow.Record) {
	b.records++
	s.device.records++
	if r.Invalid != flow.ReasonNone {
		b.invalid++
		return
	}
	if r.SamplingSource == flow.SamplingUnknown {
		b.unknown++
	}
	if r.SamplingInterval > 0 {
		s.sampling.take(r.SamplingInterval, r.SamplingSource, m.clock)
	}
	if r.Present.Has(flow.HasDuplicateOf) {
		b.copies++
	}
	if r.Present.Has(flow.HasEndReason) {
		b.reasons++
		if r.EndReason == endStarved {
			b.starved++
		}
	}
	if r.Present.Has(flow.HasFirewallEvent) {
		return // tells of a connection, not of a flow
	}
	s.shape(b, d, r)
	if s.key.Protocol != flow.SFlow5 && r.SamplingInterval <= 1 && r.SamplingSource != flow.SamplingUnknown {
		m.follow(s, b, r)
	}
}

// Values of IE 136, flowEndReason.
const (
	endIdle    = 1
	endActive  = 2
	endStarved = 5
)

// Packets from which on a record's shape says something: scans and queries have fewer.
const (
	fewPackets  = 3
	somePackets = 4
)

// shape looks at flags, duration and timeouts.
func (s *stream) shape(b *sums, d *flow.Datagram, r *flow.Record) {
	sampled := r.SamplingInterval > 1 || s.key.Protocol == flow.SFlow5
	if r.IPProtocol == protoTCP && (sampled || r.RawPackets >= fewPackets) {
		b.tcp++
		if r.TCPFlags == 0 {
			b.noFlags++
		} else if r.TCPFlags&flow.SYN != 0 {
			b.syn++
		}
	}
	if s.key.Protocol == flow.SFlow5 {
		return
	}
	duration := r.End - r.Start
	if r.RawPackets >= somePackets {
		b.several++
		if duration == 0 {
			b.instant++
		}
	}
	s.timeouts.take(duration, r.Present.Has(flow.HasEndReason) && r.EndReason == endActive, s.idle(d, r, duration))
}

// idle returns how long after its last packet a flow was exported that was not cut for its length and did not say that it ended; a
// negative time for all others.
func (s *stream) idle(d *flow.Datagram, r *flow.Record, duration int64) int64 {
	if d.Exported == 0 || duration >= 30e9 {
		return -1
	}
	if r.Present.Has(flow.HasEndReason) {
		if r.EndReason != endIdle {
			return -1
		}
	} else if r.IPProtocol == protoTCP && (r.TCPFlags == 0 || r.TCPFlags&(flow.FIN|flow.RST) != 0) {
		return -1
	}
	return max(d.Exported-(r.End-r.ClockOffset), 0)
}

// silence learns the time between the datagrams of a stream: a histogram of powers of two, in ms.
type silence struct {
	counts [40]uint32
	total  uint32
}

const enoughGaps = 20

func (s *silence) take(ns int64) {
	s.counts[min(bits.Len64(uint64(ns)/1e6), len(s.counts)-1)]++
	s.total++
}

// p99 returns a time in ns that 99 % of the gaps are shorter than, false while too few are known.
func (s *silence) p99() (int64, bool) {
	if s.total < enoughGaps {
		return 0, false
	}
	n := uint32(0)
	for i := len(s.counts) - 1; i >= 0; i-- {
		if n += s.counts[i]; float64(n) > 0.01*float64(s.total) {
			return 1e6 << i, true
		}
	}
	return 0, false
}

func (s *silence) age() {
	s.total = 0
	for i := range s.counts {
		s.counts[i] /= 2
		s.total += s.counts[i]
	}
}
