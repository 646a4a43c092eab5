//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hostindex"
	"github.com/weirflow/weir/collector/internal/store/hot"
)

// hostBuilder makes the host index of a file.
type hostBuilder struct {
	conn   *conn
	path   string     // of the sealed file, which may not have its final name yet
	hot    *hotCursor // the same rows as they were before: to be read instead; nil: there are none any more
	kind   store.Kind
	sides  []string // columns of addresses, without the suffix
	groups []hostindex.Group
	out    hostindex.Builder
	set    hostindex.Set
}

// makeHosts makes the host index of the file at path, and publishes it. Where the rows are still in a hot file they are read there, which
// costs less.
func (s *Store) makeHosts(ctx context.Context, c *conn, part store.Part, path string, view *hot.View) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	b := hostBuilder{conn: c, path: path, kind: part.Kind}
	if err := b.findGroups(); err != nil {
		return err
	}
	if view != nil {
		b.hot = newHotCursor(view, b.columns())
	}
	row := int64(0)
	for i := range b.groups {
		if err := b.read(ctx, &b.groups[i], row); err != nil {
			return err
		}
		row += int64(b.groups[i].Rows)
	}
	data, err := b.out.Bytes(info.Size())
	if err != nil {
		return err
	}
	_, err = store.PublishData(s.cfg.Dir, part.IndexPath(), data)
	return err
}

// sidesOf are the columns of addresses of a kind, without their suffixes; those after the first two are often empty.
func sidesOf(kind store.Kind) []string {
	if kind == store.Sessions {
		return []string{"client_ip", "server_ip", "source_nat_ip", "destination_nat_ip"}
	}
	return []string{"source_ip", "destination_ip", "source_nat_ip", "destination_nat_ip"}
}

// findGroups learns where the row groups are, and which columns have any value.
func (b *hostBuilder) findGroups() error {
	l, err := layoutAt(b.path)
	if err != nil {
		return err
	}
	for i := range l.Groups() {
		b.groups = append(b.groups, hostindex.Group{Rows: int(l.Rows(i)), First: math.MaxInt64, From: math.MaxInt64, To: math.MinInt64})
	}
	b.out.Empty = slices.DeleteFunc(l.Columns(), l.Uses)
	b.sides = slices.DeleteFunc(sidesOf(b.kind), func(side string) bool { return !l.Uses(side + "_lo") })
	return nil
}

// columns are those that the index is made of: the times, what tells of a session anew, and the halves of the addresses.
func (b *hostBuilder) columns() []string {
	columns := []string{"event_end", "", ""}
	if b.kind == store.Sessions {
		columns = []string{"event_end", "event_start", "told"}
	}
	for _, side := range b.sides {
		columns = append(columns, side+"_hi", side+"_lo")
	}
	return columns
}

// read reads a row group, which begins with a row, and adds it to the index.
func (b *hostBuilder) read(ctx context.Context, g *hostindex.Group, row int64) error {
	read := b.readSealed
	if b.hot != nil {
		read = b.readHot
	}
	rows, err := read(ctx, g, row)
	if err != nil {
		return err
	}
	if rows != g.Rows {
		return fmt.Errorf("a row group has %d rows, not %d", rows, g.Rows)
	}
	b.out.Add(*g, b.set.Sorted())
	b.set.Reset()
	return nil
}

// readSealed reads a row group of the file. One at a time: an answer lies in memory whole.
func (b *hostBuilder) readSealed(ctx context.Context, g *hostindex.Group, row int64) (rows int, err error) {
	columns := b.columns()
	for i := range columns {
		if columns[i] == "" {
			columns[i] = "NULL"
		}
	}
	r, err := b.conn.query(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+readNumbered(b.path)+" WHERE file_row_number BETWEEN ? AND ?", row, row+int64(g.Rows)-1)
	if err != nil {
		return 0, err
	}
	defer r.close()
	for r.nextChunk() {
		rows += r.size
		b.take(r.cols, 0, r.size, g)
	}
	return rows, nil
}

// readHot reads the rows of a row group from the hot file, in which they have the same order.
func (b *hostBuilder) readHot(ctx context.Context, g *hostindex.Group, _ int64) (rows int, err error) {
	for rows < g.Rows && ctx.Err() == nil {
		from, to, err := b.hot.next(g.Rows - rows)
		if err != nil || from == to {
			return rows, err
		}
		b.take(b.hot.cols, from, to, g)
		rows += to - from
	}
	return rows, ctx.Err()
}

// take adds some rows of a chunk.
func (b *hostBuilder) take(cols []cells, from, to int, g *hostindex.Group) {
	b.takeTimes(cols, from, to, g)
	for i := range b.sides {
		b.takeAddresses(cols[3+2*i], cols[4+2*i], from, to)
	}
}

// takeTimes notes the times of some rows of a chunk.
func (b *hostBuilder) takeTimes(cols []cells, from, to int, g *hostindex.Group) {
	end, start, told := cols[0], cols[1], cols[2]
	for i := from; i < to; i++ {
		ms, first := int64(0), int64(math.MinInt64)
		if end.isValid(i) {
			ms = *at[int64](end, i) * 1000
			first = ms
		}
		if b.kind == store.Sessions {
			first = math.MinInt64
			if start.isValid(i) {
				first = *at[int64](start, i) * 1000
			}
			g.Told = g.Told || told.isValid(i)
		}
		g.First, g.From, g.To = min(g.First, first), min(g.From, ms), max(g.To, ms+beyondLast)
	}
}

// beyondLast is what a time may be beyond its millisecond, in ns.
const beyondLast = 999_999

// takeAddresses adds the addresses of some rows of a chunk. Neighbors are often of one host.
func (b *hostBuilder) takeAddresses(hi, lo cells, from, to int) {
	var lastHi, lastLo uint64
	known := false
	for i := from; i < to; i++ {
		if !lo.isValid(i) || !hi.isValid(i) {
			continue
		}
		h, l := *at[uint64](hi, i), *at[uint64](lo, i)
		if known && h == lastHi && l == lastLo {
			continue
		}
		b.set.Add(hostindex.KeyOf(h, l))
		lastHi, lastLo, known = h, l, true
	}
}
