//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
)

// rollupsTable is the manifest of rollups, by the path of their files. Those that are not in it are made again: losing one loses nothing.
const rollupsTable = `CREATE TABLE IF NOT EXISTS rollups (path VARCHAR, version BIGINT, has UBIGINT, folded UBIGINT, "rows" BIGINT, bytes BIGINT)`

// enterRollup puts a rollup into the manifest, as part of a transaction; nil is none.
func enterRollup(ctx context.Context, c *conn, r *store.Rollup) error {
	if r == nil {
		return nil
	}
	return c.exec(ctx, "INSERT INTO rollups VALUES (?, ?, ?, ?, ?, ?)", r.Path(), r.Version, r.Has, r.Folded, r.Rows, r.Bytes)
}

// rollupsNow returns the rollups that the transaction of c sees, by part, but for those that cannot be read.
func (s *Store) rollupsNow(ctx context.Context, c *conn) (map[store.Part]store.Rollup, error) {
	list, err := s.readRollups(ctx, c)
	if err != nil {
		return nil, err
	}
	s.files.mu.Lock()
	defer s.files.mu.Unlock()
	for part := range list {
		if _, ok := s.files.rolled[part]; !ok {
			delete(list, part)
		}
	}
	return list, nil
}

// lacks tells whether a table is missing: a folder of an earlier version that is opened for reading may have no such table.
func (s *Store) lacks(ctx context.Context, c *conn, table string) (bool, error) {
	if !s.cfg.ReadOnly {
		return false, nil
	}
	n, err := one[int64](ctx, c, "SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", table)
	return n == 0, err
}

func (s *Store) readRollups(ctx context.Context, c *conn) (map[store.Part]store.Rollup, error) {
	if lacking, err := s.lacks(ctx, c, "rollups"); err != nil || lacking {
		return nil, err
	}
	r, err := c.query(ctx, `SELECT path, version, has, folded, "rows", bytes FROM rollups`)
	if err != nil {
		return nil, err
	}
	defer r.close()
	list := map[store.Part]store.Rollup{}
	for r.next() {
		part, ok := store.ParsePath(r.text(0))
		if !ok {
			continue // of a later version
		}
		part = part.Beside(store.Flows)
		list[part] = store.Rollup{
			Part: part, Version: int(get[int64](r, 1)), Has: get[uint64](r, 2), Folded: get[uint64](r, 3), Rows: get[int64](r, 4), Bytes: get[int64](r, 5),
		}
	}
	return list, nil
}

// rollBeside makes the rollup of a file that is being sealed of the rows of its hot file, which are read for less. Records are stored without
// one all the same.
func (s *Store) rollBeside(ctx context.Context, f *store.Sealed, h *hotPart) *store.Rollup {
	if f.Part.Kind != store.Flows || f.Rows < s.cfg.RollupRows {
		return nil
	}
	rows := h.file.View(h.rows.Load())
	view := &rows
	if _, lost := s.hotFiles.lostOf(f.Part.Table()); lost > 0 {
		view = nil
	}
	r, err := s.rollUp(ctx, f, view)
	if err != nil {
		s.rollupFailed(ctx, f.Part, err)
		return nil
	}
	return &r
}

func (s *Store) rollupFailed(ctx context.Context, part store.Part, err error) {
	if ctx.Err() != nil {
		return
	}
	s.counts.rollupErrors.Add(1)
	s.deps.Log.Warn("rollup not made: questions read the records instead", "file", s.path(part.Path()), "error", err)
	s.files.mu.Lock()
	defer s.files.mu.Unlock()
	s.files.unrolled[part] = true // until the next start
}

// rollNext makes the rollup of a sealed file that has none, the newest first: those that earlier versions sealed have none.
func (s *Store) rollNext(ctx context.Context) error {
	f := s.unrolled()
	if f == nil {
		return s.rollNextDay(ctx)
	}
	r, err := s.rollUp(ctx, f, nil)
	if err != nil {
		s.rollupFailed(ctx, f.Part, err)
		return ctx.Err()
	}
	err = s.writer.alone(ctx, func(c *conn) error {
		err := c.transaction(ctx, func() error {
			// One that could not be read may be there still.
			return errors.Join(c.exec(ctx, "DELETE FROM rollups WHERE path = ?", r.Path()), enterRollup(ctx, c, &r))
		})
		if err == nil {
			s.files.roll(&r)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("enter rollup: %w", err)
	}
	return nil
}

// unrolled returns the newest sealed file of records that is to have a rollup and has none; nil: all have.
func (s *Store) unrolled() *store.Sealed {
	s.files.mu.Lock()
	defer s.files.mu.Unlock()
	var newest *sealedPart
	for _, f := range s.files.sealed {
		_, has := s.files.rolled[f.Part]
		if has || f.Part.Kind != store.Flows || f.Rows < s.cfg.RollupRows || s.files.missing[f.Path] || s.files.unrolled[f.Part] {
			continue
		}
		if newest == nil || newest.Part.Less(f.Part) {
			newest = f
		}
	}
	if newest == nil {
		return nil
	}
	return &newest.Sealed
}

// roll notes a rollup that is in the manifest.
func (f *files) roll(r *store.Rollup) {
	if r == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rolled[r.Part] = *r
}

// rollupsOf returns the paths of the files of the rollups that some parts have.
func (f *files) rollupsOf(parts []*sealedPart) (paths []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range parts {
		if r, ok := f.rolled[p.Part]; ok {
			paths = append(paths, r.Path(), p.Part.SumsPath())
		}
	}
	return paths
}

// unroll forgets the rollups of parts.
func (f *files) unroll(parts []*sealedPart) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range parts {
		delete(f.rolled, p.Part)
	}
}

// made counts a rollup.
func (s *Store) rollupMade(begun time.Time) {
	s.counts.rollupsMade.Add(1)
	s.counts.rollupNanos.Add(uint64(time.Since(begun)))
}

// countRollups adds up what the rollups hold; the lock is held.
func (f *files) countRollups(st *Stats) {
	st.RollupFiles = len(f.rolled)
	st.RollupDays = len(f.days)
	for _, d := range f.days {
		st.RollupRows += d.Rows
		st.RollupBytes += d.Bytes
	}
	for _, r := range f.rolled {
		st.RollupRows += r.Rows
		st.RollupBytes += r.Bytes + r.SumsBytes
		if r.Folded != 0 {
			st.RollupFolded++
		}
		if !r.HasSums() {
			st.RollupUnsummed++
		}
	}
}
