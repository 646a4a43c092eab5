//go:build cgo

package duckdb

import (
	"strings"
)

// schema makes the tables that every store has. sealed is the manifest: hot names the part that a file was made of, whose hot file is not
// read any more. doomed are files that retention let go of and that may still be there. names holds the texts of hot files'
// numbers. streams, alerts and hot (how many rows of a hot file count) are appended to: of the rows of an id that with the greatest
// version counts (see latest). interfaces, which has what passed
// interfaces, is made by makeInterfaces.
var schema = []string{
	"CREATE TABLE meta (name VARCHAR, value VARCHAR)",
	`CREATE TABLE sealed (path VARCHAR, hot VARCHAR, commit_from TIMESTAMP, commit_to TIMESTAMP,
		event_min TIMESTAMP, event_max TIMESTAMP, "rows" BIGINT, bytes BIGINT)`,
	"CREATE TABLE doomed (path VARCHAR)",
	`CREATE TABLE streams (id VARCHAR, exporter_hi UBIGINT, exporter_lo UBIGINT, domain UBIGINT, protocol VARCHAR,
		next UBIGINT, known BOOLEAN, "order" BIGINT, waiting UBIGINT, counters VARCHAR, version UBIGINT)`,
	"CREATE TABLE alerts (id VARCHAR, state VARCHAR, body VARCHAR, version UBIGINT)",
	"CREATE TABLE hot (id VARCHAR, rows BIGINT, version UBIGINT)",
	"CREATE TABLE names (id UBIGINT, text VARCHAR)",
	rollupsTable,
	daysTable,
}

// quote returns a text as an SQL literal. It is for paths that DuckDB does not take as parameters, never for parts of a question.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// quotePattern is quote for paths in places where DuckDB reads patterns.
func quotePattern(path string) string {
	return quote(strings.NewReplacer("[", "[[]", "*", "[*]", "?", "[?]").Replace(path))
}
