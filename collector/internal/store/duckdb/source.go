//go:build cgo

package duckdb

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hostindex"
	"github.com/weirflow/weir/collector/internal/store/hot"
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

// readNumbered returns a table expression for files with the numbers of their rows, each counted from 0. DuckDB leaves out the row
// groups that one range of the numbers excludes.
func readNumbered(paths ...string) string {
	quoted := make([]string, len(paths))
	for i, p := range paths {
		quoted[i] = quotePattern(p)
	}
	return "read_parquet([" + strings.Join(quoted, ", ") + "], hive_partitioning = false, file_row_number = true)"
}

// contents is what the tables and files of a kind hold.
type contents struct {
	kind    store.Kind
	fields  []stored
	columns []store.Column
}

func (s *Store) contents(kind store.Kind) contents {
	if kind == store.Sessions {
		return contents{kind, s.sessionFields, store.SessionColumns()}
	}
	return contents{kind, s.fields, store.Columns()}
}

// list returns the list of the documented columns that occur in the statement; all for "".
func (o *contents) list(statement string) string {
	var list []string
	for _, c := range o.columns {
		if statement == "" || strings.Contains(statement, c.Name) {
			list = append(list, c.Name)
		}
	}
	return strings.Join(list, ", ")
}

// none is a statement that gives the documented columns and no rows.
func (o *contents) none() string {
	list := make([]string, len(o.columns))
	for i, c := range o.columns {
		list[i] = fmt.Sprintf("CAST(NULL AS %s) AS %s", c.Type, c.Name)
	}
	return "SELECT " + strings.Join(list, ", ") + " WHERE FALSE"
}

// source returns a table expression for all records with @timestamp in a range: see sourceOf.
func (s *Store) source(ctx context.Context, c *conn, want wanted) (string, error) {
	of := s.contents(store.Flows)
	want.statement += " rec_no" // there is always a column
	return s.sourceOf(ctx, c, &of, want)
}

// wanted is what rows are read for: a range of @timestamp, with zero times for no bound, the hosts of which each has one, and the
// statement that reads them.
type wanted struct {
	from, to  time.Time
	hosts     hostindex.Condition
	lows      []uint64 // see neededLows
	statement string
	told      bool // of sessions, only rows that tell of one anew
}

// sourceOf returns a table expression for all rows of a kind with @timestamp in a range, as the transaction of c sees them: every row
// is in one hot file or one sealed file. Rows outside of the range, and of other hosts, may be among them. It has the documented
// columns that occur in the statement it is for.
func (s *Store) sourceOf(ctx context.Context, c *conn, of *contents, want wanted) (string, error) {
	st, err := s.stockOf(ctx, c, of)
	if err != nil {
		return "", err
	}
	span := spanOfTimes(want.from, want.to)
	span.lows = want.lows
	return tableOf(append(st.hotSelects(span, want.statement), of.selects(s.pieces(st.sealed, of.kind, &want), want.statement)...), of.none()), nil
}

// stock is what there is of a kind, as a transaction sees it.
type stock struct {
	of     *contents
	hot    []hotStock
	sealed manifest
}

// hotStock is a hot file.
type hotStock struct {
	part store.Part
	view hot.View
}

func (s *Store) stockOf(ctx context.Context, c *conn, of *contents) (stock, error) {
	st := stock{of: of}
	var err error
	if st.sealed, err = sealedNow(ctx, c); err != nil {
		return st, err
	}
	counted, err := countedNow(ctx, c)
	if err != nil {
		return st, err
	}
	for _, n := range counted {
		if n.part.Kind != of.kind || n.rows == 0 || st.sealed.has(n.part) {
			continue
		}
		if view, ok := s.hotFiles.view(n.part.Table(), n.rows); ok && view.Rows() > 0 { // one that is lost whole may be removed meanwhile
			st.hot = append(st.hot, hotStock{n.part, view})
		}
	}
	return st, nil
}

// hotSelects returns the statements that read the hot files; rows that ended at other times than those of the span may be left out. What is more
// are columns besides those of the statement.
func (st *stock) hotSelects(span hotSpan, statement string, more ...string) []string {
	var parts []string
	for i := range st.hot {
		parts = append(parts, st.hot[i].selects(st.of, span, statement, more...))
	}
	return parts
}

func (h *hotStock) selects(of *contents, span hotSpan, statement string, more ...string) string {
	return "SELECT " + selected(of.fields, h.view.Columns(), statement) + strings.Join(more, "") + " FROM " + hotTable(h.part, h.view.Rows(), span)
}

type manifest []store.Sealed

// sealedNow returns the sealed files by their paths. They are sorted here: every question asks for them, and to DuckDB sorting is as much work
// again. The statement is not kept prepared: of a table that was empty then, DuckDB 1.5.6 would go on to return nothing.
func sealedNow(ctx context.Context, c *conn) (manifest, error) {
	r, err := c.query(ctx, selectSealed)
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
	slices.SortFunc(list, func(a, b store.Sealed) int { return cmp.Compare(a.Path, b.Path) })
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
