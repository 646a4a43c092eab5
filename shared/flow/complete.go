package flow

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// Names of fields that are compared or computed when a record has been read.
const (
	endName       = "event.end"
	transportName = "network.transport"
	flagsName     = "weir.tcp.flags"
)

// complete makes the record whole after all keys have been read.
func (p *parser) complete() error {
	for _, step := range []func() error{p.completeTimes, p.completeRepeated, p.completeSampling, p.completeBytes, p.completePackets} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) completeTimes() error {
	r := p.r
	if p.has(timestampName) {
		if p.has(endName) && r.End != p.timestamp {
			return fmt.Errorf("%q is not %q", timestampName, endName)
		}
		r.End = p.timestamp
	}
	if r.End == 0 {
		return fmt.Errorf("%q is missing", endName)
	}
	if r.Start == 0 {
		r.Start = r.End
	}
	if r.Created == 0 {
		r.Created = r.End
	}
	r.Present |= HasStart | HasEnd
	return nil
}

// completeRepeated takes over what was given only by its second name.
func (p *parser) completeRepeated() error {
	r := p.r
	if p.has(transportName) {
		if r.Present.Has(HasProtocol) && r.IPProtocol != p.transport {
			return fmt.Errorf("%q is not that of %q", transportName, "network.iana_number")
		}
		r.IPProtocol = p.transport
		r.Present |= HasProtocol
	}
	if p.has(flagsName) {
		if r.Present.Has(HasTCPFlags) && r.TCPFlags&0xff != p.flags {
			return fmt.Errorf("%q are not those of %q", flagsName, "weir.tcp.flags_bits")
		}
		r.TCPFlags |= p.flags
		r.Present |= HasTCPFlags
	}
	return nil
}

func (p *parser) completeSampling() error {
	r := p.r
	if !p.has("weir.sampling.interval") {
		r.SamplingInterval = 1
		if r.SamplingSource == SamplingNone {
			r.SamplingSource = SamplingAssumed
		}
	}
	if !(r.SamplingInterval > 0) {
		return errors.New(`"weir.sampling.interval" must be greater than 0`)
	}
	return nil
}

// counter is one of the two counters of a record with the names of its fields and its presence bits.
type counter struct {
	names                   [4]string // of sum, forward, reverse and raw counter
	forward, reverse        *uint64
	sum, raw                *uint64
	hasForward, hasBackward Presence
}

func (p *parser) completeBytes() error {
	r := p.r
	return p.completeCounter(counter{[4]string{"network.bytes", "source.bytes", "destination.bytes", "weir.raw.bytes"}, &r.Source.Bytes, &r.Destination.Bytes, &r.Bytes, &r.RawBytes, HasBytes, HasReverseBytes})
}

func (p *parser) completePackets() error {
	r := p.r
	return p.completeCounter(counter{[4]string{"network.packets", "source.packets", "destination.packets", "weir.raw.packets"}, &r.Source.Packets, &r.Destination.Packets, &r.Packets, &r.RawPackets, HasPackets, HasReversePackets})
}

// completeCounter computes what is missing of a counter: the sum of its directions, the forward direction from the sum, and both
// from the raw counter.
func (p *parser) completeCounter(c counter) error {
	sum, forward, reverse, raw := p.has(c.names[0]), p.has(c.names[1]), p.has(c.names[2]), p.has(c.names[3])
	if !sum && !forward && !reverse && !raw {
		return nil
	}
	p.r.Present |= c.hasForward
	switch {
	case !sum && (forward || reverse):
		*c.sum = SaturatingSum(*c.forward, *c.reverse)
	case !sum:
		*c.sum = Scale(*c.raw, p.r.SamplingInterval)
	}
	if !forward {
		if *c.reverse > *c.sum {
			return fmt.Errorf("%q is less than %q", c.names[0], c.names[2])
		}
		*c.forward = *c.sum - *c.reverse
	}
	if *c.sum != SaturatingSum(*c.forward, *c.reverse) {
		return fmt.Errorf("%q is not the sum of %q and %q", c.names[0], c.names[1], c.names[2])
	}
	if !raw {
		*c.raw = unscale(*c.sum, p.r.SamplingInterval)
	}
	return nil
}

// SaturatingSum returns a + b, or the greatest number where that is beyond it.
func SaturatingSum(a, b uint64) uint64 {
	if sum, carry := bits.Add64(a, b, 0); carry == 0 {
		return sum
	}
	return math.MaxUint64
}

// Scale multiplies a raw counter by a sampling interval. Whole intervals give the exact product, others the nearest number (half
// up, with the 53 bits of a float64); products beyond the greatest number give that.
func Scale(n uint64, interval float64) uint64 {
	if interval == 1 {
		return n
	}
	if whole := uint64(min(max(interval, 0), 1<<32)); float64(whole) == interval {
		hi, lo := bits.Mul64(n, whole)
		if hi != 0 {
			return math.MaxUint64
		}
		return lo
	}
	return rounded(float64(n) * interval)
}

// unscale is the inverse of [Scale], as far as there is one.
func unscale(n uint64, interval float64) uint64 {
	if interval == 1 {
		return n
	}
	return rounded(float64(n) / interval)
}

func rounded(f float64) uint64 {
	if f = math.Round(f); f >= 1<<64 {
		return math.MaxUint64
	}
	return uint64(f)
}
