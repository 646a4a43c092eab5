package filter

import (
	"fmt"
	"strings"
)

// SQL translates a filter into a condition with ? placeholders, and its parameters in the same order: uint64 (or, above
// the greatest int64, its decimal string, as database/sql takes no greater uint64), int64, float64, string and time.Time.
// Values stand in parameters only, never in the text. Where the filter holds the condition is TRUE, elsewhere it is FALSE
// or NULL, so it suits WHERE and FILTER. The dialect is DuckDB's.
func SQL(n Node, columns Columns) (text string, args []any, err error) {
	w := &sqlWriter{columns: columns}
	w.node(n)
	if w.err != nil {
		return "", nil, w.err
	}
	return w.text.String(), w.args, nil
}

type sqlWriter struct {
	columns Columns
	text    strings.Builder
	args    []any
	err     error
}

func (w *sqlWriter) put(texts ...string) {
	for _, t := range texts {
		w.text.WriteString(t)
	}
}

// param writes a placeholder of a type, so that the store compares in the column's type and not in a wider one.
func (w *sqlWriter) param(sqlType string, v any) {
	if sqlType == "" {
		w.put("?")
	} else {
		w.put("CAST(? AS ", sqlType, ")")
	}
	w.args = append(w.args, v)
}

func (w *sqlWriter) node(n Node) {
	switch n := n.(type) {
	case And:
		w.joined(n, " AND ", "TRUE")
	case Or:
		w.joined(n, " OR ", "FALSE")
	case Not:
		// Only here NULL, the comparison with an absent field, differs from FALSE.
		w.put("NOT coalesce(")
		w.node(n.Of)
		w.put(", FALSE)")
	case Compare:
		w.either(n.Field.Name, w.columns(n.Field), func(c Column) { w.compare(n, c) })
	case Exists:
		w.either(n.Field.Name, w.columns(n.Field), w.exists)
	}
}

func (w *sqlWriter) joined(nodes []Node, operator, empty string) {
	if len(nodes) == 0 {
		w.put(empty)
		return
	}
	w.list(len(nodes), operator, func(i int) { w.node(nodes[i]) })
}

// list writes items with an operator between them, in parentheses where there are several.
func (w *sqlWriter) list(n int, operator string, item func(i int)) {
	if n > 1 {
		w.put("(")
	}
	for i := range n {
		if i > 0 {
			w.put(operator)
		}
		item(i)
	}
	if n > 1 {
		w.put(")")
	}
}

func (w *sqlWriter) either(name string, columns []Column, one func(Column)) {
	if len(columns) == 0 {
		w.err = fmt.Errorf("this store does not keep %s", name)
		return
	}
	for _, c := range columns {
		if len(c.Parts) != c.Form.parts() {
			w.err = fmt.Errorf("%s: a column of form %d needs %d parts, has %d", name, c.Form, c.Form.parts(), len(c.Parts))
			return
		}
	}
	w.list(len(columns), " OR ", func(i int) { one(columns[i]) })
}

func (w *sqlWriter) exists(c Column) {
	if c.Form == FormFlags {
		w.put("(", c.Parts[0], fmt.Sprintf(" & %d) <> 0", allFlags))
		return
	}
	w.put(c.Parts[0], " IS NOT NULL")
}

func (w *sqlWriter) compare(c Compare, at Column) {
	switch at.Form {
	case FormUint, FormInt, FormFloat, FormMAC:
		w.number(c, at)
	case FormAddress:
		w.address(c, at.Parts[0], at.Parts[1])
	case FormTime:
		w.list(len(c.Values), " OR ", func(i int) { w.instant(c.Op, int64(c.Values[i].U), at) })
	case FormTimeNano:
		w.list(len(c.Values), " OR ", func(i int) { w.instantNano(c.Op, int64(c.Values[i].U), at.Parts[0]) })
	case FormText:
		w.keyword(c.Values, at.Parts[0])
	case FormTextList:
		w.list(len(c.Values), " OR ", func(i int) { w.member(c.Values[i], at.Parts[0]) })
	case FormUintList:
		w.list(len(c.Values), " OR ", func(i int) { w.numberMember(c.Op, c.Values[i].U, at.Parts[0]) })
	case FormFlags:
		w.put("(", at.Parts[0], " & ")
		w.param("USMALLINT", uint64(flagMask(c.Values)))
		w.put(") <> 0")
	case FormTransport:
		w.transport(c, at.Parts[0])
	case FormEventID:
		w.list(len(c.Values), " OR ", func(i int) { w.eventID(c.Values[i].S, at.Parts) })
	default:
		w.err = fmt.Errorf("%s can only be asked for being there", c.Field.Name)
	}
}
