package filter

import (
	"fmt"
	"unicode/utf8"

	"github.com/weirflow/weir/shared/flow"
)

// Caps of a filter: longer or deeper ones are refused, as people don't write them and they would cost the stack.
const (
	MaxLength = 1 << 16
	MaxDepth  = 64
)

// Parse reads a filter. The empty text is the filter that holds for everything. Errors are *[Error].
func Parse(text string, reg *flow.Registry) (Node, error) {
	return (&parser{scanner: scanner{text: text}, reg: reg}).all()
}

func (p *parser) all() (Node, error) {
	text := p.text
	if len(text) > MaxLength {
		return nil, p.errorAt(0, fmt.Sprintf("the filter is longer than %d bytes", MaxLength), "")
	}
	if !utf8.ValidString(text) {
		return nil, p.errorAt(invalidAt(text), "the filter is not valid UTF-8", "")
	}
	if p.peek() == 0 {
		return And{}, nil
	}
	n, err := p.expression(p.term)
	if err == nil && p.peek() != 0 {
		err = p.unexpected()
	}
	if err != nil {
		return nil, err
	}
	return n, nil
}

func invalidAt(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			return i
		}
	}
	return 0
}

type parser struct {
	scanner
	reg      *flow.Registry
	sessions bool // fields are those of sessions
	depth    int
}

// operand reads what the operators of an expression join: comparisons in a filter, values in a field's parentheses.
type operand func() (Node, *Error)

// expression reads operands joined by or, and, not: the same grammar for filters and for the values of one field.
func (p *parser) expression(of operand) (Node, *Error) {
	if p.depth++; p.depth > MaxDepth {
		return nil, p.errorAt(p.pos, fmt.Sprintf("more than %d levels of parentheses and nots", MaxDepth), "")
	}
	defer func() { p.depth-- }()
	var members Or
	for {
		n, err := p.conjunction(of)
		if err != nil {
			return nil, err
		}
		if inner, ok := n.(Or); ok {
			members = append(members, inner...)
		} else {
			members = append(members, n)
		}
		if !p.takeWord(wordOr) {
			break
		}
	}
	if len(members) == 1 {
		return members[0], nil
	}
	return members, nil
}

func (p *parser) conjunction(of operand) (Node, *Error) {
	members := And{}
	for {
		n, err := p.negation(of)
		if err != nil {
			return nil, err
		}
		if inner, ok := n.(And); ok {
			members = append(members, inner...)
		} else {
			members = append(members, n)
		}
		if !p.takeWord(wordAnd) {
			break
		}
	}
	if len(members) == 1 {
		return members[0], nil
	}
	return members, nil
}

func (p *parser) negation(of operand) (Node, *Error) {
	if !p.takeWord(wordNot) {
		return p.primary(of)
	}
	if p.depth++; p.depth > MaxDepth {
		return nil, p.errorAt(p.pos, fmt.Sprintf("more than %d levels of parentheses and nots", MaxDepth), "")
	}
	defer func() { p.depth-- }()
	n, err := p.negation(of)
	if err != nil {
		return nil, err
	}
	if twice, ok := n.(Not); ok {
		return twice.Of, nil // two nots undo each other, and Kibana reads no two in a row
	}
	return Not{Of: n}, nil
}

func (p *parser) primary(of operand) (Node, *Error) {
	if p.peek() != '(' {
		return of()
	}
	open := p.pos
	p.pos++
	n, err := p.expression(of)
	if err != nil {
		return nil, err
	}
	if !p.take(")") {
		if p.peek() == 0 {
			return nil, p.errorAt(open, "the parenthesis is not closed", "")
		}
		return nil, p.unexpected()
	}
	return n, nil
}

// term reads FIELD OPERATOR VALUE, or the star that stands for everything.
func (p *parser) term() (Node, *Error) {
	p.skipSpace()
	start := p.pos
	name := p.until(fieldStops)
	if name == "" || operatorOf(name) != noWord {
		return nil, p.missingTerm(name)
	}
	p.pos += len(name)
	next := p.peek()
	if name == "*" && next != ':' {
		return And{}, nil
	}
	f := p.reg.Lookup(name)
	if f == nil {
		return nil, p.unknownField(start, name, next)
	}
	if p.sessions {
		if !onSessions(f) {
			return nil, p.errorAt(start, f.Name+" exists on records only", "")
		}
	} else if f.Scope == flow.ScopeSession {
		return nil, p.errorAt(start, f.Name+" exists on sessions only", "")
	}
	op, err := p.operator(f)
	if err != nil {
		return nil, err
	}
	if op != Equal {
		return p.ordered(f, op)
	}
	return p.equal(f)
}

// operator reads how the field is compared.
func (p *parser) operator(f *flow.Field) (Op, *Error) {
	at := p.pos
	for _, o := range []struct {
		text string
		op   Op
	}{{":", Equal}, {">=", GreaterEqual}, {">", Greater}, {"<=", LessEqual}, {"<", Less}} {
		if p.take(o.text) {
			return o.op, nil
		}
	}
	for _, wrong := range []string{"==", "=", "!="} {
		if !p.take(wrong) {
			continue
		}
		p.skipSpace()
		suggestion := f.Name + " : " + p.until(valueStops)
		if wrong == "!=" {
			suggestion = "not " + suggestion
		}
		return 0, p.errorAt(at, fmt.Sprintf("there is no operator %s", wrong), suggestion)
	}
	suggestion := f.Name + " : *"
	if value := p.until(valueStops); value != "" && operatorOf(value) == noWord {
		suggestion = f.Name + " : " + value
	}
	return 0, p.errorAt(at, fmt.Sprintf("after %s an operator is missing: one of : > >= < <=", f.Name), suggestion)
}

// equal reads one value or values in parentheses, joined by or, and, not. Values joined by or become one comparison.
func (p *parser) equal(f *flow.Field) (Node, *Error) {
	one := func() (Node, *Error) {
		if next := p.peek(); next == '<' || next == '>' {
			return nil, p.orderAfterColon(f)
		}
		if operatorOf(p.until(valueStops)) != noWord {
			return nil, p.errorAt(p.pos, "a value is missing", "")
		}
		l, err := p.readLiteral()
		if err != nil {
			return nil, err
		}
		if l.anything() {
			return Exists{Field: f}, nil
		}
		v, bad := valueOf(f, Equal, l)
		if bad != nil {
			bad.Column = p.column(l.pos)
			return nil, bad
		}
		return Compare{Field: f, Values: []Value{v}}, nil
	}
	if p.peek() != '(' {
		return one()
	}
	open := p.pos
	p.pos++
	n, err := p.expression(one)
	if err != nil {
		return nil, err
	}
	if !p.take(")") {
		if p.peek() == 0 {
			return nil, p.errorAt(open, "the parenthesis is not closed", "")
		}
		return nil, p.unexpected()
	}
	return merged(n), nil
}

// merged makes one comparison of alternatives of one field, at every level.
func merged(n Node) Node {
	switch n := n.(type) {
	case Not:
		return Not{Of: merged(n.Of)}
	case And:
		for i := range n {
			n[i] = merged(n[i])
		}
	case Or:
		all, plain := Compare{}, true
		for i := range n {
			n[i] = merged(n[i])
			c, ok := n[i].(Compare)
			plain = plain && ok
			all.Field, all.Values = c.Field, append(all.Values, c.Values...)
		}
		if plain {
			return all
		}
	}
	return n
}

func (p *parser) ordered(f *flow.Field, op Op) (Node, *Error) {
	l, err := p.readLiteral()
	if err != nil {
		return nil, err
	}
	v, err := valueOf(f, op, l)
	if err != nil {
		err.Column = p.column(l.pos)
		return nil, err
	}
	return Compare{Field: f, Op: op, Values: []Value{v}}, nil
}
