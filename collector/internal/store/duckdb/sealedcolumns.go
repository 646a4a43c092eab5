//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// DuckDB writes a column of an ENUM type as what it is: its texts once, as a dictionary, and numbers. A column of texts it looks up value by
// value, a fifth of what sealing costs. In the file both are the same.

// maxEnum bounds the texts of an ENUM: each row group of each column has all of them.
const maxEnum = 256

// sealedColumns returns the select list of what goes into the file of a hot table: those of its columns, texts for numbers, times in
// the milliseconds to which they are stored.
func sealedColumns(ctx context.Context, c *conn, of *contents, table string, columns []string) (string, error) {
	names, err := enumOfNames(ctx, c)
	if err != nil {
		return "", err
	}
	greatest, err := greatestOf(ctx, c, of, table, columns)
	if err != nil {
		return "", err
	}
	var list []string
	for i := range of.fields {
		f := &of.fields[i]
		for j, column := range f.columns {
			if !slices.Contains(columns, column.Name) {
				continue
			}
			expression := f.show(j)
			switch p := f.program.(type) {
			case symbol:
				if names != "" {
					expression = "list_extract(" + names + ", CAST(" + column.Name + " AS BIGINT))"
				}
			case enum:
				if texts := enumLiteral(p.names); texts != "" && greatest[column.Name] < uint64(len(p.names)) {
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

// greatestOf returns the greatest number in each column of enums.
func greatestOf(ctx context.Context, c *conn, of *contents, table string, columns []string) (map[string]uint64, error) {
	var list, asked []string
	for i := range of.fields {
		f := &of.fields[i]
		if _, ok := f.program.(enum); ok && slices.Contains(columns, f.columns[0].Name) {
			asked = append(asked, f.columns[0].Name)
			list = append(list, "CAST(max("+f.columns[0].Name+") AS UBIGINT)")
		}
	}
	greatest := map[string]uint64{}
	if len(list) == 0 {
		return greatest, nil
	}
	r, err := c.query(ctx, "SELECT "+strings.Join(list, ", ")+" FROM "+table)
	if err != nil {
		return nil, err
	}
	defer r.close()
	if r.next() {
		for i, name := range asked {
			greatest[name] = get[uint64](r, i)
		}
	}
	return greatest, nil
}
