//go:build cgo

package duckdb

import (
	"context"
	"strings"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// firstName is the number of the first of the names: see names.
const firstName = 1

// texts returns what the numbers in columns of a hot file stand for, where the texts are few enough. DuckDB writes a column of an ENUM as what
// it is: its texts once, as a dictionary, and numbers. A column of texts it looks up value by value, a fifth of what sealing costs. In the
// file both are the same.
func (o *contents) texts(view *hot.View, names []string) map[string]numbered {
	found := map[string]numbered{}
	for i := range o.fields {
		f := &o.fields[i]
		column := f.columns[0].Name
		switch p := f.program.(type) {
		case symbol:
			if canEnum(names) {
				found[column] = numbered{names, firstName}
			}
		case enum:
			if canEnum(p.names) && view.Most(column) < uint64(len(p.names)) {
				found[column] = numbered{p.names, 0}
			}
		}
	}
	return found
}

// sealedColumns returns the select list of what goes into the sealed file of a hot one: the columns of its shown table but for those left out,
// texts for numbers that are not shown as such.
func (o *contents) sealedColumns(view *hot.View, shown map[string]numbered, without map[string]uint64) string {
	var list []string
	for i := range o.fields {
		f := &o.fields[i]
		for j, column := range f.columns {
			if _, ok := without[column.Name]; !ok && view.Column(column.Name) >= 0 {
				list = append(list, named(shownAs(f, j, shown), column.Name))
			}
		}
	}
	return strings.Join(list, ", ")
}

// shownAs is the expression that makes a column as documented of that of a shown table.
func shownAs(f *stored, column int, shown map[string]numbered) string {
	if _, ok := shown[f.columns[column].Name]; ok {
		return f.columns[column].Name
	}
	return f.show(column)
}

// shownRows is a table expression of the rows of a part that is being sealed, with all documented columns.
func (s *Store) shownRows(h *hotPart) string {
	of, view := s.contents(h.part.Kind), h.file.View(h.rows.Load())
	shown := s.hotFiles.textsOf(h.part.Table())
	var list []string
	for i := range of.fields {
		f := &of.fields[i]
		for j, column := range f.columns {
			expression := "CAST(NULL AS " + column.Type + ")"
			if view.Column(column.Name) >= 0 {
				expression = shownAs(f, j, shown)
			}
			list = append(list, named(expression, column.Name))
		}
	}
	return "(SELECT " + strings.Join(list, ", ") + " FROM " + shownTable(h.part, view.Rows()) + ")"
}

// allNames returns the texts of the table names.
func allNames(ctx context.Context, c *conn) ([]string, error) {
	r, err := c.query(ctx, "SELECT text FROM names ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer r.close()
	var texts []string
	for r.next() {
		texts = append(texts, r.text(0))
	}
	return texts, nil
}
