//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// DuckDB writes a column of an ENUM type as what it is: its texts once, as a dictionary, and numbers. A column of texts it looks up value by
// value, a fifth of what sealing costs. In the file both are the same.

// maxEnum bounds the texts of an ENUM: each row group of each column has all of them.
const maxEnum = 256

// sealedColumns returns the select list of what goes into the sealed file of a hot one: its columns but for those left out, texts for numbers,
// times in the milliseconds to which they are stored.
func sealedColumns(ctx context.Context, c *conn, of *contents, view *hot.View, without map[string]uint64) (string, error) {
	names, err := enumOfNames(ctx, c)
	if err != nil {
		return "", err
	}
	var list []string
	for i := range of.fields {
		f := &of.fields[i]
		for j, column := range f.columns {
			if _, ok := without[column.Name]; ok || view.Column(column.Name) < 0 {
				continue
			}
			expression := f.show(j)
			switch p := f.program.(type) {
			case symbol:
				if names != "" {
					expression = "list_extract(" + names + ", CAST(" + column.Name + " AS BIGINT))"
				}
			case enum:
				if texts := enumLiteral(p.names); texts != "" && view.Most(column.Name) < uint64(len(p.names)) {
					expression = "list_extract(" + texts + ", CAST(" + column.Name + " AS BIGINT) + 1)"
				}
			case instant:
				expression = "CAST(" + expression + " AS TIMESTAMP_MS)"
			}
			list = append(list, named(expression, column.Name))
		}
	}
	return strings.Join(list, ", "), nil
}

// enumLiteral is a list of all texts of an ENUM in their order; "" where they can be none.
func enumLiteral(texts []string) string {
	sorted := slices.Clone(texts)
	slices.Sort(sorted)
	if len(texts) == 0 || len(texts) > maxEnum || len(slices.Compact(sorted)) < len(texts) {
		return ""
	}
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = quote(text)
	}
	list := strings.Join(quoted, ", ")
	return "CAST([" + list + "] AS ENUM(" + list + ")[])"
}

// enumOfNames is the enumLiteral of the table names.
func enumOfNames(ctx context.Context, c *conn) (string, error) {
	r, err := c.query(ctx, fmt.Sprintf("SELECT text FROM names ORDER BY id LIMIT %d", maxEnum+1))
	if err != nil {
		return "", err
	}
	defer r.close()
	var texts []string
	for r.next() {
		texts = append(texts, r.text(0))
	}
	return enumLiteral(texts), nil
}
