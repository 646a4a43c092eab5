package traffic

import "time"

// Bytes out in one session from which on it is too much: over web ports and over
// others, and what the generated policy allows the public servers.
const (
	webOutGate   = 100e6
	otherOutGate = 50e6
	policyGate   = 10e6
)

// sendOut is an inside host sending much to an outside one nobody knows.
func (a *act) sendOut() []attack {
	port, gate := [...]uint16{443, 22, 21, 873, 4444}[a.r.IntN(5)], otherOutGate
	if port == 443 {
		gate = webOutGate
	}
	out := outflow{port: port, bytes: gate * a.strength(20)}
	out.from, out.to = a.host(0), a.w.out.anyHost(a.r)
	at := out.attack(a)
	at.detector, at.evidence = "exfil.session", time.Duration(1.1*gate*8/out.rate*float64(time.Second))
	return []attack{at}
}

// breakPolicy is a public server sending more than the policy allows, and less
// than would be noticed without one.
func (a *act) breakPolicy() []attack {
	out := outflow{port: 443, bytes: policyGate * a.strength(4), from: publicServer(220 + a.n), to: a.w.out.anyHost(a.r)}
	at := out.attack(a)
	at.detector, at.evidence = "policy.violation", time.Duration(1.1*policyGate*8/out.rate*float64(time.Second))
	return []attack{at}
}
