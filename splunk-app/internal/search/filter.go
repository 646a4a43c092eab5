package search

import (
	"fmt"
	"strings"
)

// test tells whether the search command lets an event through.
type test func(Event) bool

// filter is the search command.
func (r *run) filter(t *table, args *lexer) error {
	from, to := r.from, r.to
	defer func() { r.from, r.to = from, to }()
	keep := test(func(Event) bool { return true })
	if args.more() {
		var err error
		if keep, err = r.all(args); err != nil {
			return err
		}
	}
	var rows []Event
	for _, e := range t.rows {
		at, ok := number(first(e["_time"]))
		if ok && t.fields == nil && (at < r.from || at >= r.to) {
			continue
		}
		if keep(e) {
			rows = append(rows, e)
		}
	}
	t.rows = rows
	return nil
}

// all is tests that must all hold; AND binds less than OR in the search command.
func (r *run) all(l *lexer) (test, error) {
	left, err := r.any(l)
	for err == nil && l.more() && l.peek().text != ")" {
		l.is("AND")
		var right test
		if right, err = r.any(l); err == nil {
			a, b := left, right
			left = func(e Event) bool { return a(e) && b(e) }
		}
	}
	return left, err
}

func (r *run) any(l *lexer) (test, error) {
	left, err := r.one(l)
	for err == nil && l.is("OR") {
		var right test
		if right, err = r.one(l); err == nil {
			a, b := left, right
			left = func(e Event) bool { return a(e) || b(e) }
		}
	}
	return left, err
}

func (r *run) one(l *lexer) (test, error) {
	switch {
	case l.is("NOT"):
		not, err := r.one(l)
		return func(e Event) bool { return !not(e) }, err
	case l.is("("):
		in, err := r.all(l)
		if err == nil {
			err = l.want(")")
		}
		return in, err
	case l.peek().kind == '[':
		return r.within(l.next().text)
	}
	field, err := l.name()
	if err != nil {
		return nil, err
	}
	if l.is("IN") {
		return r.in(field, l)
	}
	op := l.next()
	if op.kind != 's' {
		return nil, fmt.Errorf("search for the text %q: not known here", field)
	}
	value, err := l.name()
	if err != nil {
		return nil, err
	}
	if field == "earliest" || field == "latest" {
		return r.modify(field, value)
	}
	if field == "eventtype" && op.text == "=" {
		return r.ofType(value)
	}
	return comparison(field, op.text, value)
}

// ofType is what a type of events stands for.
func (r *run) ofType(name string) (test, error) {
	text, ok := r.engine.EventTypes[name]
	if !ok {
		return nil, fmt.Errorf("unknown event type %q", name)
	}
	l, err := lex(text, false)
	if err != nil {
		return nil, err
	}
	return r.all(l)
}

// modify takes a time modifier, which holds for the whole search.
func (r *run) modify(field, value string) (test, error) {
	at, err := when(value, r.engine.Now, 0)
	if field == "earliest" {
		r.from = at
	} else {
		r.to = at
	}
	return func(Event) bool { return true }, err
}

func (r *run) in(field string, l *lexer) (test, error) {
	if err := l.want("("); err != nil {
		return nil, err
	}
	var list []pattern
	for !l.is(")") {
		l.is(",")
		v, err := l.name()
		if err != nil {
			return nil, err
		}
		list = append(list, patternOf(v))
	}
	return func(e Event) bool {
		for i := range list {
			if list[i].any(e[field]) {
				return true
			}
		}
		return false
	}, nil
}

// comparison is FIELD OP VALUE. Of a field that is missing nothing holds, != neither.
func comparison(field, op, value string) (test, error) {
	p := patternOf(value)
	switch op {
	case "=", "==":
		return func(e Event) bool { return p.any(e[field]) }, nil
	case "!=":
		return func(e Event) bool { return len(e[field]) > 0 && !p.any(e[field]) }, nil
	case "<", "<=", ">", ">=":
		return func(e Event) bool {
			for _, v := range e[field] {
				if ordered(compare(v, value), op) {
					return true
				}
			}
			return false
		}, nil
	}
	return nil, fmt.Errorf("unknown comparison %q", op)
}

func ordered(c int, op string) bool {
	return c < 0 && op[0] == '<' || c > 0 && op[0] == '>' || c == 0 && strings.HasSuffix(op, "=")
}

// within is a subsearch: its rows are alternatives.
func (r *run) within(text string) (test, error) {
	sub := &run{engine: r.engine, from: r.from, to: r.to}
	found, err := sub.search(text)
	if err != nil {
		return nil, err
	}
	return func(e Event) bool {
		for _, row := range found.Rows {
			if matches(e, row, found.Fields) {
				return true
			}
		}
		return false
	}, nil
}

func matches(e, row Event, fields []string) bool {
	for _, f := range fields {
		for _, v := range row[f] {
			if p := patternOf(v); !p.any(e[f]) {
				return false
			}
		}
	}
	return true
}
