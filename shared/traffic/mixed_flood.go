package traffic

import (
	"net/netip"
	"time"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// Rates towards one address from which on it is a flood.
const (
	floodGateBits    = 100e6 // bit/s
	floodGatePackets = 5000  // packets/s
)

// testable is the lowest packet rate that sampling leaves to be seen: 100
// sampled packets in 10 s.
func (c Config) testable() float64 { return 10 * float64(max(1, c.Sampling)) }

// flood is bots sending at one host: big packets, or many small ones.
func (a *act) flood() []attack {
	victim, length := a.host(0), between(a.r, 3*60_000, 8*60_000)
	shapes := []run{
		{proto: encode.UDP, dport: uint16(between(a.r, 1025, 65000)), bytes: uint64(between(a.r, 900, 1400))},
		{proto: encode.UDP, dport: 80, bytes: uint64(between(a.r, 60, 200))},
		{proto: encode.TCP, dport: 443, bytes: 40, first: encode.ACK, mid: encode.ACK, last: encode.ACK},
		{proto: encode.ICMP, icmpType: 8, bytes: 84},
	}
	shape := shapes[a.r.IntN(len(shapes))]
	rate := floodGatePackets * a.strength(8)
	if shape.bytes >= 900 {
		rate = floodGateBits * a.strength(5) / 8 / float64(shape.bytes)
	}
	if !a.weak {
		rate = max(rate, 1.6*a.w.cfg.testable())
	}
	bots := make([]netip.Addr, between(a.r, 20, 600))
	for i := range bots {
		bots[i] = a.w.out.anyHost(a.r)
	}
	return []attack{{
		detector: "dos.volumetric.host", victims: addrs(victim), evidence: 30 * time.Second,
		make: once(a.start, func(em *emitter) {
			r := a.stream(1)
			for _, bot := range bots {
				u := shape
				u.src, u.dst, u.salt = bot, victim, r.Uint64()
				if u.proto != encode.ICMP {
					u.sport = ephemeral(r)
				}
				u.start, u.end = a.start+r.Int64N(2000), a.start+length-r.Int64N(2000)
				u.packets = 1 + uint64(rate/float64(len(bots))*float64(length)/1000)
				u.bytes *= u.packets
				em.emit(&u)
			}
		}),
	}}
}

// reflect is a reflection flood over a service drawn at random.
func (a *act) reflect() []attack {
	table := amplifierTable()
	f := reflection{service: table[a.r.IntN(len(table))], victim: a.host(0), start: a.start, end: a.start + between(a.r, 3*60_000, 6*60_000)}
	f.rate = min(500e6, f.service.floor*a.strength(20))
	if !a.weak {
		// A third of the bytes may be in fragments that do not count.
		f.rate = max(f.rate, 2.5*f.service.floor, 2.5*a.w.cfg.testable()*8*f.service.high)
	}
	for range between(a.r, 60, 500) {
		f.amplifiers = append(f.amplifiers, a.w.out.anyHost(a.r))
	}
	f.port = ephemeral(a.r)
	return []attack{{
		detector: "dos.reflection." + f.service.name, victims: addrs(f.victim), service: Service{"udp", f.service.port},
		evidence: 30 * time.Second,
		make: once(a.start, func(em *emitter) {
			g := f
			g.makeRuns(a.stream(1))
			for i := range g.runs {
				em.emit(&g.runs[i])
			}
		}),
	}}
}

// backscatter is the echo of a flood elsewhere: a label and no alert.
func (a *act) backscatter() []attack {
	src, port := a.w.out.anyHost(a.r), [...]uint16{80, 443, 53, 22}[a.r.IntN(4)]
	n := int(between(a.r, 90, 240))
	if a.weak {
		n = 8
	}
	return []attack{{
		detector: "label.backscatter", kind: KindNeutral, actors: addrs(src), service: Service{"tcp", port},
		make: once(a.start, func(em *emitter) { scattered{src, port, a.stream(1)}.emit(em, a.start, n) }),
	}}
}
