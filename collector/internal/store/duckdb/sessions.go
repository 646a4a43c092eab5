//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
)

// WriteSessions appends tellings of sessions, to be committed with the records or within Config.CommitEvery. Those of sessions that
// an earlier process stored whole are left out; the error is that of this call, not of an earlier commit.
func (s *Store) WriteSessions(ctx context.Context, b *flow.SessionBatch) error {
	w := s.writer
	if w == nil {
		return store.ErrReadOnly
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return store.ErrClosed
	}
	return w.writeSessions(context.WithoutCancel(ctx), b)
}

func (w *writer) writeSessions(ctx context.Context, b *flow.SessionBatch) error {
	list, err := w.freshSessions(ctx, b.Sessions)
	if err != nil {
		return fmt.Errorf("search stored sessions: %w", err)
	}
	if len(list) == 0 {
		return nil
	}
	in := input{mem: sessionMemory(list)}
	if err := w.openLane(ctx, &w.sessions, &in); err != nil {
		return err
	}
	if err := w.sessions.append(&in, b.Symbols); err != nil {
		return w.fail(ctx, err)
	}
	w.s.counts.sessions.Add(uint64(len(list)))
	return w.commitIfMany(ctx)
}

// freshSessions returns what of the list is to be appended. Only sessions that began before the last one which was stored when this
// process opened the folder may be stored already: when a capture is replayed again, or just after a restart.
func (w *writer) freshSessions(ctx context.Context, list []flow.Session) ([]flow.Session, error) {
	if err := w.findBorn(ctx); err != nil {
		return nil, err
	}
	ids, first := w.doubtful(list)
	if len(ids) == 0 {
		return list, nil
	}
	known, err := w.storedSessions(ctx, ids, first)
	if err != nil {
		return nil, err
	}
	fresh := w.fresh[:0]
	for i := range list {
		fresh = append(fresh, list[i])
		s := &fresh[len(fresh)-1]
		if s.Born > w.bornBefore {
			continue
		}
		if k, ok := known[s.ID.Hi]; ok {
			if k.whole && k.records >= s.Records {
				w.s.counts.sessionsAlready.Add(1)
				fresh = fresh[:len(fresh)-1]
				continue
			}
			s.Told = max(s.Told, k.told+1)
		}
		s.Told = max(s.Told, w.retold[s.ID.Hi])
		if w.retold[s.ID.Hi] = s.Told + 1; !s.Open {
			delete(w.retold, s.ID.Hi)
		}
	}
	w.fresh = fresh
	return fresh, nil
}

// doubtful returns the ids of the sessions that may be stored already, and the earliest Born of them.
func (w *writer) doubtful(list []flow.Session) (ids []uint64, first int64) {
	first = math.MaxInt64
	for i := range list {
		if s := &list[i]; s.Born <= w.bornBefore {
			ids, first = append(ids, s.ID.Hi), min(first, s.Born)
		}
	}
	return ids, first
}

// findBorn learns when the latest of the sessions stored began.
func (w *writer) findBorn(ctx context.Context) error {
	if w.bornIsKnown {
		return nil
	}
	last := int64(math.MinInt64)
	err := w.eachOfSessions(ctx, wanted{statement: bornSQL}, func(from string) error {
		born, err := one[int64](ctx, w.side, fmt.Sprintf("SELECT coalesce(max(%s), %d) FROM %s", bornSQL, int64(math.MinInt64), from))
		last = max(last, born)
		return err
	})
	if err == nil {
		w.bornBefore, w.bornIsKnown = last, true
	}
	return err
}

// eachOfSessions calls f with each hot table and each sealed file of sessions that may have rows in the wanted range. A file that f
// cannot read is left out from then on: it must not keep new sessions from being stored.
func (w *writer) eachOfSessions(ctx context.Context, want wanted, f func(from string) error) error {
	of := w.s.contents(store.Sessions)
	tables, err := hotColumns(ctx, w.side, of.kind)
	if err != nil {
		return err
	}
	hot, sealed := w.s.files.snapshotOf(of.kind)
	for _, h := range hot {
		table := h.part.Table()
		if columns, made := tables[table]; made {
			if err := f("(SELECT " + selected(of.fields, columns, want.statement) + " FROM " + table + ")"); err != nil {
				return err
			}
		}
	}
	for _, file := range sealed {
		if !file.Overlaps(want.from, want.to) || w.s.files.isMissing(file.Path) {
			continue
		}
		if err := f(readParquet(w.s.path(file.Path))); err != nil {
			w.s.files.lose(file.Path)
			w.s.deps.Log.Error("a sealed file cannot be read: its sessions are left out of answers", "file", w.s.path(file.Path), "error", err)
		}
	}
	return nil
}

// bornSQL is Born of a session.
const bornSQL = "coalesce(born, epoch_us(event_start) * 1000 + coalesce(event_start_sub, 0))"

// storedSession is what is stored of a session, as last told.
type storedSession struct {
	told, records uint32
	whole         bool
}

// storedSessions returns what is stored of ids of sessions born at first or later.
func (w *writer) storedSessions(ctx context.Context, ids []uint64, first int64) (map[uint64]storedSession, error) {
	known := map[uint64]storedSession{}
	err := w.eachOfSessions(ctx, wanted{from: time.Unix(0, first), statement: "id_hi told session_records session_open"}, func(from string) error {
		r, err := w.side.query(ctx, "SELECT id_hi, coalesce(told, 0)::UINTEGER, coalesce(session_records, 0)::UINTEGER, session_open IS NULL FROM "+from+
			" WHERE id_hi IN (SELECT unnest(?))", ids)
		if err != nil {
			return err
		}
		defer r.close()
		for r.next() {
			id, is := get[uint64](r, 0), storedSession{get[uint32](r, 1), get[uint32](r, 2), get[bool](r, 3)}
			if had, ok := known[id]; !ok || is.told >= had.told {
				known[id] = is
			}
		}
		return nil
	})
	return known, err
}
