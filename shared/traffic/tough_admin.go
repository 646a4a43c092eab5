package traffic

import "net/netip"

// remotelyRun are the servers that somebody runs from outside.
func (w *world) remotelyRun() []netip.Addr {
	return append([]netip.Addr{w.git, w.mail, w.web}, w.fileServers...)
}

// remoteAdmin is an administrator who logs in to servers from outside, every
// night and always from the same address. That is new once.
func remoteAdmin(w *world, start int64) []attack {
	admin := w.out.anyHost(stream(w.seed, "remote admin", 0))
	return []attack{{
		id: "remote-admin", actors: addrs(admin), allowed: []string{"behav.new_login"}, service: Service{"tcp", 22},
		make: func() source {
			r := stream(w.seed, "remote admin", 1)
			return daily(start, 0.2, func(now int64, em *emitter) {
				for _, server := range w.remotelyRun() {
					s := session{client: admin, server: server, cport: ephemeral(r), sport: 22, start: now, rtt: 30, length: between(r, 60_000, 240_000)}
					s.up, s.down = load{uint64(between(r, 15_000, 60_000)), 200}, load{uint64(between(r, 50_000, 200_000)), 220}
					s.tcp(r, em)
					now += between(r, 20_000, 60_000)
				}
			})
		},
	}}
}
