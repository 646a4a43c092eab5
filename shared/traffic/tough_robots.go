package traffic

import (
	"math/rand/v2"
	"net/netip"
)

// robot is a program that logs in by SSH and what it says and is told there.
type robot struct {
	client   netip.Addr
	up, down load
}

func (b robot) logIn(r *rand.Rand, em *emitter, server netip.Addr, at int64) {
	s := session{client: b.client, server: server, cport: ephemeral(r), sport: 22, start: at, rtt: 1, up: b.up, down: b.down}
	s.length = between(r, 600, 1500)
	s.tcp(r, em)
}

// ansible logs in to a hundred hosts every hour, all within a minute.
func ansible(w *world, start int64) []attack {
	manager := insideServer(80)
	return []attack{{id: "ansible", actors: addrs(manager), service: Service{"tcp", 22}, make: func() source {
		r := stream(w.seed, "ansible", 0)
		return every(r, start, 3600_000, func(now int64, em *emitter) {
			for i := range 100 {
				kb := uint64(between(r, 60, 200))
				robot{manager, load{kb * 1000, 2 * kb}, load{kb * 500, 2 * kb}}.logIn(r, em, toughHost(512+i), now+int64(i)*600)
			}
		})
	}}}
}

// gitPoll asks the git server for news once a minute.
func gitPoll(w *world, start int64) []attack {
	builder := toughHost(2)
	return []attack{{id: "git-poll", actors: addrs(builder), service: Service{"tcp", 22}, make: func() source {
		r := stream(w.seed, "git poll", 0)
		return every(r, start, 60_000, func(now int64, em *emitter) {
			robot{builder, load{5600 + uint64(r.IntN(60)), 34}, load{9000, 36}}.logIn(r, em, w.git, now+r.Int64N(300))
		})
	}}}
}

// loginProbe checks every five minutes that logging in works.
func loginProbe(w *world, start int64) []attack {
	monitor := insideServer(81)
	return []attack{{id: "login-probe", actors: addrs(monitor), service: Service{"tcp", 22}, make: func() source {
		r := stream(w.seed, "login probe", 0)
		return every(r, start, 300_000, func(now int64, em *emitter) {
			for i := range 5 {
				robot{monitor, load{3100, 21}, load{4200, 22}}.logIn(r, em, insideServer(100+i), now+int64(i)*700)
			}
		})
	}}}
}

// passwordRotation is a robot that nobody told the new password: it fails once a
// minute, at one server. To say so is right, as long as it is not loud.
func passwordRotation(w *world, start int64) []attack {
	client, server := toughHost(3), insideServer(100)
	return []attack{{
		id: "password-rotation", actors: addrs(client), victims: addrs(server), service: Service{"tcp", 22},
		allowed: []string{"brute.ssh"},
		make: func() source {
			r := stream(w.seed, "password rotation", 0)
			g := guesser{r: r, service: loginTable()[0], src: client, dst: addrs(server)}
			return every(r, start, 60_000, func(now int64, em *emitter) { g.fail(em, 0, now+r.Int64N(400)) })
		},
	}}
}
