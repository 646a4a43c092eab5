package model

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// Merged returns the query's filter with its ad-hoc filters. Errors are *[query.Error]; columns are those of the filter as it was
// written. A filter that stands alone is left to the collector, which may know fields that this plugin does not.
func (q *Query) Merged(sessions bool) (string, error) {
	if len(q.Adhoc) == 0 {
		return q.Filter, nil
	}
	reg := flow.NewRegistry()
	own, err := parser(sessions)(q.Filter, reg)
	if err != nil {
		return "", &query.Error{Part: "filter", Text: err.Error()}
	}
	var all filter.And
	if whole, ok := own.(filter.And); ok {
		all = append(all, whole...)
	} else {
		all = append(all, own)
	}
	for i := range q.Adhoc {
		n, err := q.Adhoc[i].node(sessions, reg)
		if err != nil {
			return "", err
		}
		all = append(all, n)
	}
	return all.String(), nil
}

// quoter escapes a value for the inside of quotes.
var quoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// Quote returns a value as a filter takes any value: in quotes, where nothing but quotes and backslashes means anything.
func Quote(value string) string { return `"` + quoter.Replace(value) + `"` }

// None is what groups of records without the field are called.
const None = "(none)"

// text returns the condition in the filter language. Every value is quoted, so none can be more than a value. An empty value and [None]
// stand for records without the field.
func (a *AdhocFilter) text(reg *flow.Registry) (string, error) {
	if reg.Lookup(a.Key) == nil {
		return "", &query.Error{Part: "adhoc", Text: fmt.Sprintf("no field %s", a.Key)}
	}
	values := a.Values
	if len(values) == 0 || a.Operator != "=|" && a.Operator != "!=|" {
		values = []string{a.Value}
	}
	switch a.Operator {
	case "=", "=|":
		return anyOf(a.Key, values), nil
	case "!=", "!=|":
		return "not (" + anyOf(a.Key, values) + ")", nil
	case "<", ">", "<=", ">=":
		return a.Key + " " + a.Operator + " " + Quote(a.Value), nil
	case "=~":
		return a.Key + " : " + pattern(a.Value), nil
	case "exists":
		return a.Key + " : *", nil
	case "!exists":
		return "not " + a.Key + " : *", nil
	case "!~":
		return "not (" + a.Key + " : " + pattern(a.Value) + ")", nil
	}
	return "", &query.Error{Part: "adhoc", Text: fmt.Sprintf("no operator %q: use =, !=, =|, !=|, <, >, <=, >=, =~, !~, exists or !exists", a.Operator)}
}

// anyOf is the condition that a field has one of the values.
func anyOf(key string, values []string) string {
	var terms []string
	absent := ""
	for _, v := range values {
		if v == "" || v == None {
			absent = "not " + key + " : *"
			continue
		}
		terms = append(terms, Quote(v))
	}
	switch {
	case len(terms) == 0:
		return absent
	case absent == "":
		return key + " : (" + strings.Join(terms, " or ") + ")"
	}
	return key + " : (" + strings.Join(terms, " or ") + ") or " + absent
}

// pattern is a value with wildcards: unquoted, with everything but the star escaped that could end it. .* is what users of regular
// expressions write for the star.
func pattern(value string) string {
	value = strings.TrimSuffix(strings.TrimPrefix(strings.ReplaceAll(value, ".*", "*"), "^"), "$")
	if value == "" {
		return `""`
	}
	var b strings.Builder
	word := slices.ContainsFunc([]string{"and", "or", "not"}, func(w string) bool { return strings.EqualFold(w, value) })
	for i, r := range value {
		switch {
		case unicode.IsSpace(r) || word && i == 0:
			fmt.Fprintf(&b, `\u%04x`, r) // no white space lies beyond 16 bits
		case strings.ContainsRune(`\()":<>`, r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
