//go:build cgo

package duckdb

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hostsums"
	"github.com/weirflow/weir/collector/internal/store/hot"
)

// writeHosts writes the sums of all addresses, of which the sets have made the tables, unless these are too many.
func (m *maker) writeHosts() error {
	if err := m.sumToSelf(); err != nil {
		return err
	}
	if n, err := m.countHosts(); err != nil || n > m.cfg.HostSums {
		return err
	}
	data, err := m.hosts()
	if err != nil {
		return err
	}
	if m.made.SumsBytes, err = store.PublishData(m.cfg.Dir, m.file.Part.SumsPath(), data); err != nil {
		return err
	}
	set := store.HostSums()
	m.made.Has |= set.Bit(store.RollupHour)
	return nil
}

// hosts makes the file of sums.
func (m *maker) hosts() (_ []byte, err error) {
	b := hostSummer{own: m.both}
	if b.out.Hour, err = one[int64](m.ctx, m.c, "SELECT coalesce(mode(t), 0) FROM temp."+m.hostTables()[0].table); err != nil {
		return nil, err
	}
	r, err := m.c.query(m.ctx, m.hostsText())
	if err != nil {
		return nil, err
	}
	defer r.close()
	for r.nextChunk() {
		for row := range r.size {
			b.take(r.cols, row)
		}
	}
	b.finish()
	return b.out.Bytes(hostsums.Of{Rows: m.file.Rows, Bytes: m.file.Bytes})
}

// selfTable is that of sums of records of an address to itself.
const selfTable = "self"

// sumToSelf makes it, where there are such records.
func (m *maker) sumToSelf() (err error) {
	m.toSelf = true
	if m.view != nil {
		if m.toSelf, err = anyToSelf(m.view); err != nil || !m.toSelf {
			return err
		}
	}
	columns := []string{"network_direction", "source_ip_hi", "source_ip_lo"}
	amounts, from := m.sums(), m.records()+" AND source_ip_hi = destination_ip_hi AND source_ip_lo = destination_ip_lo"
	number := m.number(store.RollupHour)
	if m.view != nil {
		lent := m.kept.lend(m.sumsOfRows(store.RollupHour, columns, true))
		defer m.kept.giveBack([]int64{lent})
		amounts, from = m.sumsAgain(), fmt.Sprintf("%s(%d)", sumsFunction, lent)
	}
	_, err = m.table(selfTable, slices.Concat([]string{number + " AS t"}, columns, amounts), from+" GROUP BY ALL")
	return err
}

// anyToSelf tells whether a record may be of an address to itself.
func anyToSelf(view *hot.View) (bool, error) {
	c := newHotCursor(view, []string{"source_ip_lo", "destination_ip_lo"})
	for {
		from, to, err := c.next(hot.Rows)
		if err != nil || from == to {
			return false, err
		}
		for row := from; row < to; row++ {
			if *at[uint64](c.cols[0], row) == *at[uint64](c.cols[1], row) && c.cols[0].isValid(row) && c.cols[1].isValid(row) {
				return true, nil
			}
		}
	}
}

// hostTable is a table of sums by an address.
type hostTable struct {
	side           hostsums.Side
	table, address string
}

// hostTables returns them; the first is that of the sources.
func (m *maker) hostTables() []hostTable {
	var list []hostTable
	for _, set := range store.RollupSets() {
		switch set.Name {
		case "source ip":
			list = append(list, hostTable{hostsums.Source, allOf(&set), "source_ip"})
		case "destination ip":
			list = append(list, hostTable{hostsums.Destination, allOf(&set), "destination_ip"})
		}
	}
	if m.toSelf {
		list = append(list, hostTable{hostsums.Self, selfTable, "source_ip"})
	}
	return list
}

// countHosts counts the sums.
func (m *maker) countHosts() (n int64, err error) {
	for _, t := range m.hostTables() {
		rows, err := one[int64](m.ctx, m.c, "SELECT count(*) FROM temp."+t.table)
		if err != nil {
			return 0, err
		}
		n += rows
	}
	return n, nil
}

// hostsText selects the sums of all addresses, in the order of these.
func (m *maker) hostsText() string {
	var parts []string
	for _, t := range m.hostTables() {
		parts = append(parts, fmt.Sprintf("SELECT %s_hi AS hi, %[1]s_lo AS lo, t, CAST(%d AS UTINYINT) AS side, network_direction, %s FROM temp.%s WHERE %[1]s_lo IS NOT NULL",
			t.address, t.side, strings.Join(m.sumNames(), ", "), t.table))
	}
	return "SELECT * FROM (" + strings.Join(parts, " UNION ALL ") + ") ORDER BY hi, lo"
}

// hostSummer puts rows of hostsText into a file.
type hostSummer struct {
	out  hostsums.Builder
	own  bool // there are counters of directions
	of   hostsums.Address
	sums []hostsums.Sum // of it
}

func (b *hostSummer) take(cols []cells, row int) {
	a := hostsums.Address{Hi: *at[uint64](cols[0], row), Lo: *at[uint64](cols[1], row)}
	if a != b.of {
		b.finish()
		b.of = a
	}
	sum := hostsums.Sum{Hour: *at[int64](cols[2], row), Side: hostsums.Side(*at[uint8](cols[3], row)), Flows: *at[uint64](cols[5], row)}
	if cols[4].isValid(row) {
		sum.Direction = b.direction(at[stringT](cols[4], row).bytes())
	}
	c := &sum.Counters
	for i := range cols[6:] {
		c[i] = *at[uint64](cols[6+i], row)
	}
	if !b.own {
		c[2], c[3] = c[0], c[1]
	}
	b.sums = append(b.sums, sum)
}

// direction returns the number of a name.
func (b *hostSummer) direction(name []byte) uint8 {
	for i, known := range b.out.Names {
		if known == string(name) {
			return uint8(i + 1)
		}
	}
	b.out.Names = append(b.out.Names, string(name))
	return uint8(len(b.out.Names))
}

// finish adds the current address.
func (b *hostSummer) finish() {
	if len(b.sums) > 1 {
		slices.SortFunc(b.sums, func(x, y hostsums.Sum) int {
			return cmp.Or(cmp.Compare(x.Hour, y.Hour), cmp.Compare(x.Side, y.Side), cmp.Compare(x.Direction, y.Direction))
		})
	}
	if len(b.sums) > 0 {
		b.out.Add(b.of, b.sums)
		b.sums = b.sums[:0]
	}
}
