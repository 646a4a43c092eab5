//go:build cgo

package duckdb

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/query"
)

// statement is the SQL of an aggregate question, in steps that build on each other:
//
//	r  a row for each selected record, combination of the members of its lists and bucket: keys g<i>_<j> (part j of field i), position
//	   b of the bucket, amounts a<i> of the lanes, time t
//	g  (series, percentiles) a row for each group and bucket with the lanes m<i>; of series those of the top groups and of all others
//	t  a row for each group with its lanes
//
// Filters, bounds of time and limits are parameters.
type statement struct {
	plan  *query.Plan
	views []viewSQL
	keys  []string
	folds bool // foldedKey is the last of keys

	read int64      // rows of topText that have been read
	rest []*big.Int // sums of the lanes over the groups that were not
	off  uint64     // see asked.off

	cellsMade bool   // the table of cells is there, see cellsTable
	bound     string // of sifted groups: the least that one of the greatest has
	above     int64  // buckets that reach it

	bounded     bool // first and last are known, see rollTimes
	first, last int64
}

func newStatement(p *query.Plan) (*statement, error) {
	st := &statement{plan: p}
	for _, v := range p.Views() {
		view, err := newViewSQL(v)
		if err != nil {
			return nil, err
		}
		st.views = append(st.views, view)
	}
	for i, g := range st.views[0].groups {
		for j := range g.parts {
			st.keys = append(st.keys, keyName(i, j))
		}
	}
	return st, nil
}

func keyName(field, part int) string { return fmt.Sprintf("g%d_%d", field, part) }

// lanes returns what is made of each lane.
func (st *statement) lanes(of func(i int) string) []string {
	list := make([]string, len(st.plan.Lanes))
	for i := range list {
		list[i] = of(i)
	}
	return list
}

func (st *statement) laneNames() []string {
	return st.lanes(func(i int) string { return fmt.Sprintf("m%d", i) })
}

// withRows returns the first step.
func (st *statement) withRows(from []string) string {
	list := make([]string, len(st.views))
	for i := range st.views {
		list[i] = st.views[i].rows(from[i], st.needsTimes())
	}
	rows := strings.Join(list, " UNION ALL ")
	if st.cellsMade {
		rows = "SELECT * FROM " + cellsTable
	}
	return "WITH r AS NOT MATERIALIZED (" + rows + ")"
}

// grouped returns a step: what is made of each lane, by keys.
func grouped(keys []string, lanes []string, from string) string {
	text := "SELECT " + strings.Join(append(keys[:len(keys):len(keys)], lanes...), ", ") + " FROM " + from
	if len(keys) == 0 {
		return text
	}
	by := make([]string, len(keys))
	for i := range keys {
		by[i] = strconv.Itoa(i + 1)
	}
	return text + " GROUP BY " + strings.Join(by, ", ")
}

// measure is the lane's sum of amounts, or the number of its distinct values.
func (st *statement) measure(i int) string {
	if st.plan.Lanes[i].Measure == query.Distinct {
		return fmt.Sprintf("CAST(count(DISTINCT a%d) AS UBIGINT) AS m%d", i, i)
	}
	return fmt.Sprintf("%s AS m%d", saturated(fmt.Sprintf("a%d", i)), i)
}

// saturated sums up to the greatest number, as everywhere.
func saturated(column string) string {
	return fmt.Sprintf("CAST(least(coalesce(sum(%s), 0), %d) AS UBIGINT)", column, uint64(math.MaxUint64))
}

// tables returns the steps up to t. The cells of a series are made of r once its top groups are known: what all groups have in every
// bucket would be far more.
func (st *statement) tables(from []string) string {
	if st.plan.Percentile > 0 {
		return st.withRows(from) + st.percentiles()
	}
	if st.sifts() {
		return st.withRows(from) + st.sifted()
	}
	return st.withRows(from) + ", t AS MATERIALIZED (" + st.summed(st.times(), "r") + ")"
}

// summed returns a step: a row for each group with its lanes, and more columns. Distinct values are found by groups of their own where they
// are all that is asked for: these go to disk where memory is short, which DuckDB's count(DISTINCT) does not.
func (st *statement) summed(more []string, from string) string {
	if len(st.keys) > 0 && len(st.plan.Lanes) == 1 && st.plan.Measure == query.Distinct && !st.needsTimes() {
		values := "(SELECT DISTINCT " + strings.Join(append(st.keys[:len(st.keys):len(st.keys)], "a0"), ", ") + " FROM " + from + ")"
		return grouped(st.keys, append([]string{"CAST(count(a0) AS UBIGINT) AS m0"}, more...), values)
	}
	return grouped(st.keys, append(st.lanes(st.measure), more...), from)
}

// times are the columns first and last of a step, and most where it has rows of what was folded.
func (st *statement) times() []string {
	times := []string{"0 AS first", "0 AS last"}
	if st.needsTimes() {
		times = []string{"min(t) AS first", "max(t) AS last"}
	}
	if st.folds {
		times = append(times, saturated("most")+" AS most")
	}
	return times
}

// percentiles returns the steps to t of a percentile. Most groups of many have records in so few buckets that theirs is 0, and are known by the
// number of their records.
func (st *statement) percentiles() string {
	none := []string{"0 AS first", "0 AS last", "CAST(0 AS UBIGINT) AS most"}
	lanes := append(st.lanes(st.percentile), none...)
	buckets := append(st.keys[:len(st.keys):len(st.keys)], "b")
	if len(st.keys) == 0 {
		return ", g AS (" + grouped(buckets, st.lanes(st.measure), "r WHERE b >= 0") + "), t AS MATERIALIZED (" + grouped(nil, lanes, "g") + ")"
	}
	empty := st.plan.Buckets - st.plan.PercentileRank()
	zeros := append(st.lanes(func(i int) string { return fmt.Sprintf("CAST(0 AS UBIGINT) AS m%d", i) }), none...)
	many := fmt.Sprintf("(SELECT r.* FROM r JOIN c ON %s WHERE r.b >= 0 AND c.n > %d)", st.sameKeys("r", "c"), empty)
	return ", c AS MATERIALIZED (" + grouped(st.keys, []string{"count(*) AS n"}, "r WHERE b >= 0") + ")" +
		", g AS (" + grouped(buckets, st.lanes(st.measure), many) + ")" +
		", t AS MATERIALIZED (" + grouped(st.keys, lanes, "g") + " UNION ALL SELECT " + strings.Join(append(st.keys[:len(st.keys):len(st.keys)], zeros...), ", ") +
		fmt.Sprintf(" FROM c WHERE n <= %d)", empty)
}

// sameKeys is the condition that rows of two steps are of one group.
func (st *statement) sameKeys(one, other string) string {
	same := make([]string, len(st.keys))
	for i, k := range st.keys {
		same[i] = fmt.Sprintf("%s.%s IS NOT DISTINCT FROM %s.%s", one, k, other, k)
	}
	return strings.Join(same, " AND ")
}

// percentile is that of the lane's buckets, of which those without a row are 0.
func (st *statement) percentile(i int) string {
	place := fmt.Sprintf("%d - (%d - count(*))", st.plan.PercentileRank(), st.plan.Buckets)
	return fmt.Sprintf("CAST(CASE WHEN %s > 0 THEN coalesce(list_extract(list_sort(list(m%d)), %s), 0) ELSE 0 END AS UBIGINT) AS m%d", place, i, place, i)
}

// order is how groups are ordered, see query.Plan.CompareGroups.
func (st *statement) order() string {
	order := []string{st.score() + " DESC"}
	for _, k := range st.shownKeys() {
		order = append(order, k+" NULLS LAST")
	}
	return strings.Join(order, ", ")
}

// score is what groups are sorted by.
func (st *statement) score() string {
	if st.sortsBoth() {
		return "CAST(m0 AS HUGEINT) + m1"
	}
	return "m0"
}

func (st *statement) sortsBoth() bool { return st.plan.Direction == query.DirectionBoth }

// topText gives the greatest groups in their order, and what all add up to. Its parameter is their number.
func (st *statement) topText(from []string) string {
	columns := append(st.shownKeys(), st.laneNames()...)
	columns = append(columns, st.lanes(func(i int) string {
		return "CAST(" + st.sieved(fmt.Sprintf("(SELECT sum(CAST(m%d AS HUGEINT)) FROM t)", i), fmt.Sprintf("sum(s%d)", i)) + " AS VARCHAR)"
	})...)
	columns = append(columns, st.sieved(st.groupCount(), "least(count(*), 1)"), st.overall("min", "first"), st.overall("max", "last"))
	if st.folds {
		columns = append(columns, "(SELECT "+saturated("most")+" FROM t)")
	}
	return fmt.Sprintf("%s SELECT %s FROM %s ORDER BY %s LIMIT ?", st.tables(from), strings.Join(columns, ", "), st.groupsOf("t"), st.order())
}

// shown is how many groups are read: those skipped are needed to know what is left for "other".
func (st *statement) shown() int64 { return int64(st.plan.Offset) + int64(st.plan.Limit) }

// cellsText gives the lanes of every bucket and group, those after the limit as one. See cellLimits for its parameters.
func (st *statement) cellsText(from []string) string {
	if !st.plan.Grouped() {
		return fmt.Sprintf("%s, g AS (%s) SELECT b, 0, %s FROM g ORDER BY b LIMIT ?",
			st.withRows(from), grouped([]string{"b"}, st.lanes(st.measure), "r"), strings.Join(st.laneNames(), ", "))
	}
	join := "LEFT JOIN"
	if !st.plan.Sums() {
		join = "JOIN" // what the others have is not asked for
	}
	placed := fmt.Sprintf("(SELECT r.*, coalesce(top.place, 0) AS place FROM r %s top ON %s)", join, st.sameKeys("r", "top"))
	return fmt.Sprintf(`%s, top AS MATERIALIZED (SELECT %s, row_number() OVER (ORDER BY %s) AS place FROM (SELECT * FROM %s ORDER BY %s LIMIT ?)),
		g AS (%s) SELECT b, place, %s FROM g WHERE place = 0 OR place > ? ORDER BY b, place LIMIT ?`,
		st.tables(from), strings.Join(st.keys, ", "), st.order(), st.groupsOf("t"), st.order(),
		grouped([]string{"b", "place"}, st.lanes(st.measure), placed), strings.Join(st.laneNames(), ", "))
}

// cellLimits bounds the groups, leaves out those before the offset, and bounds what is read of the others' buckets: one more than an
// answer may have, so that it is refused.
func (st *statement) cellLimits() []any {
	if !st.plan.Grouped() {
		return []any{int64(query.MaxBuckets + 1)}
	}
	return []any{st.shown(), int64(st.plan.Offset), int64(query.MaxBuckets + 1)}
}

// boundsText gives the first and the last time that is selected, NULL where there is none.
func (st *statement) boundsText(from []string) string {
	list := make([]string, len(st.views))
	for i := range st.views {
		list[i] = "SELECT " + endNanos + " AS t FROM " + from[i] + " WHERE " + st.views[i].condition
	}
	return "SELECT min(t), max(t) FROM (" + strings.Join(list, " UNION ALL ") + ")"
}

// piecesText counts the parts into which records are spread.
func (st *statement) piecesText(from []string) string {
	list := make([]string, len(st.views))
	for i := range st.views {
		list[i] = "SELECT b1 - b0 + 1 AS n FROM " + st.views[i].timed("(SELECT * FROM "+from[i]+" WHERE "+st.views[i].condition+")")
	}
	return "SELECT CAST(coalesce(sum(n), 0) AS UBIGINT) FROM (" + strings.Join(list, " UNION ALL ") + ")"
}

// needsTimes tells whether a rate is asked for without bounds to divide by.
func (st *statement) needsTimes() bool {
	p := st.plan
	if st.bounded || p.Step.Width > 0 || p.HasStart && p.HasStop {
		return false
	}
	for _, l := range p.Lanes {
		if l.Measure == query.BPS || l.Measure == query.PPS {
			return true
		}
	}
	return false
}
