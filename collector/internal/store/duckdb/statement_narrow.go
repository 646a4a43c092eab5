//go:build cgo

package duckdb

import (
	"fmt"
	"math"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// narrow tells whether the groups of a series have so few values that what all have in every bucket is little: then it is summed once, and
// takes the place of the rows in what follows.
func (st *statement) narrow() bool {
	p := st.plan
	if !p.Series() || !p.Sums() || !p.Grouped() || len(p.Groups) > 2 {
		return false
	}
	for _, f := range p.Groups {
		if !fewValues(f) {
			return false
		}
	}
	return true
}

// fewValues tells whether a field has some thousand values at most, where there is nothing odd.
func fewValues(f *flow.Field) bool {
	switch f.Name {
	case "event.id", "network.community_id", "weir.duplicate_of":
		return false
	case "observer.ip", "observer.ingress.interface.id", "observer.egress.interface.id":
		return true
	}
	return f.Kind == flow.KindKeyword || f.Kind == flow.KindUint && f.Max > 0 && f.Max <= math.MaxUint8
}

// cellsTable is a table of the question's transaction, in place of the rows.
const cellsTable = "temp.weir_cells"

// makeCells makes the table.
func (a *asked) makeCells(st *statement) error {
	err := a.ask(st, st.cellsMaker, func(*rows) error { return nil })
	st.cellsMade = err == nil
	return err
}

// cellsMaker sums rows by group and bucket.
func (st *statement) cellsMaker(from []string) string {
	lanes := st.lanes(func(i int) string { return fmt.Sprintf("%s AS a%d", saturated(fmt.Sprintf("a%d", i)), i) })
	if st.folds {
		lanes = append(lanes, saturated("most")+" AS most")
	}
	return "CREATE TEMP TABLE " + strings.TrimPrefix(cellsTable, "temp.") + " AS " + st.withRows(from) + " " + grouped(append(st.keys[:len(st.keys):len(st.keys)], "b"), lanes, "r")
}
