package filter

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// holds tells whether the result of a three-way comparison is what op asks for.
func (op Op) holds(order int) bool {
	switch op {
	case Greater:
		return order > 0
	case GreaterEqual:
		return order >= 0
	case Less:
		return order < 0
	case LessEqual:
		return order <= 0
	}
	return order == 0
}

// compareValue compares one value of a record: the plain meaning, without any shortcut.
func compareValue(c Compare, v flow.Value) bool {
	if c.Field.Kind == flow.KindKeyword {
		return matchesText(c.Values, v.S)
	}
	for _, want := range c.Values {
		switch c.Field.Kind {
		case flow.KindIP:
			last := want.Last()
			if c.Op != Equal && c.Op.holds(bytes.Compare(v.IP[:], want.IP[:])) || c.Op == Equal && inRange(&v.IP, &want.IP, &last) {
				return true
			}
		case flow.KindFloat:
			if c.Op.holds(cmp.Compare(v.F, want.F)) {
				return true
			}
		default:
			if c.Op.holds(order(c.Field.Kind, v.U, want.U)) {
				return true
			}
		}
	}
	return false
}

// order compares numbers, signed where the kind is.
func order(k flow.Kind, a, b uint64) int {
	if k == flow.KindInt || k == flow.KindTime {
		return cmp.Compare(int64(a), int64(b))
	}
	return cmp.Compare(a, b)
}

// matchesText tells whether any of the values is the text or its pattern.
func matchesText(values []Value, s string) bool {
	for i := range values {
		if v := &values[i]; v.Parts == nil && v.S == s || v.Parts != nil && MatchParts(v.Parts, s) {
			return true
		}
	}
	return false
}

// sign turns signed numbers into unsigned ones of the same order.
func sign(k flow.Kind) uint64 {
	if k == flow.KindInt || k == flow.KindTime {
		return 1 << 63
	}
	return 0
}

func compareNumber(at numberAccess, c Compare) Match {
	flip := sign(c.Field.Kind)
	want := c.Values[0].U ^ flip
	switch c.Op {
	case Greater:
		return func(_ *flow.Batch, r *flow.Record) bool { v, ok := at(r); return ok && v^flip > want }
	case GreaterEqual:
		return func(_ *flow.Batch, r *flow.Record) bool { v, ok := at(r); return ok && v^flip >= want }
	case Less:
		return func(_ *flow.Batch, r *flow.Record) bool { v, ok := at(r); return ok && v^flip < want }
	case LessEqual:
		return func(_ *flow.Batch, r *flow.Record) bool { v, ok := at(r); return ok && v^flip <= want }
	}
	if len(c.Values) == 1 {
		return func(_ *flow.Batch, r *flow.Record) bool { v, ok := at(r); return ok && v^flip == want }
	}
	wants := make([]uint64, len(c.Values))
	for i, v := range c.Values {
		wants[i] = v.U
	}
	slices.Sort(wants)
	return func(_ *flow.Batch, r *flow.Record) bool {
		v, ok := at(r)
		if !ok {
			return false
		}
		_, found := slices.BinarySearch(wants, v)
		return found
	}
}

func compareAddress(at addressAccess, c Compare) Match {
	if c.Op != Equal {
		op, want := c.Op, c.Values[0].IP
		return func(_ *flow.Batch, r *flow.Record) bool {
			a := at(r)
			return a != nil && op.holds(bytes.Compare(a[:], want[:]))
		}
	}
	if len(c.Values) == 1 && c.Values[0].Bits == addrBits {
		want := c.Values[0].IP
		return func(_ *flow.Batch, r *flow.Record) bool { a := at(r); return a != nil && *a == want }
	}
	if len(c.Values) == 1 {
		first, last := c.Values[0].First(), c.Values[0].Last()
		return func(_ *flow.Batch, r *flow.Record) bool { a := at(r); return a != nil && inRange(a, &first, &last) }
	}
	ranges := make([][2]flow.Addr, len(c.Values))
	for i, v := range c.Values {
		ranges[i] = [2]flow.Addr{v.First(), v.Last()}
	}
	return func(_ *flow.Batch, r *flow.Record) bool {
		a := at(r)
		if a == nil {
			return false
		}
		for i := range ranges {
			if inRange(a, &ranges[i][0], &ranges[i][1]) {
				return true
			}
		}
		return false
	}
}

func inRange(a, first, last *flow.Addr) bool {
	return bytes.Compare(a[:], first[:]) >= 0 && bytes.Compare(a[:], last[:]) <= 0
}

func compareSymbol(at func(*flow.Record) flow.Symbol, c Compare) Match {
	values := c.Values
	if c.Field.List {
		return func(b *flow.Batch, r *flow.Record) bool {
			s := at(r)
			return s != 0 && anyMember(values, b.Symbols.Text(s))
		}
	}
	return func(b *flow.Batch, r *flow.Record) bool {
		s := at(r)
		return s != 0 && matchesText(values, b.Symbols.Text(s))
	}
}

// anyMember tells whether any member of a joined list matches.
func anyMember(values []Value, list string) bool {
	for {
		member, rest, more := strings.Cut(list, flow.ListSeparator)
		if matchesText(values, member) {
			return true
		}
		if !more {
			return false
		}
		list = rest
	}
}

// compareCode asks the registry once for the text of every number, so that records are looked up by number.
func compareCode(at codeAccess, c Compare) Match {
	var hit [256]bool
	b := &flow.Batch{Records: make([]flow.Record, 1)}
	r := &b.Records[0]
	r.Present = at.bit
	for n := range hit {
		*at.at(r) = uint8(n)
		v, ok := c.Field.First(b, r)
		hit[n] = ok && matchesText(c.Values, v.S)
	}
	return func(_ *flow.Batch, r *flow.Record) bool { return r.Present&at.bit == at.bit && hit[*at.at(r)] }
}

func compareCountry(at func(*flow.Record) *[2]byte, c Compare) Match {
	values := c.Values
	return func(_ *flow.Batch, r *flow.Record) bool {
		code := at(r)
		return code[0] != 0 && matchesText(values, string(code[:]))
	}
}

func compareEventID(at func(*flow.Record) (*flow.EventID, bool), c Compare) Match {
	wants := make(map[flow.EventID]bool, len(c.Values))
	for _, v := range c.Values {
		if id, ok := flow.ParseEventID(v.S); ok {
			wants[id] = true
		}
	}
	return func(_ *flow.Batch, r *flow.Record) bool {
		id, ok := at(r)
		return ok && wants[*id]
	}
}
