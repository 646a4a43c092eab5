//go:build cgo

package duckdb

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/query"
)

// readParquet returns a table expression for files.
func readParquet(paths ...string) string {
	quoted := make([]string, len(paths))
	for i, p := range paths {
		quoted[i] = quotePattern(p)
	}
	return "read_parquet([" + strings.Join(quoted, ", ") + "], hive_partitioning = false)"
}

// readNumbered returns a table expression for a file with the numbers of its rows.
func readNumbered(path string) string {
	return "read_parquet(" + quotePattern(path) + ", hive_partitioning = false, file_row_number = true)"
}

// source returns a table expression for all records with @timestamp in a range, as the transaction of c sees them: every record
// is in one hot table or one sealed file. Records outside of the range may be among them. It has the documented columns that
// occur in the statement it is for.
func (s *Store) source(ctx context.Context, c *conn, from, to time.Time, statement string) (string, error) {
	sealed, err := sealedNow(ctx, c)
	if err != nil {
		return "", err
	}
	tables, err := hotColumns(ctx, c)
	if err != nil {
		return "", err
	}
	statement += " rec_no" // there is always a column
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		if part, _ := store.ParseTable(name); !sealed.has(part) {
			parts = append(parts, "SELECT "+selected(s.fields, tables[name], statement)+" FROM "+name)
		}
	}
	var files []string
	for i := range sealed {
		if f := &sealed[i]; f.Overlaps(from, to) && !s.files.isMissing(f.Path) {
			files = append(files, s.path(f.Path))
		}
	}
	if len(files) > 0 {
		parts = append(parts, "SELECT "+documented(statement)+" FROM "+readParquet(files...))
	}
	if len(parts) == 0 {
		parts = append(parts, "SELECT * FROM "+emptyTable)
	}
	return "(" + strings.Join(parts, " UNION ALL ") + ")", nil
}

// documented returns the list of the documented columns that occur in the statement.
func documented(statement string) string {
	var list []string
	for _, c := range store.Columns() {
		if strings.Contains(statement, c.Name) {
			list = append(list, c.Name)
		}
	}
	return strings.Join(list, ", ")
}

type manifest []store.Sealed

func sealedNow(ctx context.Context, c *conn) (manifest, error) {
	r, err := c.query(ctx, selectSealed+" ORDER BY path")
	if err != nil {
		return nil, err
	}
	defer r.close()
	var list manifest
	for r.next() {
		f, err := readSealed(r)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}

func (m manifest) has(p store.Part) bool {
	for i := range m {
		if m[i].Part == p {
			return true
		}
	}
	return false
}

// condition returns the WHERE clause of a plan, with its parameters: range, validity, copies, filter.
func condition(p *query.Plan) (string, []any, error) {
	var terms []string
	var args []any
	if text, list := timeRange(p); text != "" {
		terms, args = append(terms, text), append(args, list...)
	}
	if p.Invalid {
		terms = append(terms, "weir_invalid IS NOT NULL")
	} else {
		terms = append(terms, "weir_invalid IS NULL")
	}
	if !p.AllCopies {
		terms = append(terms, "dup_hi IS NULL")
	}
	text, list, err := filter.SQL(p.Node, columnsOf)
	if err != nil {
		return "", nil, &query.Error{Part: "filter", Text: err.Error()}
	}
	terms, args = append(terms, text), append(args, list...)
	return strings.Join(terms, " AND "), args, nil
}

// timeRange returns Start <= @timestamp < Stop, as far as the plan has them. A record without an end counts as of the year 1970.
func timeRange(p *query.Plan) (text string, args []any) {
	var terms []string
	add := func(ns int64, whole, ms, sub string) {
		at, rest := splitMilli(ns)
		if rest == 0 {
			terms, args = append(terms, whole), append(args, at)
			return
		}
		terms, args = append(terms, ms+" AND "+sub), append(args, at, at, rest)
	}
	if p.HasStart {
		add(p.Start, "event_end >= ?", "event_end >= ?", "(event_end > ? OR event_end_sub >= ?)")
	}
	if p.HasStop {
		add(p.Stop, "event_end < ?", "event_end <= ?", "(event_end < ? OR coalesce(event_end_sub, 0) < ?)")
	}
	text = strings.Join(terms, " AND ")
	if (!p.HasStart || p.Start <= 0) && p.HasStop && p.Stop > 0 {
		text = "(" + text + " OR event_end IS NULL)"
	}
	return text, args
}

// splitMilli splits ns since the Unix epoch into a time cut to the millisecond and the ns beyond.
func splitMilli(ns int64) (time.Time, uint64) {
	rest := beyondMilli(ns)
	return time.Unix(0, ns-rest), uint64(rest)
}
