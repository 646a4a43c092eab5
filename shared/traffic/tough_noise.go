package traffic

import (
	"fmt"
	"net/netip"
)

const (
	noisePause   = 1200   // ms between stray probes of the public network
	noiseSources = 10_000 // hosts of a botnet that looks for victims at random
	sweepsADay   = 3
)

// internetNoise is what hits any public network: a botnet that tries Telnet at
// random addresses, a few of its hosts at other ports, and every few hours
// somebody who goes through the whole network on one port. Nothing answers.
func internetNoise(w *world, start int64) []attack {
	all := []attack{{id: "noise-botnet", kind: KindNeutral, detector: "scan.horizontal", make: func() source {
		r := stream(w.seed, "noise", 0)
		bots := make([]netip.Addr, noiseSources)
		for i := range bots {
			bots[i] = w.out.anyHost(r)
		}
		ports := [...]uint16{23, 23, 23, 23, 23, 23, 2323, 3389, 445, 22}
		return always(start+r.Int64N(1000), func(now int64, em *emitter) int64 {
			p := prober{r: r, src: bots[r.IntN(len(bots))], syns: 1}
			p.try(em, publicServer(1+r.IntN(254)), ports[r.IntN(len(ports))], now, silent)
			return 1 + int64(noisePause*r.ExpFloat64())
		})
	}}}
	for i := range sweepsADay {
		r := stream(w.seed, "noise", i+1)
		src, hour := w.out.anyHost(r), 24*(float64(i)+r.Float64())/sweepsADay
		port, gap := [...]uint16{22, 80, 443, 445, 3389, 5900, 8080}[r.IntN(7)], uniform(r, 20, 300)
		all = append(all, attack{
			id: fmt.Sprintf("noise-sweep-%d", i+1), kind: KindNeutral, detector: "scan.horizontal",
			actors: addrs(src), service: Service{"tcp", port},
			make: func() source {
				r := stream(w.seed, "noise", i+101)
				return daily(start, hour, func(now int64, em *emitter) {
					p := prober{r: r, src: src, syns: 1}
					for n, at := range r.Perm(254) {
						p.try(em, publicServer(1+at), port, now+int64(float64(n)*gap), silent)
					}
				})
			},
		})
	}
	return all
}
