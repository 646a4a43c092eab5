//go:build cgo

package duckdb

import (
	"fmt"
	"strings"
)

// A question for the greatest of very many groups, such as pairs of addresses, is sifted: a table of all groups would be greater than the
// memory limit, and takes most of the time. First all rows are summed in sieves buckets by a hash of their group: what a bucket has is the
// most that any group in it can have. The groups of the greatest buckets are then summed for a bound that as many groups reach as are wanted.
// Buckets below the bound hold none of these; only the groups of the others are summed. The answer is exact: the steps are
//
//	b  a row for each bucket, with the lanes s<i>, its score, and the times
//	k  the bound: least
//	t  as without, but for the groups that cannot be among the greatest; these are in b, below the bound
const sieves = 1 << 18

// mostSifted is how many groups are wanted at most where they are sifted: of more a large part of all is summed anyhow.
const mostSifted = 1 << 13

// sifts tells whether the statement's groups are sifted.
func (st *statement) sifts() bool {
	return !st.folds && st.plan.Sums() && st.plan.Grouped() && st.shown() <= mostSifted && weightOf(st.plan) > weighsLittle
}

// sifted returns the steps up to t; times are columns of b and t.
func (st *statement) sifted(times []string) string {
	bucket := fmt.Sprintf("hash(%s) & %d", strings.Join(st.keys, ", "), sieves-1)
	sums := st.lanes(func(i int) string { return fmt.Sprintf("coalesce(sum(a%d), 0)::HUGEINT AS s%d", i, i) })
	score, lanes := "s0", append(st.lanes(st.measure), times...)
	if st.sortsBoth() {
		score = "s0 + s1"
	}
	buckets := fmt.Sprintf("SELECT *, %s AS score FROM (%s)", score, grouped([]string{bucket + " AS h"}, append(sums, times...), "r"))
	great := fmt.Sprintf("r WHERE %s IN (SELECT h FROM b ORDER BY score DESC LIMIT %d)", bucket, 4*st.shown()+sieves/128)
	least := fmt.Sprintf("SELECT coalesce(min(v), 0) AS least, count(*) AS n FROM (SELECT %s AS v FROM (%s) ORDER BY v DESC LIMIT %d)",
		st.score(), grouped(st.keys, st.lanes(st.measure), great), st.shown())
	rest := fmt.Sprintf("r WHERE %s IN (SELECT h FROM b WHERE score >= (SELECT least FROM k))", bucket)
	return fmt.Sprintf(", b AS MATERIALIZED (%s), k AS MATERIALIZED (SELECT CASE WHEN n < %d THEN 0 ELSE least END AS least FROM (%s)), t AS MATERIALIZED (%s)",
		buckets, st.shown(), least, grouped(st.keys, lanes, rest))
}

// sieved adds to an expression over t what the buckets have that were left out.
func (st *statement) sieved(ofGroups, ofBuckets string) string {
	if !st.sifts() {
		return ofGroups
	}
	return fmt.Sprintf("(%s + (SELECT coalesce(%s, 0) FROM b WHERE score < (SELECT least FROM k)))", ofGroups, ofBuckets)
}

// overall is the least or greatest of a time over all groups.
func (st *statement) overall(of, column string) string {
	table := "t"
	if st.sifts() {
		table = "b"
	}
	return fmt.Sprintf("(SELECT %s(%s) FROM %s)", of, column, table)
}
