package pipeline

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/detect/behavior"
	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/policy"
	"github.com/weirflow/weir/shared/session"
)

// Trial tries policies out on records of the past: it makes sessions of them and tells what the policies would have reported.
// Inside and groups are those of the configuration, not those at the time. It is for one goroutine at a time.
type Trial struct {
	symbols  *flow.Symbols
	enricher *enrich.Enricher
	table    *session.Table
	set      *policy.Set
	results  []*TrialResult // in the order of the policies
	byName   map[string]*TrialResult
}

// MaxTrialFindings is how many findings a [TrialResult] lists; all are counted.
const MaxTrialFindings = 1000

// maxTrialHosts caps the hosts counted a policy.
const maxTrialHosts = 100_000

// TrialResult is what a policy would have reported.
type TrialResult struct {
	Policy   policy.Policy
	Reported int            // alerts
	Findings []TrialFinding // the first ones, by the time at which they were found
	hosts    map[flow.Addr]int
	places   map[policy.Key]int       // of findings in the list
	last     map[policy.Key]time.Time // when a key was last reported, of windows
}

// TrialFinding is an alert that would have been.
type TrialFinding struct {
	Key              policy.Key
	Start, Last      time.Time
	Measured         []policy.Measurement // in the order of the policy's limit, as last told
	Clients, Servers []flow.Addr          // at most policy.MaxSample
	ServerPort       uint16               // of a policy by session
}

// TrialHost is a client with the number of alerts that it had part in.
type TrialHost struct {
	IP       flow.Addr
	Reported int
}

// NewTrial returns a trial of policies in the network of a configuration, which may hold others.
func NewTrial(cfg config.Config, policies []policy.Policy) (*Trial, error) {
	t := &Trial{symbols: flow.NewSymbols(), byName: map[string]*TrialResult{}}
	var err error
	if t.enricher, err = enrich.New(enrichConfig(cfg), enrich.Deps{Symbols: t.symbols}); err != nil {
		return nil, fmt.Errorf("inside, groups, services: %w", err)
	}
	if t.set, err = policy.Compile(policies, policy.Deps{Symbols: t.symbols}); err != nil {
		return nil, err
	}
	if t.table, err = session.New(session.Config{}, session.Deps{Tell: t.told}); err != nil {
		return nil, err
	}
	for _, p := range policies {
		r := &TrialResult{Policy: p, hosts: map[flow.Addr]int{}, places: map[policy.Key]int{}, last: map[policy.Key]time.Time{}}
		t.results = append(t.results, r)
		t.byName[p.Name] = r
	}
	return t, nil
}

// Observe takes the next records in the order of @timestamp, other exporters' copies among them. It changes them: groups, direction
// and the time of receipt, for which the end of the record stands.
func (t *Trial) Observe(b *flow.Batch) {
	known := map[flow.Symbol]flow.Symbol{}
	own := func(s *flow.Symbol) {
		mine, ok := known[*s]
		if !ok {
			mine = t.symbols.Intern(b.Symbols.Text(*s))
			known[*s] = mine
		}
		*s = mine
	}
	for i := range b.Records {
		r := &b.Records[i]
		r.Created = r.End
		for _, s := range []*flow.Symbol{&r.Source.Groups, &r.Destination.Groups, &r.Application, &r.Service, &r.InIfName, &r.OutIfName} {
			own(s)
		}
	}
	b.Symbols = t.symbols
	t.enricher.Batch(b)
	t.table.Observe(b, 0)
}

// Finish ends what is open.
func (t *Trial) Finish() { t.table.Flush() }

// Results returns what each policy would have reported so far, in the order of the policies.
func (t *Trial) Results() []*TrialResult { return t.results }

// Stats returns the counters of the policies: what found no room was not counted.
func (t *Trial) Stats() policy.Stats { return t.set.Stats() }

func (t *Trial) told(list session.Told) {
	for i := range list.Sessions {
		found := t.set.Observe(&list.Sessions[i])
		for j := range found {
			t.byName[found[j].Policy.Name].add(&found[j])
		}
	}
}

// add counts a finding as the detector does: one that comes back under its key while an alert would have been watched is the same.
func (r *TrialResult) add(f *policy.Finding) {
	at := time.Unix(0, f.Last).UTC()
	if f.New && !r.reopens(f.Key, at) {
		r.Reported++
		for _, c := range f.Clients {
			if _, known := r.hosts[c]; known || len(r.hosts) < maxTrialHosts {
				r.hosts[c]++
			}
		}
		if delete(r.places, f.Key); len(r.Findings) < MaxTrialFindings {
			r.places[f.Key] = len(r.Findings)
			r.Findings = append(r.Findings, TrialFinding{Key: f.Key, Start: time.Unix(0, f.First).UTC()})
		}
	}
	if i, ok := r.places[f.Key]; ok {
		l := &r.Findings[i]
		l.Last, l.Measured, l.Clients, l.Servers = at, f.Measured, f.Clients, f.Servers
		if f.Policy.By == policy.BySession {
			l.ServerPort = f.Latest.Server.Port
		}
	}
	switch {
	case f.Policy.By != policy.BySession:
		r.last[f.Key] = at
	case f.Over:
		delete(r.places, f.Key)
	}
}

func (r *TrialResult) reopens(k policy.Key, at time.Time) bool {
	last, known := r.last[k]
	life := behavior.DefaultConfig().Life
	return known && at.Sub(last) < life.Hold+life.Reopen
}

// Hosts returns the clients that had part in alerts, those with the most first.
func (r *TrialResult) Hosts() []TrialHost {
	list := make([]TrialHost, 0, len(r.hosts))
	for ip, n := range r.hosts {
		list = append(list, TrialHost{ip, n})
	}
	slices.SortFunc(list, func(a, b TrialHost) int {
		return cmp.Or(cmp.Compare(b.Reported, a.Reported), bytes.Compare(a.IP[:], b.IP[:]))
	})
	return list
}
