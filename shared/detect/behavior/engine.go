package behavior

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/weirflow/weir/shared/detect/internal/sketch"
	"github.com/weirflow/weir/shared/flow"
)

// Engine is all detectors of the package. It is for one goroutine at a time and does no I/O.
type Engine struct {
	cfg      Config
	deps     Deps
	clock    int64 // processing time
	contacts contacts
	logins   contacts // known logins, remembered for weeks
	counts   *sketch.CountMin
	recount  int64 // when counts are cleared

	sources  table[flow.Addr, scanSource]
	pairs    table[pairKey, loginPair]
	hosts    table[flow.Addr, watchedHost]
	senders  table[flow.Addr, sender]
	policies *violations         // nil: none
	findings map[string]*finding // by detector and key
	order    []*finding          // in the order in which they were raised
	out      []*finding
	restored map[string]flow.Alert
	counters Stats
	leftOut  uint64
	ticked   int64  // the last whole second that has been let pass
	looked   uint64 // keeps the compiler from leaving out LookAhead
}

// New returns an engine that has seen nothing.
func New(cfg Config, deps Deps) (*Engine, error) {
	cfg = cfg.withDefaults()
	secret, err := deps.secret()
	if err != nil {
		return nil, err
	}
	policies, err := newViolations(cfg.Policies, deps.Symbols)
	if err != nil {
		return nil, err
	}
	b, keys := cfg.Budget, keys{sketch.NewHasher(secret)}
	return &Engine{
		cfg: cfg, deps: deps, policies: policies, contacts: newContacts(b.Contacts, secret), logins: newContacts(b.Pairs, secret),
		counts: sketch.NewCountMin(16), sources: newTable[flow.Addr, scanSource](b.Sources, keys.addr), pairs: newTable[pairKey, loginPair](b.Pairs, keys.pair),
		hosts: newTable[flow.Addr, watchedHost](b.Hosts, keys.addr), senders: newTable[flow.Addr, sender](b.Sources, keys.addr),
		findings: map[string]*finding{}, restored: map[string]flow.Alert{},
	}, nil
}

// keys hashes the keys of tables.
type keys struct{ sketch.Hasher }

func (k *keys) addr(a flow.Addr) uint64 {
	hi, lo := a.Words()
	return k.Sum(hi, lo, 0)
}

func (k *keys) pair(p pairKey) uint64 {
	chi, clo := p.client.Words()
	shi, slo := p.server.Words()
	return k.Sum5(chi, clo, shi, slo, uint64(p.port))
}

// Observe takes a telling of a session into account: at its end, and before while it grows. now is the processing time in ns.
func (e *Engine) Observe(s *flow.Session, now int64) {
	e.counters.Sessions++
	e.passTo(now)
	e.violate(s)
	e.exfil(s)
	e.login(s)
	e.guess(s)
	if s.Open {
		return
	}
	e.scan(s)
	e.backscatter(s)
}

// LookAhead reads memory that is needed for sessions that will be observed next. Each look is likely to miss the caches of the
// processor, but together they wait for memory once, not one after the other. It changes nothing.
func (e *Engine) LookAhead(list []flow.Session) {
	sum := uint64(0)
	for i := range list {
		s := &list[i]
		if s.Transport == protoTCP && !s.Open {
			sum += e.contacts.set.Look(e.contacts.hash(byEndpoint, s.Client.IP, s.Server.IP, s.Server.Port))
			if guessedBy(s.Server.Port) != nil {
				sum += e.pairs.look(pairKey{s.Client.IP, s.Server.IP, s.Server.Port})
			}
		}
	}
	e.looked = sum
}

// Advance lets processing time pass: findings end, idle state is let go.
func (e *Engine) Advance(now int64) { e.passTo(now) }

// maxGap is the longest time without anything that is gone through second by second.
const maxGap = 2 * hour

// passTo moves the clock, stopping at every whole second, so that how often it is called changes nothing.
func (e *Engine) passTo(now int64) {
	if now <= e.clock {
		return
	}
	last := now - now%second
	if e.ticked == 0 || last-e.ticked > maxGap {
		e.ticked = last - min(maxGap, last)
		if e.clock == 0 {
			e.ticked = last
		}
	}
	for e.ticked < last {
		e.ticked += second
		e.clock = max(e.clock, e.ticked)
		e.tick()
	}
	e.clock = now
}

func (e *Engine) tick() {
	e.contacts.pass(e.clock, contactTime)
	e.logins.pass(e.clock, loginTime)
	if e.recount == 0 || e.recount <= e.clock {
		e.counts.Reset()
		e.recount = e.clock + hour
	}
	e.sources.sweep(e.clock - scanIdle)
	e.senders.sweep(e.clock - scanIdle)
	e.pairs.sweep(e.clock - 24*hour)
	e.passPolicies()
	e.live()
}

// Finish ends what is open, at the end of a replay.
func (e *Engine) Finish(now int64) {
	e.passTo(now)
	for _, f := range e.order {
		if f.state != flow.AlertEnded {
			f.state = flow.AlertEnded
			e.note(f)
		}
	}
	e.order = e.order[:0]
	clear(e.findings)
	if e.policies != nil {
		e.policies.open = 0
	}
}

// live moves findings on as time passes without evidence.
func (e *Engine) live() {
	kept := e.order[:0]
	for _, f := range e.order {
		quiet := e.clock - f.touched
		if f.open() && quiet >= int64(e.cfg.Life.Hold) && !f.closed {
			f.state = flow.AlertWatching
			e.note(f)
		}
		if quiet >= int64(e.cfg.Life.Hold+e.cfg.Life.Reopen) || f.closed && quiet >= int64(e.cfg.Life.Hold) {
			f.state = flow.AlertEnded
			e.note(f)
			if f.detector == violationName {
				e.policies.open--
			}
			delete(e.findings, findingKey(f.detector, f.key))
			continue
		}
		kept = append(kept, f)
	}
	clear(e.order[len(kept):])
	e.order = kept
}

func findingKey(detector, key string) string { return detector + "\x00" + key }

// find returns the finding of a key, or nil.
func (e *Engine) find(detector, key string) *finding { return e.findings[findingKey(detector, key)] }

// raise returns the finding of a key: the one that is there, made active again, or a new one that begins at start; nil at the cap,
// and where the detector is switched off.
func (e *Engine) raise(detector, key string, start int64) *finding {
	if e.cfg.disabled(detector) {
		return nil
	}
	f := e.find(detector, key)
	if f == nil {
		if len(e.findings) >= e.cfg.Budget.Findings {
			e.leftOut++
			return nil
		}
		f = &finding{detector: detector, key: key, id: findingID(detector, key, start), start: start, last: start, detected: e.clock, confidence: 1}
		if r, ok := e.restored[findingKey(detector, key)]; ok {
			f.id, f.start, f.detected = r.ID, r.Start.UnixNano(), r.DetectedAt.UnixNano()
			delete(e.restored, findingKey(detector, key))
		}
		e.findings[findingKey(detector, key)] = f
		e.order = append(e.order, f)
	}
	if !f.open() {
		f.state = flow.AlertActive
		e.counters.Raised++
	}
	f.touched = e.clock
	return f
}

// note puts a finding among the changes where something worth telling has happened: its state, its severity's label, or the order
// of magnitude of what it measures.
func (e *Engine) note(f *finding) {
	now := telling{state: f.state, label: flow.SeverityLabel(f.severity()), magnitude: int(math.Log10(max(1, f.value)))}
	if now == f.told {
		return
	}
	f.told = now
	if !slices.Contains(e.out, f) {
		e.out = append(e.out, f)
	}
}

// Changes returns the findings that changed since the last call, each in its last state, sorted by start and id.
func (e *Engine) Changes() []flow.Alert {
	if len(e.out) == 0 {
		return nil
	}
	list := make([]flow.Alert, 0, len(e.out))
	for _, f := range e.out {
		list = append(list, f.alert())
	}
	clear(e.out)
	e.out = e.out[:0]
	slices.SortFunc(list, func(a, b flow.Alert) int {
		return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.ID, b.ID))
	})
	return list
}

// Restore takes findings that were open when an earlier process ended: what is found again under the same key goes on under its id.
func (e *Engine) Restore(open []flow.Alert) {
	for _, a := range open {
		if slices.Contains(Detectors(), a.Detector) || strings.HasPrefix(a.Detector, brutePrefix) {
			e.restored[findingKey(a.Detector, a.Key)] = a
		}
	}
}

// Detectors returns the names of all detectors; brute.<svc> with every service.
func Detectors() []string {
	names := []string{horizontalName, verticalName, blockName, backscatterName, successName, exfilName, newLoginName, violationName}
	for i := range guessed {
		if !slices.Contains(names, brutePrefix+guessed[i].name) {
			names = append(names, brutePrefix+guessed[i].name)
		}
	}
	return names
}

// Stats returns the counters.
func (e *Engine) Stats() Stats {
	s := e.counters
	s.Open, s.Sources, s.Pairs, s.Hosts = len(e.findings), e.sources.len(), e.pairs.len(), e.hosts.len()
	s.Caps = map[string]uint64{
		"sources": e.sources.given, "pairs": e.pairs.given, "hosts": e.hosts.given, "senders": e.senders.given,
		"contacts": e.contacts.early, "logins": e.logins.early, "findings": e.leftOut,
	}
	if e.policies != nil {
		p := e.policies.set.Stats()
		s.Caps["policy_deferred"], s.Caps["policy_late"], s.Caps["policy_keys"], s.Caps["policy_values"] = p.Deferred, p.Late, p.NoRoom, p.Untold
	}
	return s
}
