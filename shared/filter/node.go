package filter

import (
	"github.com/weirflow/weir/shared/flow"
)

// Node is a filter or a part of one: [And], [Or], [Not], [Compare] or [Exists]. Its text ([Node.String]) is canonical: parsed
// again it gives an equal tree.
type Node interface {
	String() string
	// appendTo appends the text as it stands inside an operator that binds as strongly as outer.
	appendTo(dst []byte, outer strength) []byte
}

// strength orders the operators by how strongly they bind.
type strength uint8

const (
	bindsOutermost strength = iota
	bindsOr
	bindsAnd
	bindsNot
)

// And holds when all its members do; the empty And is the empty filter and holds always. The parser never puts an And into an And.
type And []Node

// Or holds when any of its members does. The parser makes none with fewer than two, and never puts an Or into an Or.
type Or []Node

// Not holds when what it negates does not, for example because a record lacks the field.
type Not struct{ Of Node }

// Op is how a field is compared.
type Op uint8

// Ways to compare. Equal takes any number of values, of which one must match; the others take exactly one.
const (
	Equal Op = iota
	Greater
	GreaterEqual
	Less
	LessEqual
)

var opTexts = [...]string{" : ", " > ", " >= ", " < ", " <= "}

// Compare holds when any of the field's values compares with any of Values as Op says.
type Compare struct {
	Field  *flow.Field
	Op     Op
	Values []Value
}

// Exists holds when the field has a value.
type Exists struct{ Field *flow.Field }

// String returns the canonical text; the empty filter is "".
func (n And) String() string { return text(n) }

// String returns the canonical text.
func (n Or) String() string { return text(n) }

// String returns the canonical text.
func (n Not) String() string { return text(n) }

// String returns the canonical text.
func (n Compare) String() string { return text(n) }

// String returns the canonical text.
func (n Exists) String() string { return text(n) }

func text(n Node) string { return string(n.appendTo(nil, bindsOutermost)) }

func (n And) appendTo(dst []byte, outer strength) []byte {
	if len(n) == 0 && outer == bindsOutermost {
		return dst
	}
	return appendJoined(dst, n, outer, bindsAnd)
}

func (n Or) appendTo(dst []byte, outer strength) []byte {
	if len(n) == 0 {
		return Not{Of: And{}}.appendTo(dst, outer)
	}
	return appendJoined(dst, n, outer, bindsOr)
}

// appendJoined writes members with their operator between them; "*" stands for everything inside other operators.
func appendJoined(dst []byte, members []Node, outer, mine strength) []byte {
	switch len(members) {
	case 0:
		return append(dst, '*')
	case 1:
		return members[0].appendTo(dst, outer)
	}
	wrap := outer >= mine
	if wrap {
		dst = append(dst, '(')
	}
	word := " and "
	if mine == bindsOr {
		word = " or "
	}
	for i, m := range members {
		if i > 0 {
			dst = append(dst, word...)
		}
		dst = m.appendTo(dst, mine)
	}
	if wrap {
		dst = append(dst, ')')
	}
	return dst
}

// appendTo writes a not inside a not in parentheses: Kibana reads no two in a row.
func (n Not) appendTo(dst []byte, outer strength) []byte {
	if outer == bindsNot {
		return append(n.appendTo(append(dst, '('), bindsOutermost), ')')
	}
	return n.Of.appendTo(append(dst, "not "...), bindsNot)
}

func (n Compare) appendTo(dst []byte, _ strength) []byte {
	dst = append(dst, n.Field.Name...)
	dst = append(dst, opTexts[n.Op]...)
	if len(n.Values) == 1 {
		return n.Values[0].appendTo(dst)
	}
	dst = append(dst, '(')
	for i, v := range n.Values {
		if i > 0 {
			dst = append(dst, " or "...)
		}
		dst = v.appendTo(dst)
	}
	return append(dst, ')')
}

func (n Exists) appendTo(dst []byte, _ strength) []byte {
	return append(append(dst, n.Field.Name...), " : *"...)
}

// Fields returns the names of the fields that a filter uses, each once, in order of appearance.
func Fields(n Node) []string {
	var names []string
	walk(n, func(f *flow.Field) {
		for _, name := range names {
			if name == f.Name {
				return
			}
		}
		names = append(names, f.Name)
	})
	return names
}

func walk(n Node, visit func(*flow.Field)) {
	switch n := n.(type) {
	case And:
		for _, m := range n {
			walk(m, visit)
		}
	case Or:
		for _, m := range n {
			walk(m, visit)
		}
	case Not:
		walk(n.Of, visit)
	case Compare:
		visit(n.Field)
	case Exists:
		visit(n.Field)
	}
}
