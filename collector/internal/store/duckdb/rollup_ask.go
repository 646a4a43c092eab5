//go:build cgo

package duckdb

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// rolled is how a view is answered from rollups: where files have the set that it is about, their sums stand for their records.
type rolled struct {
	set    store.RollupSet
	grains []int // lengths of the sums that suit the question's buckets, the longest first
	// folds says that files which have not kept all addresses may be used.
	folds bool
	// days says that rollups of days suit, of whole days where the set folds and of hours where not.
	days bool
	// used is set when a file of sums was, approximate when one was that has not kept all addresses.
	used, approximate bool
}

// rolledFor returns how a view can be answered from rollups, nil if it cannot. Questions about what is left out of sums, and those that
// spread or tell apart, are about records.
func rolledFor(v *viewSQL, needsTimes bool) *rolled {
	p := &v.Plan
	if p.AllCopies || p.Invalid || p.Spread || needsTimes || p.Measure == query.Distinct || p.Measure == query.Sessions {
		return nil
	}
	fields := slices.Clone(v.Groups)
	filtered := fieldsOf(p.Node, nil)
	grains := grainsOf(v)
	for _, set := range store.RollupSets() {
		if len(grains) == 0 || !covers(&set, append(fields, filtered...)) {
			continue
		}
		r := &rolled{set: set, grains: without(grains, store.RollupDay), days: slices.Contains(grains, store.RollupHour)}
		if len(set.Folds) > 0 {
			r.grains, r.days = without(r.grains, store.RollupMinute), slices.Contains(grains, store.RollupDay)
			// A filter on addresses asks for what may not have been kept; there are host indexes for it.
			kept := set
			kept.Columns = set.Columns[:len(set.Columns)-len(set.Folds)]
			if !covers(&kept, filtered) {
				continue
			}
			r.folds = true
		}
		if len(r.grains) > 0 {
			return r
		}
	}
	return nil
}

func without(grains []int, minutes int) []int {
	return slices.DeleteFunc(slices.Clone(grains), func(m int) bool { return m == minutes })
}

// fieldsOf adds the fields of a filter to a list.
func fieldsOf(n filter.Node, list []*flow.Field) []*flow.Field {
	switch n := n.(type) {
	case filter.And:
		for _, m := range n {
			list = fieldsOf(m, list)
		}
	case filter.Or:
		for _, m := range n {
			list = fieldsOf(m, list)
		}
	case filter.Not:
		list = fieldsOf(n.Of, list)
	case filter.Compare:
		list = append(list, n.Field)
	case filter.Exists:
		list = append(list, n.Field)
	}
	return list
}

// covers tells whether the set tells apart all values of the fields.
func covers(set *store.RollupSet, fields []*flow.Field) bool {
	for _, f := range fields {
		columns := columnsOf(f)
		if len(columns) == 0 {
			return false
		}
		for _, c := range columns {
			for _, part := range c.Parts {
				if !slices.Contains(set.Columns, part) {
					return false
				}
			}
		}
	}
	return true
}

// grainsOf returns the lengths of sums of which the question's buckets are whole multiples, the longest first.
func grainsOf(v *viewSQL) []int {
	grains := []int{store.RollupDay, store.RollupHour, store.RollupMinute}
	return slices.DeleteFunc(grains, func(minutes int) bool {
		width := time.Duration(minutes) * time.Minute
		if v.Step.Width == 0 {
			return false
		}
		if v.Step.Days == 0 {
			return v.Step.Width%width != 0
		}
		// Days begin at midnight of the zone.
		from, to := int64(0), time.Date(2037, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()
		if v.HasStart {
			from = v.Start
		}
		if v.HasStop {
			to = v.Stop
		}
		return slices.ContainsFunc(v.Step.Changes(from-int64(query.MaxSpread), to), func(c query.Change) bool { return c.Offset%width != 0 })
	})
}

// roll chooses for each view of the statement whether it is answered from rollups.
func (a *asked) roll(st *statement) {
	for i := range st.views {
		v := &st.views[i]
		if v.rolled = rolledFor(v, st.needsTimes()); v.rolled == nil {
			continue
		}
		v.rolled.folds = v.rolled.folds && a.plan.Grouped() && !a.plan.Exact
		st.folds = st.folds || v.rolled.folds
	}
	if !st.folds {
		return
	}
	st.keys = append(st.keys, foldedKey)
	for i := range st.views {
		st.views[i].tellsFolded = true
	}
}

// source returns the table expression that a view is about, with the columns that occur in the statement: that of its records, or one
// of sums where there are some, and records where there are none.
func (a *asked) source(v *viewSQL, statement string) (string, error) {
	if v.rolled == nil {
		return a.s.questioned(a.ctx, a.conn, &v.Plan, statement)
	}
	statement += " rec_no"
	of := a.s.contents(store.Flows)
	sealed, err := sealedNow(a.ctx, a.conn)
	if err != nil {
		return "", err
	}
	rollups, err := a.s.rollupsNow(a.ctx, a.conn)
	if err != nil {
		return "", err
	}
	days, err := a.s.daysNow(a.ctx, a.conn, sealed)
	if err != nil {
		return "", err
	}
	tables, err := hotColumns(a.ctx, a.conn, of.kind)
	if err != nil {
		return "", err
	}
	const one = ", CAST(1 AS UBIGINT) AS flows" + unfoldedColumns
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		if part, _ := store.ParseTable(name); !sealed.has(part) {
			parts = append(parts, "SELECT "+selected(of.fields, tables[name], statement)+one+" FROM "+name)
		}
	}
	used := slices.DeleteFunc(sealed, func(f store.Sealed) bool {
		return f.Part.Kind != store.Flows || !f.Overlaps(v.From, v.To) || a.s.files.isMissing(f.Path)
	})
	whole := zone{from: math.MinInt64, to: math.MaxInt64}
	if v.HasStart {
		whole.from = v.Start
	}
	if v.HasStop {
		whole.to = v.Stop
	}
	p := places{rolled: v.rolled, rollups: rollups, paths: map[zone][]string{}}
	p.find(used, days, whole, a.s.cfg.ApproximateRows)
	for _, z := range slices.SortedFunc(maps.Keys(p.paths), func(a, b zone) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) }) {
		paths := make([]string, len(p.paths[z]))
		for i, path := range p.paths[z] {
			paths[i] = a.s.path(path)
		}
		var text string
		if z.minutes == 0 {
			text = "SELECT " + of.list(statement) + one + " FROM " + readParquet(paths...) + " WHERE TRUE"
		} else {
			text = fmt.Sprintf("SELECT %s FROM %s WHERE rollup = %s AND minutes = %d", v.rolled.list(statement), readParquet(paths...), quote(v.rolled.set.Name), z.minutes)
		}
		if c := z.condition(whole); c != "" {
			text += " AND " + c
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		parts = append(parts, strings.Replace(of.none(), " WHERE FALSE", one+" WHERE FALSE", 1))
	}
	return "(" + strings.Join(parts, " UNION ALL ") + ")", nil
}

// foldedKey is the last key of statements that may read files which have not kept all addresses: it sets what they folded apart from records
// without an address.
const foldedKey = "folded"

// unfoldedColumns are those of rows that are not folded.
const unfoldedColumns = ", FALSE AS folded, CAST(0 AS UBIGINT) AS most_flows, CAST(0 AS UBIGINT) AS most_bytes, CAST(0 AS UBIGINT) AS most_packets"

// list is the select list that makes a rollup look like records, as far as the statement is about them.
func (r *rolled) list(statement string) string {
	has := map[string]bool{"event_end": true}
	for _, name := range r.set.Columns {
		has[name] = true
	}
	for _, side := range []string{"source", "destination", "network"} {
		has[side+"_bytes"], has[side+"_packets"] = true, true
	}
	var list []string
	for _, c := range store.Columns() {
		switch {
		case !strings.Contains(statement, c.Name):
		case has[c.Name]:
			list = append(list, c.Name)
		default:
			list = append(list, fmt.Sprintf("CAST(NULL AS %s) AS %s", c.Type, c.Name))
		}
	}
	return strings.Join(append(list, "flows", "folded IS NOT NULL AS folded", "most_flows", "most_bytes", "most_packets"), ", ")
}

// folded returns the columns that set apart what a rollup folded, with the most that one of its rows had of the first measure.
func (v *viewSQL) folded() []string {
	if v.rolled == nil {
		return []string{"FALSE AS " + foldedKey, "CAST(0 AS UBIGINT) AS most"}
	}
	most := "most_flows"
	switch v.Measure {
	case query.Bytes, query.BPS:
		most = "most_bytes"
	case query.Packets, query.PPS:
		most = "most_packets"
	}
	return []string{foldedKey, most + " AS most"}
}

// shownKeys are the keys of groups in an answer.
func (st *statement) shownKeys() []string {
	n := len(st.keys)
	if st.folds {
		n--
	}
	return st.keys[:n:n]
}

// groupsOf is a table without what rollups folded, which is no group.
func (st *statement) groupsOf(table string) string {
	if !st.folds {
		return table
	}
	return "(SELECT * FROM " + table + " WHERE NOT " + foldedKey + ")"
}

// groupCount is the number of groups; what rollups folded are more than any question asks for.
func (st *statement) groupCount() string {
	if !st.folds {
		return "(SELECT count(*) FROM t)"
	}
	return fmt.Sprintf("(SELECT count(*) + CASE WHEN bool_or(%s) THEN %d ELSE 0 END FROM t)", foldedKey, int64(2*query.MaxOffset))
}

// note notes how the statement was answered.
func (a *asked) note(st *statement) {
	for i := range st.views {
		if r := st.views[i].rolled; r != nil {
			a.rolled = a.rolled || r.used
			a.approximate = a.approximate || r.approximate
		}
	}
	a.off = st.off
}

// tellRolled says in a result what rollups mean for it.
func (s *Store) tellRolled(res *query.Result, a *asked) {
	if a.rolled {
		s.counts.rollupAnswers.Add(1)
	}
	if !a.approximate {
		return
	}
	s.counts.approximate.Add(1)
	res.Exactness = query.Approximate
	res.MaxError = a.plan.MaxError(a.off)
}
