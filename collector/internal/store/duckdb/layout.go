//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/weirflow/weir/collector/internal/store"
)

// layout is which columns a hot table has. Appending costs by the column, also where it is NULL in all rows, and most exporters
// send few of the fields: a table begins with the fields that are in use and gets others when the first record has them.
type layout struct {
	all   []stored // every field, shared by all layouts
	has   []bool   // by field
	order []int    // fields in the order of the table's columns
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

// definition returns a field's columns for CREATE TABLE or ADD COLUMN.
func definition(f *stored) []string {
	var list []string
	for i, c := range f.columns {
		list = append(list, c.Name+" "+f.hotType(i))
	}
	return list
}

// create returns the statement that makes the table.
func (l *layout) create(table string) string {
	var list []string
	for _, i := range l.order {
		list = append(list, definition(&l.all[i])...)
	}
	return fmt.Sprintf("CREATE TABLE %s (%s)", table, strings.Join(list, ", "))
}

// types returns the types of the table's columns.
func (l *layout) types() []string {
	var list []string
	for _, i := range l.order {
		for j := range l.all[i].columns {
			list = append(list, l.all[i].hotType(j))
		}
	}
	return list
}

// selected returns the select list that makes a hot table look as documented: texts for numbers, NULL for columns that it has not.
// Columns whose names are not in the statement are left out.
func selected(all []stored, columns []string, statement string) string {
	has := map[string]bool{}
	for _, name := range columns {
		has[name] = true
	}
	var list []string
	for i := range all {
		for j, c := range all[i].columns {
			switch {
			case !strings.Contains(statement, c.Name):
			case has[c.Name]:
				list = append(list, named(all[i].show(j), c.Name))
			default:
				list = append(list, fmt.Sprintf("CAST(NULL AS %s) AS %s", c.Type, c.Name))
			}
		}
	}
	return strings.Join(list, ", ")
}

func named(expression, name string) string {
	if expression == name {
		return name
	}
	return expression + " AS " + name
}

// hotColumns returns the columns of all hot tables of a kind, by table, in their order.
func hotColumns(ctx context.Context, c *conn, kind store.Kind) (map[string][]string, error) {
	r, err := c.query(ctx, `SELECT table_name, column_name FROM duckdb_columns() WHERE starts_with(table_name, ?) ORDER BY table_name, column_index`, string(kind)+"_")
	if err != nil {
		return nil, err
	}
	defer r.close()
	tables := map[string][]string{}
	for r.next() {
		if _, ok := store.ParseTable(r.text(0)); ok {
			tables[r.text(0)] = append(tables[r.text(0)], r.text(1))
		}
	}
	return tables, nil
}

// layoutOf returns the layout of a table that has the columns.
func layoutOf(all []stored, columns []string) layout {
	l := newLayout(all)
	for _, name := range columns {
		for i := range all {
			if all[i].columns[0].Name == name {
				l.add(i)
			}
		}
	}
	return l
}
