package traffic

import (
	"net/netip"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// peer is the other end of a peer-to-peer user.
type peer struct {
	addr netip.Addr
	port uint16
	gone bool
}

// peerToPeer is a user of a file sharing network in working hours: hundreds of
// peers on any ports, two in five of them gone.
func peerToPeer(w *world, start int64) []attack {
	user := toughHost(1)
	return []attack{{id: "p2p-user", actors: addrs(user), make: func() source {
		r := stream(w.seed, "p2p", 0)
		peers := make([]peer, between(r, 50, 300))
		for i := range peers {
			peers[i] = peer{w.out.anyHost(r), uint16(between(r, 1025, 65535)), r.Float64() < 0.4}
		}
		return always(start+r.Int64N(10_000), func(now int64, em *emitter) int64 {
			if !working(now) {
				return 600_000
			}
			p := peers[r.IntN(len(peers))]
			s := session{client: user, server: p.addr, cport: ephemeral(r), sport: p.port, start: now, rtt: between(r, 20, 200)}
			s.length = between(r, 2000, 60_000)
			s.down, s.up = transfer(uint64(pareto(r, 20_000, 1.2, 10e6)), 1300)
			s.up.payload = s.down.payload / 3
			switch udp := r.IntN(2) == 0; {
			case udp && p.gone:
				s.up, s.length = load{60, 2}, 2000
				up, _ := s.runs(r, encode.UDP, udpHeader)
				em.emit(&up)
			case udp:
				s.udp(r, em)
			case p.gone:
				s.syn(r, em, 3)
			default:
				s.tcp(r, em)
			}
			return 1 + int64(8000*r.ExpFloat64())
		})
	}}}
}
