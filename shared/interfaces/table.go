package interfaces

import (
	"cmp"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/weirflow/weir/shared/flow"
)

// Origin says where a fact about an interface comes from. Of several the greatest wins.
type Origin uint8

// Origins: what the user says beats what the exporter says in its records and options, that beats what SNMP tells, and
// that what sFlow counter samples do.
const (
	FromNowhere Origin = iota
	FromSFlow
	FromSNMP
	FromExporter
	FromConfig
)

const numOrigins = 5

// String returns the name of the origin: "sflow", "snmp", "exporter", "config", or "".
func (o Origin) String() string {
	return [...]string{"", "sflow", "snmp", "exporter", "config"}[min(o, numOrigins-1)]
}

// Facts is what is known of an interface. Zero members are not known.
type Facts struct {
	Name  flow.Symbol // ifName, else ifDescr
	Alias flow.Symbol // ifAlias
	Speed uint64      // bit/s
}

// Static is what the user says of the interfaces of some exporters, by ifIndex.
type Static struct {
	Exporters  netip.Prefix // the longest that holds an exporter is for it
	Interfaces map[uint32]StaticInterface
}

// StaticInterface is what the user says of an interface; zero members are left to others.
type StaticInterface struct {
	Name, Alias string
	Speed       uint64 // bit/s
}

// TableConfig sizes a table.
type TableConfig struct {
	Static []Static
	Max    int // interfaces learned, about 150 bytes each; beyond, new ones are counted and left out. 0 is 100,000
}

const defaultMaxKnown = 100_000

// Table has names and speeds of interfaces by exporter and ifIndex. It is safe for concurrent use; records are named a batch at a time
// under one lock, so that no record waits for another's.
type Table struct {
	symbols *flow.Symbols
	max     int
	given   atomic.Pointer[given]

	mu      sync.RWMutex
	devices map[flow.Addr]*device
	known   int

	named, full atomic.Uint64
}

// given is what the user says; it never changes.
type given struct {
	single map[flow.Addr]map[uint32]Facts // of one exporter
	ranges []staticRange                  // the longest prefixes first
}

type staticRange struct {
	prefix netip.Prefix
	facts  map[uint32]Facts
}

// device has what was learned of an exporter's interfaces.
type device struct{ interfaces map[uint32]*learned }

// learned is what each origin says of an interface.
type learned [numOrigins]Facts

// NewTable returns a table that knows what the user says.
func NewTable(cfg TableConfig, symbols *flow.Symbols) *Table {
	t := &Table{symbols: symbols, max: cmp.Or(cfg.Max, defaultMaxKnown), devices: map[flow.Addr]*device{}}
	t.SetStatic(cfg.Static)
	return t
}

// SetStatic replaces what the user says, for records named from now on.
func (t *Table) SetStatic(list []Static) {
	g := &given{single: map[flow.Addr]map[uint32]Facts{}}
	for _, s := range list {
		facts := make(map[uint32]Facts, len(s.Interfaces))
		for index, i := range s.Interfaces {
			facts[index] = Facts{Name: t.symbols.Intern(i.Name), Alias: t.symbols.Intern(i.Alias), Speed: i.Speed}
		}
		if s.Exporters.IsSingleIP() {
			g.single[flow.AddrFromNetip(s.Exporters.Addr())] = facts
			continue
		}
		g.ranges = append(g.ranges, staticRange{s.Exporters, facts})
	}
	slices.SortStableFunc(g.ranges, func(a, b staticRange) int { return b.prefix.Bits() - a.prefix.Bits() })
	t.given.Store(g)
}

// static returns what the user says of an exporter's interfaces; nil is nothing.
func (t *Table) static(exporter flow.Addr) map[uint32]Facts {
	g := t.given.Load()
	if facts, ok := g.single[exporter]; ok {
		return facts
	}
	if len(g.ranges) == 0 {
		return nil
	}
	ip := exporter.Netip()
	for i := range g.ranges {
		if g.ranges[i].prefix.Contains(ip) {
			return g.ranges[i].facts
		}
	}
	return nil
}

// Learn takes what an origin says of an interface; zero members say nothing and leave what it said before.
func (t *Table) Learn(exporter flow.Addr, index uint32, from Origin, f Facts) {
	if f == (Facts{}) || from == FromNowhere || from >= FromConfig {
		return
	}
	t.mu.RLock()
	had := t.said(exporter, index, from)
	t.mu.RUnlock()
	if f = f.over(had); f == had {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.room(exporter, index); l != nil {
		l[from] = f.over(l[from])
	}
}

// over returns f with what it leaves open taken from g.
func (f Facts) over(g Facts) Facts {
	return Facts{Name: cmp.Or(f.Name, g.Name), Alias: cmp.Or(f.Alias, g.Alias), Speed: cmp.Or(f.Speed, g.Speed)}
}

func (t *Table) said(exporter flow.Addr, index uint32, from Origin) Facts {
	if d := t.devices[exporter]; d != nil {
		if l := d.interfaces[index]; l != nil {
			return l[from]
		}
	}
	return Facts{}
}

// room returns where facts of an interface are kept; nil where the table is full. The caller holds the lock for writing.
func (t *Table) room(exporter flow.Addr, index uint32) *learned {
	d := t.devices[exporter]
	if d != nil && d.interfaces[index] != nil {
		return d.interfaces[index]
	}
	if t.known >= t.max {
		t.full.Add(1)
		return nil
	}
	t.known++
	if d == nil {
		d = &device{interfaces: map[uint32]*learned{}}
		t.devices[exporter] = d
	}
	l := &learned{}
	d.interfaces[index] = l
	return l
}

// Facts returns what is known of an interface: of each fact what the first origin says that says something.
func (t *Table) Facts(exporter flow.Addr, index uint32) Facts {
	f := t.static(exporter)[index]
	t.mu.RLock()
	defer t.mu.RUnlock()
	d := t.devices[exporter]
	if d == nil || d.interfaces[index] == nil {
		return f
	}
	for _, said := range slices.Backward(d.interfaces[index][:]) {
		f = f.over(said)
	}
	return f
}

// TableStats are the counters of a table.
type TableStats struct {
	Known int    // interfaces that something was learned of
	Named uint64 // times that a record's interface got its name here
	Full  uint64 // interfaces left out for want of room
}

// Stats returns the counters.
func (t *Table) Stats() TableStats {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return TableStats{Known: t.known, Named: t.named.Load(), Full: t.full.Load()}
}
