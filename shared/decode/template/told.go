package template

import (
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// maxText is how many bytes of a name are kept.
const maxText = 256

// initWander is how far a system init time may move without a restart, in ns: some exporters compute it from two clocks.
const initWander = 5e9

// told is what options data of a stream said.
type told struct {
	limits  *Limits
	symbols *flow.Symbols

	plain        float64            // N of options that name neither sampler nor interface; 0 = none
	samplers     map[uint64]float64 // N by sampler or selector id
	byInterface  map[uint32]float64 // N by ifIndex
	interfaces   map[uint32]flow.Symbol
	applications map[uint64]flow.Symbol
	init         int64 // system init time, ns since the Unix epoch; 0 = unknown
	restarts     int   // times that init moved
	exporter     tellers

	seen map[string]flow.Symbol // symbols of names in data records
}

func newTold(limits *Limits, symbols *flow.Symbols) told {
	return told{
		limits: limits, symbols: symbols,
		samplers: map[uint64]float64{}, byInterface: map[uint32]float64{},
		interfaces: map[uint32]flow.Symbol{}, applications: map[uint64]flow.Symbol{}, seen: map[string]flow.Symbol{},
	}
}

// statement is what one options record says.
type statement struct {
	rate           rate
	sampler        uint64
	named          bool
	ifIndex        uint32
	onInterface    bool
	application    uint64
	hasApplication bool
	ifName         []byte
	ifDescription  []byte
	appName        []byte
	init           int64
	own            flow.Addr // the exporter's address
	scope          flow.Addr // the same as scope
}

// tellers is what options of a datagram say of the exporter's address: in their scope, or as what they are about.
type tellers struct {
	scope, own         flow.Addr
	scopeMany, ownMany bool // several different ones: options of a mediator about others
}

func (t *tellers) take(a flow.Addr, scope bool) {
	at, many := &t.own, &t.ownMany
	if scope {
		at, many = &t.scope, &t.scopeMany
	}
	switch {
	case a.IsUnspecified():
	case at.IsZero():
		*at = a
	case *at != a:
		*many = true
	}
}

func (t *tellers) address() (a flow.Addr, own bool) {
	switch {
	case !t.own.IsZero() && !t.ownMany:
		return t.own, true
	case t.own.IsZero() && !t.scopeMany:
		return t.scope, false
	}
	return flow.Addr{}, false
}

// learn takes what an options record says.
func (t *told) learn(st *statement) {
	if n := st.rate.n(); n > 0 || st.named {
		t.learnSampling(st, n)
	}
	name := text(st.ifName)
	if len(name) == 0 {
		name = text(st.ifDescription)
	}
	if st.onInterface && len(name) > 0 {
		learn(t, t.interfaces, st.ifIndex, t.intern(name))
	}
	if name := text(st.appName); st.hasApplication && len(name) > 0 {
		learn(t, t.applications, st.application, t.intern(name))
	}
	t.exporter.take(st.own, false)
	t.exporter.take(st.scope, true)
	if st.init > 0 && st.init != t.init {
		if t.init != 0 && st.init > t.init+initWander {
			t.restarts++
		}
		t.init = st.init
		t.limits.generation.Add(1)
	}
}

func (t *told) learnSampling(st *statement, n float64) {
	switch {
	case st.named && n == 0 && !st.rate.told:
		return // describes something else of the sampler
	case st.named:
		learn(t, t.samplers, st.sampler, max(n, 1)) // 0 is how "takes every packet" is sent
	case st.onInterface:
		learn(t, t.byInterface, st.ifIndex, n)
	case t.plain != n:
		t.plain = n
		t.limits.generation.Add(1)
	}
}

// learn sets m[key] where there is room for it.
func learn[K, V comparable](t *told, m map[K]V, key K, v V) {
	old, known := m[key]
	if known && old == v {
		return
	}
	if !known && !take(&t.limits.names, 1, t.limits.MaxNames) {
		return
	}
	m[key] = v
	t.limits.generation.Add(1)
}

// intern returns the symbol of a name; names seen before take no memory.
func (t *told) intern(name []byte) flow.Symbol {
	name = text(name)
	if len(name) > maxText {
		name = name[:maxText]
	}
	if sym, ok := t.seen[string(name)]; ok {
		return sym
	}
	sym := t.symbols.Intern(strings.ToValidUTF8(string(name), "\uFFFD"))
	if take(&t.limits.names, 1, t.limits.MaxNames) {
		t.seen[string(name)] = sym
	}
	return sym
}
