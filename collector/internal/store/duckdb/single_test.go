//go:build cgo

package duckdb

import (
	"fmt"
	"path/filepath"
	"testing"
)

// TestSingle: which columns have one value is told by the statistics that DuckDB writes; where these do not say so, it is no.
func TestSingle(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	err := readerConn(t).exec(t.Context(), fmt.Sprintf(`COPY (SELECT CAST(7 AS UBIGINT) AS constant, CAST(NULL AS UBIGINT) AS nothing, 'x' AS text, repeat('x', 100) AS long,
		i // 4096 AS by_group, CASE WHEN i = 5000 THEN NULL ELSE 7 END AS partly, CASE WHEN i < 4096 THEN 7 END AS first_group, i AS each, i < 17 AS "either"
		FROM range(10000) r(i)) TO %s (%s, ROW_GROUP_SIZE 4096)`, quote(path), parquetOptions))
	if err != nil {
		t.Fatal(err)
	}
	l, err := layoutAt(path)
	if err != nil {
		t.Fatal(err)
	}
	if l.Groups() < 2 {
		t.Fatalf("%d row groups", l.Groups())
	}
	wanted := map[string]bool{"constant": true, "nothing": true, "text": true}
	for _, name := range append(l.Columns(), "unknown") {
		if l.Single(name) != wanted[name] {
			t.Errorf("%s: %t", name, l.Single(name))
		}
		if used := name != "nothing" && name != "unknown"; l.Uses(name) != used {
			t.Errorf("%s is used: %t", name, !used)
		}
	}
}
