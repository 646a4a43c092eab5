package traffic

// remoteOffice is an office behind one address whose people all log in to the
// RDP gateway from nine o'clock on.
func remoteOffice(w *world, start int64) []attack {
	office, gateway := w.out.anyHost(stream(w.seed, "office", 0)), insideServer(76)
	return []attack{{
		id: "remote-office", actors: addrs(office), victims: addrs(gateway), service: Service{"tcp", 3389},
		allowed: []string{"behav.new_login"},
		make: func() source {
			r := stream(w.seed, "office", 1)
			return daily(start, 8.9, func(now int64, em *emitter) {
				for range between(r, 60, 120) {
					s := session{client: office, server: gateway, cport: ephemeral(r), sport: 3389, rtt: 25}
					s.start = now + int64(min(3600_000, 900_000*r.ExpFloat64()))
					s.length = between(r, 600_000, 4*3600_000)
					seconds := float64(s.length) / 1000
					s.up = load{uint64(seconds * uniform(r, 300, 900)), uint64(seconds * 2)}
					s.down = load{uint64(seconds * uniform(r, 2000, 9000)), uint64(seconds * 3)}
					s.tcp(r, em)
				}
			})
		},
	}}
}
