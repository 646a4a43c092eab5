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
)

// writer is the one connection that changes the database. A transaction begins with the first batch and is committed after
// CommitEvery or CommitRows: many small commits cost several times as much as few.
type writer struct {
	s  *Store
	mu sync.Mutex // held while anything below is used

	conn  *conn
	side  *conn // reads sealed files: an error there must not end the transaction
	names *names

	hot    *hotPart  // the table that is appended to; nil: chosen with the next batch
	layout layout    // of hot, or of the one before
	app    *appender // to hot
	open   bool      // a transaction has begun
	rows   int       // appended in it

	settlement *flow.Settlement
	memory     *seen.Memory
	streams    map[flow.StreamKey]*seen.Stream
	marks      map[flow.StreamKey]flow.StreamMark
	alerts     map[string]flow.Alert // to be committed
	version    uint64                // of the newest rows of streams and alerts
	replaced   int                   // room that rows of streams and alerts took since they were compacted
	timer      *time.Timer           // commits what is open
	closed     bool
}

func newWriter(ctx context.Context, s *Store, c *conn) (*writer, error) {
	side, err := connect(s.db)
	if err != nil {
		return nil, err
	}
	w := &writer{
		s: s, conn: c, side: side, names: &names{}, layout: newLayout(s.fields), settlement: flow.NewSettlement(),
		memory: seen.NewMemory(s.cfg.RecentSets), streams: map[flow.StreamKey]*seen.Stream{},
		marks: map[flow.StreamKey]flow.StreamMark{}, alerts: map[string]flow.Alert{},
	}
	if err := errors.Join(w.names.load(ctx, c), w.loadVersion(ctx)); err != nil {
		w.side.close()
		return nil, err
	}
	for _, m := range s.restart.marks {
		w.marks[m.Key] = m
		w.streams[m.Key] = seen.NewStream(m.Order)
	}
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
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		flow.PassLost(b.Drop(flow.DroppedStore, nil))
		return store.ErrClosed
	}
	if len(b.Records) == 0 {
		return w.writeMarks(ctx, b)
	}
	if err := w.begin(ctx, b); err != nil {
		flow.PassLost(b.Drop(flow.DroppedStore, nil))
		return err
	}
	already, err := w.already(ctx, b)
	if err != nil {
		flow.PassLost(b.Drop(flow.DroppedStore, nil))
		return w.fail(ctx, fmt.Errorf("search stored records: %w", err))
	}
	w.settlement.Add(b, already)
	if err := w.append(b, already); err != nil {
		return w.fail(ctx, err)
	}
	if w.rows >= w.s.cfg.CommitRows {
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
func (w *writer) append(b *flow.Batch, already []bool) error {
	if already == nil {
		w.rows += len(b.Records)
		w.s.counts.appended.Add(uint64(len(b.Records)))
		return w.app.append(b, b.Records)
	}
	for from := 0; from < len(b.Records); {
		to := from
		for to < len(b.Records) && already[to] == already[from] {
			to++
		}
		if already[from] {
			w.s.counts.already.Add(uint64(to - from))
		} else {
			w.rows += to - from
			w.s.counts.appended.Add(uint64(to - from))
			if err := w.app.append(b, b.Records[from:to]); err != nil {
				return err
			}
		}
		from = to
	}
	return nil
}

// begin opens a transaction with a hot table that has columns for all that the batch holds.
func (w *writer) begin(ctx context.Context, b *flow.Batch) error {
	for {
		if err := w.beginTransaction(ctx); err != nil {
			return err
		}
		if err := w.chooseTable(ctx); err != nil {
			return w.fail(ctx, err)
		}
		missing := w.layout.missing(b)
		switch {
		case w.app == nil:
			if err := w.openTable(ctx, missing); err != nil {
				return w.fail(ctx, fmt.Errorf("open hot table: %w", err))
			}
			return nil
		case len(missing) == 0:
			return nil
		}
		// A table that has rows of this transaction takes no new columns.
		if err := w.commit(ctx); err != nil {
			return err
		}
		w.closeAppender()
	}
}

func (w *writer) beginTransaction(ctx context.Context) error {
	if w.open {
		return nil
	}
	w.rotate()
	if err := w.conn.exec(ctx, "BEGIN"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	w.open, w.rows = true, 0
	w.timer.Reset(w.s.cfg.CommitEvery)
	return nil
}

// chooseTable takes the hot table of this hour that has room, with its layout, or names a new one, with the layout of the one before.
func (w *writer) chooseTable(ctx context.Context) error {
	if w.hot != nil {
		return nil
	}
	hour := store.PartHour(w.s.deps.Now())
	if w.hot = w.s.files.growing(hour, w.s.cfg.SealRows); w.hot == nil {
		w.hot = &hotPart{part: w.s.files.next(store.Part{Hour: hour})}
		w.s.files.addHot(w.hot)
		return nil
	}
	columns, err := hotColumns(ctx, w.conn)
	if err != nil {
		return err
	}
	w.layout = layoutOf(w.layout.all, columns[w.hot.part.Table()])
	return nil
}

// openTable makes the table, or gives it columns for the fields, and opens the appender.
func (w *writer) openTable(ctx context.Context, fields []int) (err error) {
	table := w.hot.part.Table()
	for _, i := range fields {
		w.layout.add(i)
		for _, column := range definition(&w.layout.all[i]) {
			if !w.hot.made {
				break
			}
			if err := w.conn.exec(ctx, "ALTER TABLE "+table+" ADD COLUMN "+column); err != nil {
				return err
			}
		}
	}
	if !w.hot.made {
		if err := w.conn.exec(ctx, w.layout.create(table)); err != nil {
			return err
		}
	}
	w.app, err = newAppender(w.conn, table, &w.layout, w.names)
	return err
}

func (w *writer) closeAppender() {
	if w.app != nil {
		w.app.discard()
		w.app = nil
	}
}

// commit makes everything appended durable and settles it.
func (w *writer) commit(ctx context.Context) error {
	if !w.open && len(w.alerts) == 0 {
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
	w.names.fresh = nil
	clear(w.alerts)
	if w.hot != nil {
		w.hot.committed(w.rows, w.s.deps.Now().UnixNano())
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
	if w.app != nil {
		if err := w.app.flush(); err != nil {
			return err
		}
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
	return w.conn.exec(ctx, "COMMIT")
}

// fail gives up the transaction: its records are settled as dropped, and what was remembered of them is forgotten. Alerts wait
// for the next commit.
func (w *writer) fail(ctx context.Context, err error) error {
	w.timer.Stop()
	w.closeAppender()
	if rollback := w.conn.exec(ctx, "ROLLBACK"); rollback != nil {
		// DuckDB ends a transaction by itself when its COMMIT fails.
		w.s.deps.Log.Debug("roll back", "error", rollback)
	}
	if w.hot != nil && !w.hot.made {
		w.s.files.dropHot(w.hot, nil)
	}
	w.open, w.rows, w.hot = false, 0, nil
	w.settlement.Drop(flow.DroppedStore)
	w.memory.Forget()
	w.s.counts.commitErrors.Add(1)
	return err
}

// rotate lets go of a hot table that is full or of an hour that has passed; the next batch opens another.
func (w *writer) rotate() {
	if w.hot == nil || w.open {
		return
	}
	if w.hot.rows.Load() < w.s.cfg.SealRows && store.PartHour(w.s.deps.Now()).Equal(w.hot.part.Hour) {
		return
	}
	w.leave()
	w.s.wake()
}

func (w *writer) leave() {
	w.closeAppender() // everything was flushed
	w.hot = nil
}

// commitDue is called by the timer.
func (w *writer) commitDue() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	if err := w.commit(context.Background()); err != nil {
		w.s.deps.Log.Error("records not stored", "error", err)
		if len(w.alerts) > 0 {
			w.timer.Reset(w.s.cfg.CommitEvery)
		}
	}
}

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
	if err := w.commit(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	return f(w.conn)
}

// close commits and closes the connection. The accounts of all streams are written, also of those without records.
func (w *writer) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	ctx := context.Background()
	err := errors.Join(w.commit(ctx), w.writeAccounts(ctx))
	w.closed = true
	w.timer.Stop()
	w.leave()
	w.conn.close()
	w.side.close()
	return err
}
