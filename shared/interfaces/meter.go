package interfaces

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// Config sizes a meter. The zero value of a member stands for its default.
type Config struct {
	Max      int           // interfaces with series, about 15 kB each; as many VLANs, and processors; beyond, further ones are counted and left out
	Every    time.Duration // how often changed minutes are told
	Inbox    int           // samples that wait from one batch to the next
	Disabled []string      // names of detectors that find nothing; "infra.*" names all that begin so
	Run      uint64        // see [Minute]
	Life     Life
}

// Life times the life cycle of findings.
type Life struct {
	Hold   time.Duration // a finding is over when its condition was not met for so long
	Reopen time.Duration // so long after that it may come back under the same id
}

// DefaultConfig is for 150 MB at the cap of interfaces.
func DefaultConfig() Config {
	return Config{Max: 10_000, Every: time.Minute, Inbox: 1 << 16, Life: Life{Hold: 10 * time.Minute, Reopen: time.Hour}}
}

func (c Config) withDefaults() Config {
	d := DefaultConfig()
	c.Max, c.Inbox = cmp.Or(c.Max, d.Max), cmp.Or(c.Inbox, d.Inbox)
	c.Every = cmp.Or(c.Every, d.Every)
	c.Life.Hold, c.Life.Reopen = cmp.Or(c.Life.Hold, d.Life.Hold), cmp.Or(c.Life.Reopen, d.Life.Reopen)
	return c
}

// Deps is what a meter works with. Symbols is the table of the batches' names.
type Deps struct {
	Symbols *flow.Symbols
	Table   *Table
}

// Meter makes series by the minute of interface counters, of flow records, of VLANs and of processors, and looks for interfaces that are used beyond their
// means. But for [Meter.Offer] and [Meter.Stats] it is used by one goroutine.
type Meter struct {
	cfg    Config
	deps   Deps
	tell   func([]Minute) bool
	agents map[flow.Addr]*agent
	ports  [numKinds]int
	now    int64 // processing time
	told   int64 // when minutes were last told

	nobody        agent  // stands for exporters without room
	lastAgent     *agent // of the last record
	lastExporter  flow.Addr
	minutes       []Minute // scratch
	pending       []*bin   // the bins that minutes are of
	watcher       watcher
	count         meterCounts
	mu            sync.Mutex // held while the next three are used
	inbox, taking []flow.InterfaceSample
	dropped       uint64
	public        Stats
}

// agent is an exporter with interfaces.
type agent struct {
	exporter flow.Addr
	ports    map[uint64]*port // by portKey
	late     lateness
}

// portKey is an interface, VLAN or processor of an exporter.
func portKey(kind Kind, index uint32) uint64 { return uint64(kind)<<32 | uint64(index) }

// port is an interface that is measured, or a VLAN or processor, which have samples by sFlow alone.
type port struct {
	kind   Kind
	index  uint32
	last   [numSources]flow.InterfaceSample // At 0: none
	series [numSources]series
	watch  watch
}

// NewMeter returns a meter that has seen nothing.
func NewMeter(cfg Config, deps Deps) (*Meter, error) {
	if deps.Symbols == nil || deps.Table == nil {
		return nil, errors.New("interfaces: symbols and a table of names are required")
	}
	cfg = cfg.withDefaults()
	return &Meter{cfg: cfg, deps: deps, agents: map[flow.Addr]*agent{}, watcher: newWatcher(cfg)}, nil
}

// TellMinutes sets who is told of the minutes that changed. The list is valid during the call; where tell returns false they are told
// again the next time.
func (m *Meter) TellMinutes(tell func([]Minute) bool) { m.tell = tell }

// SetRun sets what the minutes' Run is; it is called before the first Observe.
func (m *Meter) SetRun(run uint64) { m.cfg.Run = run }

// Offer takes samples from another goroutine. Names and speeds are known from then on; counters are looked at with the next batch, or
// when time passes. Names are symbols of the table that the meter works with.
func (m *Meter) Offer(samples []flow.InterfaceSample) {
	for i := range samples {
		m.learn(&samples[i])
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	n := min(len(samples), m.cfg.Inbox-len(m.inbox))
	m.inbox = append(m.inbox, samples[:n]...)
	m.dropped += uint64(len(samples) - n)
}

// Observe takes the samples and the records of a batch into account; now is the processing time in ns.
func (m *Meter) Observe(b *flow.Batch, now int64) {
	m.now = max(m.now, now)
	m.takeOffered()
	for i := range b.Interfaces {
		m.sample(KindInterface, &b.Interfaces[i])
	}
	m.system(b)
	for i := range b.Records {
		m.flow(&b.Records[i])
	}
}

// Advance lets processing time pass: minutes are told, findings end.
func (m *Meter) Advance(now int64) {
	m.now = max(m.now, now)
	m.takeOffered()
	if m.now-m.told < int64(m.cfg.Every) {
		return
	}
	m.told = m.now
	m.tellMinutes()
	m.watcher.pass(m.now)
	m.publish()
}

// Finish tells what has not been told, and ends what is open, at the end of a replay.
func (m *Meter) Finish(now int64) {
	m.now = max(m.now, now)
	m.takeOffered()
	m.tellMinutes()
	m.watcher.finish(m.now)
	m.publish()
}

// Flush tells what has not been told; findings go on.
func (m *Meter) Flush() {
	m.takeOffered()
	m.tellMinutes()
	m.publish()
}

// Changes returns the findings that changed since the last call, each in its last state, sorted by start and id.
func (m *Meter) Changes() []flow.Alert { return m.watcher.changes() }

// Restore takes findings that were open when an earlier process ended: what is found again goes on under its id.
func (m *Meter) Restore(open []flow.Alert) { m.watcher.restore(open) }

func (m *Meter) takeOffered() {
	m.mu.Lock()
	m.inbox, m.taking = m.taking[:0], m.inbox
	m.mu.Unlock()
	for i := range m.taking {
		m.sample(KindInterface, &m.taking[i])
	}
	m.taking = m.taking[:0]
}

// agentOf returns the state of an exporter of which something of a kind is to be measured.
func (m *Meter) agentOf(exporter flow.Addr, kind Kind) *agent {
	if m.lastAgent != nil && m.lastExporter == exporter {
		return m.lastAgent
	}
	a := m.agents[exporter]
	switch {
	case a == nil && m.ports[kind] >= m.cfg.Max:
		return &m.nobody // where there is no room for what it has
	case a == nil:
		a = &agent{exporter: exporter, ports: map[uint64]*port{}}
		m.agents[exporter] = a
	}
	m.lastAgent, m.lastExporter = a, exporter
	return a
}

// portOf returns the state of an interface, VLAN or processor, nil where there is no room for it.
func (m *Meter) portOf(a *agent, kind Kind, index uint32) *port {
	key := portKey(kind, index)
	if p := a.ports[key]; p != nil {
		return p
	}
	if m.ports[kind] >= m.cfg.Max {
		m.count.full++
		return nil
	}
	m.ports[kind]++
	p := &port{kind: kind, index: index}
	a.ports[key] = p
	return p
}

// noSpeed is what ifSpeed says where the speed does not fit it (RFC 2863).
const noSpeed = 1<<32 - 1

// sample takes a sample of counters of an interface, or of a VLAN in the form of one.
func (m *Meter) sample(kind Kind, s *flow.InterfaceSample) {
	source := Source(s.Source)
	if s.Index == 0 || source == Flows || source >= numSources {
		return
	}
	m.count.samples++
	var known Facts
	if kind == KindInterface {
		m.learn(s)
		known = m.deps.Table.Facts(s.Exporter, s.Index)
	}
	a := m.agentOf(s.Exporter, kind)
	p := m.portOf(a, kind, s.Index)
	if p == nil || !m.sameDomain(p, s) {
		return
	}
	last := p.last[source]
	if last.At == 0 {
		p.last[source] = *s
		return
	}
	g, why := between(&last, s, known.Speed)
	m.count.faults[why]++
	if why == faultOrder {
		return
	}
	p.last[source] = *s
	if why != faultNone && why != faultNarrow {
		return
	}
	p.series[source].spread(last.At, s.At, &g)
	if kind != KindInterface {
		return
	}
	m.watcher.look(&sight{agent: a, port: p, source: source, until: s.At, facts: known, symbols: m.deps.Symbols, now: m.now})
}

// learn puts what a sample says besides counters into the table.
func (m *Meter) learn(s *flow.InterfaceSample) {
	facts := Facts{Name: s.Name, Alias: s.Alias, Speed: s.Speed}
	if facts.Speed == noSpeed {
		facts.Speed = 0
	}
	m.deps.Table.Learn(s.Exporter, s.Index, originOf(Source(s.Source)), facts)
}

func originOf(s Source) Origin {
	if s == SNMP {
		return FromSNMP
	}
	return FromSFlow
}

// tellMinutes tells the minutes that changed, and lets go of old ones.
func (m *Meter) tellMinutes() {
	m.minutes, m.pending = m.minutes[:0], m.pending[:0]
	for _, a := range m.agents {
		a.late.pass(m.now)
		for _, p := range a.ports {
			var facts Facts
			if p.kind == KindInterface {
				facts = m.deps.Table.Facts(a.exporter, p.index)
			}
			for source := range p.series {
				m.gather(a, p, Source(source), &facts)
			}
		}
	}
	slices.SortFunc(m.minutes, func(a, b Minute) int {
		return cmp.Or(slices.Compare(a.Exporter[:], b.Exporter[:]), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Index, b.Index), cmp.Compare(a.Source, b.Source), cmp.Compare(a.At, b.At))
	})
	done := len(m.minutes) == 0 || m.tell == nil || m.tell(m.minutes)
	if !done {
		m.count.untold += uint64(len(m.minutes))
	}
	m.count.told += uint64(len(m.minutes))
	for _, b := range m.pending {
		b.dirty = !done
	}
	for exporter, a := range m.agents {
		for key, p := range a.ports {
			if p.forget(m.now) {
				delete(a.ports, key)
				m.ports[p.kind]--
			}
		}
		if len(a.ports) == 0 {
			delete(m.agents, exporter)
			m.lastAgent = nil
		}
	}
}

// idleAfter is how long after its last sample an interface is forgotten.
const idleAfter = 60 * minute

// forget lets go of old minutes, and tells whether nothing is left of the interface.
func (p *port) forget(now int64) (idle bool) {
	idle = true
	for source := range p.series {
		p.series[source].forget(now-horizon, now-2*horizon)
		idle = idle && len(p.series[source].bins) == 0 && p.last[source].At < now-idleAfter
	}
	return idle
}

// horizon is how long minutes are kept: as long as those of flows may still change, and counters are held beside them.
const horizon = flowHorizon + 6*minute

func (m *Meter) gather(a *agent, p *port, source Source, facts *Facts) {
	s := &p.series[source]
	for i := range s.bins {
		b := &s.bins[i]
		if !b.dirty {
			continue
		}
		row := Minute{
			Exporter: a.exporter, Kind: p.kind, Index: p.index, At: b.at, Source: source, Run: m.cfg.Run, Seconds: b.seconds, In: b.in, Out: b.out,
			Name: m.deps.Symbols.Text(facts.Name), Alias: m.deps.Symbols.Text(facts.Alias), Speed: facts.Speed,
		}
		if b.ethernet != nil { // a copy: the list goes to another goroutine
			e := *b.ethernet
			row.Ethernet = &e
		}
		if b.gauges != nil {
			g := *b.gauges
			row.Gauges = &g
		}
		if source == Flows {
			row.Late = a.late.seconds()
		} else {
			row.Admin, row.Oper = p.last[source].Admin, p.last[source].Oper
		}
		m.minutes, m.pending = append(m.minutes, row), append(m.pending, b)
	}
}

// Detectors returns the names of the detectors.
func Detectors() []string { return []string{detectorName} }
