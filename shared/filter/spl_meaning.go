package filter

import "github.com/weirflow/weir/shared/flow"

// CIM prescribes values, and events follow it where that loses nothing: ICMPv6 is icmp there, directions and flags that CIM does not know have
// fields of their own, and a service that is not known is called so. splunkMeaning puts a filter's conditions on such fields into what
// selects the same of the events.
func splunkMeaning(n Node) Node {
	switch n := n.(type) {
	case And:
		var list And
		for _, m := range n {
			list = append(list, membersOf(splunkMeaning(m))...)
		}
		return list
	case Or:
		list := make(Or, len(n))
		for i, m := range n {
			list[i] = splunkMeaning(m)
		}
		return list
	case Not:
		return Not{Of: splunkMeaning(n.Of)}
	case Compare:
		return compareInSplunk(n)
	case Exists:
		return existsInSplunk(n)
	}
	return n
}

// Fields of events that no filter names.
var (
	splunkNumberField = flow.Field{Name: "network.iana_number", Kind: flow.KindUint}
	// splunkUnknownService is what app holds, and has one value: Splunk may ignore its case.
	splunkUnknownService = flow.Field{Name: serviceField, Kind: flow.KindKeyword, Values: []string{SplunkUnknown}}
	splunkOthers         = map[string]flow.Field{
		directionField: {Name: SplunkOtherDirection, Kind: flow.KindKeyword, Values: []string{"internal", "external"}},
		flagsField:     {Name: SplunkOtherFlags, Kind: flow.KindKeyword, List: true, Values: []string{"ECE", "CWR"}},
	}
)

const (
	directionField = "network.direction"
	serviceField   = "network.protocol"
	icmpNumber     = 1
	icmpv6Number   = 58
)

func existsInSplunk(n Exists) Node {
	if other, split := splunkOthers[n.Field.Name]; split {
		return Or{n, Exists{Field: &other}}
	}
	if n.Field.Name == serviceField {
		return And{n, Not{Of: unknownService()}}
	}
	return n
}

func unknownService() Node {
	return Compare{Field: &splunkUnknownService, Values: []Value{{Value: flow.Keyword(SplunkUnknown)}}}
}

func compareInSplunk(n Compare) Node {
	switch n.Field.Name {
	case transportField:
		return transportInSplunk(n)
	case serviceField:
		if n.matches(SplunkUnknown) {
			return And{n, Not{Of: unknownService()}}
		}
	}
	if other, split := splunkOthers[n.Field.Name]; split {
		return n.split(&other)
	}
	return n
}

// transportInSplunk tells ICMP and ICMPv6 apart by number, where a comparison does.
func transportInSplunk(n Compare) Node {
	old, six := n.matches(flow.TransportName(icmpNumber)), n.matches(flow.TransportName(icmpv6Number))
	number := Compare{Field: &splunkNumberField, Values: []Value{{Value: flow.Uint(icmpv6Number)}}}
	switch {
	case old && !six:
		return And{n, Not{Of: number}}
	case six && !old:
		if rest := n.without(flow.TransportName(icmpv6Number)); len(rest.Values) > 0 {
			return Or{rest, number}
		}
		return number
	}
	return n
}

// split asks two fields, or the one that can have what is asked for. The values of the other are those of its list.
func (n Compare) split(other *flow.Field) Node {
	mine, others := Compare{Field: n.Field}, Compare{Field: other}
	for _, v := range n.Values {
		known, theirs := v.count(n.Field.Values), v.count(other.Values)
		if theirs > 0 {
			others.Values = append(others.Values, v)
		}
		if theirs == 0 || known > theirs {
			mine.Values = append(mine.Values, v)
		}
	}
	switch {
	case len(others.Values) == 0:
		return mine
	case len(mine.Values) == 0:
		return others
	}
	return Or{mine, others}
}

// count returns how many of some texts equal a value or fit its pattern.
func (v Value) count(texts []string) (n int) {
	for _, s := range texts {
		if matchesText([]Value{v}, s) {
			n++
		}
	}
	return n
}

// matches tells whether a comparison with texts holds for one.
func (n Compare) matches(text string) bool { return matchesText(n.Values, text) }

// without leaves out a value that is no pattern.
func (n Compare) without(text string) Compare {
	rest := Compare{Field: n.Field, Op: n.Op}
	for _, v := range n.Values {
		if v.Parts != nil || v.S != text {
			rest.Values = append(rest.Values, v)
		}
	}
	return rest
}
