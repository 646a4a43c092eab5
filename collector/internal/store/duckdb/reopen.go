//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"strings"

	duck "github.com/duckdb/duckdb-go-bindings"

	"github.com/weirflow/weir/collector/internal/store"
)

// DuckDB 1.5.6 does not take back an append that runs out of memory half way: the table keeps rows in some of its columns, the next
// checkpoint finds them and gives up the database, which answers nothing more. What was committed is whole, in the files and its log. So
// the database is closed and opened again after a write that ran out of memory, and where it says that it was given up. Questions being
// answered end with [store.ErrReopened], writing waits.

// givenUp is in what DuckDB says of a database that it has given up.
const givenUp = "has been invalidated"

// failure returns the error for what DuckDB says of a statement or an append.
func failure(what, message string) error {
	switch {
	case strings.HasPrefix(message, "Out of Memory Error"), strings.Contains(message, ": could not allocate block"), strings.HasPrefix(message, "Failed to append: failed to"):
		first, _, _ := strings.Cut(message, "\n") // what follows is advice about DuckDB's settings
		return fmt.Errorf("%w (%s)", store.ErrMemory, first)
	case strings.Contains(message, givenUp):
		return fmt.Errorf("%s: %w (%s)", what, store.ErrReopened, message)
	}
	return fmt.Errorf("%s: %s", what, message)
}

// suspect notes that the database is to be opened again if a write failed with err.
func (s *Store) suspect(err error) {
	if errors.Is(err, store.ErrMemory) || errors.Is(err, store.ErrReopened) {
		s.distrust()
	}
}

// distrust has the housekeeper open the database again.
func (s *Store) distrust() {
	if s.writer != nil {
		s.damaged.Store(true)
		s.wake()
	}
}

// repair opens the database again if it may be damaged. The house is the caller's.
func (s *Store) repair(ctx context.Context) error {
	if !s.damaged.Load() {
		return nil
	}
	w := s.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return store.ErrClosed
	}
	s.deps.Log.Warn("open the database again: a write ran out of memory, or DuckDB gave it up")
	if err := s.reopen(ctx); err != nil {
		return fmt.Errorf("open the database again: %w", err)
	}
	s.damaged.Store(false)
	s.counts.reopened.Add(1)
	w.timer.Reset(s.cfg.CommitEvery)
	w.repaired.Broadcast()
	return nil
}

// reopen closes the database and opens it as it was committed. The writer's lock is the caller's.
func (s *Store) reopen(ctx context.Context) (err error) {
	w := s.writer
	s.readers.drain()
	w.leaveDatabase(ctx)
	if err := s.openAgain(ctx); err != nil {
		return err
	}
	if w.conn, err = s.connect(); err != nil {
		return err
	}
	if w.side, err = s.connect(); err != nil {
		return err
	}
	if err := s.countHot(ctx, w.conn); err != nil {
		return err
	}
	w.names = &names{}
	if err := errors.Join(w.names.load(ctx, w.conn), w.loadVersion(ctx)); err != nil {
		return err
	}
	s.hotFiles.know(w.names)
	return s.readers.fill(s.db, s.cfg)
}

func (s *Store) openAgain(ctx context.Context) (err error) {
	s.dbLock.Lock()
	defer s.dbLock.Unlock()
	duck.Close(&s.db)
	s.db, err = openDatabase(ctx, s.cfg, &s.hotFiles)
	return err
}

// countHot takes the rows of hot files from the database.
func (s *Store) countHot(ctx context.Context, c *conn) error {
	counted, err := countedNow(ctx, c)
	if err != nil {
		return err
	}
	parts, _ := s.files.snapshot()
	for _, h := range parts {
		rows := int64(0)
		for _, n := range counted {
			if n.part == h.part {
				rows = n.rows
			}
		}
		if err := h.file.Settle(rows); err != nil && !h.damaged {
			h.damaged = true
			s.hotFiles.count.Add(max(rows-h.file.Rows(), 0))
			s.deps.Log.Error("records that were committed cannot be read: their file is damaged", "committed", rows, "there", h.file.Rows(), "error", err)
		}
		h.rows.Store(h.file.Rows())
	}
	return nil
}

// leaveDatabase gives up what is open and closes the writer's connections.
func (w *writer) leaveDatabase(ctx context.Context) {
	if w.open {
		_ = w.fail(ctx, store.ErrReopened)
	}
	for _, l := range w.lanes() {
		l.leave()
	}
	for _, c := range []**conn{&w.conn, &w.side} {
		if *c != nil {
			(*c).close()
		}
		*c = nil
	}
}

// enter takes the writer's lock for something to write, once the database is whole. Where the error is [store.ErrClosed] the lock is not
// held.
func (w *writer) enter() error {
	w.mu.Lock()
	for w.s.damaged.Load() && !w.closed {
		w.repaired.Wait()
	}
	if w.closed {
		w.mu.Unlock()
		return store.ErrClosed
	}
	return nil
}
