package filter

import (
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// SPL translates a filter into Splunk's search language, over the names of [SplunkName]: terms of the search command, which may
// follow others ("index=flows " + SPL), and " | where ..." for what they cannot say, as Splunk's search ignores the case of
// texts and knows no star that is a text. Those are in the terms as well, as far as that leaves fewer events to judge.
//
// Numbers are compared as Splunk does, as doubles: exact up to 2^53, times to a microsecond.
func SPL(n Node) string {
	var terms []string
	var conditions And
	for _, m := range membersOf(splunkMeaning(withoutAddressOrder(n))) {
		if !inSearch(m) {
			conditions = append(conditions, m)
			m = widened(m)
		}
		if !holdsAlways(m) {
			terms = append(terms, string(appendSearch(nil, m, bindsAnd)))
		}
	}
	text := "*"
	if len(terms) > 0 {
		text = strings.Join(terms, " AND ")
	}
	if len(conditions) > 0 {
		text += " | where " + string(appendWhere(nil, single(conditions), bindsOutermost))
	}
	return text
}

// single is the one member, or the whole.
func single(n And) Node {
	if len(n) == 1 {
		return n[0]
	}
	return n
}

func membersOf(n Node) []Node {
	if and, ok := n.(And); ok {
		return and
	}
	return []Node{n}
}

// inSearch tells whether the terms of a search can say exactly what a filter means.
func inSearch(n Node) bool {
	switch n := n.(type) {
	case And:
		return everyInSearch(n)
	case Or:
		return everyInSearch(n)
	case Not:
		return inSearch(n.Of)
	case Exists:
		return n.Field.Kind != flow.KindObject
	case Compare:
		return n.Field.Kind != flow.KindKeyword || isFoldable(n.Field) && plainTexts(n)
	}
	return false
}

func everyInSearch(list []Node) bool {
	for _, n := range list {
		if !inSearch(n) {
			return false
		}
	}
	return true
}

// isFoldable tells whether no two values of a field differ by case alone, so that Splunk may ignore it.
func isFoldable(f *flow.Field) bool {
	return f.Values != nil || f.Name == transportField || isEventID(f) || isCountry(f)
}

// plainTexts tells whether no value holds anything but letters, digits and marks that neither search nor its index treat apart.
func plainTexts(c Compare) bool {
	for _, v := range c.Values {
		for _, part := range v.literals() {
			for i := range len(part) {
				if b := part[i]; b >= 0x80 || !isBare(string(b)) && b != ':' {
					return false
				}
			}
		}
		if v.Parts == nil && v.S == "" {
			return false
		}
	}
	return true
}

// literals are the texts of a value of KindKeyword around its wildcards.
func (v Value) literals() []string {
	if v.Parts != nil {
		return v.Parts
	}
	return []string{v.S}
}

func holdsAlways(n Node) bool {
	and, ok := n.(And)
	return ok && len(and) == 0
}

func holdsNever(n Node) bool {
	or, ok := n.(Or)
	return ok && len(or) == 0
}

// widened returns a filter that terms can say and that holds wherever n does; And{} where they can say nothing about it.
func widened(n Node) Node {
	switch n := n.(type) {
	case And:
		return joinedAnd(n, widened)
	case Or:
		return joinedOr(n, widened)
	case Not:
		return negated(narrowed(n.Of))
	case Compare:
		if inSearch(n) || plainTexts(n) {
			return n
		}
	case Exists:
		if inSearch(n) {
			return n
		}
	}
	return And{}
}

// narrowed returns a filter that terms can say and that holds only where n does; Or{} where they can say nothing about it.
func narrowed(n Node) Node {
	switch n := n.(type) {
	case And:
		return joinedAnd(n, narrowed)
	case Or:
		return joinedOr(n, narrowed)
	case Not:
		return negated(widened(n.Of))
	}
	if inSearch(n) {
		return n
	}
	return Or{}
}

func negated(n Node) Node {
	switch {
	case holdsAlways(n):
		return Or{}
	case holdsNever(n):
		return And{}
	}
	return Not{Of: n}
}

// joinedAnd leaves out members that hold always, and is Or{} where one holds never.
func joinedAnd(list []Node, change func(Node) Node) Node {
	kept := And{}
	for _, m := range list {
		m = change(m)
		if holdsNever(m) {
			return m
		}
		if !holdsAlways(m) {
			kept = append(kept, m)
		}
	}
	return single(kept)
}

// joinedOr leaves out members that hold never, and is And{} where one holds always.
func joinedOr(list []Node, change func(Node) Node) Node {
	kept := Or{}
	for _, m := range list {
		m = change(m)
		if holdsAlways(m) {
			return m
		}
		if !holdsNever(m) {
			kept = append(kept, m)
		}
	}
	if len(kept) == 1 {
		return kept[0]
	}
	return kept
}
