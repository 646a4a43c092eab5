package filtertest

import (
	"math/rand/v2"
	"slices"
	"unicode/utf8"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// Random returns a filter of up to three levels over all fields of records. It is canonical: its text, parsed, gives an equal tree.
func Random(rng *rand.Rand, reg *flow.Registry) filter.Node {
	return randomOver(rng, reg, func(f *flow.Field) bool { return f.Scope == flow.ScopeRecord })
}

// RandomOfSessions returns a filter as [Random] does, over all fields that sessions have.
func RandomOfSessions(rng *rand.Rand, reg *flow.Registry) filter.Node {
	return randomOver(rng, reg, func(f *flow.Field) bool { return f.OfSession != nil })
}

func randomOver(rng *rand.Rand, reg *flow.Registry, has func(*flow.Field) bool) filter.Node {
	var fields []*flow.Field
	for _, f := range reg.Fields() {
		if has(f) {
			fields = append(fields, f)
		}
	}
	if chance(rng, 50) {
		return filter.And{}
	}
	return tree(rng, fields, 3)
}

func tree(rng *rand.Rand, fields []*flow.Field, depth int) filter.Node {
	if depth == 0 {
		return leaf(rng, pick(rng, fields))
	}
	switch rng.IntN(5) {
	case 0:
		of := tree(rng, fields, depth-1)
		if _, twice := of.(filter.Not); twice {
			return of
		}
		return filter.Not{Of: of}
	case 1:
		var n filter.And
		for range 2 + rng.IntN(2) {
			switch m := tree(rng, fields, depth-1).(type) {
			case filter.And:
				n = append(n, m...)
			default:
				n = append(n, m)
			}
		}
		return n
	case 2, 3:
		var n filter.Or
		for range 2 + rng.IntN(2) {
			switch m := tree(rng, fields, depth-1).(type) {
			case filter.Or:
				n = append(n, m...)
			default:
				n = append(n, m)
			}
		}
		return n
	}
	return leaf(rng, pick(rng, fields))
}

func leaf(rng *rand.Rand, f *flow.Field) filter.Node {
	if f.Kind == flow.KindObject || chance(rng, 6) {
		return filter.Exists{Field: f}
	}
	c := filter.Compare{Field: f}
	if ordered := f.Kind != flow.KindKeyword && f.Kind != flow.KindMAC; ordered && chance(rng, 2) {
		c.Op = filter.Greater + filter.Op(rng.IntN(4))
		c.Values = []filter.Value{exact(rng, f)}
		return c
	}
	for range 1 + rng.IntN(3) {
		c.Values = append(c.Values, value(rng, f))
	}
	return c
}

func exact(rng *rand.Rand, f *flow.Field) filter.Value {
	v := filter.Value{Value: random(rng, f)}
	switch {
	case f.Kind == flow.KindIP:
		v.Bits = 128
	case f.Kind == flow.KindUint && f.Max == 0 && chance(rng, 20):
		v.U = 1<<64 - 1
	}
	return v
}

// value is an exact value, a prefix or a text with wildcards.
func value(rng *rand.Rand, f *flow.Field) filter.Value {
	v := exact(rng, f)
	switch {
	case f.Kind == flow.KindIP && chance(rng, 2):
		return prefix(rng, v)
	case f.Kind == flow.KindKeyword && f.Name != "event.id" && f.Name != "weir.duplicate_of" && chance(rng, 3):
		return wildcard(rng, v)
	}
	return v
}

func prefix(rng *rand.Rand, v filter.Value) filter.Value {
	bits := pick(rng, prefixLengths6)
	if v.IP.Is4() && !chance(rng, 4) {
		bits = 96 + pick(rng, prefixLengths4)
	}
	for bit := bits; bit < 128; bit++ {
		v.IP[bit/8] &^= 1 << (7 - bit%8)
	}
	v.Bits = uint8(bits)
	return v
}

// wildcard replaces a piece of the text by a star, so that the pattern matches at least it.
func wildcard(rng *rand.Rand, v filter.Value) filter.Value {
	var cuts []int
	for i := range v.S {
		cuts = append(cuts, i)
	}
	cuts = append(cuts, len(v.S))
	from, to := pick(rng, cuts), pick(rng, cuts)
	from, to = min(from, to), max(from, to)
	parts := []string{v.S[:from], v.S[to:]}
	if from > 0 && chance(rng, 2) {
		// A second star: between the first character and the rest.
		_, n := utf8.DecodeRuneInString(v.S)
		parts = slices.Concat([]string{v.S[:n]}, parts)
		parts[1] = parts[1][n:]
	}
	return canonical(filter.Value{Value: flow.Value{Kind: flow.KindKeyword}, Parts: parts}, v)
}

// canonical drops empty middle parts, which stand for two stars in a row, and returns instead where nothing literal is left.
func canonical(v, instead filter.Value) filter.Value {
	kept := v.Parts[:1:1]
	literal := v.Parts[0] != ""
	for i, p := range v.Parts[1:] {
		literal = literal || p != ""
		if p != "" || i == len(v.Parts)-2 {
			kept = append(kept, p)
		}
	}
	if !literal {
		return instead
	}
	v.Parts = kept
	return v
}
