//go:build cgo

package duckdb

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/weirflow/weir/collector/internal/store"
)

// roll chooses for each view of the statement whether it is answered from rollups.
func (a *asked) roll(st *statement) {
	for i := range st.views {
		v := &st.views[i]
		if v.rolled = rolledFor(v, st.needsTimes()); v.rolled == nil || v.rolled.pin != nil {
			continue
		}
		if a.s.fewHold(&v.Plan) {
			v.rolled = nil // the host index leaves less to read
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
	statement += " rec_no" // there is always a column
	stock, err := a.stockNow()
	if err != nil {
		return "", err
	}
	whole := zone{from: math.MinInt64, to: math.MaxInt64}
	if v.HasStart {
		whole.from = v.Start
	}
	if v.HasStop {
		whole.to = v.Stop
	}
	parts, err := a.hotSums(v, stock, whole, statement)
	if err != nil {
		return "", err
	}
	more, err := a.sealedSums(v, stock.sealed, whole, statement)
	if err != nil {
		return "", err
	}
	if parts = append(parts, more...); len(parts) == 0 {
		parts = append(parts, strings.Replace(stock.of.none(), " WHERE FALSE", asSums+" WHERE FALSE", 1))
	}
	return "(" + strings.Join(parts, " UNION ALL ") + ")", nil
}

// sealedSums returns the statements that read the sealed files, and those of sums that stand for them.
func (a *asked) sealedSums(v *viewSQL, sealed manifest, whole zone, statement string) (parts []string, err error) {
	if v.rolled.pin != nil {
		return a.pinned(v, sealed, whole, statement)
	}
	p, err := a.places(v, sealed, whole)
	if err != nil {
		return nil, err
	}
	for _, z := range inOrder(p.paths) {
		parts = append(parts, p.read(a.s, z, whole, statement))
	}
	return parts, nil
}

// hotSums returns the statements that read the hot files: sums of blocks, and the rows that no such block has.
func (a *asked) hotSums(v *viewSQL, stock *stock, whole zone, statement string) (parts []string, err error) {
	span := spanOfTimes(v.From, v.To)
	span.lows = neededLows(v.Node)
	r := v.rolled
	if !slices.Contains(r.grains, store.RollupMinute) { // as of all sets that fold
		return stock.hotSelects(span, statement, asSums), nil
	}
	for i := range stock.hot {
		h := &stock.hot[i]
		t, err := a.s.sumsOf(a.ctx, h, &r.set, whole)
		if err != nil {
			return nil, err
		}
		rest := span
		if t != nil {
			rest.skip = t.rows
			parts = append(parts, a.lendSums(r, t.table(&r.set), statement))
		}
		parts = append(parts, h.selects(stock.of, rest, statement, asSums))
	}
	return parts, nil
}

// lendSums is the statement that reads sums for a view.
func (a *asked) lendSums(r *rolled, t *sumTable, statement string) string {
	number := a.s.hotFiles.sums.lend(t)
	a.lent = append(a.lent, number)
	return fmt.Sprintf("SELECT %s, flows%s FROM %s(%d)", strings.Join(r.columns(statement), ", "), unfoldedColumns, sumsFunction, number)
}

// asSums are the columns beside those of records that make records look like sums of one.
const asSums = ", CAST(1 AS UBIGINT) AS flows" + unfoldedColumns

// places finds the files that a view is to be read from.
func (a *asked) places(v *viewSQL, sealed manifest, whole zone) (places, error) {
	p := places{rolled: v.rolled, paths: map[zone][]string{}}
	var err error
	if p.rollups, err = a.rollupsNow(); err != nil {
		return p, err
	}
	if !a.daysKnown {
		if a.days, err = a.s.daysNow(a.ctx, a.conn, sealed); err != nil {
			return p, err
		}
		a.daysKnown = true
	}
	p.find(a.usedOf(v, sealed), a.days, whole, a.s.cfg.ApproximateRows)
	return p, nil
}

// stockNow returns what there is of records. It stays the same for as long as a question is answered, as do the rollups.
func (a *asked) stockNow() (*stock, error) {
	if a.stock == nil {
		of := a.s.contents(store.Flows)
		st, err := a.s.stockOf(a.ctx, a.conn, &of)
		if err != nil {
			return nil, err
		}
		a.stock = &st
	}
	return a.stock, nil
}

func (a *asked) rollupsNow() (_ map[store.Part]store.Rollup, err error) {
	if a.rollups == nil {
		a.rollups, err = a.s.rollupsNow(a.ctx, a.conn)
	}
	return a.rollups, err
}

// usedOf returns the files of records that a view may be about.
func (a *asked) usedOf(v *viewSQL, sealed manifest) manifest {
	return slices.DeleteFunc(slices.Clone(sealed), func(f store.Sealed) bool {
		return f.Part.Kind != store.Flows || !f.Overlaps(v.From, v.To) || a.s.files.isMissing(f.Path)
	})
}

// read is the statement that reads the files of a zone.
func (p *places) read(s *Store, z, whole zone, statement string) string {
	paths := make([]string, len(p.paths[z]))
	for i, path := range p.paths[z] {
		paths[i] = s.path(path)
	}
	of := s.contents(store.Flows)
	text := "SELECT " + of.list(statement) + asSums + " FROM " + readParquet(paths...) + " WHERE TRUE"
	if z.minutes > 0 {
		text = fmt.Sprintf("SELECT %s FROM %s WHERE rollup = %s AND minutes = %d", p.list(statement), readParquet(paths...), quote(p.set.Name), z.minutes)
	}
	if c := z.condition(whole); c != "" {
		text += " AND " + c
	}
	return text
}

// list is the select list that makes a rollup look like sums of records, as far as the statement is about them.
func (r *rolled) list(statement string) string {
	return strings.Join(append(r.columns(statement), "flows", "folded IS NOT NULL AS folded", "most_flows", "most_bytes", "most_packets"), ", ")
}

// columns are those of list that records have.
func (r *rolled) columns(statement string) []string {
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
	return list
}
