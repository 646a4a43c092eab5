package traffic

import "time"

// guessGate is how many failed logins in half an hour are guessing.
const guessGate = 30

// guesses draws who guesses at whom: mostly from outside at a public server, or
// from one inside host at another.
func (a *act) guesses(services int) (g guesser, n int, gap float64) {
	g = guesser{service: loginTable()[a.r.IntN(services)], src: a.w.out.anyHost(a.r), dst: addrs(publicServer(130 + a.n)), jitter: 0.2 * a.r.Float64()}
	if a.name == "brute.success" {
		g.dst = addrs(publicServer(160 + a.n))
	}
	if a.r.IntN(3) == 0 {
		g.src, g.dst = a.host(0), addrs(a.host(1))
	}
	n = int(guessGate * a.strength(25))
	// The first guessGate fall into 20 of the 30 minutes, all into two hours.
	gap = min(logUniform(a.r, 500, 40_000), 2*3600_000/float64(n))
	return g, n, gap
}

// guessPasswords is failed logins at one host.
func (a *act) guessPasswords() []attack {
	g, n, gap := a.guesses(len(loginTable()))
	return []attack{a.guessing(g, n, gap)}
}

func (a *act) guessing(g guesser, n int, gap float64) attack {
	return attack{
		detector: "brute." + g.service.name, actors: addrs(g.src), victims: g.dst, service: Service{"tcp", g.service.port},
		evidence: time.Duration((guessGate+1)*gap) * time.Millisecond,
		make: once(a.start, func(em *emitter) {
			h := g
			h.r = a.stream(1)
			h.fails(em, n, a.start, gap)
		}),
	}
}

// guessRight is failed logins and then one that is let in, stays for minutes and
// does things. The weak ones only look in.
func (a *act) guessRight() []attack {
	g, n, gap := a.guesses(1)
	if a.weak {
		n = max(n, 2*guessGate)
	}
	at := a.start + int64(gap*float64(n)) + between(a.r, 500, 5000)
	first := a.guessing(g, n, gap)
	first.kind = KindAttack
	if float64(n) < 1.5*guessGate {
		first.kind = KindNeutral
	}
	return []attack{{
		detector: "brute.success", actors: addrs(g.src), victims: g.dst, service: Service{"tcp", g.service.port},
		evidence: 5 * time.Minute,
		make: once(at, func(em *emitter) {
			r := a.stream(2)
			s := session{client: g.src, server: g.dst[0], cport: uint16(between(r, 20000, 32000)), sport: g.service.port, start: at, rtt: 40}
			s.length = between(r, 4*60_000, 40*60_000)
			seconds := uint64(s.length / 1000)
			s.up, s.down = load{20_000 + 60*seconds, 60 + seconds/2}, load{50_000 + 300*seconds, 70 + seconds/2}
			if a.weak {
				s.length, s.up, s.down = between(r, 2000, 9000), load{g.service.payload + 900, g.service.packets + 4}, load{g.service.response + 900, g.service.packets + 3}
			}
			s.tcp(r, em)
		}),
	}, first}
}

// newLogin is a login from outside, where nobody has come from before, to a host
// that the collector has watched for a day and that others log in to. The weak
// form is to a host nobody has seen.
func (a *act) newLogin() []attack {
	known := a.w.remotelyRun()
	src, dst := a.w.out.anyHost(a.r), known[a.n%len(known)]
	port := [...]uint16{22, 22, 3389, 5900, 5985}[a.r.IntN(5)]
	if a.weak {
		dst = publicServer(190 + a.n) // nothing is known of it
	}
	return []attack{{
		detector: "behav.new_login", actors: addrs(src), victims: addrs(dst), service: Service{"tcp", port},
		make: once(a.start, func(em *emitter) {
			r := a.stream(1)
			s := session{client: src, server: dst, cport: ephemeral(r), sport: port, start: a.start, rtt: 60, length: between(r, 40_000, 1_200_000)}
			seconds := uint64(s.length / 1000)
			s.up, s.down = load{8000 + 50*seconds, 40 + seconds/2}, load{20_000 + 200*seconds, 45 + seconds/2}
			s.tcp(r, em)
		}),
	}}
}
