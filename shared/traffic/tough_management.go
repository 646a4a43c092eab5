package traffic

// networkManagement asks every server over SNMP each five minutes and once a day
// looks for new devices, most of which are not there.
func networkManagement(w *world, start int64) []attack {
	poll := attack{id: "management-polls", actors: addrs(w.manager), make: func() source {
		r, targets := stream(w.seed, "management", 0), w.servers()
		return every(r, start, 300_000, func(now int64, em *emitter) {
			for i, t := range targets {
				if t == w.manager {
					continue
				}
				s := session{
					client: w.manager, server: t, cport: ephemeral(r), sport: 161, start: now + int64(i)*80, length: 400,
					rtt: 2, up: load{1200, 12}, down: load{uint64(between(r, 2000, 6000)), 12},
				}
				s.udp(r, em)
			}
		})
	}}
	discover := attack{id: "management-discovery", actors: addrs(w.manager), make: func() source {
		r := stream(w.seed, "management", 1)
		return daily(start, 6.5, func(now int64, em *emitter) {
			for i := range 254 {
				s := session{client: w.manager, server: insideServer(i + 1), start: now + int64(i)*100, rtt: 1, up: load{56, 1}}
				if i%4 == 0 {
					s.ping(r, em, 1, 56)
					continue
				}
				up, _ := s.runs(r, 1, icmpHeader)
				up.icmpType = 8
				em.emit(&up)
			}
		})
	}}
	return []attack{poll, discover}
}
