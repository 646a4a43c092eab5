package behavior

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/policy"
)

// violationName is the detector of what a policy of the configuration does not allow.
const violationName = "policy.violation"

const (
	// policyLag is by how much the time of policies is behind the clock, so that sessions are told of before their windows pass: the
	// last piece of a session comes an active and an inactive timeout after its packets.
	policyLag = 3 * 60 * second
	// gainTime is how long before a telling the traffic may lie that a window counts by it.
	gainTime = 2 * 60 * second
)

// violations is the policies at work.
type violations struct {
	set     *policy.Set
	filters map[string]string // policies' filters on records, by policy
	group   *flow.Field
	open    int // findings kept
}

func newViolations(policies []policy.Policy, symbols *flow.Symbols) (*violations, error) {
	if len(policies) == 0 {
		return nil, nil
	}
	return compileViolations(policies, symbols)
}

func compileViolations(policies []policy.Policy, symbols *flow.Symbols) (*violations, error) {
	if symbols == nil {
		symbols = flow.NewSymbols()
	}
	set, err := policy.Compile(policies, policy.Deps{Symbols: symbols})
	if err != nil {
		return nil, err
	}
	reg := flow.NewRegistry()
	v := &violations{set: set, filters: map[string]string{}, group: reg.Lookup("weir.source.group")}
	for i := range policies {
		v.filters[policies[i].Name] = policies[i].RecordFilter(reg)
	}
	return v, nil
}

// Policies are policies ready to be put into force by [Engine.SetPolicies].
type Policies struct {
	list  []policy.Policy
	ready *violations
}

// NewPolicies makes policies ready; symbols must be the table of the sessions.
func NewPolicies(list []policy.Policy, symbols *flow.Symbols) (*Policies, error) {
	v, err := compileViolations(list, symbols)
	if err != nil {
		return nil, err
	}
	return &Policies{list: list, ready: v}, nil
}

// Len returns how many there are.
func (p *Policies) Len() int { return len(p.list) }

// SetPolicies replaces the policies. Those that judge as before go on with what they have counted, and their findings, too; the findings of
// all others end. p is used up.
func (e *Engine) SetPolicies(p *Policies) {
	if old := e.policies; old != nil {
		p.ready.set.Inherit(old.set)
		p.ready.open = old.open
	}
	before := e.cfg.Policies
	e.policies, e.cfg.Policies = p.ready, p.list
	for i := range before {
		if !slices.ContainsFunc(p.list, func(q policy.Policy) bool { return q.Name == before[i].Name && q.JudgesAs(&before[i]) }) {
			e.endViolations(before[i].Name)
		}
	}
}

// endViolations ends the findings of a policy that is no more.
func (e *Engine) endViolations(name string) {
	e.order = slices.DeleteFunc(e.order, func(f *finding) bool {
		if of, _, _ := strings.Cut(f.key, "|"); f.detector != violationName || of != name {
			return false
		}
		f.state = flow.AlertEnded
		e.note(f)
		e.policies.open--
		delete(e.findings, findingKey(f.detector, f.key))
		return true
	})
}

// violate holds a session against the policies each time that it is told of.
func (e *Engine) violate(s *flow.Session) {
	if e.policies == nil || e.policies.set.Len() == 0 {
		return
	}
	found := e.policies.set.Observe(s)
	for i := range found {
		e.violation(&found[i])
	}
}

// passPolicies lets windows pass whose traffic has gone out of sight.
func (e *Engine) passPolicies() {
	if e.policies == nil {
		return
	}
	found := e.policies.set.Advance(e.clock - policyLag)
	for i := range found {
		e.violation(&found[i])
	}
}

// violation turns what the policies found into a finding, new or as it goes on.
func (e *Engine) violation(p *policy.Finding) {
	key := violationKey(p)
	f := e.find(violationName, key)
	switch {
	case f == nil && p.Over && !p.New && p.Policy.By != policy.BySession:
		return // quiet for so long that it has ended here, too
	case f == nil && e.policies.open >= e.cfg.Budget.Findings/2: // the other half is for what nobody has written a rule for
		e.leftOut++
		return
	case f == nil || !p.Over || p.Policy.By == policy.BySession:
		isNew := f == nil
		if f = e.raise(violationName, key, p.First); f == nil {
			return
		}
		if isNew {
			e.policies.open++
		}
	}
	e.describeViolation(f, p)
	e.note(f)
}

// violationKey is the policy and whose traffic was measured. A session is named by its ends and when it began to the bin of 10 s, so
// that it does not matter in which pieces and from which exporter it came.
func violationKey(p *policy.Finding) string {
	k := &p.Key
	switch p.Policy.By {
	case policy.BySource:
		return p.Policy.Name + "|" + k.Source.String()
	case policy.ByDestination:
		return p.Policy.Name + "|" + k.Destination.String()
	case policy.ByPair:
		return p.Policy.Name + "|" + k.Source.String() + "|" + k.Destination.String()
	case policy.ByGroup:
		return p.Policy.Name + "|" + k.Group
	}
	s := &p.Latest
	a, b := &s.Client, &s.Server
	if c := bytes.Compare(a.IP[:], b.IP[:]); c > 0 || c == 0 && a.Port > b.Port {
		a, b = b, a
	}
	return fmt.Sprintf("%s|%s|%d|%s|%d|%d|%d", p.Policy.Name, a.IP, a.Port, b.IP, b.Port, s.Transport, s.Born/binWidth)
}

func (e *Engine) describeViolation(f *finding, p *policy.Finding) {
	s := &p.Latest
	m := chosen(f, p.Measured)
	value, limit, unit := m.Value, m.Limit.Value, m.Limit.Measure.Unit()
	if unit == "ns" {
		value, limit, unit = value/float64(second), limit/float64(second), "s"
	}
	f.steady, f.base = true, float64(p.Policy.Severity)
	f.name, f.unit, f.value, f.threshold = m.Limit.Measure.String(), unit, max(f.value, value), limit
	f.closed = p.Over && p.Policy.By == policy.BySession
	f.confidence, f.sampling, f.techniques = s.Confidence, samplingText(s), []flow.Technique{}
	if s.Client.Groups != 0 && len(f.groups) == 0 && e.deps.Symbols != nil {
		f.groups = strings.Split(e.deps.Symbols.Text(s.Client.Groups), flow.ListSeparator)
	}
	f.see(s, e.deps.Symbols)
	f.last = max(f.last, p.Last)
	for _, a := range p.Clients {
		f.addActor(a)
	}
	for _, a := range p.Servers {
		f.addVictim(a)
	}
	f.countPeers(p)
	f.from = f.start - gainTime
	if p.Policy.By == policy.BySession {
		f.start = min(f.start, s.Start)
		f.from = f.start
		f.service = &flow.Service{Transport: flow.TransportName(s.Transport), Port: s.Server.Port}
	}
	f.filter = e.policies.evidence(p)
	f.title = violationTitle(f, p)
}

// countPeers takes the totals of hosts from what was measured, as the lists hold only the latest.
func (f *finding) countPeers(p *policy.Finding) {
	for i := range p.Measured {
		m := &p.Measured[i]
		switch n := uint64(m.Value); {
		case m.Limit.Measure != policy.Peers:
		case p.Policy.By == policy.ByDestination:
			f.actorsTotal = max(f.actorsTotal, n)
		default:
			f.victimsTotal = max(f.victimsTotal, n)
		}
	}
}

// chosen is the measure that the finding is told by: the first of the policy's limits that was passed when it was raised.
func chosen(f *finding, measured []policy.Measurement) policy.Measurement {
	i := slices.IndexFunc(measured, func(m policy.Measurement) bool { return f.name != "" && m.Limit.Measure.String() == f.name })
	if i < 0 {
		i = slices.IndexFunc(measured, func(m policy.Measurement) bool { return m.Passed })
	}
	return measured[max(i, 0)]
}
