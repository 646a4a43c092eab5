package interfaces

import "github.com/weirflow/weir/shared/flow"

const second = int64(1e9)

// maxGap is the longest time between two samples that says anything about the minutes in it.
const maxGap = 15 * 60 * second

// bootWander is how far the start of an exporter's uptime may move without a restart: it is computed from two clocks.
const bootWander = 10 * second

// restarted tells whether the exporter's uptime began between the samples. One that stands still moves its beginning, too, but not
// that far.
func restarted(a, b *flow.InterfaceSample) bool {
	return a.Boot != 0 && b.Boot > a.Boot+bootWander && b.Boot > a.At-bootWander
}

// fault is why two samples make no rate.
type fault uint8

const (
	faultNone   fault = iota
	faultOrder        // the second is not later
	faultGap          // samples are missing between them
	faultReset        // counters began anew: the exporter restarted, or a counter fell that is too wide to wrap
	faultDomain       // it comes from another sub-agent than the ones before, whose counters are others
	faultNarrow       // 32-bit counters of octets may have wrapped more than once: at 10 Gbit/s they wrap every 3.4 s
	numFaults
)

// faultNames are the reasons of [Stats].Faults.
var faultNames = [numFaults]string{faultOrder: "order", faultGap: "gap", faultReset: "reset", faultDomain: "domain", faultNarrow: "narrow"}

// gain is what two samples differ by.
type gain struct {
	in, out     Amounts
	ethernet    EthernetErrors
	hasEthernet bool
}

// between returns what two successive samples of an interface by one source differ by; speed is in bit/s, 0 where it is not known. At
// faultNarrow all but the octets are known.
func between(a, b *flow.InterfaceSample, speed uint64) (g gain, why fault) {
	g.in, g.out = nothing(), nothing()
	elapsed := b.At - a.At
	switch {
	case elapsed <= 0:
		return g, faultOrder
	case elapsed > maxGap:
		return g, faultGap
	case restarted(a, b), allFell(a, b), a.OctetBits != b.OctetBits:
		return g, faultReset
	}
	seconds := float64(elapsed) / float64(second)
	d := difference{seconds: seconds, speed: float64(speed), octetBits: b.OctetBits, packetBits: b.PacketBits}
	d.take(&g.in, &a.In, &b.In)
	d.take(&g.out, &a.Out, &b.Out)
	if g.hasEthernet = a.HasEthernet && b.HasEthernet; g.hasEthernet {
		g.ethernet = ethernetBetween(&a.Ethernet, &b.Ethernet)
	}
	return g, d.why
}

// allFell tells whether every counter that stood at something stands lower: a restart, not a wrap.
func allFell(a, b *flow.InterfaceSample) bool {
	fell := 0
	for _, pair := range [2][2]*flow.InterfaceCounters{{&a.In, &b.In}, {&a.Out, &b.Out}} {
		was, is := countersOf(pair[0]), countersOf(pair[1])
		for i := range was {
			if was[i] == flow.NoCounter || is[i] == flow.NoCounter || was[i] == 0 {
				continue
			}
			if is[i] >= was[i] {
				return false
			}
			fell++
		}
	}
	return fell > 1
}

// countersOf returns the counters in the order of the amounts: octets, unicast, multicast, broadcast, discards, errors.
func countersOf(c *flow.InterfaceCounters) [6]uint64 {
	return [6]uint64{c.Octets, c.Unicast, c.Multicast, c.Broadcast, c.Discards, c.Errors}
}

// difference takes the counters of a direction.
type difference struct {
	seconds, speed        float64
	octetBits, packetBits uint8
	why                   fault
}

func (d *difference) take(to *Amounts, a, b *flow.InterfaceCounters) {
	was, is := countersOf(a), countersOf(b)
	at := [6]*float64{&to.Octets, &to.Unicast, &to.Multicast, &to.Broadcast, &to.Discards, &to.Errors}
	for i := range was {
		if was[i] == flow.NoCounter || is[i] == flow.NoCounter {
			continue
		}
		bits := d.packetBits
		if i == 0 {
			bits = d.octetBits
		}
		n, ok := grown(was[i], is[i], bits)
		switch {
		case !ok:
			d.why = faultReset
		case i == 0 && bits == 32 && d.wrapsTooOften():
			d.why = max(d.why, faultNarrow)
		case i == 0 && is[i] < was[i] && d.speed > 0 && n*8 > d.speed*d.seconds*wrapSlack:
			d.why = faultReset // as a wrap it would be faster than the interface
		default:
			*at[i] = n
		}
	}
	if d.why == faultReset {
		*to = nothing()
	}
}

// wrapSlack is by how much a wrapped counter may exceed what the interface's speed allows.
const wrapSlack = 1.1

// wrapsTooOften tells whether a 32-bit counter of octets can wrap more than once between the samples.
func (d *difference) wrapsTooOften() bool {
	return d.speed > 0 && d.speed/8*d.seconds >= 1<<32
}

// grown returns by how much a counter of the width grew; not ok where it fell and is too wide to have wrapped.
func grown(was, is uint64, bits uint8) (float64, bool) {
	if is >= was {
		return float64(is - was), true
	}
	if bits != 32 || was > 1<<32 {
		return 0, false
	}
	return float64(is + 1<<32 - was), true
}
