package traffic

import "net/netip"

// exposed are the servers with SSH open to the Internet.
func exposed() []netip.Addr { return addrs(publicServer(30), publicServer(31), publicServer(32)) }

// passwordNoise is what exposed SSH servers get all day: many sources, each of
// which tries a few passwords and comes back hours later.
func passwordNoise(w *world, start int64) []attack {
	return []attack{{id: "noise-passwords", victims: exposed(), service: Service{"tcp", 22}, make: func() source {
		r, servers := stream(w.seed, "passwords", 0), exposed()
		sources := make([]netip.Addr, between(r, 60, 300))
		for i := range sources {
			sources[i] = w.out.anyHost(r)
		}
		next := 0
		return always(start+r.Int64N(60_000), func(now int64, em *emitter) int64 {
			g := guesser{r: r, service: loginTable()[0], src: sources[next%len(sources)], dst: addrs(servers[r.IntN(len(servers))]), jitter: 0.3}
			g.fails(em, int(between(r, 1, 6)), now, uniform(r, 3000, 8000))
			next++
			return 1 + int64(180_000*r.ExpFloat64())
		})
	}}}
}
