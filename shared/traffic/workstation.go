package traffic

import (
	"math/rand/v2"
	"net/netip"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// person is the one who sits at a workstation: active for minutes, away for
// minutes to hours, and while active a Poisson process of sessions.
type person struct {
	w       *world
	h       *host
	r       *rand.Rand
	servers *rand.Zipf
	rate    float64 // sessions per second while active
	calls   bool    // makes video calls
	now     int64   // of the next thing to happen
	until   int64   // end of the active phase; before now while away
}

// outsideServers is how many servers people go to, and zipfS how unequal.
const (
	outsideServers = 200_000
	zipfS          = 1.05
)

// newPerson puts a person at seat 0, 1, ... of workstation i.
func newPerson(w *world, i, seat int, start int64) *person {
	r := stream(w.seed, "person", i+seat*maxHosts)
	p := &person{
		w: w, h: &w.workstations[i], r: r, calls: seat == 0,
		servers: rand.NewZipf(r, zipfS, 1, outsideServers-1),
		rate:    min(1, logNormal(r, 0.075, 0.5)),
	}
	if r.Float64() < 0.4*w.activity(start) { // in the middle of something
		p.until = start + int64(uniform(r, 0, 600_000))
		p.now = start + p.pause(start)
	} else {
		p.now = start + int64(uniform(r, 0, 900_000)/w.activity(start))
	}
	return p
}

// advance implements source.
func (p *person) advance(until int64, em *emitter) {
	for p.now < until {
		if p.now >= p.until {
			p.begin(em)
		} else {
			p.act(em)
		}
		if p.now += p.pause(p.now); p.now >= p.until {
			away := pareto(p.r, 240_000, 1.5, 6*3600_000) / p.w.activity(p.now)
			p.now = max(p.now, p.until) + int64(away)
		}
	}
}

// pause is the time to the next session.
func (p *person) pause(now int64) int64 {
	busy := 0.5 + 0.5*p.w.activity(now)
	return 1 + int64(1000*p.r.ExpFloat64()/(p.rate*busy))
}

// begin starts an active phase, now and then with a call.
func (p *person) begin(em *emitter) {
	p.until = p.now + int64(logNormal(p.r, 8*60_000, 0.8))
	if p.r.Float64() < 0.06*p.w.activity(p.now) && p.calls && p.now >= p.h.onCall {
		p.call(em)
	}
}

// act makes one session of the usual mix.
func (p *person) act(em *emitter) {
	switch x := p.r.Float64(); {
	case x < 0.45:
		p.web(em, encode.TCP, 443)
	case x < 0.65:
		p.web(em, encode.UDP, 443)
	case x < 0.85:
		p.lookUp(em)
	case x < 0.87:
		askTime(p.r, em, p.h.addr, p.h.timeSrv, p.now)
	case x < 0.90:
		p.mail(em)
	case x < 0.905:
		p.ssh(em)
	case x < 0.955:
		p.files(em)
	default:
		p.other(em)
	}
}

// open is a session of this host with an outside server, by IPv6 where the
// host has it and the draw says so.
func (p *person) open(port uint16) session {
	rank := p.servers.Uint64()
	s := session{
		client: p.h.addr, server: p.w.out.server(rank, p.now),
		cport: ephemeral(p.r), sport: port, start: p.now, rtt: rttOf(rank),
	}
	if p.r.Float64() < 0.5 && p.h.v6.IsValid() {
		s.client, s.server = p.h.v6, p.w.out.serverV6(rank)
	}
	return s
}

// rttOf is the round-trip time of a server, 5 to 150 ms and always the same.
func rttOf(rank uint64) int64 { return 5 + int64(mix(rank)%146) }

// web is a visit over HTTPS or QUIC: mostly small pages, some downloads, few
// uploads, and one in a hundred without an answer.
func (p *person) web(em *emitter, proto uint8, port uint16) {
	s := p.open(port)
	if p.r.Float64() < 0.01 && proto == encode.TCP {
		s.unanswered(p.r, em)
		return
	}
	size, rate := p.size()
	upload := p.r.Float64() < 0.02
	if upload {
		size = min(size, 20e6) // what people send is smaller
	}
	s.length = int64(float64(size)*8/rate*1000) + int64(3000*p.r.ExpFloat64())
	packetSize := uniform(p.r, 200, 1400)
	if size > 1e6 {
		packetSize = uniform(p.r, 1000, 1400) // bulk goes in full packets
	}
	data, acks := transfer(size, packetSize)
	acks.payload = uint64(uniform(p.r, 400, 2500))
	s.up, s.down = acks, data
	if upload {
		s.up, s.down = data, acks
	}
	if proto == encode.UDP {
		s.length = max(s.length, s.rtt)
		s.udp(p.r, em)
		return
	}
	s.tcp(p.r, em)
}

// size draws the size of a download in bytes and its rate in bit/s: lognormal
// with a Pareto tail. A host has one big transfer at a time.
func (p *person) size() (bytes uint64, rate float64) {
	size := min(1e6, logNormal(p.r, 3000, 1.8))
	rate = min(20e6, max(2e5, logNormal(p.r, 2e6, 1)))
	if p.r.Float64() < 0.015 {
		big := pareto(p.r, 1e6, 1.2, 1e9)
		if p.now >= p.h.heavyUntil {
			size, rate = big, max(rate, min(20e6, big*8/600)) // done within ten minutes where the line allows
			p.h.heavyUntil = p.now + int64(size*8/rate*1000) + 1000
		}
	}
	return uint64(size) + 100, rate
}

// lookUp asks the inside resolver, which asks outside for what it does not know.
func (p *person) lookUp(em *emitter) {
	question := uint64(between(p.r, 24, 60))
	answer := question + uint64(logNormal(p.r, 60, 0.7))
	if p.r.Float64() < 0.03 {
		answer = uint64(between(p.r, 900, 1400)) // DNSSEC
	}
	answer = min(answer, 1400)
	s := session{
		client: p.h.addr, server: p.h.resolver, cport: ephemeral(p.r), sport: 53,
		start: p.now, rtt: 1, up: load{question, 1}, down: load{answer, 1},
	}
	if p.r.Float64() < 0.4 {
		rank := p.servers.Uint64()
		out := session{
			client: p.h.resolver, server: p.w.out.server(rank+outsideTop, 0),
			cport: uint16(between(p.r, 1024, 65535)), sport: 53,
			start: p.now + 1, rtt: rttOf(rank), up: load{question + 12, 1}, down: load{answer, 1},
		}
		s.rtt += 1 + out.rtt
		out.udp(p.r, em)
	}
	s.udp(p.r, em)
}

// mail looks for new mail or sends some, on the own mail server.
func (p *person) mail(em *emitter) {
	s := session{client: p.h.addr, server: p.w.mail, cport: ephemeral(p.r), sport: 993, start: p.now, rtt: 2}
	payload := uint64(min(3e6, logNormal(p.r, 15_000, 1.5))) + 500
	s.length = int64(payload/250) + between(p.r, 100, 2000)
	data, acks := transfer(payload, uniform(p.r, 400, 1400))
	acks.payload = uint64(between(p.r, 200, 900))
	s.up, s.down = acks, data
	if p.r.Float64() < 0.3 {
		s.sport, s.up, s.down = 587, data, acks
	}
	s.tcp(p.r, em)
}

// ssh works on the inside git server.
func (p *person) ssh(em *emitter) {
	s := session{client: p.h.addr, server: p.w.git, cport: ephemeral(p.r), sport: 22, start: p.now, rtt: 1}
	payload := uint64(min(5e6, logNormal(p.r, 40_000, 1.5))) + 4000
	s.length = between(p.r, 800, 4000) + int64(payload/250)
	s.down, s.up = transfer(payload, uniform(p.r, 300, 1400))
	s.up.payload = uint64(between(p.r, 2500, 6000))
	s.tcp(p.r, em)
}

// files reads from or writes to the file server at a rate that leaves the
// server far from any limit even with all its people busy.
func (p *person) files(em *emitter) {
	s := session{client: p.h.addr, server: p.h.fileServer, cport: ephemeral(p.r), sport: 445, start: p.now, rtt: 1}
	payload := uint64(min(50e6, logNormal(p.r, 100_000, 1.8))) + 1000
	s.length = int64(payload/250) + between(p.r, 50, 3000) // 2 Mbit/s
	data, acks := transfer(payload, uniform(p.r, 700, 1400))
	acks.payload = uint64(between(p.r, 800, 3000))
	s.up, s.down = acks, data
	if p.r.Float64() < 0.35 {
		s.up, s.down = data, acks
	}
	s.tcp(p.r, em)
}

// other is the rest of the mix: plain HTTP, odd ports, STUN, a ping.
func (p *person) other(em *emitter) {
	switch x := p.r.Float64(); {
	case x < 0.55:
		p.web(em, encode.TCP, 80)
	case x < 0.8:
		p.web(em, encode.TCP, [...]uint16{993, 5222, 5223, 8080, 8443}[p.r.IntN(5)])
	case x < 0.9:
		s := p.open(3478)
		s.client, s.server = p.h.addr, p.w.out.server(p.servers.Uint64(), p.now)
		s.up, s.down = load{40, 2}, load{120, 2}
		s.length = 500
		s.udp(p.r, em)
	default:
		s := p.open(0)
		s.client, s.server, s.cport = p.h.addr, p.w.out.server(p.servers.Uint64(), p.now), 0
		s.ping(p.r, em, uint64(between(p.r, 1, 4)), 56)
	}
}

// call is a video call: media both ways over UDP for most of an hour.
func (p *person) call(em *emitter) {
	seconds := uniform(p.r, 1200, 3600)
	s := session{
		client: p.h.addr, server: p.w.out.server(uint64(between(p.r, 0, 50)), 0),
		cport: ephemeral(p.r), sport: uint16(between(p.r, 3478, 3481)), tos: 0xb8,
		start: p.now, length: int64(seconds * 1000), rtt: between(p.r, 10, 60),
	}
	if p.r.Float64() < 0.5 {
		s.sport = uint16(between(p.r, 8801, 8810))
	}
	s.up, s.down = media(p.r, seconds), media(p.r, seconds)
	p.h.onCall = p.now + s.length
	s.udp(p.r, em)
}

// media is one direction of a call: 1 to 4 Mbit/s in packets of 700 to 1100 bytes.
func media(r *rand.Rand, seconds float64) load {
	payload := uint64(uniform(r, 1e6, 4e6) / 8 * seconds)
	return load{payload, uint64(float64(payload) / uniform(r, 700, 1100))}
}

// askTime is an NTP exchange of one packet each way.
func askTime(r *rand.Rand, em *emitter, client, server netip.Addr, now int64) {
	s := session{
		client: client, server: server, cport: 123, sport: 123, start: now,
		rtt: 1, up: load{48, 1}, down: load{48, 1},
	}
	if !isInside(server) {
		s.rtt = between(r, 8, 40)
	}
	s.udp(r, em)
}
