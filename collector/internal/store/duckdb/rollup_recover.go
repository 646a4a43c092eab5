//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"

	"github.com/weirflow/weir/collector/internal/store"
)

// loadRollups reads the manifest of rollups when the folder is opened. Those that are not there, not whole or of another version are
// forgotten, and made again.
func (s *Store) loadRollups(ctx context.Context, c *conn) error {
	list, err := s.readRollups(ctx, c)
	if err != nil {
		return err
	}
	s.files.rolled, s.files.unrolled = map[store.Part]store.Rollup{}, map[store.Part]bool{}
	var gone []string
	for part, r := range list {
		if r.Version == store.RollupVersion && s.wasSealed(part) && s.sizeOf(r.Path()) == r.Bytes {
			if r.SumsBytes = s.sizeOf(part.SumsPath()); r.SumsBytes > 0 || !r.HasSums() {
				s.files.rolled[part] = r
				continue
			}
		}
		gone = append(gone, r.Path())
	}
	if s.cfg.ReadOnly {
		return s.loadDays(ctx, c)
	}
	if len(gone) > 0 {
		s.deps.Log.Info("rollups are made again", "files", len(gone))
		if err := c.exec(ctx, "DELETE FROM rollups WHERE path IN (SELECT unnest(?))", gone); err != nil {
			return err
		}
	}
	has := func(p store.Part) bool {
		_, ok := s.files.rolled[p.Beside(store.Flows)]
		return ok
	}
	return errors.Join(s.loadDays(ctx, c), s.removeStray(store.Rollups, has), s.removeStrayBeside(store.ParseSumsPath, has))
}

// sizeOf returns the size of a file, 0 where there is none.
func (s *Store) sizeOf(rel string) int64 {
	info, err := os.Stat(s.path(rel))
	if err != nil {
		return 0
	}
	return info.Size()
}

// removeStray removes files of rollups that are not in the manifest, complete or not.
func (s *Store) removeStray(kind store.Kind, known func(store.Part) bool) error {
	var found []string
	if err := s.sealedBelow(string(kind), &found); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look for rollups: %w", err)
	}
	for _, rel := range found {
		if part, ok := store.ParsePath(rel); ok && known(part) {
			continue
		}
		if err := os.Remove(s.path(rel)); err != nil {
			return fmt.Errorf("remove unfinished rollup: %w", err)
		}
	}
	return nil
}

// dropBroken forgets the rollups that cannot be read, so that they are made again, and tells whether there were any.
func (s *Store) dropBroken(ctx context.Context) bool {
	c, err := s.connect()
	if err != nil {
		return false
	}
	defer c.close()
	s.files.mu.Lock()
	rolled, days := maps.Clone(s.files.rolled), maps.Clone(s.files.days)
	s.files.mu.Unlock()
	found := false
	for part, r := range rolled {
		if s.isBroken(ctx, c, r.Path(), r.Rows) {
			found = true
			s.files.mu.Lock()
			delete(s.files.rolled, part)
			s.files.mu.Unlock()
		}
	}
	for day, d := range days {
		if s.isBroken(ctx, c, d.Path(), d.Rows) {
			found = true
			s.files.mu.Lock()
			delete(s.files.days, day)
			s.files.mu.Unlock()
		}
	}
	if found {
		s.wake()
	}
	return found
}

func (s *Store) isBroken(ctx context.Context, c *conn, path string, rows int64) bool {
	n, err := one[int64](ctx, c, "SELECT count(event_end) FROM "+readParquet(s.path(path)))
	if ctx.Err() != nil || err == nil && n == rows {
		return false
	}
	s.counts.rollupErrors.Add(1)
	s.deps.Log.Warn("a rollup cannot be read: it is made again", "file", s.path(path), "error", err)
	return true
}
