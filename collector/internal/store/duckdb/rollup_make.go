//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hot"
)

// rollupOptions: row groups are small so that a question reads little beside the set that it is about.
const rollupOptions = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, PARQUET_VERSION V2, ROW_GROUP_SIZE 8192"

// A set that has more rows than this, and than a 16th of the records, is left out: what it would be asked for is read from the records.
const rollupSlack = 4096

// rollUp writes the rollup of a sealed file and returns its entry for the manifest. Where the rows are still in a hot file they are read there,
// which costs less.
func (s *Store) rollUp(ctx context.Context, f *store.Sealed, view *hot.View) (store.Rollup, error) {
	leave, err := s.readers.room.take(ctx, weighsHosts)
	if err != nil {
		return store.Rollup{}, err
	}
	defer leave()
	begun := time.Now()
	c, err := s.connect()
	if err != nil {
		return store.Rollup{}, err
	}
	defer c.close()
	if view == nil { // what is in a hot file one thread sums
		if err := s.readers.crew.hire(ctx, c); err != nil {
			return store.Rollup{}, err
		}
	}
	m := maker{ctx: ctx, c: c, file: f, cfg: &s.cfg, path: s.path(f.Path), view: view, kept: &s.hotFiles.sums}
	m.made = store.Rollup{Part: f.Part, Version: store.RollupVersion}
	if err := m.sum(); err != nil {
		return m.made, err
	}
	if err := m.writeHosts(); err != nil {
		return m.made, fmt.Errorf("sums of hosts: %w", err)
	}
	path := m.made.Path()
	if err := os.MkdirAll(filepath.Dir(s.path(path)), 0o755); err != nil {
		return m.made, err
	}
	temp := store.TempPath(s.path(path))
	if m.made.Rows, err = m.write(temp); err != nil {
		return m.made, errors.Join(err, os.Remove(temp))
	}
	if m.made.Bytes, err = store.Publish(s.cfg.Dir, path); err != nil {
		return m.made, err
	}
	s.rollupMade(begun)
	return m.made, nil
}

// maker makes a rollup of a file by tables of its connection's own: for each set one of the sums of minutes and one of hours, with the number
// t of the minute or hour since the Unix epoch.
type maker struct {
	ctx      context.Context
	c        *conn
	file     *store.Sealed
	cfg      *store.Config
	path     string
	view     *hot.View         // its rows as they were before; nil: there are none any more
	kept     *keptSums         // by which DuckDB reads sums
	bases    map[string]string // by set: a table of sums of minutes that tells apart what the set does, and more
	first    []string          // what temp.b0, the first of these tables, tells apart; nil: it is not made
	fixed    map[string]bool   // columns that have one value, or none, in all rows: it is in temp.fixed
	toSelf   bool              // whether any record is of an address to itself; then selfTable is there
	both     bool              // whether any record has counters of its own for a direction
	made     store.Rollup
	branches []string // of the file
}

func (m *maker) sum() error {
	l, err := layoutAt(m.path)
	if err != nil {
		return err
	}
	m.both = slices.ContainsFunc([]string{"source_bytes", "source_packets", "destination_bytes", "destination_packets"}, l.Uses)
	if err := m.findFixed(l); err != nil {
		return err
	}
	if m.file.Rows >= denseRows*int64(1+m.file.EventMax.Sub(m.file.EventMin)/time.Minute) {
		if err := m.sumBases(); err != nil {
			return err
		}
	}
	for _, set := range store.RollupSets() {
		of := m.minutes
		if len(set.Folds) > 0 {
			of = m.talkers
		}
		if err := of(&set); err != nil {
			return fmt.Errorf("sum by %s: %w", set.Name, err)
		}
	}
	return nil
}

// denseRows is how many records a minute has at least in files of which sets are summed together first: every pass over the records costs.
const denseRows = 20_000

// sumBases makes the tables of which those of several sets are made.
func (m *maker) sumBases() error {
	m.bases = map[string]string{}
	for i, names := range [][]string{{"service", "ingress", "egress"}, {"source", "destination"}} {
		var columns []string
		for _, set := range store.RollupSets() {
			for _, c := range set.Columns {
				if slices.Contains(names, set.Name) && !slices.Contains(columns, c) {
					columns = append(columns, c)
				}
			}
		}
		base := fmt.Sprintf("b%d", i)
		if _, err := m.sumRecords(base, store.RollupMinute, columns); err != nil {
			return fmt.Errorf("sum by %s: %w", strings.Join(names, " and "), err)
		}
		for _, name := range names {
			m.bases[name] = "temp." + base
		}
		if i == 0 {
			m.first = columns
		}
	}
	return nil
}

// number is that of the minute or hour of a record.
func (m *maker) number(minutes int) string {
	end := "coalesce(event_end, make_timestamp(0))"
	if m.file.EventMin.Unix() < 0 { // division would cut these upwards
		end = fmt.Sprintf("time_bucket(INTERVAL %d MINUTE, %s)", minutes, end)
	}
	return fmt.Sprintf("epoch_us(%s) // %d", end, minutes*int(time.Minute/time.Microsecond))
}

// sums returns the select list of the sums over records.
func (m *maker) sums() []string {
	list := []string{"CAST(count(*) AS UBIGINT) AS flows", saturated("network_bytes") + " AS network_bytes", saturated("network_packets") + " AS network_packets"}
	if !m.both {
		return list
	}
	return append(list,
		saturated(store.SourceBytes)+" AS source_bytes", saturated(store.SourcePackets)+" AS source_packets",
		saturated("destination_bytes")+" AS destination_bytes", saturated("destination_packets")+" AS destination_packets")
}

// sumNames returns the names of the sums.
func (m *maker) sumNames() []string {
	names := []string{"flows", "network_bytes", "network_packets"}
	if m.both {
		names = append(names, "source_bytes", "source_packets", "destination_bytes", "destination_packets")
	}
	return names
}

// sumsAgain returns the select list of the sums over sums.
func (m *maker) sumsAgain() []string {
	names := m.sumNames()
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = saturated(name) + " AS " + name
	}
	return list
}

// table makes a table and returns its number of rows.
func (m *maker) table(name string, columns []string, rest string) (int64, error) {
	return one[int64](m.ctx, m.c, fmt.Sprintf("CREATE TEMP TABLE %s AS SELECT %s FROM %s", name, strings.Join(columns, ", "), rest))
}

// minutes makes the tables of a set that has sums of minutes.
func (m *maker) minutes(set *store.RollupSet) error {
	byMinute, byHour := fmt.Sprintf("r%d_1", set.Number), allOf(set)
	columns := append([]string{"t"}, set.Columns...)
	var n int64
	var err error
	if base := m.bases[set.Name]; base != "" {
		n, err = m.table(byMinute, append(columns, m.sumsAgain()...), base+" GROUP BY ALL")
	} else {
		n, err = m.sumRecords(byMinute, store.RollupMinute, set.Columns)
	}
	if err != nil {
		return err
	}
	if n <= max(rollupSlack, m.file.Rows/16) {
		m.add(set, store.RollupMinute, "temp."+byMinute)
	}
	columns = append([]string{"CAST(floor(t / 60) AS BIGINT) AS t"}, set.Columns...)
	n, err = m.table(byHour, append(columns, m.sumsAgain()...), "temp."+byMinute+" GROUP BY ALL")
	if err != nil {
		return err
	}
	if n <= max(rollupSlack, m.file.Rows/16) {
		m.add(set, store.RollupHour, "temp."+byHour)
	}
	return nil
}

// allOf is the name of the table of all sums of hours of a set.
func allOf(set *store.RollupSet) string { return fmt.Sprintf("r%d_60", set.Number) }

// talkers makes the table of a set of which only those that carry most are kept.
func (m *maker) talkers(set *store.RollupSet) error {
	all, kept := allOf(set), fmt.Sprintf("k%d", set.Number)
	keys := append([]string{"t"}, m.varying(set.Columns)...)
	n, err := m.sumRecords(all, store.RollupHour, set.Columns)
	if err != nil {
		return err
	}
	keep := max(int64(m.cfg.Talkers), min(m.file.Rows/25, 50*int64(m.cfg.Talkers)))
	if n <= keep {
		m.add(set, store.RollupHour, "temp."+all)
		return nil
	}
	if err := m.keep(all, kept, keys, keep); err != nil {
		return err
	}
	m.made.Folded |= set.Bit(store.RollupHour)
	on := fmt.Sprintf("temp.%s k ON %s", kept, sameColumns(keys))
	m.add(set, store.RollupHour, fmt.Sprintf("temp.%s a SEMI JOIN %s", all, on))
	left := append([]string{"t"}, set.Columns[:len(set.Columns)-len(set.Folds)]...)
	sums := append(m.sumsAgain(), "CAST(count(*) AS UBIGINT) AS folded", "max(flows) AS most_flows", "max(network_bytes) AS most_bytes", "max(network_packets) AS most_packets")
	m.add(set, store.RollupHour,
		fmt.Sprintf("(SELECT %s FROM temp.%s a ANTI JOIN %s GROUP BY ALL)", strings.Join(append(left, sums...), ", "), all, on))
	return nil
}

// keep makes a table of the keys of those rows that carry most: half of the room is for what has most bytes, the rest for most packets and
// records; mostly they are the same.
func (m *maker) keep(all, kept string, keys []string, n int64) error {
	most := make([]string, 0, 3)
	for i, measure := range []string{"network_bytes", "network_packets", "flows"} {
		most = append(most, fmt.Sprintf("(SELECT %s FROM temp.%s ORDER BY %s DESC, %[1]s LIMIT %[4]d)",
			strings.Join(keys, ", "), all, measure, (n+1)/[]int64{2, 4, 4}[i]))
	}
	_, err := m.table(kept, []string{"DISTINCT *"}, "("+strings.Join(most, " UNION ALL ")+")")
	return err
}

// sameColumns is the condition that rows a and k have the same in some columns.
func sameColumns(columns []string) string {
	same := make([]string, len(columns))
	for i, c := range columns {
		same[i] = fmt.Sprintf("a.%s IS NOT DISTINCT FROM k.%[1]s", c)
	}
	return strings.Join(same, " AND ")
}

// add adds rows of a table to the file.
func (m *maker) add(set *store.RollupSet, minutes int, from string) {
	m.made.Has |= set.Bit(minutes)
	m.branches = append(m.branches, fmt.Sprintf("SELECT %s AS rollup, CAST(%d AS USMALLINT) AS minutes, make_timestamp(t * %d) AS event_end, * EXCLUDE (t) FROM %s",
		quote(set.Name), minutes, minutes*int(time.Minute/time.Microsecond), from))
}

// write writes the file and returns its number of rows. Sums of hours come first, those of a set together.
func (m *maker) write(path string) (int64, error) {
	var names, none []string
	var order string // all by which rows are told apart
	for _, c := range store.RollupColumns() {
		names = append(names, c.Name)
		if c.Name == "flows" {
			order = strings.Join(names[:len(names)-1], ", ")
		}
		none = append(none, fmt.Sprintf("CAST(NULL AS %s) AS %s", c.Type, c.Name))
	}
	branches := append([]string{"SELECT " + strings.Join(none, ", ") + " WHERE FALSE"}, m.branches...)
	return one[int64](m.ctx, m.c, fmt.Sprintf("COPY (SELECT %s FROM (%s) ORDER BY minutes DESC, %s) TO %s (%s)",
		strings.Join(names, ", "), strings.Join(branches, " UNION ALL BY NAME "), order, quote(path), rollupOptions))
}
