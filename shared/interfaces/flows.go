package interfaces

import "github.com/weirflow/weir/shared/flow"

// frameOverhead is what Ethernet adds to an IP packet (IEEE 802.3): two addresses, type and frame check sequence. Interface counters
// count it (RFC 2863, ifInOctets), records of NetFlow and IPFIX do not; those of sFlow are of whole frames.
const frameOverhead = 18

// flowHorizon is how long minutes of flows stay open: exporters with active timeouts of 30 minutes are not rare.
const flowHorizon = 45 * minute

// moved is what a record moved in one of its directions.
type moved struct {
	octets, packets, framing float64
	variance                 float64 // see Amounts
}

func movedBy(r *flow.Record, e *flow.Endpoint) moved {
	m := moved{octets: float64(e.Bytes), packets: float64(e.Packets)}
	if r.Protocol != flow.SFlow5 {
		m.framing = m.packets * frameOverhead
	}
	// Each of the packets/n sampled packets stands for n of its size, and n-1 of these are a guess (binomial sampling).
	if n := r.SamplingInterval; n > 1 && m.packets > 0 {
		all := m.octets + m.framing
		m.variance = all * all / m.packets * (n - 1)
	}
	return m
}

// flow counts a record at both interfaces: what the source sent comes in at one and goes out at the other, what it was sent goes
// the other way.
func (m *Meter) flow(r *flow.Record) {
	hasIn, hasOut := r.Present.Has(flow.HasInIf) && r.InIf != 0, r.Present.Has(flow.HasOutIf) && r.OutIf != 0
	if r.Invalid != flow.ReasonNone || !hasIn && !hasOut {
		return
	}
	forth, back := movedBy(r, &r.Source), movedBy(r, &r.Destination)
	m.count.flows++
	d := m.agentOf(r.Exporter, KindInterface)
	d.late.see(r.Created - r.Start)
	if hasIn {
		m.move(d, r.InIf, r, forth, back)
	}
	if hasOut {
		m.move(d, r.OutIf, r, back, forth)
	}
}

// move adds what a record moved in and out of an interface to its minutes.
func (m *Meter) move(d *agent, index uint32, r *flow.Record, in, out moved) {
	p := m.portOf(d, KindInterface, index)
	if p == nil {
		return
	}
	from, to := r.Start, max(r.End, r.Start+1)
	whole := float64(to - from)
	first, last := from-from%minute, min(to, m.now+flowHorizon) // a clock may be far ahead
	if open := m.now - flowHorizon; first < open {
		m.count.late++
		first = open - open%minute
	}
	for start := first; start < last; start += minute {
		part := float64(min(to, start+minute)-max(from, start)) / whole
		b := p.series[Flows].at(start)
		if b.seconds == 0 {
			b.seconds, b.in, b.out = 60, noFlows(), noFlows()
		}
		b.in.flow(in, part)
		b.out.flow(out, part)
		b.dirty = true
	}
}

func (a *Amounts) flow(m moved, part float64) {
	a.Octets += m.octets * part
	a.Framing += m.framing * part
	a.Unicast += m.packets * part
	a.Variance += m.variance * part
}

// noFlows are the amounts of a minute of flows before the first.
func noFlows() Amounts {
	a := nothing()
	a.Octets, a.Unicast = 0, 0
	return a
}

// lateness is the greatest delay of an exporter's records of late: of this hour and the one before.
type lateness struct {
	hour          int64
	now, previous int64
}

func (l *lateness) see(delay int64) { l.now = max(l.now, delay) }

func (l *lateness) pass(now int64) {
	if hour := now / (60 * minute); hour != l.hour {
		l.hour, l.previous, l.now = hour, l.now, 0
	}
}

// seconds is at most flowHorizon: what comes later counts nowhere.
func (l *lateness) seconds() float64 {
	return float64(min(max(l.now, l.previous), flowHorizon)) / float64(second)
}
