package traffic

import (
	"net/netip"
	"time"
)

// Failed targets from which on a scan from inside is one: of hosts on any port
// and on ports of administration and files, of ports, of pairs.
const (
	scanGate          = 100
	scanGateSensitive = 50
	portGate          = 50
	pairGate          = 100
)

// scanHosts is one port of many hosts, inside or outside, from an inside host.
func (a *act) scanHosts() []attack {
	ports := [...]uint16{22, 445, 3389, 23, 5900, 1433, 80, 8080, 8443, 9200}
	port, gate := ports[a.r.IntN(len(ports))], float64(scanGateSensitive)
	if port == 80 || port >= 8000 {
		gate = scanGate
	}
	n, gap := int(gate*a.strength(30)/0.9), logUniform(a.r, 10, 1000) // one in ten may answer
	src, outside := a.host(0), a.r.IntN(3) == 0
	play := func(em *emitter) {
		r := a.stream(1)
		p := prober{r: r, src: src, syns: uint64(1 + 2*r.IntN(2)), answered: 2}
		targets := a.w.insideTargets(r, n)
		for i, t := range targets {
			dst, how := t.addr, t.how(r)
			if outside {
				dst = a.w.out.anyHost(r)
			}
			p.try(em, dst, port, a.start+int64(float64(i)*gap), how)
		}
	}
	return []attack{{
		detector: "scan.horizontal", actors: addrs(src), service: Service{"tcp", port},
		evidence: time.Duration(gate*gap/0.9) * time.Millisecond, make: once(a.start, play),
	}}
}

// scanPorts is many ports of one host, from inside. The weak ones may come from
// outside, where scans are nothing special.
func (a *act) scanPorts() []attack {
	src, dst := a.host(0), a.host(1)
	if a.weak && a.r.IntN(2) == 0 {
		src, dst = a.w.out.anyHost(a.r), publicServer(100+a.n)
	}
	n, gap := int(portGate*a.strength(20)/0.9), logUniform(a.r, 10, 1000)
	play := func(em *emitter) {
		r := a.stream(1)
		p := prober{r: r, src: src, syns: 1, answered: 2}
		for i, port := range r.Perm(10_000)[:n] {
			p.try(em, dst, uint16(port+1), a.start+int64(float64(i)*gap), rarelyOpen(r.Float64()))
		}
	}
	return []attack{{
		detector: "scan.vertical", actors: addrs(src), victims: addrs(dst),
		evidence: time.Duration(portGate*gap/0.9) * time.Millisecond, make: once(a.start, play),
	}}
}

// rarelyOpen maps [0, 1) to outcomes.
func rarelyOpen(x float64) outcome {
	switch {
	case x < 0.03:
		return open
	case x < 0.5:
		return refused
	}
	return silent
}

// scanBlock is many ports of many hosts in random order.
func (a *act) scanBlock() []attack {
	src, strength := a.host(0), a.strength(8)
	hosts, ports := int(10*max(1.6, strength)), int(10*max(1.6, strength)/1.2)
	n, gap := min(hosts*ports, int(pairGate*strength*strength/0.9)), logUniform(a.r, 10, 400)
	play := func(em *emitter) {
		r := a.stream(1)
		p := prober{r: r, src: src, syns: 1, answered: 2}
		targets, services := make([]netip.Addr, 0, hosts), r.Perm(9000)[:ports]
		for _, t := range a.w.insideTargets(r, hosts) {
			targets = append(targets, t.addr)
		}
		for i, pair := range r.Perm(hosts * ports)[:n] {
			p.try(em, targets[pair%hosts], uint16(services[pair/hosts]+1), a.start+int64(float64(i)*gap), rarelyOpen(r.Float64()))
		}
	}
	return []attack{{
		detector: "scan.block", actors: addrs(src),
		evidence: time.Duration(float64(n)*gap) * time.Millisecond, make: once(a.start, play),
	}}
}
