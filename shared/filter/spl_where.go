package filter

import (
	"regexp"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// appendWhere writes a condition of the where command. Every comparison is asked of the field's values one by one (mvfilter), which
// suits lists, and what is left is there or not: absent fields give false and not, as comparing them would, null.
func appendWhere(dst []byte, n Node, outer strength) []byte {
	switch n := n.(type) {
	case And:
		if len(n) == 0 {
			return append(dst, "true()"...)
		}
		return appendConditions(dst, n, bindsAnd, outer)
	case Or:
		if len(n) == 0 {
			return append(dst, "false()"...)
		}
		return appendConditions(dst, n, bindsOr, outer)
	case Not:
		return append(appendWhere(append(dst, "NOT ("...), n.Of, bindsOutermost), ')')
	case Compare:
		return appendSides(dst, n.Field, func(name string) []string {
			return []string{"isnotnull(mvfilter(" + strings.Join(whereTerms(n, evalName(name)), " OR ") + "))"}
		}, "isnull(%s)")
	case Exists:
		if n.Field.Kind == flow.KindObject {
			return append(dst, `match(_raw, `+splunkQuote(`"`+regexp.QuoteMeta(n.Field.Name)+`":`)+`)`...)
		}
		return appendSides(dst, n.Field, func(name string) []string { return []string{"isnotnull(" + evalName(name) + ")"} }, "isnull(%s)")
	}
	return dst
}

func appendConditions(dst []byte, list []Node, mine, outer strength) []byte {
	operator := " AND "
	if mine == bindsOr {
		operator = " OR "
	}
	wrap := outer != bindsOutermost // also an and inside an or: for readers
	if wrap {
		dst = append(dst, '(')
	}
	for i, m := range list {
		if i > 0 {
			dst = append(dst, operator...)
		}
		dst = appendWhere(dst, m, mine)
	}
	if wrap {
		dst = append(dst, ')')
	}
	return dst
}

// evalName quotes names that eval would read as an expression.
func evalName(name string) string {
	if strings.ContainsAny(name, ".@") {
		return "'" + name + "'"
	}
	return name
}

var whereOps = [...]string{"==", ">", ">=", "<", "<="}

// whereTerms returns the alternatives by which one value of a field meets a comparison.
func whereTerms(c Compare, name string) []string {
	var terms []string
	values, above := splunkAddresses(c.Values, true)
	if above {
		terms = append(terms, "(match("+name+`, ":") AND NOT cidrmatch(`+splunkQuote(lowAddresses)+", "+name+"))")
	}
	for _, v := range values {
		number, ok := splunkNumber(c.Field, v)
		switch {
		case ok:
			terms = append(terms, name+whereOps[c.Op]+number)
		case v.Parts != nil:
			terms = append(terms, "match("+name+", "+splunkQuote(splunkPattern(v.Parts))+")")
		case v.Kind == flow.KindIP && v.Bits < addrBits:
			terms = append(terms, "cidrmatch("+splunkQuote(splunkText(v))+", "+name+")")
		default:
			terms = append(terms, name+"=="+splunkQuote(splunkText(v)))
		}
	}
	return terms
}

// splunkPattern is the pattern of a whole text with wildcards, over lines too.
func splunkPattern(parts []string) string {
	quoted := make([]string, len(parts))
	for i, p := range parts {
		quoted[i] = regexp.QuoteMeta(p)
	}
	return "(?s)^" + strings.Join(quoted, ".*") + "$"
}
