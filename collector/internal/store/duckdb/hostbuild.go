//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hostindex"
)

// groupsAtOnce is how many row groups a statement reads when an index is made: an answer lies in memory whole.
const groupsAtOnce = 8

// hostBuilder makes the host index of a file.
type hostBuilder struct {
	conn   *conn
	path   string // of the sealed file, which may not have its final name yet
	kind   store.Kind
	sides  []string // columns of addresses, without the suffix
	groups []rowGroup
	out    hostindex.Builder
	sets   [groupsAtOnce]hostindex.Set
}

// rowGroup is a row group of the file while its index is made.
type rowGroup struct {
	hostindex.Group
	end int64 // number of the row after its last
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
	for first := 0; first < len(b.groups); first += groupsAtOnce {
		if err := b.read(ctx, b.groups[first:min(first+groupsAtOnce, len(b.groups))]); err != nil {
			return err
		}
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

// findGroups learns where the row groups are, and which columns of addresses have any.
func (b *hostBuilder) findGroups(ctx context.Context) error {
	var columns []string
	for _, side := range sidesOf(b.kind) {
		columns = append(columns, fmt.Sprintf("bool_or(path_in_schema = '%s_lo' AND coalesce(stats_null_count, 0) < num_values)", side))
	}
	r, err := b.conn.query(ctx, "SELECT row_group_id, any_value(row_group_num_rows), "+strings.Join(columns, ", ")+
		" FROM parquet_metadata("+quotePattern(b.path)+") GROUP BY row_group_id ORDER BY row_group_id")
	if err != nil {
		return err
	}
	defer r.close()
	used := make([]bool, len(columns))
	end := int64(0)
	for r.next() {
		rows := get[int64](r, 1)
		end += rows
		b.groups = append(b.groups, rowGroup{Group: hostindex.Group{Rows: int(rows), First: math.MaxInt64, From: math.MaxInt64, To: math.MinInt64}, end: end})
		for i := range used {
			used[i] = used[i] || get[bool](r, 2+i)
		}
	}
	for i, side := range sidesOf(b.kind) {
		if used[i] {
			b.sides = append(b.sides, side)
		}
	}
	return nil
}

// read reads some row groups that follow each other and adds them to the index.
func (b *hostBuilder) read(ctx context.Context, groups []rowGroup) error {
	times := "file_row_number, event_end, NULL, NULL"
	if b.kind == store.Sessions {
		times = "file_row_number, event_end, event_start, told"
	}
	for _, side := range b.sides {
		times += fmt.Sprintf(", %s_hi, %s_lo", side, side)
	}
	r, err := b.conn.query(ctx, "SELECT "+times+" FROM "+readNumbered(b.path)+" WHERE file_row_number BETWEEN ? AND ?",
		groups[0].end-int64(groups[0].Rows), groups[len(groups)-1].end-1)
	if err != nil {
		return err
	}
	defer r.close()
	for r.nextChunk() {
		b.take(r, groups)
	}
	for i := range groups {
		b.out.Add(groups[i].Group, b.sets[i].Sorted())
		b.sets[i].Reset()
	}
	return nil
}

// take adds a chunk of rows, run by run of those of one row group.
func (b *hostBuilder) take(r *rows, groups []rowGroup) {
	for from := 0; from < r.size; {
		row := *at[int64](r.cols[0], from)
		g := 0
		for row >= groups[g].end {
			g++
		}
		begin := groups[g].end - int64(groups[g].Rows)
		to := from
		for to < r.size && *at[int64](r.cols[0], to) >= begin && *at[int64](r.cols[0], to) < groups[g].end {
			to++
		}
		b.takeTimes(r, &groups[g].Group, from, to)
		for i := range b.sides {
			takeAddresses(&b.sets[g], r.cols[4+2*i], r.cols[5+2*i], from, to)
		}
		from = to
	}
}

// takeTimes notes the times of a run of rows.
func (b *hostBuilder) takeTimes(r *rows, g *hostindex.Group, from, to int) {
	end, start, told := r.cols[1], r.cols[2], r.cols[3]
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

// takeAddresses adds the addresses of a run of rows. Neighbors are often of one host.
func takeAddresses(set *hostindex.Set, hi, lo cells, from, to int) {
	var lastHi, lastLo uint64
	for i := from; i < to; i++ {
		if !lo.isValid(i) || !hi.isValid(i) {
			continue
		}
		h, l := *at[uint64](hi, i), *at[uint64](lo, i)
		if i > from && h == lastHi && l == lastLo {
			continue
		}
		set.Add(hostindex.KeyOf(h, l))
		lastHi, lastLo = h, l
	}
}
