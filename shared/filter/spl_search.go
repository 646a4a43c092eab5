package filter

import (
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// appendSearch writes terms of the search command. There or binds before and, so that either is put in parentheses inside the other.
func appendSearch(dst []byte, n Node, outer strength) []byte {
	switch n := n.(type) {
	case And:
		if len(n) == 0 {
			return append(dst, '*')
		}
		return appendTerms(dst, n, " AND ", outer != bindsAnd)
	case Or:
		if len(n) == 0 {
			return append(dst, "NOT *"...)
		}
		return appendTerms(dst, n, " OR ", true)
	case Not:
		if holdsAlways(n.Of) {
			return append(dst, "NOT *"...)
		}
		return appendSearch(append(dst, "NOT "...), n.Of, bindsNot)
	case Compare:
		return appendSides(dst, n.Field, func(name string) []string { return searchTerms(n, name) }, "NOT %s=*")
	case Exists:
		return appendSides(dst, n.Field, func(name string) []string { return []string{name + "=*"} }, "NOT %s=*")
	}
	return dst
}

func appendTerms(dst []byte, list []Node, operator string, wrap bool) []byte {
	if wrap {
		dst = append(dst, '(')
	}
	for i, m := range list {
		if i > 0 {
			dst = append(dst, operator...)
		}
		inner := bindsAnd
		if operator == " OR " || wrap {
			inner = bindsOr
		}
		dst = appendSearch(dst, m, inner)
	}
	if wrap {
		dst = append(dst, ')')
	}
	return dst
}

// appendSides writes the alternatives of a field, or of all that it stands for: both sides, or the total where a side's counter is
// absent, which absent says with the field for %s.
func appendSides(dst []byte, f *flow.Field, of func(name string) []string, absent string) []byte {
	var terms []string
	if both, ok := splunkBoth[f.Name]; ok {
		terms = append(of(both[0]), of(both[1])...)
	} else {
		terms = of(SplunkName(f))
	}
	if total, ok := splunkTotals[f.Name]; ok {
		missing := strings.Replace(absent, "%s", SplunkName(f), 1)
		terms = append(terms, "("+missing+" AND "+joinedTerms(of(total))+")")
	}
	return append(dst, joinedTerms(terms)...)
}

func joinedTerms(terms []string) string {
	if len(terms) == 1 {
		return terms[0]
	}
	return "(" + strings.Join(terms, " OR ") + ")"
}

var searchOps = [...]string{"=", ">", ">=", "<", "<="}

// searchTerms returns the alternatives by which a comparison of one name holds. Plain values go into one IN.
func searchTerms(c Compare, name string) []string {
	var plain, terms []string
	values, above := splunkAddresses(c.Values, name != "dvc_ip") // a session's exporters would be judged together
	if above {
		terms = append(terms, "("+name+`="*:*" AND NOT `+name+"="+splunkQuote(lowAddresses)+")")
	}
	for _, v := range values {
		number, ok := splunkNumber(c.Field, v)
		switch {
		case ok && c.Op != Equal:
			return []string{name + searchOps[c.Op] + number}
		case ok:
			plain = append(plain, number)
		case v.Parts != nil:
			terms = append(terms, name+`="`+strings.Join(v.Parts, "*")+`"`)
		case v.Kind == flow.KindIP && v.Bits == 0:
			return []string{name + "=*"}
		case v.Kind == flow.KindIP && v.Bits < addrBits:
			terms = append(terms, name+"="+splunkQuote(splunkText(v)))
		default:
			plain = append(plain, splunkQuote(splunkText(v)))
		}
	}
	switch len(plain) {
	case 0:
		return terms
	case 1:
		return append([]string{name + "=" + plain[0]}, terms...)
	}
	return append([]string{name + " IN (" + strings.Join(plain, ", ") + ")"}, terms...)
}
