package policy

import (
	"math/bits"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// numBins is how many bins a window has. It moves on by one of them, so what it holds is never older than the window, and traffic
// that fits into eleven twelfths of it is always seen whole.
const numBins = 12

// sums are the counters of traffic.
type sums struct{ out, in, packets, sessions uint64 }

func (s *sums) add(d sums) {
	s.out, s.in = s.out+d.out, s.in+d.in
	s.packets, s.sessions = s.packets+d.packets, s.sessions+d.sessions
}

func (s *sums) remove(d sums) {
	s.out, s.in = s.out-d.out, s.in-d.in
	s.packets, s.sessions = s.packets-d.packets, s.sessions-d.sessions
}

type cell struct {
	sums
	first   int64 // when the first of it came, 0: nothing did
	longest int64 // ns: of its sessions
}

type windowKey struct {
	rule uint16
	key  Key
}

// window is what a key of a policy did lately.
type window struct {
	windowKey
	newest int64 // number of the newest bin
	cells  [numBins]cell
	total  sums
	sets   [3]*distinct // peers, ports, countries

	raised      bool
	listed      bool // in Set.raised
	first, last int64
	given       int64 // when the finding was last given
	peak        [numMeasures]float64
	latest      *flow.Session // while raised
	sample      sample
}

// windowed counts what is new of a session for the policy of number i.
func (s *Set) windowed(i int, x *flow.Session, t *tracked) *tracked {
	r := s.rules[i]
	if x.Open && r.atEnd || !r.match(s.view) {
		return t
	}
	var whole told
	w := t.of(i)
	switch {
	case w != nil:
	case x.Open:
		if t = s.track(x.ID, t); t == nil {
			return nil
		}
		t.told = append(t.told, told{rule: uint16(i)})
		w = &t.told[len(t.told)-1]
	default:
		w = &whole
	}
	d, from := w.take(x)
	if !r.calendar.applies(x.End) {
		return t
	}
	if !w.counted {
		d.sessions, w.counted = 1, true
	}
	s.count(i, x, d, from)
	return t
}

// count adds to the windows of the session's keys what it has gained since a time.
func (s *Set) count(i int, x *flow.Session, d sums, from int64) {
	switch r := s.rules[i]; r.By {
	case BySource:
		s.countKey(i, Key{Source: x.Client.IP}, x, d, from)
	case ByDestination:
		s.countKey(i, Key{Destination: x.Server.IP}, x, d, from)
	case ByPair:
		s.countKey(i, Key{Source: x.Client.IP, Destination: x.Server.IP}, x, d, from)
	case ByGroup:
		name, rest, more := strings.Cut(s.symbols.Text(x.Client.Groups), flow.ListSeparator)
		for ; name != ""; name, rest, more = strings.Cut(rest, flow.ListSeparator) {
			s.countKey(i, Key{Group: name}, x, d, from)
			if !more {
				break
			}
		}
	}
}

func (s *Set) countKey(i int, key Key, x *flow.Session, d sums, from int64) {
	r := s.rules[i]
	bin := x.End / r.bin
	if x.End < 0 {
		s.counters.Late++
		return
	}
	w := s.window(windowKey{uint16(i), key})
	if w == nil {
		s.counters.NoRoom++
		return
	}
	if bin <= w.newest-numBins {
		s.counters.Late++
		return
	}
	s.move(w, bin)
	w.spread(d, from, x.End, r.bin)
	c := &w.cells[bin%numBins]
	c.longest = max(c.longest, x.Duration())
	w.sample.add(x)
	s.tellApart(w, x, bin)
	s.judge(w, x)
}

// spread adds what came between two times evenly over the bins that they lie in; what lies before the window is left out.
func (w *window) spread(d sums, from, to, bin int64) {
	last, length := to/bin, uint64(max(to-from, 1))
	first := max(from/bin, w.newest-numBins+1)
	before := sums{}
	if at := first * bin; at > from {
		before = d.part(uint64(at-from), length)
	}
	for b := first; b <= last; b++ {
		upTo := d
		if b < last {
			upTo = d.part(uint64((b+1)*bin-from), length)
		}
		gained := upTo
		gained.remove(before)
		before = upTo
		c := &w.cells[b%numBins]
		c.add(gained)
		w.total.add(gained)
		if at := max(from, b*bin); c.first == 0 || at < c.first {
			c.first = at
		}
	}
}

// part is what of traffic came in a part of its time. A session counts when all of it has come.
func (s *sums) part(part, of uint64) sums {
	return sums{out: scaled(s.out, part, of), in: scaled(s.in, part, of), packets: scaled(s.packets, part, of)}
}

// scaled returns v*part/of without overflow; part is at most of.
func scaled(v, part, of uint64) uint64 {
	hi, lo := bits.Mul64(v, min(part, of))
	if hi >= of {
		return v
	}
	q, _ := bits.Div64(hi, lo, of)
	return q
}

// window returns the window of a key, new if need be, or nil where there is no room.
func (s *Set) window(k windowKey) *window {
	if w := s.windows[k]; w != nil {
		return w
	}
	if len(s.windows) >= s.cfg.Keys {
		s.sweep()
	}
	if len(s.windows) >= s.cfg.Keys {
		return nil
	}
	w := &window{windowKey: k}
	s.windows[k] = w
	return w
}

// move takes the window on to a bin. A finding is over when the limit has not been passed for the length of a window: traffic that
// hovers around its limit makes one finding, not many.
func (s *Set) move(w *window, bin int64) {
	if bin <= w.newest {
		return
	}
	for b := max(w.newest+1, bin-numBins+1); b <= bin; b++ {
		c := &w.cells[b%numBins]
		w.total.remove(c.sums)
		*c = cell{}
		for _, d := range w.sets {
			d.expire(b)
		}
	}
	w.newest = bin
	if !w.raised || s.now-w.last < int64(s.rules[w.rule].Window) {
		return
	}
	r, values := s.rules[w.rule], [numMeasures]float64{}
	if s.measure(w, &values); !r.Limit.passed(&values) {
		w.raised = false
		s.giveWindow(w, Finding{Over: true})
		w.latest = nil
	}
}

// giveEvery is how often at most (ns) a finding of a window is given while it goes on.
const giveEvery = int64(time.Minute)

// judge holds the window against the limit.
func (s *Set) judge(w *window, x *flow.Session) {
	r, values := s.rules[w.rule], [numMeasures]float64{}
	s.measure(w, &values)
	if !r.Limit.passed(&values) {
		return
	}
	if w.last = max(w.last, x.End); w.raised {
		for m := range values {
			w.peak[m] = max(w.peak[m], values[m])
		}
		if *w.latest = *x; w.last-w.given >= giveEvery {
			s.giveWindow(w, Finding{})
		}
		return
	}
	latest := *x
	w.raised, w.peak, w.first, w.last, w.latest = true, values, w.begin(), x.End, &latest
	if !w.listed {
		w.listed = true
		s.raised = append(s.raised, w)
	}
	s.giveWindow(w, Finding{New: true})
}

func (w *window) begin() int64 {
	first := int64(0)
	for i := range w.cells {
		if f := w.cells[i].first; f != 0 && (first == 0 || f < first) {
			first = f
		}
	}
	return first
}

func (s *Set) giveWindow(w *window, f Finding) {
	r := s.rules[w.rule]
	f.Policy, f.Key, f.First, f.Last, f.Measured, f.Latest = &r.Policy, w.key, w.first, w.last, r.measured(&w.peak), *w.latest
	w.given = w.last
	w.sample.fill(&f)
	s.give(f)
}

// measure takes the measures of a window.
func (s *Set) measure(w *window, v *[numMeasures]float64) {
	v[BytesOut], v[BytesIn] = float64(w.total.out), float64(w.total.in)
	v[Bytes] = float64(flow.SaturatingSum(w.total.out, w.total.in))
	v[Packets], v[Sessions] = float64(w.total.packets), float64(w.total.sessions)
	seconds := s.rules[w.rule].Window.Seconds()
	v[BPS], v[PPS] = v[Bytes]*8/seconds, v[Packets]/seconds
	for i := range w.cells {
		v[Duration] = max(v[Duration], float64(w.cells[i].longest))
	}
	for i, d := range w.sets {
		v[Peers+Measure(i)] = float64(d.len())
	}
}
