//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/query"
)

// Seal is SealAll, and tells what is sealed then.
func (s *Store) Seal(ctx context.Context) (query.Sealed, error) {
	if err := s.SealAll(ctx); err != nil {
		return query.Sealed{}, err
	}
	st := s.Stats()
	return query.Sealed{Records: st.SealedRows, Sessions: st.SealedSessions, Files: st.SealedFiles, Bytes: st.SealedBytes}, nil
}

// SealAll seals every record that was appended, also those of the current hour; what is appended meanwhile is not. Calls wait for each
// other. Where ctx ends, the files that are sealed already stay so, and the others are as they were: questions read all of it.
func (s *Store) SealAll(ctx context.Context) error {
	if s.writer == nil {
		return store.ErrReadOnly
	}
	if err := s.Flush(ctx); err != nil {
		return err
	}
	if err := s.house.enter(ctx); err != nil {
		return err
	}
	defer s.house.leave()
	due, err := s.due(ctx, true)
	if err != nil {
		return err
	}
	return s.sealEach(ctx, due)
}

// sealEach seals parts; one that fails keeps none of the others waiting.
func (s *Store) sealEach(ctx context.Context, due []*hotPart) error {
	var failed []error
	for _, h := range due {
		err := s.seal(ctx, h)
		failed = append(failed, err)
		if ctx.Err() != nil || errors.Is(err, store.ErrReopened) {
			break
		}
	}
	return errors.Join(failed...)
}

// due returns the hot files that are to be sealed; from now on nothing is appended to them.
func (s *Store) due(ctx context.Context, all bool) ([]*hotPart, error) {
	w := s.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, store.ErrClosed
	}
	if s.damaged.Load() {
		return nil, store.ErrReopened
	}
	hour := store.PartHour(s.deps.Now())
	for _, l := range w.lanes() {
		if l.hot == nil || (!all && l.hot.part.Hour.Equal(hour)) {
			continue
		}
		if err := w.commit(context.WithoutCancel(ctx)); err != nil {
			return nil, err
		}
		l.leave()
	}
	hot, _ := s.files.snapshot()
	var due []*hotPart
	for _, h := range hot {
		if h == w.flows.hot || h == w.sessions.hot {
			continue
		}
		if all || h.damaged || !h.part.Hour.Equal(hour) || h.rows.Load() >= s.cfg.SealRows {
			h.sealing = true
			due = append(due, h)
		}
	}
	return due, nil
}

// seal turns a hot file into Parquet: copied beside, made durable, renamed, then entered in the manifest in one transaction, from
// which moment questions read that. The hot file is removed when no question reads it any more.
func (s *Store) seal(ctx context.Context, h *hotPart) error {
	begun := time.Now()
	finishing := context.WithoutCancel(ctx) // once a hot file is not read any more there is no way back: it must go
	f, err := s.copyOut(ctx, h)
	if err == nil && f.Rows > 0 {
		rollup := s.rollBeside(ctx, &f, h)
		if err := ctx.Err(); err != nil {
			return err // what was written is not in the manifest, and is written over the next time
		}
		err = s.enter(finishing, h, f, rollup)
	}
	if err != nil {
		return fmt.Errorf("seal %s: %w", h.file.Path(), err)
	}
	if err := s.readers.wait(finishing); err != nil {
		return err
	}
	err = s.writer.alone(finishing, func(c *conn) error {
		s.files.dropHot(h, nil) // only now, as its name is free then
		return s.dropHotFile(finishing, c, h.part)
	})
	if err != nil {
		return fmt.Errorf("remove the hot file of sealed records: %w", err)
	}
	s.counts.seals.Add(1)
	s.counts.sealNanos.Add(uint64(time.Since(begun)))
	return nil
}

// copyOut writes the part's sealed file and returns its entry for the manifest. There is none where no row can be read.
func (s *Store) copyOut(ctx context.Context, h *hotPart) (store.Sealed, error) {
	if h.rows.Load() == 0 {
		return store.Sealed{}, nil
	}
	leave, err := s.readers.room.take(ctx, weighsPages)
	if err != nil {
		return store.Sealed{}, err
	}
	defer leave()
	f := store.Sealed{Part: h.part, Path: h.part.Path(), CommitFrom: h.part.Hour, CommitTo: h.part.Hour.Add(time.Hour)}
	if h.from != 0 {
		f.CommitFrom = time.Unix(0, h.from)
	}
	if h.to != 0 {
		f.CommitTo = time.Unix(0, h.to)
	}
	path := s.path(f.Path)
	temp := store.TempPath(path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return f, err
	}
	c, err := s.connect()
	if err != nil {
		return f, err
	}
	defer c.close()
	view := h.file.View(h.rows.Load())
	if err := s.writeSealed(ctx, &view, temp, &f); err != nil {
		return f, errors.Join(err, removeIfThere(temp))
	}
	_, lost := s.hotFiles.lostOf(h.part.Table())
	if lost == view.Rows() {
		return f, removeIfThere(temp)
	}
	// What a question could not read meanwhile may have been copied before.
	if f.Rows > view.Rows() || f.Rows < view.Rows()-lost {
		return f, fmt.Errorf("%s has %d rows, its hot file %d, of which %d cannot be read", temp, f.Rows, view.Rows(), lost)
	}
	// Before the file is: with the manifest's entry questions read both.
	if lost > 0 {
		s.tryHosts(ctx, c, f.Part, temp, nil)
	} else {
		s.tryHosts(ctx, c, f.Part, temp, &view)
	}
	f.Bytes, err = store.Publish(s.cfg.Dir, f.Path)
	return f, err
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// enter puts the file into the manifest, with its rollup if it has one.
func (s *Store) enter(ctx context.Context, h *hotPart, f store.Sealed, rollup *store.Rollup) error {
	return s.writer.alone(ctx, func(c *conn) error {
		err := c.transaction(ctx, func() error {
			err := c.exec(ctx, "INSERT INTO sealed VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
				f.Path, h.part.Table(), f.CommitFrom, f.CommitTo, f.EventMin, f.EventMax, f.Rows, f.Bytes)
			return errors.Join(err, enterRollup(ctx, c, rollup))
		})
		if err != nil {
			return err
		}
		s.files.roll(rollup)
		s.files.dropHot(h, &sealedPart{Sealed: f, index: h.index})
		s.writer.replaced += sealedRoom
		return nil
	})
}
