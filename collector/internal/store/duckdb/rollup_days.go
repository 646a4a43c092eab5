//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
)

// daysTable is the manifest of rollups of days, as rollupsTable is that of parts; parts are the paths of the records' files.
const daysTable = `CREATE TABLE IF NOT EXISTS rollup_days (path VARCHAR, version BIGINT, has UBIGINT, folded UBIGINT, "rows" BIGINT, bytes BIGINT, parts VARCHAR)`

func enterDay(ctx context.Context, c *conn, d *store.DayRollup) error {
	paths := make([]string, len(d.Parts))
	for i, p := range d.Parts {
		paths[i] = p.Path()
	}
	return errors.Join(c.exec(ctx, "DELETE FROM rollup_days WHERE path = ?", d.Path()),
		c.exec(ctx, "INSERT INTO rollup_days VALUES (?, ?, ?, ?, ?, ?, ?)", d.Path(), d.Version, d.Has, d.Folded, d.Rows, d.Bytes, strings.Join(paths, ",")))
}

func (s *Store) readDays(ctx context.Context, c *conn) ([]store.DayRollup, error) {
	if lacking, err := s.lacks(ctx, c, "rollup_days"); err != nil || lacking {
		return nil, err
	}
	r, err := c.query(ctx, `SELECT path, version, has, folded, "rows", bytes, parts FROM rollup_days`)
	if err != nil {
		return nil, err
	}
	defer r.close()
	var list []store.DayRollup
	for r.next() {
		d := store.DayRollup{Version: int(get[int64](r, 1)), Has: get[uint64](r, 2), Folded: get[uint64](r, 3), Rows: get[int64](r, 4), Bytes: get[int64](r, 5)}
		d.Day, _ = store.ParsePath(r.text(0))
		for path := range strings.SplitSeq(r.text(6), ",") {
			if part, ok := store.ParsePath(path); ok {
				d.Parts = append(d.Parts, part)
			}
		}
		list = append(list, d)
	}
	return list, nil
}

// daysNow returns the rollups of days that the transaction of c sees and that stand for nothing but files that can be read.
func (s *Store) daysNow(ctx context.Context, c *conn, sealed manifest) ([]store.DayRollup, error) {
	list, err := s.readDays(ctx, c)
	if err != nil {
		return nil, err
	}
	readable := map[store.Part]bool{}
	for i := range sealed {
		readable[sealed[i].Part] = !s.files.isMissing(sealed[i].Path)
	}
	s.files.mu.Lock()
	defer s.files.mu.Unlock()
	return slices.DeleteFunc(list, func(d store.DayRollup) bool {
		_, there := s.files.days[d.Day]
		return !there || slices.ContainsFunc(d.Parts, func(p store.Part) bool { return !readable[p] })
	}), nil
}

// loadDays reads the manifest of days when the folder is opened, as loadRollups does that of parts.
func (s *Store) loadDays(ctx context.Context, c *conn) error {
	list, err := s.readDays(ctx, c)
	if err != nil {
		return err
	}
	s.files.days = map[store.Part]store.DayRollup{}
	var gone []string
	for _, d := range list {
		info, err := os.Stat(s.path(d.Path()))
		if err == nil && info.Size() == d.Bytes && d.Version == store.RollupVersion && !slices.ContainsFunc(d.Parts, func(p store.Part) bool { return !s.wasSealed(p) }) {
			s.files.days[d.Day] = d
			continue
		}
		gone = append(gone, d.Path())
	}
	if s.cfg.ReadOnly {
		return nil
	}
	if len(gone) > 0 {
		if err := c.exec(ctx, "DELETE FROM rollup_days WHERE path IN (SELECT unnest(?))", gone); err != nil {
			return err
		}
	}
	return s.removeStray(store.Days, func(p store.Part) bool { _, ok := s.files.days[p]; return ok })
}

// dayDue returns the newest day that is over, whose files have rollups, and that has none of its own yet; false: there is none.
func (s *Store) dayDue() (d store.DayRollup, files []store.Sealed, due bool) {
	today := s.deps.Now().UTC().Truncate(24 * time.Hour)
	s.files.mu.Lock()
	defer s.files.mu.Unlock()
	byDay := map[time.Time][]store.Sealed{}
	open := map[time.Time]bool{today: true}
	for _, h := range s.files.hot {
		open[h.part.Hour.Truncate(24*time.Hour)] = true
	}
	for _, f := range s.files.sealed {
		day := f.Part.Hour.Truncate(24 * time.Hour)
		_, rolled := s.files.rolled[f.Part]
		switch {
		case f.Part.Kind != store.Flows || s.files.missing[f.Path]:
		case rolled:
			byDay[day] = append(byDay[day], f.Sealed)
		case f.Rows >= s.cfg.RollupRows && !s.files.unrolled[f.Part]:
			open[day] = true // its rollup is to come
		}
	}
	for day, list := range byDay {
		part := store.Part{Kind: store.Days, Hour: day, N: 1}
		_, has := s.files.days[part]
		// A day of which the first hours are about to expire is not worth it.
		fading := s.cfg.Retention > 0 && day.Before(s.deps.Now().Add(24*time.Hour-s.cfg.Retention))
		if has || fading || open[day] || len(list) < 2 || s.files.unrolled[part] || due && day.Before(d.Day.Hour) {
			continue
		}
		d, files, due = store.DayRollup{Day: part, Version: store.RollupVersion}, list, true
	}
	slices.SortFunc(files, func(a, b store.Sealed) int { return strings.Compare(a.Path, b.Path) })
	for i := range files {
		d.Parts = append(d.Parts, files[i].Part)
	}
	return d, files, due
}

// rollNextDay makes the rollup of a day that is over of those of its hours, so that a question about months opens a file a day.
func (s *Store) rollNextDay(ctx context.Context) error {
	d, files, due := s.dayDue()
	if !due {
		return nil
	}
	err := s.rollUpDay(ctx, &d, files)
	if err != nil {
		s.rollupFailed(ctx, d.Day, err)
		return ctx.Err()
	}
	err = s.writer.alone(ctx, func(c *conn) error {
		err := c.transaction(ctx, func() error { return enterDay(ctx, c, &d) })
		if err == nil {
			s.files.mu.Lock()
			defer s.files.mu.Unlock()
			s.files.days[d.Day] = d
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("enter rollup of a day: %w", err)
	}
	return nil
}

// daysOf returns the paths of the days that stand for any of some parts, and forgets these days if told to.
func (f *files) daysOf(parts []*sealedPart, forget bool) (paths []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for day, d := range f.days {
		if slices.ContainsFunc(parts, func(p *sealedPart) bool { return slices.Contains(d.Parts, p.Part) }) {
			paths = append(paths, d.Path())
			if forget {
				delete(f.days, day)
				f.unrolled[day] = true // the rest of it goes soon
			}
		}
	}
	return paths
}
