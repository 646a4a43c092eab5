//go:build cgo

package duckdb

import (
	"fmt"

	"github.com/weirflow/weir/shared/query"
)

// foldedKey is the last key of statements that may read files which have not kept all addresses: it sets what they folded apart from records
// without an address.
const foldedKey = "folded"

// unfoldedColumns are those of rows that are not folded.
const unfoldedColumns = ", FALSE AS folded, CAST(0 AS UBIGINT) AS most_flows, CAST(0 AS UBIGINT) AS most_bytes, CAST(0 AS UBIGINT) AS most_packets"

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
func (s *Store) tellRolled(res *query.Result, a *asked, found *query.Rows) {
	if a.rolled {
		s.counts.rollupAnswers.Add(1)
	}
	if !a.approximate {
		return
	}
	s.counts.approximate.Add(1)
	res.Exactness = query.Approximate
	res.MaxError = a.plan.MaxError(a.off, found)
}
