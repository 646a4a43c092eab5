package traffic

// bulkMail is a server that mails to 300 other servers an hour. One in ten of
// them is no longer there.
func bulkMail(w *world, start int64) []attack {
	server := publicServer(26)
	return []attack{{id: "dead-mx", actors: addrs(server), service: Service{"tcp", 25}, make: func() source {
		r := stream(w.seed, "bulk mail", 0)
		return always(start+r.Int64N(12_000), func(now int64, em *emitter) int64 {
			rank := outsideTop + uint64(r.IntN(20_000))
			s := session{client: server, server: w.out.server(rank, 0), cport: ephemeral(r), sport: 25, start: now, rtt: rttOf(rank)}
			if mix(rank)%10 == 0 {
				s.syn(r, em, 3)
			} else {
				s.length = between(r, 600, 5000)
				s.up, s.down = transfer(uint64(min(1e6, logNormal(r, 20_000, 1))), 1200)
				s.down.payload = uint64(between(r, 300, 700))
				s.tcp(r, em)
			}
			return 1 + int64(12_000*r.ExpFloat64())
		})
	}}}
}
