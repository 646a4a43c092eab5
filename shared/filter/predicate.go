package filter

import (
	"math/bits"
	"sync"

	"github.com/weirflow/weir/shared/flow"
)

// Match tells whether a record of a batch matches. It allocates nothing and may be used by several goroutines.
type Match func(b *flow.Batch, r *flow.Record) bool

// Predicate compiles a filter for records in memory.
func Predicate(n Node) Match {
	switch n := n.(type) {
	case And:
		return all(compiled(n))
	case Or:
		return anyOf(compiled(n))
	case Not:
		of := Predicate(n.Of)
		return func(b *flow.Batch, r *flow.Record) bool { return !of(b, r) }
	case Compare:
		return compare(n)
	case Exists:
		return exists(n.Field)
	}
	return always
}

func always(*flow.Batch, *flow.Record) bool { return true }
func never(*flow.Batch, *flow.Record) bool  { return false }

func compiled(nodes []Node) []Match {
	list := make([]Match, len(nodes))
	for i, n := range nodes {
		list[i] = Predicate(n)
	}
	return list
}

func all(list []Match) Match {
	switch len(list) {
	case 0:
		return always
	case 1:
		return list[0]
	case 2:
		one, two := list[0], list[1]
		return func(b *flow.Batch, r *flow.Record) bool { return one(b, r) && two(b, r) }
	}
	return func(b *flow.Batch, r *flow.Record) bool {
		for _, m := range list {
			if !m(b, r) {
				return false
			}
		}
		return true
	}
}

func anyOf(list []Match) Match {
	switch len(list) {
	case 0:
		return never
	case 1:
		return list[0]
	case 2:
		one, two := list[0], list[1]
		return func(b *flow.Batch, r *flow.Record) bool { return one(b, r) || two(b, r) }
	}
	return func(b *flow.Batch, r *flow.Record) bool {
		for _, m := range list {
			if m(b, r) {
				return true
			}
		}
		return false
	}
}

// compare picks the way that suits where the field lives.
func compare(c Compare) Match {
	name := c.Field.Name
	if pair, ok := relatedFields[name]; ok {
		return anyOf([]Match{compareNamed(c, pair[0]), compareNamed(c, pair[1])})
	}
	return compareNamed(c, name)
}

// compareNamed compares the named field, which for virtual fields is another than c.Field.
func compareNamed(c Compare, name string) Match {
	if at, ok := addressFields[name]; ok {
		return compareAddress(at, c)
	}
	if at, ok := numberFields[name]; ok {
		return compareNumber(at, c)
	}
	if at, ok := symbolFields[name]; ok {
		return compareSymbol(at, c)
	}
	if at, ok := codeFields[name]; ok {
		return compareCode(at, c)
	}
	if at, ok := countryFields[name]; ok {
		return compareCountry(at, c)
	}
	if at, ok := eventIDFields[name]; ok {
		return compareEventID(at, c)
	}
	if name == flagsField {
		return compareFlags(c)
	}
	return compareAny(c)
}

// exists tells whether the field has a value.
func exists(f *flow.Field) Match {
	if pair, ok := relatedFields[f.Name]; ok {
		return anyOf([]Match{existsNamed(f, pair[0]), existsNamed(f, pair[1])})
	}
	return existsNamed(f, f.Name)
}

func existsNamed(f *flow.Field, name string) Match {
	if at, ok := addressFields[name]; ok {
		return func(_ *flow.Batch, r *flow.Record) bool { return at(r) != nil }
	}
	if at, ok := numberFields[name]; ok {
		return func(_ *flow.Batch, r *flow.Record) bool { _, ok := at(r); return ok }
	}
	if at, ok := symbolFields[name]; ok {
		return func(_ *flow.Batch, r *flow.Record) bool { return at(r) != 0 }
	}
	if at, ok := codeFields[name]; ok {
		return func(_ *flow.Batch, r *flow.Record) bool {
			if at.bit == 0 {
				return *at.at(r) != 0
			}
			return r.Present&at.bit != 0
		}
	}
	if at, ok := countryFields[name]; ok {
		return func(_ *flow.Batch, r *flow.Record) bool { return at(r)[0] != 0 }
	}
	if at, ok := eventIDFields[name]; ok {
		return func(_ *flow.Batch, r *flow.Record) bool { _, ok := at(r); return ok }
	}
	if name == flagsField {
		return func(_ *flow.Batch, r *flow.Record) bool { return namedFlags(r) != 0 }
	}
	return matchAny(f, func(flow.Value) bool { return true })
}

// allFlags are the bits of TCPFlags that have a name; exporters send more.
const allFlags = flow.FIN | flow.SYN | flow.RST | flow.PSH | flow.ACK | flow.URG | flow.ECE | flow.CWR

func namedFlags(r *flow.Record) uint16 {
	if r.Present&flow.HasTCPFlags == 0 {
		return 0
	}
	return r.TCPFlags & allFlags
}

func compareFlags(c Compare) Match {
	mask := flagMask(c.Values)
	return func(_ *flow.Batch, r *flow.Record) bool { return namedFlags(r)&mask != 0 }
}

// flagMask returns the bits of the flags whose names match any of the values.
func flagMask(values []Value) (mask uint16) {
	for bit, name := range flow.TCPFlagNames() {
		if matchesText(values, name) {
			mask |= bits.RotateLeft16(1, bit)
		}
	}
	return mask
}

// compareAny goes through the registry: for fields without a fast way.
func compareAny(c Compare) Match {
	return matchAny(c.Field, func(v flow.Value) bool { return compareValue(c, v) })
}

// matchAny tells whether any value of the field is good. The values need room that must outlive no call: it is pooled.
func matchAny(f *flow.Field, good func(flow.Value) bool) Match {
	if f.Get == nil {
		return never
	}
	pool := sync.Pool{New: func() any { return new([16]flow.Value) }}
	return func(b *flow.Batch, r *flow.Record) bool {
		room := pool.Get().(*[16]flow.Value)
		found := false
		for _, v := range f.Get(room[:0], b, r) {
			if good(v) {
				found = true
				break
			}
		}
		pool.Put(room)
		return found
	}
}
