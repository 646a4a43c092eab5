package traffic

// vulnerabilityScanner looks through the server networks every night at 22:00,
// a selection of ports each time. Its role makes that proper.
func vulnerabilityScanner(w *world, start int64) []attack {
	scanner := insideServer(75)
	return []attack{{
		id: "vulnerability-scanner", actors: addrs(scanner),
		make: func() source {
			r := stream(w.seed, "scanner", 0)
			return daily(start, 22, func(now int64, em *emitter) {
				p := prober{r: r, src: scanner, syns: 1, answered: 1}
				for i := range 12_000 {
					dst, how := insideServer(1+r.IntN(254)), refused
					if r.IntN(4) > 0 {
						how = silent
					}
					p.try(em, dst, uint16(between(r, 1, 1024)), now+int64(i)*20, how)
				}
			})
		},
	}}
}
