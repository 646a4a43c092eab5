package clock_test

import (
	"math/rand/v2"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// simulated is an exporter of which the truth is known. Times are ns since the Unix epoch of the true time.
type simulated struct {
	r        *rand.Rand
	protocol flow.Protocol
	address  byte
	offset   time.Duration // how far its clock is ahead at the beginning
	ppm      float64       // by which its oscillator is fast
	began    int64         // when the offset was that
	boot     int64         // true time at which it started
	up       uint32        // uptime at boot: not 0 where a wrap is to come soon
	least    time.Duration // delay on the way, without queues
	queue    time.Duration // mean of an exponential delay in queues
	spikes   float64       // share of datagrams that are delayed by up to a second more
}

// newSimulated draws an exporter: on a path of 1 to 30 ms, with queues of 5 to 40 ms.
func newSimulated(r *rand.Rand, protocol flow.Protocol, address byte, offset time.Duration, ppm float64) *simulated {
	return &simulated{
		r: r, protocol: protocol, address: address, offset: offset, ppm: ppm, began: start, boot: start - int64(time.Hour) - r.Int64N(1e12),
		least: time.Duration(1+r.IntN(30)) * time.Millisecond, queue: time.Duration(5+r.IntN(36)) * time.Millisecond, spikes: 0.03,
	}
}

// start is when simulations begin: 2026-03-02T00:00:00Z.
const start = int64(1772409600e9)

// elapsed is how much time the oscillator counts from a true time to another.
func (x *simulated) elapsed(from, to int64) int64 {
	return to - from + int64(float64(to-from)*x.ppm/1e6)
}

// clock is what the exporter's time of day says.
func (x *simulated) clock(at int64) int64 {
	return at + int64(x.offset) + x.elapsed(x.began, at) - (at - x.began)
}

// uptime is what it says.
func (x *simulated) uptime(at int64) uint32 { return x.up + uint32(x.elapsed(x.boot, at)/1e6) }

// datagram leaves at a true time.
func (x *simulated) datagram(at int64) *flow.Datagram {
	d := &flow.Datagram{Exporter: flow.AddrFrom4(10<<24 | uint32(x.address)), Protocol: x.protocol, Received: at + x.delay()}
	switch x.protocol {
	case flow.NetFlow9:
		d.Exported = x.clock(at) / 1e9 * 1e9
	case flow.IPFIX:
		d.Exported = x.clock(at) / 1e9 * 1e9
		return d
	case flow.NetFlow5:
		d.Exported = x.clock(at) / 1e6 * 1e6
	}
	d.Uptime, d.HasUptime = x.uptime(at), true
	return d
}

func (x *simulated) delay() int64 {
	d := int64(x.least) + int64(x.r.ExpFloat64()*float64(x.queue))
	if x.r.Float64() < x.spikes {
		d += x.r.Int64N(1e9)
	}
	return d
}

// place returns where an event at a true time is placed by the datagram that tells of it, and how far that may be off.
func (x *simulated) place(d *flow.Datagram, k flow.ClockCorrection, event int64) (at, err int64) {
	if x.protocol == flow.IPFIX {
		return x.clock(event)/1e6*1e6 + k.Wall, k.WallError
	}
	age := int32(d.Uptime - x.uptime(event))
	return d.Exported - int64(age)*1e6 + k.Uptime, k.UptimeError
}
