//go:build cgo

package duckdb

import (
	"fmt"
	"strings"

	"github.com/weirflow/weir/collector/internal/store"
)

// emptyTable has the columns of a hot table and no rows: what questions read where nothing is stored.
const emptyTable = "flows_none"

// schema makes the tables that every store has. sealed is the manifest: hot names the table that a file was made of, which is not
// read any more. doomed are files that retention let go of and that may still be there. streams and alerts are described where
// they are written.
var schema = []string{
	"CREATE TABLE IF NOT EXISTS meta (name VARCHAR, value VARCHAR)",
	`CREATE TABLE IF NOT EXISTS sealed (path VARCHAR, hot VARCHAR, commit_from TIMESTAMP, commit_to TIMESTAMP,
		event_min TIMESTAMP, event_max TIMESTAMP, "rows" BIGINT, bytes BIGINT)`,
	"CREATE TABLE IF NOT EXISTS doomed (path VARCHAR)",
	`CREATE TABLE IF NOT EXISTS streams (id VARCHAR, exporter_hi UBIGINT, exporter_lo UBIGINT, domain UBIGINT, protocol VARCHAR,
		next UBIGINT, known BOOLEAN, "order" BIGINT, waiting UBIGINT, counters VARCHAR)`,
	"CREATE TABLE IF NOT EXISTS alerts (id VARCHAR, state VARCHAR, body VARCHAR)",
	strings.Replace(hotTable(emptyTable), "CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1),
}

// hotTable returns the statement that makes a hot table.
func hotTable(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (", name)
	for i, c := range store.Columns() {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %s", c.Name, c.Type)
	}
	b.WriteString(")")
	return b.String()
}

// quote returns a text as an SQL literal. It is for paths that DuckDB does not take as parameters, never for parts of a question.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// quotePattern is quote for paths in places where DuckDB reads patterns.
func quotePattern(path string) string {
	return quote(strings.NewReplacer("[", "[[]", "*", "[*]", "?", "[?]").Replace(path))
}
