//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hostindex"
)

// hostBuilder makes the host index of a file.
type hostBuilder struct {
	conn   *conn
	path   string // of the sealed file, which may not have its final name yet
	kind   store.Kind
	sides  []string // columns of addresses, without the suffix
	groups []hostindex.Group
	out    hostindex.Builder
	set    hostindex.Set
}

// makeHosts makes the host index of the file at path, and publishes it.
func (s *Store) makeHosts(ctx context.Context, c *conn, part store.Part, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	b := hostBuilder{conn: c, path: path, kind: part.Kind}
	if err := b.findGroups(ctx); err != nil {
		return err
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
	temp := store.TempPath(s.path(part.IndexPath()))
	if err := os.MkdirAll(filepath.Dir(temp), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(temp, data, 0o644); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	_, err = store.Publish(s.cfg.Dir, part.IndexPath())
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
func (b *hostBuilder) findGroups(ctx context.Context) error {
	r, err := b.conn.query(ctx, "SELECT row_group_id, row_group_num_rows, path_in_schema, coalesce(stats_null_count, 0) = num_values FROM parquet_metadata("+
		quotePattern(b.path)+") ORDER BY row_group_id, column_id")
	if err != nil {
		return err
	}
	defer r.close()
	last := int64(-1)
	var columns []string
	used := map[string]bool{}
	for r.next() {
		if group := get[int64](r, 0); group != last {
			last = group
			b.groups = append(b.groups, hostindex.Group{Rows: int(get[int64](r, 1)), First: math.MaxInt64, From: math.MaxInt64, To: math.MinInt64})
		}
		name := r.text(2)
		if len(b.groups) == 1 {
			columns = append(columns, name)
		}
		if !get[bool](r, 3) {
			used[name] = true
		}
	}
	b.out.Empty = slices.DeleteFunc(columns, func(name string) bool { return used[name] })
	b.sides = slices.DeleteFunc(sidesOf(b.kind), func(side string) bool { return !used[side+"_lo"] })
	return nil
}

// read reads a row group, which begins with a row, and adds it to the index. One at a time: an answer lies in memory whole.
func (b *hostBuilder) read(ctx context.Context, g *hostindex.Group, row int64) error {
	columns := "event_end, NULL, NULL"
	if b.kind == store.Sessions {
		columns = "event_end, event_start, told"
	}
	for _, side := range b.sides {
		columns += fmt.Sprintf(", %s_hi, %s_lo", side, side)
	}
	r, err := b.conn.query(ctx, "SELECT "+columns+" FROM "+readNumbered(b.path)+" WHERE file_row_number BETWEEN ? AND ?", row, row+int64(g.Rows)-1)
	if err != nil {
		return err
	}
	defer r.close()
	rows := 0
	for r.nextChunk() {
		rows += r.size
		b.takeTimes(r, g)
		for i := range b.sides {
			b.takeAddresses(r.cols[3+2*i], r.cols[4+2*i], r.size)
		}
	}
	if rows != g.Rows {
		return fmt.Errorf("a row group has %d rows, not %d", rows, g.Rows)
	}
	b.out.Add(*g, b.set.Sorted())
	b.set.Reset()
	return nil
}

// takeTimes notes the times of a chunk of rows.
func (b *hostBuilder) takeTimes(r *rows, g *hostindex.Group) {
	end, start, told := r.cols[0], r.cols[1], r.cols[2]
	for i := range r.size {
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

// takeAddresses adds the addresses of a chunk of rows. Neighbors are often of one host.
func (b *hostBuilder) takeAddresses(hi, lo cells, rows int) {
	var lastHi, lastLo uint64
	known := false
	for i := range rows {
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
