package filtertest

import (
	"bytes"
	"cmp"
	"path"
	"strings"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// Match tells whether a record matches, by going through the registry value by value: slow, and sharing no code with the
// back ends.
func Match(n filter.Node, b *flow.Batch, r *flow.Record) bool {
	return matches(n, func(f *flow.Field) []flow.Value { return f.Get(nil, b, r) })
}

// MatchSession tells whether a session matches, whose names are of the table.
func MatchSession(n filter.Node, symbols *flow.Symbols, s *flow.Session) bool {
	return matches(n, func(f *flow.Field) []flow.Value { return f.OfSession(nil, symbols, s) })
}

func matches(n filter.Node, values func(*flow.Field) []flow.Value) bool {
	switch n := n.(type) {
	case filter.And:
		for _, m := range n {
			if !matches(m, values) {
				return false
			}
		}
		return true
	case filter.Or:
		for _, m := range n {
			if matches(m, values) {
				return true
			}
		}
		return false
	case filter.Not:
		return !matches(n.Of, values)
	case filter.Exists:
		return len(values(n.Field)) > 0
	case filter.Compare:
		return matchCompare(n, values(n.Field))
	}
	return false
}

func matchCompare(c filter.Compare, values []flow.Value) bool {
	for _, have := range values {
		for _, want := range c.Values {
			if matchValue(c.Op, have, want) {
				return true
			}
		}
	}
	return false
}

func matchValue(op filter.Op, have flow.Value, want filter.Value) bool {
	switch {
	case want.Parts != nil:
		return glob(want.Parts, have.S)
	case have.Kind == flow.KindIP && want.Bits < 128:
		return samePrefix(have.IP, want.IP, int(want.Bits))
	}
	var order int
	switch have.Kind {
	case flow.KindIP:
		order = bytes.Compare(have.IP[:], want.IP[:])
	case flow.KindKeyword:
		order = strings.Compare(have.S, want.S)
	case flow.KindFloat:
		order = cmp.Compare(have.F, want.F)
	case flow.KindInt, flow.KindTime:
		order = cmp.Compare(int64(have.U), int64(want.U))
	default:
		order = cmp.Compare(have.U, want.U)
	}
	switch op {
	case filter.Greater:
		return order > 0
	case filter.GreaterEqual:
		return order >= 0
	case filter.Less:
		return order < 0
	case filter.LessEqual:
		return order <= 0
	}
	return order == 0
}

func samePrefix(a, b flow.Addr, bits int) bool {
	for bit := range bits {
		if (a[bit/8]^b[bit/8])>>(7-bit%8)&1 != 0 {
			return false
		}
	}
	return true
}

// glob matches by the standard library's patterns; slashes, which end a star there, are replaced first.
func glob(parts []string, s string) bool {
	escape := strings.NewReplacer("/", "\x01", `\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`)
	var pattern []string
	for _, p := range parts {
		pattern = append(pattern, escape.Replace(p))
	}
	ok, err := path.Match(strings.Join(pattern, "*"), strings.ReplaceAll(s, "/", "\x01"))
	return ok && err == nil
}
