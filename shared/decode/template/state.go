package template

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/weirflow/weir/shared/flow"
)

// State is what a session keeps over a restart of the program, in the form in which it is stored.
type State struct {
	Templates    []SavedTemplate    `json:"templates,omitempty"`
	Sampling     float64            `json:"sampling,omitempty"`           // N of options without selector
	Samplers     map[uint64]float64 `json:"samplers,omitempty"`           // N by sampler or selector id
	PerInterface map[uint32]float64 `json:"interface_sampling,omitempty"` // N by ifIndex
	Interfaces   map[uint32]string  `json:"interfaces,omitempty"`
	Applications map[uint64]string  `json:"applications,omitempty"`
	Init         int64              `json:"system_init,omitempty"` // ns since the Unix epoch
}

// SavedTemplate is a stored template. A field is enterprise number, element id, length.
type SavedTemplate struct {
	ID      uint16      `json:"id"`
	Options bool        `json:"options,omitempty"`
	Scope   int         `json:"scope,omitempty"`
	Used    int64       `json:"used"` // ns since the Unix epoch
	Fields  [][3]uint32 `json:"fields"`
}

// State returns a copy of what the session knows.
func (s *Session) State() State {
	t := &s.told
	st := State{
		Sampling: t.plain, Samplers: maps.Clone(t.samplers), PerInterface: maps.Clone(t.byInterface), Init: t.init,
		Interfaces: texts(t.interfaces, s.symbols), Applications: texts(t.applications, s.symbols),
	}
	for _, tpl := range s.templates {
		saved := SavedTemplate{ID: tpl.ID, Options: tpl.Options, Scope: tpl.Scope, Used: tpl.used}
		for _, f := range tpl.Fields {
			saved.Fields = append(saved.Fields, [3]uint32{f.PEN, uint32(f.ID), uint32(f.Length)})
		}
		st.Templates = append(st.Templates, saved)
	}
	slices.SortFunc(st.Templates, func(a, b SavedTemplate) int { return cmp.Compare(a.ID, b.ID) })
	return st
}

func texts[K comparable](m map[K]flow.Symbol, symbols *flow.Symbols) map[K]string {
	out := make(map[K]string, len(m))
	for k, sym := range m {
		out[k] = symbols.Text(sym)
	}
	return out
}

// Load takes over a stored state. What the session knows already wins; templates that would not be accepted from an exporter
// are left out and counted in skipped.
func (s *Session) Load(st State) (skipped int) {
	s.open.resumed = true
	for _, saved := range st.Templates {
		d, ok := saved.definition(s.limits.MaxFields)
		if s.templates[saved.ID] != nil {
			continue
		}
		if ok {
			why, _ := s.check(&d, nil)
			ok = why == flow.ReasonNone
		}
		if !ok {
			skipped++
			continue
		}
		s.install(d, saved.Used)
	}
	s.told.load(st)
	return skipped
}

func (saved *SavedTemplate) definition(maxFields int) (d Definition, ok bool) {
	d = Definition{ID: saved.ID, Options: saved.Options, Scope: saved.Scope}
	if len(saved.Fields) > maxFields || saved.Scope < 0 {
		return d, false
	}
	for _, f := range saved.Fields {
		if f[1] > math.MaxUint16 || f[2] > math.MaxUint16 {
			return d, false
		}
		d.Fields = append(d.Fields, Field{PEN: f[0], ID: uint16(f[1]), Length: uint16(f[2])})
	}
	return d, true
}

func (t *told) load(st State) {
	if t.plain == 0 && usable(st.Sampling) {
		t.plain = st.Sampling
	}
	if t.init == 0 && st.Init > 0 {
		t.init = st.Init
	}
	loadMap(t, t.samplers, st.Samplers, usable)
	loadMap(t, t.byInterface, st.PerInterface, usable)
	loadNames(t, t.interfaces, st.Interfaces)
	loadNames(t, t.applications, st.Applications)
}

// usable tells whether n is a sampling interval.
func usable(n float64) bool { return n >= 1 && n <= math.MaxUint32 }

func loadMap[K, V comparable](t *told, into, from map[K]V, ok func(V) bool) {
	for k, v := range from {
		if _, known := into[k]; !known && ok(v) {
			learn(t, into, k, v)
		}
	}
}

func loadNames[K comparable](t *told, into map[K]flow.Symbol, from map[K]string) {
	for k, name := range from {
		if _, known := into[k]; !known && name != "" {
			learn(t, into, k, t.intern([]byte(name)))
		}
	}
}
