package model

import (
	"errors"
	"strings"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// parser returns how filters on records or on sessions are read.
func parser(sessions bool) func(string, *flow.Registry) (filter.Node, error) {
	if sessions {
		return filter.ParseSession
	}
	return filter.Parse
}

// ParseFilter reads a filter for an editor.
func ParseFilter(text string, sessions bool) ParseAnswer {
	n, err := parser(sessions)(text, flow.NewRegistry())
	var bad *filter.Error
	switch {
	case errors.As(err, &bad):
		return ParseAnswer{Error: &ParseFailure{Column: bad.Column, Text: bad.Text, Suggestion: bad.Suggestion}}
	case err != nil:
		return ParseAnswer{Error: &ParseFailure{Column: 1, Text: err.Error()}}
	}
	return ParseAnswer{OK: true, Canonical: n.String(), Conditions: conditionsOf(n)}
}

// Build makes a filter of a builder's conditions. Errors are *[query.Error].
func Build(conditions []AdhocFilter, sessions bool) (string, error) {
	q := Query{Adhoc: conditions}
	return q.Merged(sessions)
}

// conditionsOf returns a filter as a list of conditions that must all hold; nil where it is more than that.
func conditionsOf(n filter.Node) []AdhocFilter {
	members, ok := n.(filter.And)
	if !ok {
		members = filter.And{n}
	}
	list := []AdhocFilter{}
	for _, m := range members {
		c, ok := conditionOf(m)
		if !ok {
			return nil
		}
		list = append(list, c)
	}
	return list
}

func conditionOf(n filter.Node) (AdhocFilter, bool) {
	switch n := n.(type) {
	case filter.Exists:
		return AdhocFilter{Key: n.Field.Name, Operator: "exists"}, true
	case filter.Compare:
		return comparisonOf(n)
	case filter.Not:
		c, ok := conditionOf(n.Of)
		c.Operator, ok = negated(c.Operator, ok)
		return c, ok
	}
	return AdhocFilter{}, false
}

// negated is the operator that holds where the other does not, of those that have one.
func negated(operator string, ok bool) (string, bool) {
	opposite := map[string]string{"=": "!=", "=|": "!=|", "=~": "!~", "exists": "!exists"}[operator]
	return opposite, ok && opposite != ""
}

var comparisons = map[filter.Op]string{filter.Greater: ">", filter.GreaterEqual: ">=", filter.Less: "<", filter.LessEqual: "<="}

func comparisonOf(n filter.Compare) (AdhocFilter, bool) {
	c := AdhocFilter{Key: n.Field.Name, Operator: "="}
	if op, ok := comparisons[n.Op]; ok {
		c.Operator = op
	}
	var values []string
	for _, v := range n.Values {
		if v.Parts != nil {
			if len(n.Values) > 1 || strings.ContainsAny(strings.Join(v.Parts, ""), "*") {
				return c, false
			}
			c.Operator, c.Value = "=~", strings.Join(v.Parts, "*")
			return c, true
		}
		values = append(values, plain(n, v))
	}
	if len(values) == 1 {
		c.Value = values[0]
		return c, c.Value != "" && c.Value != None // which stand for absence
	}
	c.Operator, c.Values = "=|", values
	return c, true
}

// plain is a value without quotes: the text of the comparison with it alone, read back.
func plain(n filter.Compare, v filter.Value) string {
	if v.Kind == flow.KindKeyword {
		return v.S
	}
	text := filter.Compare{Field: n.Field, Op: filter.Equal, Values: []filter.Value{v}}.String()
	return strings.Trim(strings.TrimPrefix(text, n.Field.Name+" : "), `"`)
}

// node reads a condition, so that what is wrong is said of it and not of the whole filter.
func (a *AdhocFilter) node(sessions bool, reg *flow.Registry) (filter.Node, error) {
	text, err := a.text(reg)
	if err != nil {
		return nil, err
	}
	n, err := parser(sessions)(text, reg)
	if err != nil {
		var bad *filter.Error
		if errors.As(err, &bad) {
			err = &filter.Error{Text: bad.Text, Suggestion: bad.Suggestion}
		}
		return nil, &query.Error{Part: "adhoc", Text: a.Key + " " + a.Operator + " " + a.shown() + ": " + strings.TrimPrefix(err.Error(), "column 0: ")}
	}
	return n, nil
}

func (a *AdhocFilter) shown() string {
	if len(a.Values) > 0 {
		return strings.Join(a.Values, ", ")
	}
	return a.Value
}
