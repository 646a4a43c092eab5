//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
)

// house is held by one at a time, for whom others wait as long as they like.
type house chan struct{}

func (h house) enter(ctx context.Context) error {
	select {
	case h <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h house) leave() { <-h }

// wake tells the housekeeper that there may be something to seal.
func (s *Store) wake() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// houseEvery is how often the housekeeper looks whether an hour or a retention period has passed.
const houseEvery = time.Second

// keepHouse seals and expires until ctx ends.
func (s *Store) keepHouse(ctx context.Context) {
	ticker := time.NewTicker(houseEvery)
	defer ticker.Stop()
	for {
		if err := s.houseWork(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrReopened) {
			s.counts.sealErrors.Add(1)
			s.deps.Log.Error("seal or expire stored records", "error", err)
			s.pause(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.kick:
		case <-ticker.C:
		}
	}
}

// pause waits before what failed is tried again, as on a full disk.
func (s *Store) pause(ctx context.Context) {
	over := time.After(time.Minute)
	for !s.damaged.Load() {
		select {
		case <-ctx.Done():
			return
		case <-over:
			return
		case <-time.After(houseEvery):
		}
	}
}

func (s *Store) houseWork(ctx context.Context) error {
	if err := s.house.enter(ctx); err != nil {
		return err
	}
	defer s.house.leave()
	if err := s.repair(ctx); err != nil {
		return err
	}
	due, err := s.due(ctx, false)
	if err != nil {
		return err
	}
	return errors.Join(s.sealEach(ctx, due), s.rollNext(ctx), s.addMissing(ctx), s.expire(ctx), s.expireMinutes(ctx), s.readers.rest(ctx))
}

// addMissing makes the host index of a file that has none: one at a time, as there may be many of an earlier version.
func (s *Store) addMissing(ctx context.Context) error {
	more, err := s.addHosts(ctx)
	if more {
		s.wake()
	}
	return err
}

// expire deletes sealed files whose time has come: first from the manifest, then, when no question reads them any more, from disk.
func (s *Store) expire(ctx context.Context) error {
	due := s.expired()
	gone, paths := due.files, due.paths()
	if len(gone) == 0 {
		return nil
	}
	rollups, days := s.files.rollupsOf(gone), s.files.daysOf(gone, false)
	err := s.writer.alone(ctx, func(c *conn) error {
		err := c.transaction(ctx, func() error {
			return errors.Join(
				c.exec(ctx, "DELETE FROM sealed WHERE path IN (SELECT unnest(?))", paths),
				c.exec(ctx, "DELETE FROM rollups WHERE path IN (SELECT unnest(?))", rollups),
				c.exec(ctx, "DELETE FROM rollup_days WHERE path IN (SELECT unnest(?))", days),
				c.exec(ctx, "INSERT INTO doomed SELECT unnest(?)", slices.Concat(paths, rollups, days)),
				s.writeDeleted(ctx, c, due.before()))
		})
		if err == nil {
			s.deleted.Store(max(s.deleted.Load(), due.before().UnixNano()))
			s.files.dropSealed(gone)
			s.files.unroll(gone)
			s.files.daysOf(gone, true)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("let go of expired files: %w", err)
	}
	if err := s.readers.wait(ctx); err != nil {
		return err
	}
	s.countExpired(&due)
	return s.writer.alone(ctx, func(c *conn) error { return s.removeDoomed(ctx, c) })
}
