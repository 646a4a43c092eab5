package traffic

import (
	"math/rand/v2"
	"net/netip"
	"time"
)

// story is the reference case: from outside into one server, from there into the
// next, and what is worth taking out again. Hours are UTC.
type story struct {
	w          *world
	r          *rand.Rand
	day        int64      // midnight before it, ms
	intruder   netip.Addr // outside
	entry      netip.Addr // the server whose password is guessed
	second     netip.Addr // the server it leads to
	cloud      netip.Addr // where the data goes
	guesses    int
	perMinute  float64 // guesses
	firstLogin int64
	scanStart  int64
	hosts      int // that the second server scans
}

// planWalkthrough is a day of background with the story in its evening: the
// first evening whose 17:15 is at least four hours away.
func planWalkthrough(w *world) (plan, error) {
	start := w.cfg.Start.UnixMilli()
	st := newStory(w, start)
	end := max(st.clock(22, 50), st.scanStart+int64(st.hosts)*sweepRounds*1000/sweepRate+5*60_000)
	p := plan{start: start, end: end, sources: background(w, start)}
	p.addTough(w)
	for _, a := range st.attacks() {
		p.attack(w.cfg, a)
	}
	p.truth = append(p.truth, policyTruth(p.truth)...)
	return p, nil
}

// policyTruth is the second entry of step 6: what goes out breaks the policy, too.
func policyTruth(truth []Truth) (more []Truth) {
	for _, t := range truth {
		if t.Step == 6 {
			t.ID, t.Detector = t.ID+"-policy", "policy.violation"
			more = append(more, t)
		}
	}
	return more
}

func newStory(w *world, start int64) *story {
	r := stream(w.seed, "walkthrough", 0)
	st := &story{w: w, r: r, day: start - start%day}
	if st.clock(17, 15)-start < 4*3600_000 {
		st.day += day
	}
	st.intruder, st.cloud = w.out.anyHost(r), w.out.anyHost(r)
	st.entry, st.second = publicServer(22), publicServer(23)
	st.guesses = w.cfg.scaled(between(r, 9200, 9900), 40)
	st.perMinute = uniform(r, 80, 120)
	st.firstLogin = st.clock(17, 15) - between(r, 120_000, 300_000)
	st.scanStart = st.clock(17, 45) + between(r, 0, 20_000)
	st.hosts = w.cfg.scaled(between(r, 505_000, 515_000), 300)
	return st
}

// scaled multiplies a number by the scale, to at least low.
func (c Config) scaled(n, low int64) int { return max(int(low), int(float64(n)*c.Scale+0.5)) }

// clock is a time of the story's day.
func (st *story) clock(hour, minute int64) int64 { return st.day + hour*3600_000 + minute*60_000 }

// attacks are the steps in the order they happen. Each draws from a stream of
// its own, so that one can change without the others.
func (st *story) attacks() []attack {
	ssh := Service{"tcp", 22}
	steps := []attack{
		{detector: "brute.ssh", make: st.guess(), evidence: st.after(30), victims: addrs(st.entry)},
		{detector: "brute.success", make: st.login(), evidence: 3 * time.Minute, victims: addrs(st.entry)},
		{detector: "scan.horizontal", make: st.lookAround(), evidence: 10 * time.Second, actors: addrs(st.entry)},
		{detector: "lateral.chain", make: st.hop(), actors: addrs(st.entry), victims: addrs(st.second), kind: KindNeutral},
		{detector: "scan.horizontal", make: st.sweep(), evidence: time.Second, actors: addrs(st.second)},
		{detector: "exfil.session", make: st.takeOut(), evidence: time.Minute, actors: addrs(st.second), victims: addrs(st.cloud)},
	}
	for i := range steps {
		a := &steps[i]
		a.id, a.step, a.service = "walkthrough-"+string(rune('1'+i)), i+1, ssh
		if a.kind == "" {
			a.kind = KindAttack
		}
		if a.actors == nil {
			a.actors = addrs(st.intruder)
		}
	}
	return steps
}

func addrs(a ...netip.Addr) []netip.Addr { return a }

// after is how long n guesses take.
func (st *story) after(n float64) time.Duration {
	return time.Duration(n / st.perMinute * float64(time.Minute))
}

// stream is the random stream of a step.
func (st *story) stream(step int) *rand.Rand { return stream(st.w.seed, "walkthrough", step) }

// guess is the intruder trying passwords at the entry until one fits.
func (st *story) guess() func() source {
	gap := 60_000 / st.perMinute
	start := st.firstLogin - int64(gap*float64(st.guesses))
	return once(start, func(em *emitter) {
		g := guesser{r: st.stream(1), service: loginTable()[0], src: st.intruder, dst: addrs(st.entry), jitter: 0.15}
		g.fails(em, st.guesses, start, gap)
	})
}

// login is the password that fits: a session from which everything else is
// done, open until the second server is at work.
func (st *story) login() func() source {
	return once(st.firstLogin, func(em *emitter) {
		r := st.stream(2)
		s := session{client: st.intruder, server: st.entry, cport: ephemeral(r), sport: 22, start: st.firstLogin, rtt: 40}
		s.length = st.clock(17, 47) + between(r, 0, 600_000) - s.start
		s.up, s.down = load{uint64(between(r, 90_000, 150_000)), 1400}, load{uint64(between(r, 300_000, 600_000)), 1300}
		s.tcp(r, em)
	})
}

// lookAround is the entry scanning about 2,000 inside addresses, the second
// server among them. It is over well before the entry goes on.
func (st *story) lookAround() func() source {
	start := st.clock(17, 15)
	return once(start, func(em *emitter) {
		r := st.stream(3)
		n := st.w.cfg.scaled(between(r, 1950, 2050), 100)
		start, gap := start+between(r, 0, 5000), uniform(r, 100, 250)
		p := prober{r: r, src: st.entry, syns: 3, answered: 1}
		for i, t := range st.w.insideTargets(r, n, st.second) {
			p.try(em, t.addr, 22, start+int64(float64(i)*gap), t.how(r))
		}
	})
}

// hop is three sessions from the entry to the second server, and no more: a
// login, then a tool goes over, then what else it needs.
func (st *story) hop() func() source {
	return once(st.clock(17, 30), func(em *emitter) {
		r := st.stream(4)
		at := st.clock(17, 31) + between(r, 0, 60_000)
		for i, size := range []uint64{uint64(between(r, 40_000, 90_000)), uint64(between(r, 3e6, 8e6)), uint64(between(r, 20e6, 60e6))} {
			s := session{client: st.entry, server: st.second, cport: ephemeral(r), sport: 22, start: at, rtt: 1}
			s.length = 100_000 + between(r, 0, 60_000)
			s.up, s.down = transfer(size, 1400)
			if i == 0 { // someone types
				s.up, s.down = load{size / 4, 500}, load{size, 450}
			}
			s.down.payload += 3000
			s.tcp(r, em)
			at += s.length + between(r, 20_000, 60_000)
		}
	})
}

// sweep is the second server scanning about half a million outside hosts.
func (st *story) sweep() func() source {
	return func() source { return newSweep(st.w, st.stream(5), st.second, st.scanStart, st.hosts) }
}

// takeOut is one session of 400 MB to the cloud host.
func (st *story) takeOut() func() source {
	return once(st.clock(21, 50), func(em *emitter) {
		r := st.stream(6)
		s := session{client: st.second, server: st.cloud, cport: ephemeral(r), sport: 22, rtt: 30}
		s.start = st.clock(21, 58) + between(r, 0, 240_000)
		s.up, s.down = transfer(uint64(between(r, 398e6, 415e6)), 1400)
		s.down.payload = 9000
		s.length = int64(float64(s.up.payload) * 8 / uniform(r, 10e6, 20e6) * 1000)
		s.tcp(r, em)
	})
}

// insideTarget is an address somebody probes and what lives there.
type insideTarget struct {
	addr netip.Addr
	lit  bool
}

// how draws the outcome of an attempt: nothing lives at most addresses, most
// hosts refuse.
func (t insideTarget) how(r *rand.Rand) outcome {
	switch x := r.Float64(); {
	case !t.lit || x < 0.3:
		return silent
	case x < 0.9:
		return refused
	}
	return open
}

// insideTargets draws n inside addresses in random order, each once: those in
// must, at most half of them hosts of the world, the rest empty.
func (w *world) insideTargets(r *rand.Rand, n int, must ...netip.Addr) []insideTarget {
	seen, all := map[netip.Addr]bool{}, make([]insideTarget, 0, n)
	add := func(a netip.Addr, lit bool) {
		if !seen[a] && len(all) < n {
			seen[a] = true
			all = append(all, insideTarget{a, lit})
		}
	}
	for _, a := range must {
		add(a, true)
	}
	for range n / 2 {
		add(w.workstations[r.IntN(len(w.workstations))].addr, true)
	}
	for len(all) < n { // above all workstations there can be
		add(v4(10<<24|30<<16|uint32(between(r, 1, 0xfffe))), false)
	}
	r.Shuffle(n, func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}
