package traffic

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
)

const (
	mixedStrong = 12 // attacks of a kind that must be found
	mixedWeak   = 3  // attacks of a kind below what is asked for
)

// mixedTable lists what happens in the mixed scenario: a row is one or more
// attacks of a kind.
func mixedTable() []struct {
	name string
	make func(a *act) []attack
} {
	return []struct {
		name string
		make func(a *act) []attack
	}{
		{"scan.horizontal", (*act).scanHosts},
		{"scan.vertical", (*act).scanPorts},
		{"scan.block", (*act).scanBlock},
		{"brute", (*act).guessPasswords},
		{"brute.success", (*act).guessRight},
		{"exfil.session", (*act).sendOut},
		{"behav.new_login", (*act).newLogin},
		{"policy.violation", (*act).breakPolicy},
		{"dos.volumetric.host", (*act).flood},
		{"dos.reflection", (*act).reflect},
		{"label.backscatter", (*act).backscatter},
	}
}

// planMixed is a day of background and a second one on which every kind of attack
// happens at least ten times, from 1.5 times the shipped thresholds up, and a
// few times below them.
func planMixed(w *world) (plan, error) {
	start := w.cfg.Start.UnixMilli()
	p := plan{start: start, end: start + 2*day, sources: background(w, start)}
	p.addTough(w)
	hosts := stream(w.seed, "mixed", 0).Perm(len(w.workstations))
	for kind, row := range mixedTable() {
		for i := range mixedStrong + mixedWeak {
			a := &act{w: w, name: row.name, n: i, hosts: hosts, place: 2 * (kind*(mixedStrong+mixedWeak) + i), weak: i >= mixedStrong}
			a.r = a.stream(0)
			// Over the 21 hours from 01:00, so that all ends before the scenario does.
			a.start = start + day + 3600_000 + int64((float64(i)+a.r.Float64())*21*3600_000/(mixedStrong+mixedWeak))
			for j, at := range row.make(a) {
				at.id = fmt.Sprintf("%s-%d", row.name, i+1)
				if j > 0 {
					at.id += "-" + at.detector
				}
				if at.kind == "" {
					at.kind = a.kind()
				}
				p.attack(w.cfg, at)
			}
		}
	}
	return p, nil
}

// act is one attack of the mixed scenario while it is drawn.
type act struct {
	w     *world
	r     *rand.Rand // of its parameters
	name  string
	n     int
	start int64
	weak  bool
	hosts []int // workstations in random order
	place int   // of this attack's hosts in it
}

// stream is a random stream of this attack.
func (a *act) stream(n int) *rand.Rand { return stream(a.w.seed, "mixed "+a.name, a.n*10+n) }

// kind is the kind of its entry of truth.
func (a *act) kind() string {
	if a.weak {
		return KindNeutral
	}
	return KindAttack
}

// host is one of two inside hosts (which 0 or 1) that no other attack has. Small
// networks get more hosts for it.
func (a *act) host(which int) netip.Addr {
	i := a.place + which
	if i >= len(a.hosts) {
		return toughHost(4096 + i)
	}
	return a.w.workstations[a.hosts[i]].addr
}

// strength draws a factor of a threshold: 1.5 up to most, or too little.
func (a *act) strength(most float64) float64 {
	if a.weak {
		return uniform(a.r, 0.3, 0.7)
	}
	return logUniform(a.r, 1.6, most)
}
