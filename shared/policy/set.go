package policy

import (
	"cmp"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// Set is policies at work. It is for one goroutine at a time.
type Set struct {
	cfg      Config
	rules    []*rule
	view     *filter.SessionView
	symbols  *flow.Symbols
	open     map[flow.SessionID]*tracked
	free     []*tracked
	windows  map[windowKey]*window
	raised   []*window // in the order in which they were
	values   int       // distinct values of all windows
	now      int64     // the latest end of a session, or time passed
	checked  int64     // when windows were last looked through
	swept    int64
	out      []Finding
	counters Stats
}

// Stats counts what a set has done and what it had no room for.
type Stats struct {
	Sessions uint64 // tellings taken
	Findings uint64 // new ones
	Deferred uint64 // tellings left to the end of their session, for want of room
	Late     uint64 // tellings older than the window they belong to: not counted
	NoRoom   uint64 // tellings of keys that found no place: not counted
	Untold   uint64 // peers, ports and countries that found no place
	Open     int    // open sessions remembered now
	Keys     int    // windows now
	Values   int    // different peers, ports and countries now
}

func newSet(deps Deps) *Set {
	cfg, d := deps.Config, DefaultConfig()
	cfg = Config{Open: cmp.Or(max(cfg.Open, 0), d.Open), Keys: cmp.Or(max(cfg.Keys, 0), d.Keys), Values: cmp.Or(max(cfg.Values, 0), d.Values)}
	return &Set{cfg: cfg, view: filter.NewSessionView(deps.Symbols), symbols: deps.Symbols, open: map[flow.SessionID]*tracked{}, windows: map[windowKey]*window{}}
}

// Stats returns the counters.
func (s *Set) Stats() Stats {
	c := s.counters
	c.Open, c.Keys, c.Values = len(s.open), len(s.windows), s.values
	return c
}

// Len returns how many policies there are.
func (s *Set) Len() int { return len(s.rules) }

// Observe takes what is known of a session: any number of times while it is open, and once when it has ended. Each byte is counted
// once. Findings are those that this brings about, in the order of the policies; the slice is valid until the next call.
func (s *Set) Observe(x *flow.Session) []Finding {
	s.out = s.out[:0]
	s.counters.Sessions++
	s.pass(x.End)
	s.view.Set(x)
	var values [numMeasures]float64
	measureSession(x, &values)
	t := s.open[x.ID]
	for i, r := range s.rules {
		if r.By == BySession {
			t = s.single(i, x, t, &values)
		} else {
			t = s.windowed(i, x, t)
		}
	}
	if t != nil && !x.Open {
		s.forget(x.ID, t)
	}
	return s.out
}

// Advance says that the time (ns) has come: windows whose traffic has gone out of sight are over.
func (s *Set) Advance(now int64) []Finding {
	s.out = s.out[:0]
	s.pass(now)
	return s.out
}

// measureSession takes the measures of a session by itself.
func measureSession(x *flow.Session, v *[numMeasures]float64) {
	v[BytesOut], v[BytesIn] = float64(x.Client.Bytes), float64(x.Server.Bytes)
	v[Bytes] = float64(flow.SaturatingSum(x.Client.Bytes, x.Server.Bytes))
	v[Packets] = float64(flow.SaturatingSum(x.Client.Packets, x.Server.Packets))
	v[Duration] = float64(max(x.Duration(), 0))
	seconds := max(v[Duration]/1e9, 1)
	v[BPS], v[PPS] = v[Bytes]*8/seconds, v[Packets]/seconds
}

// single holds a session against the policy of number i.
func (s *Set) single(i int, x *flow.Session, t *tracked, values *[numMeasures]float64) *tracked {
	r, isNew := s.rules[i], !t.reported(i)
	switch {
	case isNew && (x.Open && r.atEnd || !r.Limit.passed(values) || !r.match(s.view) || !r.calendar.applies(x.Start)):
		return t
	case isNew && x.Open:
		if t = s.track(x.ID, t); t == nil {
			return nil
		}
		t.fired = append(t.fired, uint16(i))
	}
	s.give(Finding{
		Policy: &r.Policy, Key: Key{Session: x.ID}, New: isNew, Over: !x.Open, First: x.Start, Last: x.End, Measured: r.measured(values), Latest: *x,
		Sessions: []flow.SessionID{x.ID}, Clients: []flow.Addr{x.Client.IP}, Servers: []flow.Addr{x.Server.IP},
	})
	return t
}

func (s *Set) give(f Finding) {
	if f.New {
		s.counters.Findings++
	}
	s.out = append(s.out, f)
}
