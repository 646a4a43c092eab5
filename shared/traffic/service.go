package traffic

import (
	"math/rand/v2"
	"net/netip"
)

// ticker makes something happen again and again: at its next time it runs do,
// which returns the time after that.
type ticker struct {
	next int64
	do   func(now int64, em *emitter) (next int64)
}

// advance implements source.
func (t *ticker) advance(until int64, em *emitter) {
	for t.next < until {
		t.next = max(t.next+1, t.do(t.next, em))
	}
}

// every is a ticker of a fixed period with a random phase.
func every(r *rand.Rand, start, period int64, do func(now int64, em *emitter)) source {
	return &ticker{next: start + r.Int64N(period), do: func(now int64, em *emitter) int64 {
		do(now, em)
		return now + period
	}}
}

// background returns the sources of all ordinary traffic.
func background(w *world, start int64) []source {
	var all []source
	for i := range w.workstations {
		for seat := range w.seats {
			all = append(all, newPerson(w, i, seat, start))
		}
		all = append(all, machine(w, i, start)...)
	}
	all = append(all, timeService(w, start)...)
	return append(all, monitoring(w, start), visitors(w, start), mailExchange(w, start), nightlyBackup(w, start))
}

// machine is what a workstation does by itself: keep time, report to a cloud,
// hold a connection open for messages.
func machine(w *world, i int, start int64) []source {
	h, r := &w.workstations[i], stream(w.seed, "machine", i)
	all := []source{every(r, start, 1000*[...]int64{256, 512, 1024}[r.IntN(3)], func(now int64, em *emitter) {
		askTime(r, em, h.addr, h.timeSrv, now)
	})}
	if r.Float64() < 0.3 {
		period := 1000 * [...]int64{300, 900, 300, 900, 900, 900, 60}[r.IntN(7)]
		all = append(all, every(r, start, period, telemetry(w, r, h.addr)))
	}
	if r.Float64() < 0.1 {
		all = append(all, push(w, r, h.addr, start))
	}
	return all
}

// telemetry reports to one of twenty clouds.
func telemetry(w *world, r *rand.Rand, client netip.Addr) func(now int64, em *emitter) {
	rank := uint64(r.IntN(20))
	return func(now int64, em *emitter) {
		s := session{
			client: client, server: w.out.server(rank, now), cport: ephemeral(r), sport: 443,
			start: now, length: between(r, 200, 900), rtt: rttOf(rank),
			up: load{uint64(between(r, 900, 3000)), 8}, down: load{uint64(between(r, 3500, 5000)), 8},
		}
		s.tcp(r, em)
	}
}

// push holds a connection for eight hours, with a packet a minute.
func push(w *world, r *rand.Rand, client netip.Addr, start int64) source {
	const hours8 = 8 * 3600_000
	rank := uint64(r.IntN(20))
	return &ticker{next: start + r.Int64N(60_000), do: func(now int64, em *emitter) int64 {
		n := uint64(hours8 / 60_000)
		s := session{
			client: client, server: w.out.server(rank, now), cport: ephemeral(r), sport: 5223,
			start: now, length: hours8 - 60_000, rtt: rttOf(rank), up: load{40 * n, n}, down: load{40 * n, n},
		}
		s.held(r, em)
		return now + hours8
	}}
}

// timeService is the inside NTP servers asking four outside ones each.
func timeService(w *world, start int64) []source {
	var all []source
	for i, server := range w.timeServers {
		r := stream(w.seed, "time", i)
		for n := range 4 {
			upstream := w.out.server(uint64(outsideServers+8*i+n), 0)
			all = append(all, every(r, start, 64_000, func(now int64, em *emitter) {
				askTime(r, em, server, upstream, now)
			}))
		}
	}
	return all
}

// monitoring pings every server once in five minutes, one of them with the
// smallest packet there is.
func monitoring(w *world, start int64) source {
	r, targets := stream(w.seed, "monitoring", 0), w.servers()
	return every(r, start, 300_000, func(now int64, em *emitter) {
		for i, t := range targets {
			if t == w.manager {
				continue
			}
			s := session{client: w.manager, server: t, start: now + int64(i)*50, rtt: 1}
			payload := uint64(56)
			if i == 0 {
				payload = 0
			}
			s.ping(r, em, 1, payload)
		}
	})
}

// visitors come from outside to the web server.
func visitors(w *world, start int64) source {
	r := stream(w.seed, "visitors", 0)
	return &ticker{next: start + r.Int64N(10_000), do: func(now int64, em *emitter) int64 {
		s := session{
			client: w.out.anyHost(r), server: w.web, cport: uint16(between(r, 1025, 65535)), sport: 443,
			start: now, length: between(r, 300, 8000), rtt: 1,
		}
		s.down, s.up = transfer(uint64(min(2e6, logNormal(r, 30_000, 1.2)))+500, uniform(r, 600, 1400))
		s.up.payload = uint64(between(r, 400, 3000))
		s.tcp(r, em)
		return now + int64(8000*r.ExpFloat64()/w.activity(now))
	}}
}

// mailExchange is mail from and to other mail servers.
func mailExchange(w *world, start int64) source {
	r := stream(w.seed, "mail", 0)
	return &ticker{next: start + r.Int64N(60_000), do: func(now int64, em *emitter) int64 {
		peer := w.out.server(outsideTop+uint64(r.IntN(3000)), 0)
		s := session{client: peer, server: w.mail, cport: ephemeral(r), sport: 25, start: now, length: between(r, 500, 9000), rtt: 1}
		if r.Float64() < 0.4 {
			s.client, s.server, s.rtt = w.mail, peer, between(r, 10, 120)
		}
		s.up, s.down = transfer(uint64(min(5e6, logNormal(r, 20_000, 1.4)))+1000, uniform(r, 600, 1400))
		s.down.payload = uint64(between(r, 300, 700))
		s.tcp(r, em)
		return now + int64(40_000*r.ExpFloat64()/w.activity(now))
	}}
}

// Backups run one after another, at a rate that no host's limits notice.
const (
	backupRate    = 30e6 // bit/s
	backupsANight = 12
)

// nightlyBackup saves servers at 01:00 UTC, give or take ten minutes.
func nightlyBackup(w *world, start int64) source {
	r := stream(w.seed, "backup", 0)
	servers := append([]netip.Addr{w.git, w.mail, w.web}, w.fileServers...)
	if len(servers) > backupsANight {
		servers = servers[:backupsANight]
	}
	t := &ticker{do: func(now int64, em *emitter) int64 {
		for _, server := range servers {
			now = backUp(w, r, em, server, now) + between(r, 5_000, 60_000)
		}
		return now - now%day + day + 3600_000 + between(r, -600_000, 600_000)
	}}
	t.next = start - start%day + 3600_000 + between(r, -600_000, 600_000)
	if t.next < start {
		t.next += day
	}
	return t
}

// backUp copies 1 to 4 GB and returns when it is done.
func backUp(w *world, r *rand.Rand, em *emitter, server netip.Addr, now int64) int64 {
	payload := uint64(logUniform(r, 1e9, 4e9))
	s := session{client: server, server: w.backup, cport: ephemeral(r), sport: 873, start: now, rtt: 1}
	s.length = int64(float64(payload) * 8 / backupRate * 1000)
	s.up, s.down = transfer(payload, 1400)
	s.tcp(r, em)
	return now + s.length
}
