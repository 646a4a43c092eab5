//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
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
	if err := w.enter(); err != nil {
		return err
	}
	defer w.mu.Unlock()
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
	if err := w.appendSessions(list, b.Symbols); err != nil {
		return w.fail(ctx, err)
	}
	w.s.counts.sessions.Add(uint64(len(list)))
	return w.commitIfMany(ctx)
}

// appendSessions appends sessions in the order of their groups, and within them in their own.
func (w *writer) appendSessions(list []flow.Session, symbols *flow.Symbols) error {
	tile, order := &w.groups.tile, w.groups.order(list)
	for len(order) > 0 {
		n := min(tileRows, len(order))
		for i, at := range order[:n] {
			tile[i] = list[at]
		}
		if err := w.sessions.append(&input{mem: sessionMemory(tile[:n])}, symbols); err != nil {
			return err
		}
		order = order[n:]
	}
	return nil
}

// freshSessions returns what of the list is to be appended. Only sessions that began before the last one which was stored when this
// process opened the folder may be stored already: when a capture is replayed again, or just after a restart.
func (w *writer) freshSessions(ctx context.Context, list []flow.Session) ([]flow.Session, error) {
	if err := w.findBorn(ctx); err != nil {
		return nil, err
	}
	known, err := w.storedSessions(ctx, list)
	if err != nil {
		return nil, err
	}
	if known == nil {
		return list, nil
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
			w.supersedes = w.supersedes || k.whole
		}
		s.Told = max(s.Told, w.retold[s.ID.Hi])
		if w.retold[s.ID.Hi] = s.Told + 1; !s.Open {
			delete(w.retold, s.ID.Hi)
		}
	}
	w.fresh = fresh
	return fresh, nil
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

// eachOfSessions calls f with each hot file and each sealed file of sessions that may have rows in the wanted range. A file that f
// cannot read is left out from then on: it must not keep new sessions from being stored.
func (w *writer) eachOfSessions(ctx context.Context, want wanted, f func(from string) error) error {
	of := w.s.contents(store.Sessions)
	hot, sealed := w.s.files.snapshotOf(of.kind)
	for _, h := range hot {
		view := h.file.View(h.file.Rows())
		if err := f("(SELECT " + selected(of.fields, view.Columns(), want.statement) + " FROM " + hotTable(h.part, view.Rows(), always) + ")"); err != nil {
			return err
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

// storedSessions returns what is stored of those of the sessions that an earlier process may have stored, by the upper half of their
// ids; nil where there are none of these. Rows of sessions told once have no id: they are found by what it is made of.
func (w *writer) storedSessions(ctx context.Context, sessions []flow.Session) (map[uint64]storedSession, error) {
	var borns []int64
	var pairs []uint64
	for i := range sessions {
		if s := &sessions[i]; s.Born <= w.bornBefore {
			_, client := s.Client.IP.Words()
			_, server := s.Server.IP.Words()
			borns, pairs = append(borns, s.Born), append(pairs, client^server)
		}
	}
	if len(borns) == 0 {
		return nil, nil
	}
	known := map[uint64]storedSession{}
	first := time.Unix(0, slices.Min(borns))
	fields, list := identifying(w.s.sessionFields)
	where := " WHERE (event_end >= ? OR event_end IS NULL) AND (" + bornSQL + ", xor(client_ip_lo, server_ip_lo)) IN (SELECT unnest(?), unnest(?))"
	err := w.eachOfSessions(ctx, wanted{from: first, statement: list}, func(from string) error {
		r, err := w.side.query(ctx, "SELECT "+list+" FROM "+from+where, first.Truncate(time.Millisecond), borns, pairs)
		if err != nil {
			return err
		}
		defer r.close()
		found := &flow.SessionBatch{Symbols: flow.NewSymbols()}
		loadSessions(fields, r, found)
		for i := range found.Sessions {
			s := &found.Sessions[i]
			if had, ok := known[s.ID.Hi]; !ok || s.Told >= had.told {
				known[s.ID.Hi] = storedSession{s.Told, s.Records, !s.Open}
			}
		}
		return nil
	})
	return known, err
}

// identifying returns the fields that say which session a row is of, and how much of it was told, with the list of their columns.
func identifying(all []stored) (fields []stored, list string) {
	names := append([]string{"told", "event_end", "event_start", "event_start_sub", "born", "weir_icmp_type", "session_records", "session_open"}, whoColumns...)
	var columns []string
	for i := range all {
		if slices.Contains(names, all[i].columns[0].Name) {
			fields = append(fields, all[i])
			for _, c := range all[i].columns {
				columns = append(columns, c.Name)
			}
		}
	}
	return fields, strings.Join(columns, ", ")
}
