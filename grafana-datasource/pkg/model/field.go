package model

import (
	"github.com/weirflow/weir/shared/flow"
)

// Fields returns all fields of the filter language, with their titles.
func Fields(title func(name string) string) []FieldInfo {
	var list []FieldInfo
	for _, f := range flow.NewRegistry().Fields() {
		list = append(list, FieldInfo{
			Name: f.Name, Title: title(f.Name), Type: f.Kind.String(), Unit: f.Unit, Doc: f.Doc, Example: f.Example, Values: f.Values, List: f.List,
			Record: f.Get != nil, Session: f.OfSession != nil, Operators: Operators(f),
		})
	}
	return list
}

// Operators returns the operators of [AdhocFilter] that a field takes.
func Operators(f *flow.Field) []string {
	presence := []string{"exists", "!exists"}
	switch f.Kind {
	case flow.KindObject:
		return presence
	case flow.KindKeyword:
		return append([]string{"=", "!=", "=|", "!=|", "=~", "!~"}, presence...)
	case flow.KindMAC:
		return append([]string{"=", "!=", "=|", "!=|"}, presence...)
	}
	return append([]string{"=", "!=", "=|", "!=|", "<", "<=", ">", ">="}, presence...)
}
