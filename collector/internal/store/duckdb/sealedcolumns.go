//go:build cgo

package duckdb

import (
	"strings"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// enums returns what the numbers in columns of a hot file stand for, where the texts are few enough. DuckDB writes a column of an ENUM as what
// it is: its texts once, as a dictionary, and numbers. A column of texts it looks up value by value, a fifth of what sealing costs. In the
// file both are the same.
func (o *contents) enums(view *hot.View, names *numbered) map[string]*numbered {
	found := map[string]*numbered{}
	for i := range o.fields {
		f := &o.fields[i]
		column := f.columns[0].Name
		switch p := f.program.(type) {
		case symbol:
			if canEnum(names.texts) {
				found[column] = names
			}
		case enum:
			if canEnum(p.names) && view.Most(column) < uint64(len(p.names)) {
				found[column] = &numbered{texts: p.names}
			}
		}
	}
	return found
}

// sealedColumns returns the select list of what goes into the sealed file of a hot one: the columns of its shown table but for those left out.
func (o *contents) sealedColumns(view *hot.View, without map[string]uint64) string {
	var list []string
	for i := range o.fields {
		for _, column := range o.fields[i].columns {
			if _, ok := without[column.Name]; !ok && view.Column(column.Name) >= 0 {
				list = append(list, column.Name)
			}
		}
	}
	return strings.Join(list, ", ")
}
