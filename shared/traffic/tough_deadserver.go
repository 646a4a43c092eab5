package traffic

const deadClients = 60

// deadServer is a server that has failed at nine and is repaired at eleven. All
// its clients go on trying.
func deadServer(w *world, start int64) []attack {
	server := insideServer(90)
	return []attack{{id: "dead-server", victims: addrs(server), service: Service{"tcp", 8443}, make: func() source {
		r := stream(w.seed, "dead server", 0)
		return daily(start, 9, func(now int64, em *emitter) {
			for i := range deadClients {
				p := prober{r: r, src: toughHost(256 + i), syns: 3}
				for at := now + r.Int64N(120_000); at < now+2*3600_000; at += between(r, 60_000, 300_000) {
					p.try(em, server, 8443, at, silent)
				}
			}
		})
	}}}
}
