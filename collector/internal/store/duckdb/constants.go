//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Many columns have the same number in all rows of a part: the first half of IPv4 addresses, the next hop, the sampling. Writing one costs
// DuckDB as much as any other column, so that it does not: package parquet adds them afterwards.

// constantsOf returns the columns of numbers that have one number in all rows of a hot table, with it as package parquet takes it.
func constantsOf(ctx context.Context, c *conn, of *contents, table string, columns []string) (map[string]uint64, error) {
	var list []numbers
	for i := range of.fields {
		f := &of.fields[i]
		if _, ok := f.program.(coded); ok {
			continue
		}
		for _, column := range f.columns {
			if slices.Contains(columns, column.Name) && (column.Type == "DOUBLE" || column.Type[0] == 'U') {
				list = append(list, numbers{column.Name, column.Type == "DOUBLE"})
			}
		}
	}
	// Most are not, which a few rows tell.
	few, err := equal(ctx, c, list, fmt.Sprintf("(SELECT * FROM %s LIMIT %d)", table, chunkRows))
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(n numbers) bool { _, ok := few[n.column]; return !ok })
	return equal(ctx, c, list, table)
}

// numbers is a column of numbers.
type numbers struct {
	column string
	double bool
}

// equal returns those of the columns that have one number in all rows.
func equal(ctx context.Context, c *conn, list []numbers, from string) (map[string]uint64, error) {
	found := map[string]uint64{}
	if len(list) == 0 {
		return found, nil
	}
	asked := make([]string, len(list))
	for i, n := range list {
		kind := "UBIGINT"
		if n.double {
			kind = "DOUBLE"
		}
		asked[i] = fmt.Sprintf("CAST(min(%s) AS %s), CAST(max(%[1]s) AS %[2]s), count(%[1]s) = count(*)", n.column, kind)
	}
	r, err := c.query(ctx, "SELECT "+strings.Join(asked, ", ")+" FROM "+from)
	if err != nil {
		return nil, err
	}
	defer r.close()
	if !r.next() {
		return found, nil
	}
	for i, n := range list {
		if !get[bool](r, 3*i+2) {
			continue
		}
		least, greatest := get[uint64](r, 3*i), get[uint64](r, 3*i+1)
		if n.double {
			least, greatest = math.Float64bits(get[float64](r, 3*i)), math.Float64bits(get[float64](r, 3*i+1))
		}
		if least == greatest {
			found[n.column] = least
		}
	}
	return found, nil
}
