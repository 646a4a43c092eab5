//go:build cgo

package duckdb

import (
	"fmt"
	"strings"

	"github.com/weirflow/weir/shared/query"
)

// A question for the greatest of very many groups, such as pairs of addresses, is sifted: a table of all groups would be greater than the
// memory limit, and takes most of the time. First all rows are summed in sieves buckets by a hash of their group: what a bucket has is the
// most that any group in it can have, and its greatest row is the least that one of them has. So many buckets as groups are wanted make a
// bound that their groups reach; buckets below it hold none of these, and only the groups of the others are summed. The answer is exact.
//
//	b  a row for each bucket, with the lanes s<i>, its score, its greatest row, and the times: the table of [statement.bucketsText]
//	t  as without, but for the groups that cannot be among the greatest; these are in b, below the bound
//
// Where the greatest rows make a bound that leaves too many buckets, as where all rows are alike, the groups of the greatest buckets are summed
// for a better one.
const sieves = 1 << 16

const (
	// mostSifted is how many groups are wanted at most where they are sifted: of more a large part of all is summed anyhow.
	mostSifted = 1 << 13
	// fewBuckets are so few that their groups are summed without looking for a better bound.
	fewBuckets = sieves / 32
)

// sifts tells whether the statement's groups are sifted. Sessions are not: to know their last states costs more than their groups, each time
// that they are read.
func (st *statement) sifts() bool {
	return st.plan.Measure != query.Sessions && st.plan.Percentile == 0 && st.plan.Grouped() && st.shown() <= mostSifted && weightOf(st.plan) > weighsLittle
}

// sift makes the table of buckets and finds the bound.
func (a *asked) sift(st *statement) error {
	if err := a.ask(st, st.bucketsText, func(*rows) error { return nil }); err != nil {
		return err
	}
	read := func(r *rows) error {
		st.bound, st.above = r.text(0), get[int64](r, 1)
		return nil
	}
	if err := a.run(st.rowBound(), nil, read); err != nil || st.above <= fewBuckets {
		return err
	}
	return a.ask(st, st.groupBound, read)
}

// bucketsTable is a table of the question's transaction, as it is what it is made of.
const bucketsTable = "temp.weir_buckets"

func (st *statement) bucket() string {
	// By a type that has as many values as there are buckets, DuckDB sums into an array: see perfectBits.
	return fmt.Sprintf("CAST(hash(%s) >> 48 AS USMALLINT)", strings.Join(st.keys, ", "))
}

// bucketsText makes the table of buckets.
func (st *statement) bucketsText(from []string) string {
	sums := st.lanes(func(i int) string {
		if st.plan.Lanes[i].Measure == query.Distinct { // no group has more values than the bucket has rows
			return fmt.Sprintf("count(a%d)::HUGEINT AS s%d", i, i)
		}
		return fmt.Sprintf("coalesce(sum(a%d), 0)::HUGEINT AS s%d", i, i)
	})
	score, row := "s0", "a0"
	switch {
	case st.sortsBoth():
		score, row = "s0 + s1", "a0::HUGEINT + a1"
	case st.plan.Measure == query.Distinct:
		row = "CASE WHEN a0 IS NULL THEN 0 ELSE 1 END"
	}
	columns := append(append(sums, fmt.Sprintf("coalesce(max(%s), 0)::HUGEINT AS most_row", row)), st.times()...)
	return fmt.Sprintf("CREATE TEMP TABLE %s AS %s SELECT *, %s AS score FROM (%s)",
		strings.TrimPrefix(bucketsTable, "temp."), st.withRows(from), score, grouped([]string{st.bucket() + " AS h"}, columns, st.groupsOf("r")))
}

// rowBound gives the bound by the greatest rows, and how many buckets reach it. It reads no rows.
func (st *statement) rowBound() string {
	return st.boundOf(fmt.Sprintf("SELECT most_row AS v FROM %s ORDER BY v DESC LIMIT %d", bucketsTable, st.shown()))
}

// groupBound gives the bound by the groups of the greatest buckets.
func (st *statement) groupBound(from []string) string {
	great := fmt.Sprintf("%s WHERE %s IN (SELECT h FROM %s ORDER BY score DESC LIMIT %d)", st.groupsOf("r"), st.bucket(), bucketsTable, 4*st.shown()+sieves/128)
	return st.withRows(from) + " " + st.boundOf(fmt.Sprintf("SELECT %s AS v FROM (%s) ORDER BY v DESC LIMIT %d", st.score(), st.summed(nil, great), st.shown()))
}

// boundOf is the least of so many values as groups are wanted; where there are fewer there is no bound.
func (st *statement) boundOf(values string) string {
	least := fmt.Sprintf("(SELECT CASE WHEN count(*) < %d THEN 0 ELSE min(v) END FROM (%s))", st.shown(), values)
	return fmt.Sprintf("SELECT CAST(least AS VARCHAR), (SELECT count(*) FROM %s WHERE score >= least) FROM (SELECT %s AS least)", bucketsTable, least)
}

// sifted returns the step t.
func (st *statement) sifted() string {
	rest := fmt.Sprintf("%s WHERE %s IN (SELECT h FROM %s WHERE score >= %s)", st.groupsOf("r"), st.bucket(), bucketsTable, st.least())
	text := st.summed(st.times(), rest)
	if st.folds { // what rollups folded is no group, but counts
		text += " UNION ALL " + st.summed(st.times(), "r WHERE "+foldedKey)
	}
	return ", t AS MATERIALIZED (" + text + ")"
}

// least is the bound as a number of SQL.
func (st *statement) least() string { return "CAST('" + st.bound + "' AS HUGEINT)" }

// sieved adds to an expression over t what the buckets have that were left out.
func (st *statement) sieved(ofGroups, ofBuckets string) string {
	if !st.sifts() {
		return ofGroups
	}
	return fmt.Sprintf("(%s + (SELECT coalesce(%s, 0) FROM %s WHERE score < %s))", ofGroups, ofBuckets, bucketsTable, st.least())
}

// overall is the least or greatest of a time over all groups.
func (st *statement) overall(of, column string) string {
	if !st.sifts() {
		return fmt.Sprintf("(SELECT %s(%s) FROM t)", of, column)
	}
	return fmt.Sprintf("(SELECT %s(%s) FROM (SELECT %[2]s FROM t UNION ALL SELECT %[2]s FROM %s))", of, column, bucketsTable)
}
