package traffic

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
	"time"
)

// maxListed bounds the addresses an entry of truth lists on its open side: a
// scan of half a million hosts is known by its source.
const maxListed = 4096

// attack is something with a name: who does what to whom, and what makes its
// packets. Ordinary traffic that looks like one has the same form.
type attack struct {
	id, detector, kind string
	step               int // place in a story, from 1; 0 is none
	service            Service
	// actors or victims are known beforehand; the side left empty is everyone
	// they talk with.
	actors, victims []netip.Addr
	// alone lists the known side only: the others are nobody in particular.
	alone   bool
	allowed []string // detectors a benign entry may raise
	// evidence is how long after the first packet a detector has all it needs.
	evidence time.Duration
	// make returns a new source of the attack's packets, the same each time.
	make func() source
}

// allowance is what exporters and bins may take between the evidence and the
// alert: the flow in which it is leaves within the active timeout, bins close an
// inactive timeout later.
func allowance(cfg Config) time.Duration { return cfg.Active + cfg.Inactive + 30*time.Second }

// attack adds an attack and what is true of it. One that has nothing within the
// scenario's time is left out.
func (p *plan) attack(cfg Config, a attack) {
	if t, ok := a.truth(cfg, p.end); ok {
		p.sources = append(p.sources, a.make())
		p.truth = append(p.truth, t)
	}
}

// truth plays the attack into the void and says what was in it; end is the end
// of the scenario.
func (a *attack) truth(cfg Config, end int64) (Truth, bool) {
	s := survey{known: map[netip.Addr]bool{}, others: map[netip.Addr]bool{}, start: math.MaxInt64}
	for _, known := range slices.Concat(a.actors, a.victims) {
		s.known[known] = true
	}
	a.make().advance(end, &emitter{end: end, ipv6: cfg.Protocol.IPv6(), tap: s.add})
	return a.describe(cfg, &s), s.end > 0
}

func (a *attack) describe(cfg Config, s *survey) Truth {
	t := Truth{
		ID: a.id, Detector: a.detector, Kind: a.kind, Step: a.step,
		Start: time.UnixMilli(s.start).UTC(), End: time.UnixMilli(s.end).UTC(),
		Actors: texts(a.actors), Victims: texts(a.victims), Allowed: a.allowed,
	}
	if a.service.Transport != "" {
		t.Service = &a.service
	}
	if a.kind == KindAttack {
		t.MustDetectBy = (a.evidence + allowance(cfg)).Round(time.Millisecond)
	}
	switch {
	case a.alone:
	case len(a.actors) == 0:
		t.Actors = s.list()
	case len(a.victims) == 0:
		t.Victims = s.list()
	}
	return t
}

// survey sums up the runs of an attack.
type survey struct {
	known, others map[netip.Addr]bool
	start, end    int64
}

func (s *survey) add(r *run) {
	s.start, s.end = min(s.start, r.start), max(s.end, r.end)
	for _, a := range [...]netip.Addr{r.src, r.dst} {
		if len(s.others) < maxListed && !s.known[a] {
			s.others[a] = true
		}
	}
}

func (s *survey) list() []string {
	all := make([]netip.Addr, 0, len(s.others))
	for a := range s.others {
		all = append(all, a)
	}
	slices.SortFunc(all, netip.Addr.Compare)
	return texts(all)
}

func texts(addrs []netip.Addr) []string {
	var out []string
	for _, a := range addrs {
		out = append(out, a.String())
	}
	return out
}

// burst is a source that makes all its runs when its time comes. play emits them
// in any order, none before start.
type burst struct {
	start int64
	play  func(em *emitter)
	runs  []run
}

// advance implements source.
func (b *burst) advance(until int64, em *emitter) {
	if b.play != nil && b.start < until {
		b.play(&emitter{end: math.MaxInt64, ipv6: true, tap: func(r *run) { b.runs = append(b.runs, *r) }})
		slices.SortStableFunc(b.runs, func(x, y run) int { return cmp.Compare(x.start, y.start) })
		b.play = nil
	}
	n := 0
	for n < len(b.runs) && b.runs[n].start < until {
		em.emit(&b.runs[n])
		n++
	}
	if b.runs = b.runs[n:]; len(b.runs) == 0 {
		b.runs = nil // the memory of what is over
	}
}

// once returns the maker of a burst at start, for attack.make.
func once(start int64, play func(em *emitter)) func() source {
	return func() source { return &burst{start: start, play: play} }
}
