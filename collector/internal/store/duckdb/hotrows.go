//go:build cgo

package duckdb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hot"
)

// Rows of the hour that is being written are in files, and count from the transaction on that notes in the table hot how many there are. What
// lies behind them in a file is of a transaction that did not end.

// writeRows notes how many rows the hot files have once the transaction is committed.
func (w *writer) writeRows(ctx context.Context) error {
	for _, l := range w.lanes() {
		if l.hot == nil || l.rows == 0 {
			continue
		}
		w.replaced += hotRoom
		err := w.conn.exec(ctx, "INSERT INTO hot VALUES (?, ?, ?::UBIGINT)", l.hot.part.Table(), l.hot.rows.Load()+int64(l.rows), w.nextVersion())
		if err != nil {
			return err
		}
	}
	return nil
}

// hotRoom is what a row of the table hot counts for compacting: questions read all of it.
const hotRoom = maxReplaced / 4096

// countedRows is how many rows of a part count.
type countedRows struct {
	part store.Part
	rows int64
}

// countedNow returns the parts whose rows are in hot files, as the transaction of c sees them. Some may be in sealed files, too.
func countedNow(ctx context.Context, c *conn) ([]countedRows, error) {
	r, err := c.query(ctx, "SELECT id, max(rows)::BIGINT FROM hot GROUP BY id")
	if err != nil {
		return nil, err
	}
	defer r.close()
	var list []countedRows
	for r.next() {
		if part, ok := store.ParseTable(r.text(0)); ok {
			list = append(list, countedRows{part, get[int64](r, 1)})
		}
	}
	slices.SortFunc(list, func(a, b countedRows) int { return cmp.Compare(a.part.Table(), b.part.Table()) })
	return list, nil
}

// openHot opens the file of a part, and returns it with as many rows as can be read: those that count. Where it cannot be opened it stays as it
// is, for the next start, and is left out of answers.
func (s *Store) openHot(counted countedRows) *hotPart {
	h := &hotPart{part: counted.part}
	path := s.path(counted.part.HotPath())
	var err error
	h.file, err = hot.Open(path, counted.rows, s.cfg.ReadOnly)
	switch {
	case errors.Is(err, hot.ErrBroken):
		h.damaged = true
		s.hotFiles.count.Add(counted.rows - h.file.Rows())
		s.deps.Log.Error("records that were committed cannot be read: their file is damaged", "file", path, "committed", counted.rows, "there", h.file.Rows(), "error", err)
	case err != nil:
		s.hotFiles.count.Add(counted.rows)
		s.deps.Log.Error("records that were committed are left out of answers: put their file right and start again", "file", path, "committed", counted.rows, "error", err)
		s.files.hotMissing = append(s.files.hotMissing, counted.part)
		return nil
	}
	h.rows.Store(h.file.Rows())
	s.hotFiles.add(counted.part.Table(), h.file)
	return h
}

// dropHotFile removes a part's file, which no question reads any more. One that has more rows than were sealed is kept under another name:
// somebody may be able to read them.
func (s *Store) dropHotFile(ctx context.Context, c *conn, p store.Part) error {
	counted, err := one[int64](ctx, c, "SELECT coalesce(max(rows), 0)::BIGINT FROM hot WHERE id = ?", p.Table())
	if err != nil {
		return err
	}
	if f := s.hotFiles.take(p.Table()); f != nil {
		_ = f.Close() // it is not written any more
	}
	path, sealed := s.path(p.HotPath()), s.sealedRows(p)
	if counted > sealed {
		s.deps.Log.Warn("a file with records that could not be read is kept", "file", path+store.DamagedSuffix, "records", counted-sealed)
		err = os.Rename(path, path+store.DamagedSuffix)
	} else {
		err = os.Remove(path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove hot file: %w", err)
	}
	return c.exec(ctx, "DELETE FROM hot WHERE id = ?", p.Table())
}

// sealedRows returns how many rows the sealed file of a part has; 0 where there is none.
func (s *Store) sealedRows(p store.Part) int64 {
	_, sealed := s.files.snapshot()
	for _, f := range sealed {
		if f.Part == p {
			return f.Rows
		}
	}
	return 0
}
