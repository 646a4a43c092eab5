//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// Answers say where their range begins before what retention has left, so that a quiet month is told from a deleted one.

// deletedName is the entry in the table meta of a store of which something was deleted: until which time, in ns since the Unix epoch.
const deletedName = "deleted before"

// before is the time until which there may have been records in the files.
func (e *expired) before() time.Time {
	var last time.Time
	for _, f := range e.files {
		of := f.EventMax
		if of.After(f.CommitTo) { // a clock that is wrong
			of = f.CommitTo
		}
		if of.After(last) {
			last = of
		}
	}
	return last
}

func (s *Store) loadDeleted(ctx context.Context, c *conn) error {
	ns, err := one[int64](ctx, c, "SELECT coalesce(max(try_cast(value AS BIGINT)), 0) FROM meta WHERE name = ?", deletedName)
	s.deleted.Store(ns)
	return err
}

// writeDeleted notes that records of before a time are deleted.
func (s *Store) writeDeleted(ctx context.Context, c *conn, before time.Time) error {
	ns := max(s.deleted.Load(), before.UnixNano())
	if err := c.exec(ctx, "DELETE FROM meta WHERE name = ?", deletedName); err != nil {
		return err
	}
	if err := c.exec(ctx, "INSERT INTO meta VALUES (?, ?)", deletedName, strconv.FormatInt(ns, 10)); err != nil {
		return fmt.Errorf("note what is deleted: %w", err)
	}
	return nil
}

// deletedIn returns until when records are deleted, if a range begins before; nil otherwise.
func (s *Store) deletedIn(from time.Time) *time.Time {
	ns := s.deleted.Load()
	if ns == 0 || !from.IsZero() && from.UnixNano() > ns {
		return nil
	}
	before := time.Unix(0, ns).UTC()
	return &before
}
