package traffic

import "net/netip"

// upload is somebody who sends a file over HTTPS at 40 Mbit/s.
type upload struct {
	name      string
	client    netip.Addr
	rank      uint64  // of the server
	hour      float64 // of the day, UTC
	low, high float64 // bytes
}

// attack is the entry of truth and its source: one file a day.
func (u upload) attack(w *world, start int64) attack {
	return attack{
		id: u.name, actors: addrs(u.client), allowed: []string{"exfil.session"}, service: Service{"tcp", 443},
		make: func() source {
			r := stream(w.seed, "upload "+u.name, 0)
			return daily(start, u.hour, func(now int64, em *emitter) {
				s := session{client: u.client, server: w.out.server(u.rank, 0), cport: ephemeral(r), sport: 443, start: now + r.Int64N(600_000), rtt: 12}
				s.up, s.down = transfer(uint64(logUniform(r, u.low, u.high)), 1400)
				s.down.payload = 6000
				s.length = int64(float64(s.up.payload) * 8 / 40e6 * 1000)
				s.tcp(r, em)
			})
		},
	}
}

// cloudBackup is a server that saves itself to a cloud every night.
func cloudBackup(w *world, start int64) []attack {
	return []attack{upload{"cloud-backup", insideServer(73), 4, 2.2, 2e9, 8e9}.attack(w, start)}
}

// bigUploads are people and machines that send a lot on purpose: a video editor,
// a build server, a crash dump.
func bigUploads(w *world, start int64) []attack {
	return []attack{
		upload{"video-editor", toughHost(4), 7, 14.5, 2e9, 6e9}.attack(w, start),
		upload{"build-artifacts", insideServer(74), 8, 11, 1e8, 2e9}.attack(w, start),
		upload{"crash-dump", toughHost(5), 9, 16, 1e9, 2e9}.attack(w, start),
	}
}
