package spl

import "strings"

// terms judges those of the command search.
func (j *judge) terms(c *Command, first bool) {
	list := lex(c.Args, termWord)
	if first {
		j.known = j.world.Fields(j.world.sourcetypes(list))
		j.give(own...)
	}
	for i := range list {
		if name, ok := compared(list, i); ok && !strings.HasPrefix(name, "tag::") {
			j.take(name, c.Name)
		}
	}
	j.judgeSubs(c)
}

// compared returns the name of the field that a comparison begins with.
func compared(list []token, i int) (name string, ok bool) {
	if list[i].kind != word && list[i].kind != field && list[i].kind != text || i+1 >= len(list) {
		return "", false
	}
	next := list[i+1]
	isIn := next.is("in") && i+2 < len(list) && list[i+2].isMark("(")
	return list[i].text, next.isMark("=", "!=", "<", "<=", ">", ">=") || isIn
}

// sourcetypes returns those that terms select, by name or by the event types that stand for them; none where they select by something else.
func (w *World) sourcetypes(list []token) (names []string) {
	for i := range list {
		name, ok := compared(list, i)
		if !ok {
			continue
		}
		switch name {
		case "sourcetype":
			names = append(names, values(list[i+1:])...)
		case "eventtype":
			for _, eventtype := range values(list[i+1:]) {
				names = append(names, w.sourcetypes(lex(w.Eventtypes[eventtype], termWord))...)
			}
		}
	}
	return names
}

// values are what a comparison compares with: what follows an operator, or stands in the parentheses of IN.
func values(list []token) (names []string) {
	if !list[0].is("in") {
		if len(list) > 1 {
			names = append(names, list[1].text)
		}
		return names
	}
	for _, t := range list[2:] {
		if t.isMark(")") {
			break
		}
		if !t.isMark(",") {
			names = append(names, t.text)
		}
	}
	return names
}
