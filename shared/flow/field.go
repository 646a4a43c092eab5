package flow

import "sync"

// Scope says on which objects a field occurs.
type Scope uint8

// Scopes: fields of records (and of the sessions made of them), and fields of sessions only.
const (
	ScopeRecord Scope = iota
	ScopeSession
)

// Field is a row of the registry.
type Field struct {
	Name    string // canonical name: ECS where ECS has one, weir.* otherwise
	Kind    Kind
	List    bool // may hold several values: a comparison holds when it holds for any
	Virtual bool // computed from other fields, never stored by itself
	ECS     bool
	Scope   Scope
	Unit    string // "bytes", "ms", ... or ""
	Doc     string // one sentence
	Example string // a value as written in a filter
	Values  []string
	Max     uint64 // greatest value of a KindUint field; 0 where it may use all 64 bits

	// Get appends the record's values to dst: none when absent, several for lists. It is nil for session fields.
	Get func(dst []Value, b *Batch, r *Record) []Value
	// Set stores a value read back from a store or from JSON; several calls add to a list. It is nil for virtual fields,
	// and false is returned for a value that does not fit.
	Set func(b *Batch, r *Record, v Value) bool
	// OfSession appends the session's values to dst, as Get does; symbols is the table of the session's batch. It is nil where
	// sessions have no such field. A session can have several values of a field that is no list on records: observer.ip.
	OfSession func(dst []Value, symbols *Symbols, s *Session) []Value

	text  func(dst []byte, r *Record) []byte // appends the value's text, where Get would have to allocate it
	key   string                             // `"name":`
	index int                                // place in the registry
}

// maxFields is at least the number of fields.
const maxFields = 128

// Registry gives access to the fields by name. Make one with [NewRegistry]; it is immutable.
type Registry struct {
	fields []*Field
	json   []*Field // those that are in a record's JSON
	byName map[string]*Field
	values sync.Pool // of *[]Value: scratch of AppendJSON
}

// NewRegistry returns the registry of all fields, in the order of the reference documentation.
func NewRegistry() *Registry {
	g := &Registry{byName: map[string]*Field{}}
	g.values.New = func() any { values := make([]Value, 0, 16); return &values }
	for _, list := range [][]Field{identityFields(), endpointFields("source"), endpointFields("destination"), networkFields(), observerFields(), weirFields(), virtualFields(), sessionFields()} {
		for i := range list {
			list[i].index = len(g.fields)
			list[i].Max = greatestOf(list[i].Name)
			list[i].OfSession = sessionValues[list[i].Name]
			g.fields = append(g.fields, &list[i])
			g.byName[list[i].Name] = &list[i]
			g.addJSON(&list[i])
		}
	}
	return g
}

// addJSON takes the field into the JSON of records. Of the virtual fields those are in it that say the same in other words;
// related.*, which holds several fields at once, is not.
func (g *Registry) addJSON(f *Field) {
	if f.Get == nil || (f.Virtual && f.Set == nil && f.Name != timestampName) {
		return
	}
	f.key = `"` + f.Name + `":`
	g.json = append(g.json, f)
}

// Fields returns all fields in the order of the reference documentation; the slice must not be changed.
func (g *Registry) Fields() []*Field { return g.fields }

// Lookup returns the field of a canonical name, or nil.
func (g *Registry) Lookup(name string) *Field { return g.byName[name] }

// First returns the record's first value of the field.
func (f *Field) First(b *Batch, r *Record) (Value, bool) {
	var buf [4]Value
	if f.Get == nil {
		return Value{}, false
	}
	vs := f.Get(buf[:0], b, r)
	if len(vs) == 0 {
		return Value{}, false
	}
	return vs[0], true
}
