//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/weirflow/weir/collector/internal/store"
)

// recover reads what the folder holds and puts right what a crash left half done:
//
//   - of a hot file only rows that were committed count, see openHot; what was made and never committed to is removed;
//   - a hot file that was sealed but not removed is removed: its sealed file is in the manifest;
//   - a file that was sealed but not entered in the manifest is removed: its hot file is there;
//   - files that were being written, or that retention let go of, are removed;
//   - rollups that are not whole are made again, see loadRollups.
//
// Files that it can't account for stay where they are and are not read; files of the manifest and hot files that are not there are left out
// of answers. Both are logged.
func (s *Store) recover(ctx context.Context, c *conn) error {
	if err := s.checkLayout(ctx, c); err != nil {
		return err
	}
	if err := s.loadSealed(ctx, c); err != nil {
		return err
	}
	older, err := s.upgrade(ctx, c)
	if err != nil {
		return err
	}
	if !older {
		if err := s.loadHot(ctx, c); err != nil {
			return err
		}
	}
	if err := s.checkFiles(); err != nil {
		return err
	}
	if err := s.loadRollups(ctx, c); err != nil {
		return err
	}
	if err := s.loadRestart(ctx, c); err != nil {
		return err
	}
	if s.cfg.ReadOnly {
		return nil
	}
	if err := s.removeDoomed(ctx, c); err != nil {
		return err
	}
	return s.removeLeftovers()
}

func (s *Store) checkLayout(ctx context.Context, c *conn) error {
	fresh, err := isFresh(ctx, c)
	if err != nil {
		return err
	}
	if fresh {
		if s.cfg.ReadOnly {
			return store.ErrNoStore
		}
		files, err := s.recordsOnDisk()
		if err != nil {
			return fmt.Errorf("look for files of records: %w", err)
		}
		if len(files) > 0 {
			return fmt.Errorf("%d files such as %s: %w", len(files), s.path(files[0]), store.ErrOrphans)
		}
		return s.makeSchema(ctx, c)
	}
	version, err := one[string](ctx, c, "SELECT value FROM meta WHERE name = 'layout'")
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(version); err != nil || n > store.LayoutVersion {
		return fmt.Errorf("layout %q, this program knows %d: %w", version, store.LayoutVersion, store.ErrLayout)
	}
	if s.cfg.ReadOnly {
		return nil
	}
	return errors.Join(makeInterfaces(ctx, c), c.exec(ctx, rollupsTable), c.exec(ctx, daysTable))
}

func isFresh(ctx context.Context, c *conn) (bool, error) {
	n, err := one[int64](ctx, c, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'meta'")
	return n == 0, err
}

// makeSchema makes all tables at once: there is no store with half of them.
func (s *Store) makeSchema(ctx context.Context, c *conn) error {
	return c.transaction(ctx, func() error {
		for _, sql := range schema {
			if err := c.exec(ctx, sql); err != nil {
				return err
			}
		}
		if err := makeInterfaces(ctx, c); err != nil {
			return err
		}
		return c.exec(ctx, "INSERT INTO meta VALUES ('layout', ?)", strconv.Itoa(store.LayoutVersion))
	})
}

const selectSealed = `SELECT path, hot, commit_from, commit_to, event_min, event_max, "rows", bytes FROM sealed`

func readSealed(r *rows) (store.Sealed, error) {
	f := store.Sealed{
		Path: r.text(0), CommitFrom: r.time(2), CommitTo: r.time(3), EventMin: r.time(4), EventMax: r.time(5),
		Rows: get[int64](r, 6), Bytes: get[int64](r, 7),
	}
	part, ok := store.ParsePath(f.Path)
	if !ok {
		return f, fmt.Errorf("manifest: %q is not the path of a sealed file", f.Path)
	}
	f.Part = part
	return f, nil
}

func (s *Store) loadSealed(ctx context.Context, c *conn) error {
	sealed, err := sealedNow(ctx, c)
	if err != nil {
		return err
	}
	for _, f := range sealed {
		s.files.sealed = append(s.files.sealed, &sealedPart{Sealed: f})
	}
	return nil
}

func (s *Store) loadHot(ctx context.Context, c *conn) error {
	counted, err := countedNow(ctx, c)
	if err != nil {
		return err
	}
	for _, n := range counted {
		if s.wasSealed(n.part) {
			if err := s.dropSealedHot(ctx, c, n.part); err != nil {
				return err
			}
			continue
		}
		if h := s.openHot(n); h != nil {
			s.files.hot = append(s.files.hot, h)
		}
	}
	slices.SortFunc(s.files.hot, func(a, b *hotPart) int {
		if a.part.Less(b.part) {
			return -1
		}
		return 1
	})
	return nil
}

// dropSealedHot removes the hot file of a part that was sealed when the process ended.
func (s *Store) dropSealedHot(ctx context.Context, c *conn, p store.Part) error {
	if s.cfg.ReadOnly {
		return nil
	}
	s.deps.Log.Info("remove a hot file that had been sealed", "file", s.path(p.HotPath()))
	return s.dropHotFile(ctx, c, p)
}

func (s *Store) wasSealed(p store.Part) bool {
	return slices.ContainsFunc(s.files.sealed, func(f *sealedPart) bool { return f.Part == p })
}

// checkFiles finds the files of the manifest that are not there or have another size.
func (s *Store) checkFiles() error {
	s.files.missing = map[string]bool{}
	for _, f := range s.files.sealed {
		info, err := os.Stat(s.path(f.Path))
		if err == nil && info.Size() == f.Bytes {
			continue
		}
		s.files.missing[f.Path] = true
		s.deps.Log.Error("a sealed file is not there or not whole: its records are left out of answers", "file", s.path(f.Path), "rows", f.Rows, "bytes", f.Bytes, "error", err)
	}
	return nil
}

// path returns where a file of the manifest lies.
func (s *Store) path(rel string) string { return filepath.Join(s.cfg.Dir, filepath.FromSlash(rel)) }

// sealedOnDisk returns the paths, relative to the data folder, of all files that are named as sealed files are,
// complete or not.
func (s *Store) sealedOnDisk() ([]string, error) {
	var found []string
	for _, kind := range store.Kinds() {
		err := s.sealedBelow(string(kind), &found)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return found, nil
}

func (s *Store) sealedBelow(folder string, found *[]string) error {
	return filepath.WalkDir(filepath.Join(s.cfg.Dir, folder), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(s.cfg.Dir, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if _, ok := store.ParsePath(strings.TrimSuffix(rel, store.TempSuffix)); ok {
			*found = append(*found, rel)
		}
		return nil
	})
}

// removeDoomed removes the files that retention had let go of when the process ended.
func (s *Store) removeDoomed(ctx context.Context, c *conn) error {
	r, err := c.query(ctx, "SELECT path FROM doomed")
	if err != nil {
		return err
	}
	defer r.close()
	for r.next() {
		if err := os.Remove(s.path(r.text(0))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove expired file: %w", err)
		}
		if part, ok := store.ParsePath(r.text(0)); ok {
			if err := s.removeHosts(part); err != nil {
				return err
			}
		}
	}
	return c.exec(ctx, "DELETE FROM doomed")
}

// removeLeftovers removes what sealing left half done, see recover.
func (s *Store) removeLeftovers() error {
	found, err := s.sealedOnDisk()
	if err != nil {
		return err
	}
	for _, rel := range found {
		complete, isTemp := strings.CutSuffix(rel, store.TempSuffix)
		part, _ := store.ParsePath(complete)
		switch {
		case !isTemp && s.wasSealed(part):
			continue
		case !isTemp && !slices.ContainsFunc(s.files.hot, func(h *hotPart) bool { return h.part == part }):
			s.deps.Log.Warn("a sealed file is not in the manifest: it is not read and stays", "file", s.path(rel))
			continue
		}
		s.deps.Log.Info("remove a sealed file that was not finished", "file", s.path(rel))
		if err := os.Remove(s.path(rel)); err != nil {
			return fmt.Errorf("remove unfinished file: %w", err)
		}
	}
	return errors.Join(s.removeStrayHot(), s.removeStrayHosts())
}

// recordsOnDisk is sealedOnDisk with the hot files.
func (s *Store) recordsOnDisk() ([]string, error) {
	found, err := s.sealedOnDisk()
	if err != nil {
		return nil, err
	}
	hot, err := s.hotOnDisk()
	for _, p := range hot {
		found = append(found, p.HotPath())
	}
	return found, err
}

// hotOnDisk returns the parts that have a hot file.
func (s *Store) hotOnDisk() (found []store.Part, err error) {
	list, err := os.ReadDir(s.path(store.HotDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look for hot files: %w", err)
	}
	for _, e := range list {
		name, isHot := strings.CutSuffix(e.Name(), store.HotSuffix)
		if part, ok := store.ParseTable(name); ok && isHot {
			found = append(found, part)
		}
	}
	return found, nil
}

// removeStrayHot removes hot files to which nothing was committed.
func (s *Store) removeStrayHot() error {
	found, err := s.hotOnDisk()
	if err != nil {
		return err
	}
	for _, part := range found {
		if slices.Contains(s.files.hotMissing, part) || slices.ContainsFunc(s.files.hot, func(h *hotPart) bool { return h.part == part }) {
			continue
		}
		s.deps.Log.Info("remove a hot file to which nothing was committed", "file", s.path(part.HotPath()))
		if err := os.Remove(s.path(part.HotPath())); err != nil {
			return fmt.Errorf("remove hot file: %w", err)
		}
	}
	return nil
}
