package traffic

import (
	"cmp"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/weirflow/weir/shared/traffic/encode"
)

const (
	floodLength   = 30 * time.Minute
	floodPeople   = 200    // at least that busy, for 20,000 records in any network
	floodMaxFlows = 60_000 // of the attack, before timeouts cut them
	fragmentShare = 0.3    // of the bytes, in trailing fragments
)

// planFlood is half an hour of a busy network and one UDP reflection flood.
func planFlood(w *world) (plan, error) {
	start := w.cfg.Start.UnixMilli()
	w.keepBusy(floodPeople)
	f := newReflection(w, start)
	return plan{
		start: start, end: start + floodLength.Milliseconds(),
		sources: append(background(w, start), &replay{runs: f.runs}),
		truth:   []Truth{f.truth(w.cfg)},
	}, nil
}

// reflection is one flood: what it is made of and its packets.
type reflection struct {
	service    amplifier
	victim     netip.Addr
	amplifiers []netip.Addr
	rate       float64 // bit/s
	start, end int64
	ramp       int64 // over which amplifiers join
	burst      int64 // ms an amplifier answers to one port; 0: to one port throughout
	port       uint16
	runs       []run
}

// newReflection draws a flood from the seed.
func newReflection(w *world, start int64) *reflection {
	r, table := stream(w.seed, "flood", 0), amplifierTable()
	f := &reflection{service: table[r.IntN(len(table))], victim: w.web}
	if r.Float64() < 0.7 {
		f.victim = w.workstations[r.IntN(len(w.workstations))].addr
	}
	f.rate = logUniform(r, max(60e6, 2.5*f.service.floor), 600e6)
	f.start = start + between(r, 6*60_000, 12*60_000)
	f.end = f.start + between(r, 4*60_000, 10*60_000)
	f.ramp = 30_000 * int64(r.IntN(2))
	for range between(r, 300, 3000) {
		f.amplifiers = append(f.amplifiers, w.out.anyHost(r))
	}
	slices.SortFunc(f.amplifiers, netip.Addr.Compare)
	f.amplifiers = slices.Compact(f.amplifiers)
	f.drawPorts(r)
	f.makeRuns(r)
	return f
}

// drawPorts chooses what the questions were forged from: one port of the
// victim, one for each amplifier, or a new one every few seconds.
func (f *reflection) drawPorts(r *rand.Rand) {
	f.port = ephemeral(r)
	if r.IntN(2) == 0 {
		f.port = [...]uint16{80, 443}[r.IntN(2)]
	}
	switch r.IntN(3) {
	case 1:
		f.port = 0
	case 2:
		f.port = 0
		f.burst = max(5000, (f.end-f.start)*int64(len(f.amplifiers))/floodMaxFlows)
	}
}

// makeRuns shares the rate among the amplifiers, unequally as they are.
func (f *reflection) makeRuns(r *rand.Rand) {
	weights, sum := make([]float64, len(f.amplifiers)), 0.0
	for i := range weights {
		weights[i] = min(20, logNormal(r, 1, 0.9))
		sum += weights[i]
	}
	for i, a := range f.amplifiers {
		from, to := f.start+r.Int64N(f.ramp+1000), f.end-r.Int64N(2000)
		size := uniform(r, f.service.low, f.service.high)
		rate := f.rate * weights[i] / sum
		for from < to {
			until := to
			if f.burst > 0 {
				until = min(to, from+f.burst)
			}
			f.answers(r, run{src: a, dst: f.victim, proto: encode.UDP, start: from, end: until}, rate, size)
			from = until + 1
		}
	}
	slices.SortFunc(f.runs, func(a, b run) int { return cmp.Compare(a.start, b.start) })
	f.start, f.end = f.runs[0].start, 0
	for i := range f.runs {
		f.end = max(f.end, f.runs[i].end)
	}
}

// answers adds the packets of one amplifier to one port.
func (f *reflection) answers(r *rand.Rand, u run, rate, size float64) {
	u.sport, u.dport = f.service.port, f.port
	if f.port == 0 {
		u.dport = uint16(between(r, 1024, 65535))
	}
	bytes := rate / 8 * float64(u.end-u.start+1) / 1000
	if f.service.fragmented {
		rest := bytes * fragmentShare
		bytes -= rest
		tail := u
		tail.sport, tail.dport = 0, 0 // fragments after the first have no ports
		f.add(r, tail, rest, rest/(bytes/size))
	}
	f.add(r, u, bytes, size)
}

// add adds a run of packets of a size; less than a packet rounds to one.
func (f *reflection) add(r *rand.Rand, u run, bytes, size float64) {
	u.packets = max(1, uint64(bytes/size+0.5))
	u.bytes = uint64(float64(u.packets) * size)
	u.salt = r.Uint64()
	if u.packets == 1 {
		u.end = u.start
	}
	f.runs = append(f.runs, u)
}

// truth says what is to be found: the times are those of the packets. The first
// flows leave the exporter after at most the active timeout (long flows) or the
// inactive timeout (bursts); a detector then needs three bins of 10 s.
func (f *reflection) truth(cfg Config) Truth {
	t := Truth{
		ID: "flood-1", Detector: "dos.reflection." + f.service.name, Kind: KindAttack,
		Start: time.UnixMilli(f.start).UTC(), End: time.UnixMilli(f.end).UTC(),
		Victims:      []string{f.victim.String()},
		Service:      &Service{"udp", f.service.port},
		MustDetectBy: cfg.Active + cfg.Inactive + 30*time.Second + time.Duration(f.ramp)*time.Millisecond,
	}
	for _, a := range f.amplifiers {
		t.Actors = append(t.Actors, a.String())
	}
	return t
}

// replay is a source of runs made beforehand, sorted by start.
type replay struct{ runs []run }

// advance implements source.
func (p *replay) advance(until int64, em *emitter) {
	for len(p.runs) > 0 && p.runs[0].start < until {
		em.emit(&p.runs[0])
		p.runs = p.runs[1:]
	}
}
