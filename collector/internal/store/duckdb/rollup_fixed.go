//go:build cgo

package duckdb

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/parquet"
)

// Of the columns that sets tell records apart by, many have one value in all records of a file: the first half of IPv4 addresses, what is
// not enriched, the direction. They are left out of the sums and added to their rows, which are far fewer.

// findFixed finds the columns that have one value in all rows.
func (m *maker) findFixed(l *parquet.Layout) error {
	m.fixed = map[string]bool{}
	for _, set := range store.RollupSets() {
		for _, c := range set.Columns {
			if l.Single(c) {
				m.fixed[c] = true
			}
		}
	}
	if len(m.fixed) == 0 {
		return nil
	}
	columns := slices.Sorted(maps.Keys(m.fixed))
	return m.c.exec(m.ctx, fmt.Sprintf("CREATE TEMP TABLE fixed AS SELECT %s FROM %s LIMIT 1", strings.Join(columns, ", "), readParquet(m.path)))
}

// varying returns those of the columns that are not fixed.
func (m *maker) varying(columns []string) (list []string) {
	for _, c := range columns {
		if !m.fixed[c] {
			list = append(list, c)
		}
	}
	return list
}

// sumRecords makes a table of sums of the records by so many minutes and by columns, and returns its number of rows.
func (m *maker) sumRecords(name string, minutes int, by []string) (int64, error) {
	var from string
	number, amounts := m.number(minutes), m.sumsAgain()
	switch {
	case m.inFirst(minutes, by):
		number, from = "t", "temp.b0"
	case m.view != nil:
		lent := m.kept.lend(m.sumsOfRows(minutes, m.varying(by), false))
		defer m.kept.giveBack([]int64{lent})
		from = fmt.Sprintf("%s(%d)", sumsFunction, lent)
	default:
		amounts, from = m.sums(), m.records()
	}
	list := append([]string{number + " AS t"}, m.varying(by)...)
	sums := fmt.Sprintf("(SELECT %s FROM %s GROUP BY ALL)", strings.Join(append(list, amounts...), ", "), from)
	columns := []string{"t"}
	for _, c := range by {
		if m.fixed[c] {
			c = fmt.Sprintf("(SELECT %s FROM temp.fixed) AS %[1]s", c)
		}
		columns = append(columns, c)
	}
	return m.table(name, append(columns, m.sumNames()...), sums)
}

// maxRowSums is how many sums of rows there are at a time: each takes some 60 bytes. DuckDB adds up what is told apart by the same in several
// blocks of so many.
const maxRowSums = 1 << 18

// records are those of the sealed file that count.
func (m *maker) records() string {
	return readParquet(m.path) + " WHERE weir_invalid IS NULL AND dup_hi IS NULL"
}

// sumsOfRows is sums of the rows of the hot file by so many minutes and by columns; of those of a host to itself, where only they are asked for.
func (m *maker) sumsOfRows(minutes int, columns []string, toSelf bool) *sumTable {
	t := &sumTable{columns: columns, counters: networkCounters}
	if m.both {
		t.counters = len(counters)
	}
	t.blocks = func() sumReader {
		a := newRowAdder(m.view, columns, t.counters, time.Duration(minutes)*time.Minute)
		if toSelf {
			a.onlyToSelf()
		}
		return func() (*rowSums, error) { return a.block(m.ctx, maxRowSums) }
	}
	return t
}

// inFirst tells whether sums by so many minutes and by columns follow from those of temp.b0: without enrichment there is little else to tell
// records apart by.
func (m *maker) inFirst(minutes int, by []string) bool {
	return m.first != nil && minutes == store.RollupMinute && !slices.ContainsFunc(m.varying(by), func(c string) bool { return !slices.Contains(m.first, c) })
}
