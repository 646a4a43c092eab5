package filter

import (
	"bytes"

	"github.com/weirflow/weir/shared/flow"
)

// spanPrefixes returns the fewest prefixes that hold exactly the addresses from first to last: at most 254, none where last is
// less. It is for back ends that know prefixes but no order of addresses.
func spanPrefixes(first, last flow.Addr) []Value {
	var list []Value
	for bytes.Compare(first[:], last[:]) <= 0 {
		v := Value{Value: flow.IP(first), Bits: addrBits}
		for v.Bits > 0 {
			wider := Value{Value: flow.IP(first), Bits: v.Bits - 1}
			if end := wider.Last(); masked(first, int(wider.Bits)) != first || bytes.Compare(end[:], last[:]) > 0 {
				break
			}
			v = wider
		}
		list = append(list, v)
		next, ok := addressAfter(v.Last())
		if !ok {
			break
		}
		first = next
	}
	return list
}

// addressAfter returns the next address; ok is false after the last.
func addressAfter(a flow.Addr) (next flow.Addr, ok bool) {
	hi, lo := a.Words()
	if lo++; lo == 0 {
		hi++
	}
	return flow.AddrFromWords(hi, lo), hi|lo != 0
}

// addressBefore returns the address before; ok is false before the first.
func addressBefore(a flow.Addr) (before flow.Addr, ok bool) {
	hi, lo := a.Words()
	if hi|lo == 0 {
		return a, false
	}
	if lo == 0 {
		hi--
	}
	return flow.AddrFromWords(hi, lo-1), true
}

// addressBounds returns the first and the last address for which a comparison holds; ok is false where there is none.
func addressBounds(op Op, a flow.Addr) (first, last flow.Addr, ok bool) {
	ok = true
	last = Value{}.Last()
	switch op {
	case Greater:
		first, ok = addressAfter(a)
	case GreaterEqual:
		first = a
	case Less:
		last, ok = addressBefore(a)
	default:
		last = a
	}
	return first, last, ok
}

// withoutAddressOrder replaces comparisons of the order of addresses by prefixes. Where several bound one field of one address, as
// in source.ip >= A and source.ip <= B, they become one list.
func withoutAddressOrder(n Node) Node {
	switch n := n.(type) {
	case And:
		return spansOf(n)
	case Or:
		list := make(Or, len(n))
		for i, m := range n {
			list[i] = withoutAddressOrder(m)
		}
		return list
	case Not:
		return Not{Of: withoutAddressOrder(n.Of)}
	case Compare:
		if isAddressOrder(n) {
			return spanOf([]Compare{n})
		}
	}
	return n
}

func isAddressOrder(n Node) bool {
	c, ok := n.(Compare)
	return ok && c.Op != Equal && c.Field.Kind == flow.KindIP
}

// mayHoldSeveral tells whether a field can have several addresses: then two bounds may hold for different ones.
func mayHoldSeveral(f *flow.Field) bool { return f.List || f.Name == "observer.ip" }

func spansOf(n And) Node {
	var list And
	bounds := map[*flow.Field][]Compare{}
	for _, m := range n {
		if c, ok := m.(Compare); ok && isAddressOrder(m) && !mayHoldSeveral(c.Field) {
			if bounds[c.Field] == nil {
				list = append(list, c) // its place; see below
			}
			bounds[c.Field] = append(bounds[c.Field], c)
			continue
		}
		list = append(list, withoutAddressOrder(m))
	}
	for i, m := range list {
		if c, ok := m.(Compare); ok && isAddressOrder(m) {
			list[i] = spanOf(bounds[c.Field])
		}
	}
	return single(list)
}

// spanOf returns what all the comparisons of one field leave, as prefixes.
func spanOf(list []Compare) Node {
	first, last, ok := addressBounds(list[0].Op, list[0].Values[0].IP)
	for _, c := range list[1:] {
		from, to, some := addressBounds(c.Op, c.Values[0].IP)
		ok = ok && some
		if bytes.Compare(from[:], first[:]) > 0 {
			first = from
		}
		if bytes.Compare(to[:], last[:]) < 0 {
			last = to
		}
	}
	if !ok || bytes.Compare(first[:], last[:]) > 0 {
		return Or{}
	}
	return Compare{Field: list[0].Field, Values: spanPrefixes(first, last)}
}
