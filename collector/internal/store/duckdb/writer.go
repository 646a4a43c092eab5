//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/seen"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
)

// writer is the one connection that changes the database. A transaction begins with the first batch and is committed after
// CommitEvery or CommitRows: many small commits cost several times as much as few.
type writer struct {
	s  *Store
	mu sync.Mutex // held while anything below is used

	repaired sync.Cond // the database is whole again

	conn  *conn
	side  *conn // reads sealed files: an error there must not end the transaction
	names *names

	flows, sessions lane
	open            bool // a transaction has begun

	bornBefore  int64 // Born of the latest session stored before this process
	bornIsKnown bool
	retold      map[uint64]uint32 // by upper half of the id: the next Told of sessions that were stored before
	fresh       []flow.Session    // scratch
	groups      sessionGroups
	supersedes  bool // a session that was stored whole is told of anew: see superseded

	settlement *flow.Settlement
	memory     *seen.Memory
	streams    map[flow.StreamKey]*seen.Stream
	marks      map[flow.StreamKey]flow.StreamMark
	alerts     map[string]flow.Alert // to be committed
	minutes    []interfaces.Minute   // to be committed
	version    uint64                // of the newest rows of streams and alerts
	replaced   int                   // room that rows of streams and alerts took since they were compacted
	timer      *time.Timer           // commits what is open
	closed     bool
}

func newWriter(ctx context.Context, s *Store, c *conn) (*writer, error) {
	side, err := s.connect()
	if err != nil {
		return nil, err
	}
	w := &writer{
		s: s, conn: c, side: side, names: &names{}, settlement: flow.NewSettlement(), retold: map[uint64]uint32{},
		flows: newLane(store.Flows, s.fields), sessions: newLane(store.Sessions, s.sessionFields),
		memory: seen.NewMemory(s.cfg.RecentSets), streams: map[flow.StreamKey]*seen.Stream{},
		marks: map[flow.StreamKey]flow.StreamMark{}, alerts: map[string]flow.Alert{},
	}
	if err := errors.Join(w.names.load(ctx, c), w.loadVersion(ctx)); err != nil {
		w.side.close()
		return nil, err
	}
	s.hotFiles.know(w.names)
	for _, m := range s.restart.marks {
		w.marks[m.Key] = m
		if key := anyPort(m.Key); w.streams[key] == nil || w.streams[key].Top() < m.Order {
			w.streams[key] = seen.NewStream(m.Order)
		}
	}
	w.repaired.L = &w.mu
	w.timer = time.AfterFunc(time.Hour, w.commitDue)
	w.timer.Stop()
	return w, nil
}

// WriteBatch appends the records of the batch that are not stored yet. They are committed, and settled with their streams, within
// Config.CommitEvery; when that fails they are settled as dropped. The error is that of this call, not of an earlier commit.
func (s *Store) WriteBatch(ctx context.Context, b *flow.Batch) error {
	if s.writer == nil {
		flow.PassLost(b.Drop(flow.DroppedStore, nil))
		return store.ErrReadOnly
	}
	return s.writer.writeBatch(context.WithoutCancel(ctx), b)
}

func (w *writer) writeBatch(ctx context.Context, b *flow.Batch) error {
	if err := w.enter(); err != nil {
		flow.PassLost(b.Drop(flow.DroppedStore, nil))
		return err
	}
	defer w.mu.Unlock()
	if len(b.Records) == 0 {
		return w.writeMarks(ctx, b)
	}
	in := recordInput(b)
	if err := w.openLane(ctx, &w.flows, &in); err != nil {
		flow.PassLost(b.Drop(flow.DroppedStore, nil))
		return err
	}
	already, err := w.already(ctx, b)
	if err != nil {
		flow.PassLost(b.Drop(flow.DroppedStore, nil))
		return w.fail(ctx, fmt.Errorf("search stored records: %w", err))
	}
	w.settlement.Add(b, already)
	if err := w.append(&in, already); err != nil {
		return w.fail(ctx, err)
	}
	return w.commitIfMany(ctx)
}

func (w *writer) commitIfMany(ctx context.Context) error {
	if w.flows.rows+w.sessions.rows >= w.s.cfg.CommitRows {
		return w.commit(ctx)
	}
	return nil
}

// writeMarks takes the marks of datagrams without records.
func (w *writer) writeMarks(ctx context.Context, b *flow.Batch) error {
	if len(b.Datagrams) == 0 {
		return nil
	}
	if err := w.beginTransaction(ctx); err != nil {
		return err
	}
	w.settlement.Add(b, nil)
	return nil
}

// append adds the records of the batch but those already stored, run by run.
func (w *writer) append(in *input, already []bool) error {
	if already == nil {
		w.s.counts.appended.Add(uint64(in.mem.n))
		return w.flows.append(in, in.batch.Symbols)
	}
	for from := 0; from < in.mem.n; {
		to := from
		for to < in.mem.n && already[to] == already[from] {
			to++
		}
		if already[from] {
			w.s.counts.already.Add(uint64(to - from))
		} else {
			w.s.counts.appended.Add(uint64(to - from))
			run := in.part(from, to-from)
			if err := w.flows.append(&run, in.batch.Symbols); err != nil {
				return err
			}
		}
		from = to
	}
	return nil
}

func (w *writer) beginTransaction(ctx context.Context) error {
	if w.open {
		return nil
	}
	w.rotate()
	if err := w.conn.exec(ctx, "BEGIN"); err != nil {
		w.s.suspect(err)
		return fmt.Errorf("begin: %w", err)
	}
	w.open = true
	w.timer.Reset(w.s.cfg.CommitEvery)
	return nil
}

// commit makes everything appended durable and settles it.
func (w *writer) commit(ctx context.Context) error {
	if !w.open && !w.hasMore() {
		return nil
	}
	begun := time.Now()
	w.timer.Stop()
	if err := w.beginTransaction(ctx); err != nil {
		return err
	}
	if err := w.writeAll(ctx); err != nil {
		return w.fail(ctx, fmt.Errorf("commit: %w", err))
	}
	w.timer.Stop()
	w.open = false
	w.settlement.Commit()
	w.names.fresh = 0
	w.supersedes = false
	clear(w.alerts)
	w.minutes = w.minutes[:0]
	for _, l := range w.lanes() {
		l.committed(w.s.deps.Now().UnixNano())
	}
	w.s.counts.commits.Add(1)
	w.s.counts.commitNanos.Add(uint64(time.Since(begun)))
	w.compact(ctx)
	w.rotate()
	return nil
}

func (w *writer) writeAll(ctx context.Context) error {
	if w.s.deps.Before != nil {
		w.s.deps.Before()
	}
	for _, l := range w.lanes() {
		if err := l.sync(); err != nil {
			return err
		}
	}
	if w.names.fresh > 0 {
		w.s.hotFiles.know(w.names)
	}
	if err := w.names.write(ctx, w.conn); err != nil {
		return err
	}
	if err := w.writeRows(ctx); err != nil {
		return err
	}
	if err := w.writeStreams(ctx); err != nil {
		return err
	}
	if err := w.writeAlerts(ctx); err != nil {
		return err
	}
	if err := w.writeMinutes(ctx); err != nil {
		return err
	}
	if err := w.writeSuperseded(ctx); err != nil {
		return err
	}
	return w.conn.exec(ctx, "COMMIT")
}

// fail gives up the transaction: its records are settled as dropped, and what was remembered of them is forgotten. Alerts wait
// for the next commit.
func (w *writer) fail(ctx context.Context, err error) error {
	w.timer.Stop()
	if rollback := w.conn.exec(ctx, "ROLLBACK"); rollback != nil {
		// DuckDB ends a transaction by itself when its COMMIT fails.
		w.s.deps.Log.Debug("roll back", "error", rollback)
	}
	w.s.counts.sessionsLost.Add(uint64(w.sessions.rows))
	for _, l := range w.lanes() {
		w.giveUp(l, err)
	}
	w.open = false
	w.settlement.Drop(flow.DroppedStore)
	w.memory.Forget()
	w.s.counts.commitErrors.Add(1)
	w.s.suspect(err)
	return err
}

// rotate lets go of hot files that are full or of an hour that has passed; the next batch opens another.
func (w *writer) rotate() {
	if w.open {
		return
	}
	for _, l := range w.lanes() {
		if w.full(l) {
			l.leave()
			w.s.wake()
		}
	}
}

func (w *writer) lanes() [2]*lane { return [2]*lane{&w.flows, &w.sessions} }

// commitDue is called by the timer.
func (w *writer) commitDue() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.s.damaged.Load() {
		return
	}
	if err := w.commit(context.Background()); err != nil {
		w.s.deps.Log.Error("records not stored", "error", err)
		if w.hasMore() {
			w.timer.Reset(w.s.cfg.CommitEvery)
		}
	}
}

// hasMore tells whether anything waits for the next commit besides what is in the transaction.
func (w *writer) hasMore() bool { return len(w.alerts) > 0 || len(w.minutes) > 0 }

// Flush commits what was appended.
func (s *Store) Flush(ctx context.Context) error {
	if s.writer == nil {
		return nil
	}
	return s.writer.alone(ctx, func(*conn) error { return nil })
}

// alone commits what is open and runs f while nothing else writes.
func (w *writer) alone(ctx context.Context, f func(*conn) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return store.ErrClosed
	}
	if w.s.damaged.Load() {
		return store.ErrReopened
	}
	if err := w.commit(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	err := f(w.conn)
	w.s.suspect(err)
	return err
}

// close commits and closes the connection. The accounts of all streams are written, also of those without records.
func (w *writer) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	ctx := context.Background()
	var err error
	if !w.s.damaged.Load() {
		err = errors.Join(w.commit(ctx), w.writeAccounts(ctx))
	}
	w.closed = true
	w.timer.Stop()
	w.leaveDatabase(ctx)
	w.repaired.Broadcast()
	return err
}
