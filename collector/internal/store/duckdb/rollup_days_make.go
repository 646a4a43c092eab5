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
	"time"

	"github.com/weirflow/weir/collector/internal/store"
)

// dayTalkers is how many times as many addresses as a small part at least keeps a day keeps at most.
const dayTalkers = 20

// rollUpDay writes the rollup of a day, made of those of its parts: sums of hours, and of days for sets that fold.
func (s *Store) rollUpDay(ctx context.Context, d *store.DayRollup, files []store.Sealed) error {
	leave, err := s.readers.room.take(ctx, weighsHosts)
	if err != nil {
		return err
	}
	defer leave()
	begun := time.Now()
	c, err := s.connect()
	if err != nil {
		return err
	}
	defer c.close()
	if err := s.readers.crew.hire(ctx, c); err != nil {
		return err
	}
	m := dayMaker{maker: maker{ctx: ctx, c: c, cfg: &s.cfg}, has: ^uint64(0)}
	var paths []string
	s.files.mu.Lock()
	for i := range files {
		r := s.files.rolled[files[i].Part]
		paths = append(paths, s.path(r.Path()))
		m.has &= r.Has
		m.folded |= r.Folded
		m.rows += files[i].Rows
	}
	s.files.mu.Unlock()
	m.from = readParquet(paths...)
	for _, set := range store.RollupSets() {
		if m.has&set.Bit(store.RollupHour) == 0 {
			continue
		}
		of := m.hours
		if len(set.Folds) > 0 {
			of = m.talkers
		}
		if err := of(&set); err != nil {
			return fmt.Errorf("sum by %s: %w", set.Name, err)
		}
	}
	d.Has, d.Folded = m.made.Has, m.made.Folded
	if err := os.MkdirAll(filepath.Dir(s.path(d.Path())), 0o755); err != nil {
		return err
	}
	temp := store.TempPath(s.path(d.Path()))
	if d.Rows, err = m.write(temp); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	if d.Bytes, err = store.Publish(s.cfg.Dir, d.Path()); err != nil {
		return err
	}
	s.rollupMade(begun)
	return nil
}

// dayMaker makes a rollup of a day.
type dayMaker struct {
	maker
	from        string // rollups of the day's parts
	has, folded uint64 // what all parts have, and any has folded
	rows        int64  // records
}

// rowsOf are those of a set, summed by hours.
func (m *dayMaker) rowsOf(set *store.RollupSet) string {
	return fmt.Sprintf("%s WHERE rollup = %s AND minutes = %d", m.from, quote(set.Name), store.RollupHour)
}

// daySums is the select list of sums over sums of several files, of which some may have counters of directions.
func daySums() string {
	list := []string{saturated("flows") + " AS flows", saturated("network_bytes") + " AS network_bytes", saturated("network_packets") + " AS network_packets"}
	for _, kind := range []string{"bytes", "packets"} {
		source := map[string]string{"bytes": store.SourceBytes, "packets": store.SourcePackets}[kind]
		list = append(list,
			fmt.Sprintf("CASE WHEN count(source_%s) + count(destination_%[1]s) > 0 THEN %s END AS source_%[1]s", kind, saturated(source)),
			fmt.Sprintf("CASE WHEN count(destination_%s) > 0 THEN %s END AS destination_%[1]s", kind, saturated("destination_"+kind)))
	}
	return strings.Join(list, ", ")
}

func (m *dayMaker) hours(set *store.RollupSet) error {
	m.made.Has |= set.Bit(store.RollupHour)
	m.branches = append(m.branches, fmt.Sprintf("SELECT %s AS rollup, CAST(%d AS USMALLINT) AS minutes, event_end, %s, %s FROM %s GROUP BY ALL",
		quote(set.Name), store.RollupHour, strings.Join(set.Columns, ", "), daySums(), m.rowsOf(set)))
	return nil
}

// talkers sums by days, and keeps those that carry most of what the hours kept. What one may lack is what each hour folded at most, and what
// it had itself where the day folds it.
func (m *dayMaker) talkers(set *store.RollupSet) error {
	all, kept := fmt.Sprintf("d%d", set.Number), fmt.Sprintf("k%d", set.Number)
	keys := append([]string{"event_end"}, set.Columns...)
	columns := append([]string{"time_bucket(INTERVAL 1 DAY, event_end) AS event_end"}, set.Columns...)
	columns = append(columns, daySums(), "folded IS NOT NULL AS f", "sum(folded) AS folded", saturated("most_flows")+" AS most_flows", saturated("most_bytes")+" AS most_bytes", saturated("most_packets")+" AS most_packets")
	n, err := m.table(all, columns, m.rowsOf(set)+" GROUP BY ALL")
	if err != nil {
		return err
	}
	m.made.Has |= set.Bit(store.RollupHour)
	m.made.Folded |= m.folded & set.Bit(store.RollupHour)
	keep := max(int64(m.cfg.Talkers), min(m.rows/100, dayTalkers*int64(m.cfg.Talkers)))
	marked := "(SELECT *, f AS gone FROM temp." + all + ")"
	if n > keep {
		m.made.Folded |= set.Bit(store.RollupHour)
		if err := m.keep(all+" WHERE NOT f", kept, keys, keep); err != nil {
			return err
		}
		marked = fmt.Sprintf("(SELECT a.*, a.f OR k.there IS NULL AS gone FROM temp.%s a LEFT JOIN (SELECT *, TRUE AS there FROM temp.%s) k ON %s)", all, kept, sameColumns(keys))
	}
	head := fmt.Sprintf("SELECT %s AS rollup, CAST(%d AS USMALLINT) AS minutes, ", quote(set.Name), store.RollupDay)
	left := strings.Join(keys[:len(keys)-len(set.Folds)], ", ")
	m.branches = append(m.branches,
		head+"* EXCLUDE (f, gone, folded, most_flows, most_bytes, most_packets) FROM "+marked+" WHERE NOT gone",
		head+left+", "+daySums()+", "+saturated("coalesce(folded, 1)")+" AS folded, "+lacking("flows", "flows")+", "+lacking("network_bytes", "bytes")+", "+lacking("network_packets", "packets")+
			" FROM "+marked+" WHERE gone GROUP BY ALL")
	return nil
}

// lacking is the most that an address may lack of a measure.
func lacking(measure, short string) string {
	return fmt.Sprintf("CAST(least(coalesce(sum(most_%s), 0) + coalesce(max(%s) FILTER (NOT f), 0), %d) AS UBIGINT) AS most_%[1]s", short, measure, uint64(math.MaxUint64))
}
