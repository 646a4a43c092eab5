//go:build cgo

package duckdb

import (
	"github.com/weirflow/weir/collector/internal/store/hot"
)

// Many columns have the same number in all rows of a part: the first half of IPv4 addresses, the next hop, the sampling. Writing one costs
// DuckDB as much as any other column, so that it does not: package parquet adds them afterwards.

// constantsOf returns the columns of numbers that have one number in all rows, with it as package parquet takes it.
func constantsOf(of *contents, view *hot.View) map[string]uint64 {
	found := map[string]uint64{}
	for i := range of.fields {
		f := &of.fields[i]
		if _, ok := f.program.(coded); ok {
			continue
		}
		for _, column := range f.columns {
			if column.Type != "DOUBLE" && column.Type[0] != 'U' {
				continue
			}
			if n, ok := view.Constant(column.Name); ok {
				found[column.Name] = n
			}
		}
	}
	return found
}
