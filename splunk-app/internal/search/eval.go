package search

import (
	"fmt"
	"math"
	"strings"
)

// expression is what eval and where compute of an event: values, none where it is null. Booleans are the texts of yes.
type expression func(Event) []string

// yes is true.
var yes = []string{"\x00true"}

func truth(ok bool) []string {
	if ok {
		return yes
	}
	return nil
}

func isTrue(v []string) bool { return len(v) == 1 && v[0] == yes[0] }

func first(v []string) string {
	if len(v) == 0 {
		return ""
	}
	return v[0]
}

func (r *run) eval(t *table, args *lexer) error {
	for {
		field, err := args.name()
		if err == nil {
			err = args.want("=")
		}
		if err != nil {
			return err
		}
		value, err := r.or(args)
		if err != nil {
			return err
		}
		t.set(field, value)
		if !args.is(",") {
			return nil
		}
	}
}

// set computes a field of all rows, in copies: events are the engine's.
func (t *table) set(field string, value expression) {
	for i, e := range t.rows {
		e = e.copy()
		if v := value(e); len(v) > 0 {
			e[field] = v
		} else {
			delete(e, field)
		}
		t.rows[i] = e
	}
	if t.fields != nil && !has(t.fields, field) {
		t.fields = append(t.fields, field)
	}
}

func (e Event) copy() Event {
	out := make(Event, len(e)+1)
	for k, v := range e {
		out[k] = v
	}
	return out
}

func (r *run) where(t *table, args *lexer) error {
	keep, err := r.or(args)
	if err != nil {
		return err
	}
	var rows []Event
	for _, e := range t.rows {
		if isTrue(keep(e)) {
			rows = append(rows, e)
		}
	}
	t.rows = rows
	return nil
}

func (r *run) or(l *lexer) (expression, error) {
	left, err := r.and(l)
	for err == nil && l.is("OR") {
		var right expression
		if right, err = r.and(l); err == nil {
			a, b := left, right
			left = func(e Event) []string { return truth(isTrue(a(e)) || isTrue(b(e))) }
		}
	}
	return left, err
}

func (r *run) and(l *lexer) (expression, error) {
	left, err := r.not(l)
	for err == nil && l.is("AND") {
		var right expression
		if right, err = r.not(l); err == nil {
			a, b := left, right
			left = func(e Event) []string { return truth(isTrue(a(e)) && isTrue(b(e))) }
		}
	}
	return left, err
}

func (r *run) not(l *lexer) (expression, error) {
	if l.is("NOT") {
		in, err := r.not(l)
		return func(e Event) []string { return truth(!isTrue(in(e))) }, err
	}
	left, err := r.sum(l)
	if err != nil {
		return nil, err
	}
	op := l.peek()
	if l.is("IN") {
		return r.among(left, l)
	}
	if op.kind != 's' || !has([]string{"=", "==", "!=", "<", "<=", ">", ">="}, op.text) {
		return left, nil
	}
	l.next()
	right, err := r.sum(l)
	return func(e Event) []string { return truth(related(left(e), right(e), op.text)) }, err
}

func (r *run) among(left expression, l *lexer) (expression, error) {
	list, err := r.arguments(l)
	return func(e Event) []string {
		for _, x := range list {
			if related(left(e), x(e), "=") {
				return yes
			}
		}
		return nil
	}, err
}

// related compares; of what is null nothing holds. A field of several values is equal where one is.
func related(a, b []string, op string) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	equal := false
	for _, v := range a {
		equal = equal || compare(v, b[0]) == 0
	}
	switch op {
	case "=", "==":
		return equal
	case "!=":
		return !equal
	}
	return ordered(compare(a[0], b[0]), op)
}

func (r *run) sum(l *lexer) (expression, error) {
	left, err := r.product(l)
	for err == nil {
		op := l.peek().text
		if op != "+" && op != "-" && op != "." {
			break
		}
		l.next()
		var right expression
		if right, err = r.product(l); err == nil {
			left = arithmetic(left, right, op)
		}
	}
	return left, err
}

func (r *run) product(l *lexer) (expression, error) {
	left, err := r.atom(l)
	for err == nil {
		op := l.peek().text
		if op != "*" && op != "/" && op != "%" {
			break
		}
		l.next()
		var right expression
		if right, err = r.atom(l); err == nil {
			left = arithmetic(left, right, op)
		}
	}
	return left, err
}

// arithmetic is null where a side is null or no number; a dot joins texts.
func arithmetic(left, right expression, op string) expression {
	return func(e Event) []string {
		a, b := left(e), right(e)
		if len(a) == 0 || len(b) == 0 {
			return nil
		}
		if op == "." {
			return []string{a[0] + b[0]}
		}
		x, isX := number(a[0])
		y, isY := number(b[0])
		if !isX || !isY || (op == "/" || op == "%") && y == 0 {
			return nil
		}
		switch op {
		case "+":
			return []string{text(x + y)}
		case "-":
			return []string{text(x - y)}
		case "*":
			return []string{text(x * y)}
		case "/":
			return []string{text(x / y)}
		}
		return []string{text(math.Mod(x, y))}
	}
}

func (r *run) atom(l *lexer) (expression, error) {
	p := l.peek()
	switch {
	case l.is("("):
		in, err := r.or(l)
		if err == nil {
			err = l.want(")")
		}
		return in, err
	case p.kind == '"':
		l.next()
		return func(Event) []string { return []string{p.text} }, nil
	case p.kind == '\'':
		l.next()
		return func(e Event) []string { return e[p.text] }, nil
	case p.kind != 'w':
		return nil, fmt.Errorf("%q where a value should be", p.text)
	}
	l.next()
	if _, ok := number(p.text); ok {
		return func(Event) []string { return []string{p.text} }, nil
	}
	if l.peek().text == "(" {
		return r.call(strings.ToLower(p.text), l)
	}
	if strings.ContainsAny(p.text, "{}:@") {
		return nil, fmt.Errorf("the field %q must be in single quotes", p.text)
	}
	return func(e Event) []string { return e[p.text] }, nil
}

// arguments are values in parentheses.
func (r *run) arguments(l *lexer) (list []expression, err error) {
	if err := l.want("("); err != nil {
		return nil, err
	}
	for !l.is(")") {
		if list != nil {
			if err := l.want(","); err != nil {
				return nil, err
			}
		}
		x, err := r.or(l)
		if err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return list, nil
}

func (r *run) call(name string, l *lexer) (expression, error) {
	list, err := r.arguments(l)
	if err != nil {
		return nil, err
	}
	f, ok := functions()[name]
	if !ok {
		return nil, fmt.Errorf("unknown function %q", name)
	}
	if len(list) < f.least || len(list) > f.most {
		return nil, fmt.Errorf("%s takes %d to %d arguments", name, f.least, f.most)
	}
	return func(e Event) []string {
		values := make([][]string, len(list))
		for i, x := range list {
			values[i] = x(e)
		}
		return f.of(r, values)
	}, nil
}

func has(list []string, text string) bool {
	for _, s := range list {
		if s == text {
			return true
		}
	}
	return false
}
