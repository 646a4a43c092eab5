package policy

import (
	"errors"
	"fmt"
	"time"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// Config bounds what a set keeps; the zero value of a member stands for its default.
type Config struct {
	// Open caps the open sessions that are remembered: those that a policy has reported, and those counted in a window, about 200
	// bytes each. At the cap further ones are judged and counted once, at their end.
	Open int
	// Keys caps the windows of all policies together, about 1.6 KiB each. At the cap the traffic of further keys is not
	// counted until others have been without traffic for a window.
	Keys int
	// Values caps the different peers, ports and countries of all windows together, about 50 bytes each. At the cap further
	// ones are not told apart from those seen.
	Values int
}

// DefaultConfig takes about 200 MB when everything is at its cap.
func DefaultConfig() Config { return Config{Open: 200_000, Keys: 1 << 15, Values: 1 << 20} }

// Deps is what a set works with.
type Deps struct {
	Registry *flow.Registry // nil: a new one
	Symbols  *flow.Symbols  // the table of the sessions; required
	Config   Config
}

// Error says what is wrong with a policy: Part is the member of [Policy] it is about, in the words of weir.yaml.
type Error struct {
	Policy string
	Part   string // "name", "filter", "by", "limit", "window", "schedule" or "severity"
	Err    error
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("policy %q: %s: %v", e.Policy, e.Part, e.Err) }

// Unwrap returns the cause: of a filter a *[filter.Error].
func (e *Error) Unwrap() error { return e.Err }

// Compile makes a set of policies. Errors are joined *[Error] values, all of them.
func Compile(policies []Policy, deps Deps) (*Set, error) {
	if deps.Symbols == nil {
		return nil, errors.New("policy: no table of symbols")
	}
	if len(policies) > MaxPolicies {
		return nil, fmt.Errorf("policy: %d policies, at most %d", len(policies), MaxPolicies)
	}
	if deps.Registry == nil {
		deps.Registry = flow.NewRegistry()
	}
	s := newSet(deps)
	names, errs := map[string]bool{}, []error(nil)
	for i := range policies {
		p := policies[i]
		if names[p.Name] {
			errs = append(errs, &Error{p.Name, "name", errors.New("there is another one of this name")})
		}
		names[p.Name] = true
		r, err := compile(p, deps.Registry)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		s.rules = append(s.rules, r)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return s, nil
}

// rule is a policy that is ready to be asked.
type rule struct {
	Policy
	limits   []Limit
	match    filter.SessionMatch
	calendar *calendar
	atEnd    bool  // sessions are judged when they have ended, as what was true may turn
	bin      int64 // ns: a window is numBins of it
	distinct [numMeasures]int
}

func compile(p Policy, reg *flow.Registry) (*rule, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	n, err := filter.ParseSession(p.Filter, reg)
	if err != nil {
		return nil, &Error{p.Name, "filter", err}
	}
	r := &rule{Policy: p, limits: p.Limit.Limits(), match: filter.SessionPredicate(n), atEnd: !lasts(n), bin: int64(p.Window) / numBins}
	if r.calendar, err = newCalendar(p.Schedule); err != nil {
		return nil, &Error{p.Name, "schedule", err}
	}
	for _, l := range r.limits {
		if l.Measure.rate() && p.By == BySession {
			r.atEnd = true // the average of a session goes up and down
		}
		if l.Measure.distinct() {
			r.distinct[l.Measure] = max(r.distinct[l.Measure], 2*int(l.Value)+2)
		}
	}
	return r, nil
}

// Check returns what is wrong with a policy, but for its filter and schedule, as an *[Error].
func (p *Policy) Check() error {
	wrong := func(part, format string, args ...any) error { return &Error{p.Name, part, fmt.Errorf(format, args...)} }
	switch {
	case p.Name == "":
		return wrong("name", "there is none")
	case int(p.By) >= len(groupingNames):
		return wrong("by", "no such grouping")
	case p.Limit.IsZero():
		return wrong("limit", "there is none")
	case p.Severity < 0 || p.Severity > 100:
		return wrong("severity", "%d is out of range: want 0 to 100", p.Severity)
	case p.By == BySession && p.Window != 0:
		return wrong("window", "a policy by session has none: each session is judged as a whole")
	case p.By != BySession && p.Window == 0:
		return wrong("window", "a policy by %s needs one", p.By)
	case p.By != BySession && (p.Window < MinWindow || p.Window > MaxWindow):
		return wrong("window", "%v is out of range: want %v to %d days", p.Window, MinWindow, MaxWindow/(24*time.Hour))
	}
	for _, l := range p.Limit.Limits() {
		switch {
		case l.Measure == 0 || l.Measure >= numMeasures:
			return wrong("limit", "no such measure")
		case p.By == BySession && (l.Measure == Sessions || l.Measure.distinct()):
			return wrong("limit", "%s of a single session are always 1: give the policy another grouping (by) and a window", l.Measure)
		case p.By == ByPair && l.Measure == Peers:
			return wrong("limit", "peers of a pair are always 1")
		case l.Value < 0 || l.Measure.distinct() && l.Value > MaxDistinct:
			return wrong("limit", "%s is out of range", l)
		}
	}
	return nil
}
