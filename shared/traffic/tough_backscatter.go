package traffic

import (
	"fmt"
	"math/rand/v2"
	"net/netip"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// backscatterNoise is the answers of a server somewhere that is flooded in the
// name of random addresses, ours among them.
func backscatterNoise(w *world, start int64) []attack {
	var all []attack
	for i := range 2 {
		r := stream(w.seed, "backscatter", i)
		src, hour, port := w.out.anyHost(r), 24*r.Float64(), [...]uint16{80, 443, 53, 25}[r.IntN(4)]
		all = append(all, attack{
			id: fmt.Sprintf("backscatter-%d", i+1), actors: addrs(src), allowed: []string{"label.backscatter"},
			service: Service{"tcp", port},
			make: func() source {
				r := stream(w.seed, "backscatter", i+100)
				return daily(start, hour, func(now int64, em *emitter) {
					scattered{src, port, r}.emit(em, now, int(between(r, 60, 200)))
				})
			},
		})
	}
	return all
}

// scattered is what comes from one port of a flooded server.
type scattered struct {
	src  netip.Addr
	port uint16
	r    *rand.Rand
}

// emit emits n answers to addresses of the public network, one every 1.2 s on
// average: SYN-ACKs, or RSTs from a closed port.
func (s scattered) emit(em *emitter, at int64, n int) {
	r, flags := s.r, encode.SYN|encode.ACK
	if r.IntN(3) == 0 {
		flags = encode.RST | encode.ACK
	}
	for i := range n {
		u := run{
			src: s.src, dst: publicServer(1 + (i*89+r.IntN(2))%254), sport: s.port, dport: uint16(between(r, 1024, 65535)),
			proto: encode.TCP, first: flags, mid: flags, last: flags,
			start: at + int64(i)*1200 + r.Int64N(1000), packets: 1, bytes: tcpHeader + 4, salt: r.Uint64(),
		}
		u.end = u.start
		em.emit(&u)
	}
}
