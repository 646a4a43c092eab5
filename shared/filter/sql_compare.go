package filter

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

var sqlOps = [...]string{" = ", " > ", " >= ", " < ", " <= "}

// unsigned is a parameter of an unsigned number; database/sql refuses those beyond int64, so they go as text.
func (w *sqlWriter) unsigned(v uint64) {
	if v > math.MaxInt64 {
		w.param("UBIGINT", strconv.FormatUint(v, 10))
		return
	}
	w.param("UBIGINT", v)
}

// number compares with one value, or with several by IN.
func (w *sqlWriter) number(c Compare, at Column) {
	one := func(i int) {
		switch v := c.Values[i].Value; at.Form {
		case FormInt:
			w.param("BIGINT", int64(v.U))
		case FormFloat:
			w.param("DOUBLE", v.F)
		default:
			w.unsigned(v.U)
		}
	}
	if len(c.Values) == 1 {
		w.put(at.Parts[0], sqlOps[c.Op])
		one(0)
		return
	}
	w.put(at.Parts[0], " IN ")
	w.list(len(c.Values), ", ", one)
}

// keyword compares texts: those without wildcards by IN.
func (w *sqlWriter) keyword(values []Value, column string) {
	var plain, wild []Value
	for _, v := range values {
		if v.Parts == nil {
			plain = append(plain, v)
		} else {
			wild = append(wild, v)
		}
	}
	n := len(wild)
	if len(plain) > 0 {
		n++
	}
	w.list(n, " OR ", func(i int) {
		if i < len(wild) {
			w.put(column, ` LIKE `)
			w.param("", likePattern(wild[i].Parts))
			w.put(` ESCAPE '\'`)
			return
		}
		if len(plain) == 1 {
			w.put(column, " = ")
			w.param("", plain[0].S)
			return
		}
		w.put(column, " IN ")
		w.list(len(plain), ", ", func(i int) { w.param("", plain[i].S) })
	})
}

func likePattern(parts []string) string {
	escape := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
	escaped := make([]string, len(parts))
	for i, p := range parts {
		escaped[i] = escape.Replace(p)
	}
	return strings.Join(escaped, "%")
}

// member looks for a member of a joined list. A text with a separator is no member.
func (w *sqlWriter) member(v Value, column string) {
	if v.Parts != nil {
		quoted := make([]string, len(v.Parts))
		for i, p := range v.Parts {
			if strings.Contains(p, flow.ListSeparator) {
				w.put("FALSE")
				return
			}
			quoted[i] = regexp.QuoteMeta(p)
		}
		w.put("regexp_matches(", column, ", ")
		w.param("", "(^|,)"+strings.Join(quoted, "[^,]*")+"(,|$)")
		w.put(")")
		return
	}
	if strings.Contains(v.S, flow.ListSeparator) {
		w.put("FALSE")
		return
	}
	w.put("position(")
	w.param("", flow.ListSeparator+v.S+flow.ListSeparator)
	w.put(" IN ',' || ", column, " || ',') > 0")
}

// numberMember compares the members of a joined list of numbers: any is greater when the greatest is.
func (w *sqlWriter) numberMember(op Op, v uint64, column string) {
	if op == Equal {
		w.member(Value{Value: flow.Keyword(strconv.FormatUint(v, 10))}, column)
		return
	}
	pick := "list_max"
	if op == Less || op == LessEqual {
		pick = "list_min"
	}
	w.put(pick, "(CAST(string_split(", column, ", ',') AS UBIGINT[]))", sqlOps[op])
	w.unsigned(v)
}

// transport compares a protocol number with all numbers whose names match.
func (w *sqlWriter) transport(c Compare, column string) {
	var numbers []Value
	for n := range 256 {
		if matchesText(c.Values, flow.TransportName(uint8(n))) {
			numbers = append(numbers, Value{Value: flow.Uint(uint64(n))})
		}
	}
	if len(numbers) == 0 {
		w.put("FALSE")
		return
	}
	w.number(Compare{Field: c.Field, Values: numbers}, Column{Form: FormUint, Parts: []string{column}})
}

func (w *sqlWriter) eventID(text string, parts []string) {
	id, ok := flow.ParseEventID(text)
	if !ok {
		w.put("FALSE")
		return
	}
	values := [...]uint64{id.Datagram.Hi, id.Datagram.Lo, uint64(id.Set), uint64(id.Record)}
	w.list(len(values), " AND ", func(i int) {
		w.put(parts[i], " = ")
		w.unsigned(values[i])
	})
}
