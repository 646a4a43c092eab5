//go:build cgo

package duckdb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// layout is which columns a hot file has. Appending costs by the column, also where it is NULL in all rows, and most exporters
// send few of the fields: a file begins with the fields that are in use and gets others when the first record has them.
type layout struct {
	all   []stored // every field, shared by all layouts
	has   []bool   // by field
	order []int    // fields in the order of the columns
}

func newLayout(all []stored) layout { return layout{all: all, has: make([]bool, len(all))} }

// add appends a field's columns.
func (l *layout) add(field int) {
	if !l.has[field] {
		l.has[field] = true
		l.order = append(l.order, field)
	}
}

// missing returns the fields that the input has and the table has not. It goes through the input once, as appending does.
func (l *layout) missing(in *input) []int {
	var open, list []int
	for i := range l.all {
		if !l.has[i] {
			open = append(open, i)
		}
	}
	for first := 0; first < in.mem.n && len(open) > 0; first += tileRows {
		tile := in.part(first, min(tileRows, in.mem.n-first))
		open = slices.DeleteFunc(open, func(i int) bool {
			if !l.all[i].used(&tile) {
				return false
			}
			list = append(list, i)
			return true
		})
	}
	slices.Sort(list)
	return list
}

// selected returns the select list that makes a hot file look as documented: NULL for columns that it has not.
// Columns whose names are not in the statement are left out.
func selected(all []stored, columns []hot.Column, statement string) string {
	has := map[string]bool{}
	for _, c := range columns {
		has[c.Name] = true
	}
	var list []string
	for i := range all {
		for _, c := range all[i].columns {
			switch {
			case !strings.Contains(statement, c.Name):
			case has[c.Name]:
				list = append(list, c.Name)
			default:
				list = append(list, fmt.Sprintf("CAST(NULL AS %s) AS %s", c.Type, c.Name))
			}
		}
	}
	return strings.Join(list, ", ")
}
