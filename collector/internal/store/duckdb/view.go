//go:build cgo

package duckdb

import (
	"fmt"
	"strings"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/query"
)

// Times of a row in ns since the Unix epoch. Without an end it counts as of the year 1970, without a start it lasted no time.
const (
	endNanos   = "(coalesce(epoch_us(event_end), 0) * 1000 + coalesce(event_end_sub, 0))"
	startNanos = "coalesce(epoch_us(event_start) * 1000 + coalesce(event_start_sub, 0), " + endNanos + ")"
)

// viewSQL is a selection of a plan.
type viewSQL struct {
	query.View
	groups    []grouping
	of        grouping // of distinct
	condition string
	args      []any
	cut       bucketSQL
	rolled    *rolled // nil: it is read from records
	// tellsFolded says that rows tell whether they are what a rollup folded, see foldedKey.
	tellsFolded bool
}

func newViewSQL(v query.View) (viewSQL, error) {
	view := viewSQL{View: v}
	columns, where := columnsOf, condition
	if v.Measure == query.Sessions {
		columns, where = sessionColumnsOf, sessionCondition
	}
	for i, f := range v.Groups {
		g, err := groupingOf(f, i, columns)
		if err != nil {
			return view, err
		}
		view.groups = append(view.groups, g)
	}
	var err error
	if v.Of != nil {
		if view.of, err = groupingOf(v.Of, len(v.Groups), columns); err != nil {
			return view, err
		}
	}
	if v.Step.Width > 0 {
		view.cut = newBucketSQL(&v)
	}
	view.condition, view.args, err = where(&view.Plan)
	return view, err
}

// rows returns the statement that gives the rows of r.
func (v *viewSQL) rows(from string, times bool) string {
	var columns []string
	for i, g := range v.groups {
		for j, part := range g.parts {
			columns = append(columns, part+" AS "+keyName(i, j))
		}
	}
	table := v.unfolded(from)
	if v.Step.Width > 0 {
		columns = append(columns, v.position()+" AS b")
	}
	for i, l := range v.Lanes {
		columns = append(columns, fmt.Sprintf("%s AS a%d", v.amount(v.Amount(l)), i))
	}
	if v.Spread {
		table = fmt.Sprintf("(SELECT *, %s AS lo, %s AS hi FROM (SELECT *, unnest(range(b0, b1 + 1)) AS bucket FROM %s))",
			v.cut.begin("bucket"), v.cut.begin("(bucket + 1)"), v.timed(table))
	}
	if times {
		columns = append(columns, endNanos+" AS t")
	}
	if v.tellsFolded {
		columns = append(columns, v.folded()...)
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + table
}

// position is that of the record's bucket, or of the part's.
func (v *viewSQL) position() string {
	number := "bucket"
	if !v.Spread {
		number = v.cut.number("epoch_ms(event_end)")
	}
	return fmt.Sprintf("(%s - %d)", number, v.Base())
}

// timed returns a table expression with the time that records are spread over: began to ended, in the buckets b0 to b1.
func (v *viewSQL) timed(table string) string {
	table = fmt.Sprintf("(SELECT *, least(greatest(%s, %s - %d), %s) AS began, %s AS ended FROM %s)",
		startNanos, endNanos, int64(query.MaxSpread), endNanos, endNanos, table)
	// Buckets begin on whole milliseconds, so what is beyond them does not matter; times before 1970 are cut downwards.
	return fmt.Sprintf("(SELECT *, %s AS b0, %s AS b1 FROM %s)",
		v.cut.number("CAST(floor(began / 1000000) AS BIGINT)"), v.cut.number("epoch_ms(event_end)"), table)
}

// amount is what a row adds to a lane.
func (v *viewSQL) amount(a query.Amount) string {
	var expression string
	switch a {
	case query.AllBytes:
		expression = "network_bytes"
	case query.AllPackets:
		expression = "network_packets"
	case query.SourceBytes:
		expression = store.SourceBytes
	case query.SourcePackets:
		expression = store.SourcePackets
	case query.DestinationBytes:
		expression = "destination_bytes"
	case query.DestinationPackets:
		expression = "destination_packets"
	case query.One:
		if v.rolled != nil {
			return "flows"
		}
		return "CAST(1 AS UBIGINT)"
	case query.Values:
		return v.value()
	default:
		return "NULL"
	}
	if v.Spread {
		return v.share(expression)
	}
	return expression
}

// share is the part of an amount that falls into the bucket: the difference of what was sent until its end and until its beginning, each
// cut to a whole number, so that the parts add up to the amount.
func (v *viewSQL) share(amount string) string {
	until := func(at string) string {
		return fmt.Sprintf("(CAST(coalesce(%s, 0) AS HUGEINT) * (%s - began)) // (ended - began)", amount, at)
	}
	return fmt.Sprintf("CAST(CASE WHEN began = ended THEN coalesce(%s, 0) ELSE %s - %s END AS UBIGINT)",
		amount, until("least(hi, ended)"), until("greatest(lo, began)"))
}

// value is what distinct counts.
func (v *viewSQL) value() string {
	first := v.of.parts[0]
	if len(v.of.parts) == 1 {
		return first
	}
	return fmt.Sprintf("CASE WHEN %s IS NOT NULL THEN (%s) END", first, strings.Join(v.of.parts, ", "))
}

// unfolded returns a table expression of the selected records, with a row for each combination of the members of their lists.
func (v *viewSQL) unfolded(from string) string {
	text := "(SELECT * FROM " + from + " WHERE " + v.condition + ")"
	for i, g := range append(v.groups[:len(v.groups):len(v.groups)], v.of) {
		if g.list == "" {
			continue
		}
		// A record without values is a row of its own, with NULL.
		text = fmt.Sprintf("(SELECT *, unnest(CASE WHEN len(l) > 0 THEN l ELSE [NULL] END) AS %s FROM (SELECT *, %s AS l FROM %s))", memberOf(i), g.list, text)
		text = fmt.Sprintf("(SELECT * EXCLUDE (l) FROM %s)", text)
	}
	return text
}
