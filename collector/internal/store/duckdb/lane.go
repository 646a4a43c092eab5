//go:build cgo

package duckdb

import (
	"context"
	"fmt"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
)

// lane is what the writer appends of one kind: records or sessions.
type lane struct {
	kind   store.Kind
	hot    *hotPart  // the table that is appended to; nil: chosen with the next batch
	layout layout    // of hot, or of the one before
	app    *appender // to hot
	rows   int       // appended in the transaction
}

func newLane(kind store.Kind, fields []stored) lane {
	return lane{kind: kind, layout: newLayout(fields)}
}

// openLane makes sure that a transaction is open and that the lane's hot table has columns for all that the input holds.
func (w *writer) openLane(ctx context.Context, l *lane, in *input) error {
	for {
		if err := w.beginTransaction(ctx); err != nil {
			return err
		}
		if err := w.chooseTable(ctx, l); err != nil {
			return w.fail(ctx, err)
		}
		missing := l.layout.missing(in)
		switch {
		case l.app == nil:
			if err := w.openTable(ctx, l, missing); err != nil {
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
		l.closeAppender()
	}
}

// append adds rows to the lane's table.
func (l *lane) append(in *input, symbols *flow.Symbols) error {
	l.rows += in.mem.n
	return l.app.append(in, symbols)
}

// chooseTable takes the hot table of this hour that has room, with its layout, or names a new one, with the layout of the one before.
func (w *writer) chooseTable(ctx context.Context, l *lane) error {
	if l.hot != nil {
		return nil
	}
	hour := store.PartHour(w.s.deps.Now())
	if l.hot = w.s.files.growing(l.kind, hour, w.s.cfg.SealRows); l.hot == nil {
		l.hot = &hotPart{part: w.s.files.next(store.Part{Kind: l.kind, Hour: hour})}
		w.s.files.addHot(l.hot)
		return nil
	}
	columns, err := hotColumns(ctx, w.conn, l.kind)
	if err != nil {
		return err
	}
	l.layout = layoutOf(l.layout.all, columns[l.hot.part.Table()])
	return nil
}

// openTable makes the table, or gives it columns for the fields, and opens the appender.
func (w *writer) openTable(ctx context.Context, l *lane, fields []int) (err error) {
	table := l.hot.part.Table()
	for _, i := range fields {
		l.layout.add(i)
		for _, column := range definition(&l.layout.all[i]) {
			if !l.hot.made {
				break
			}
			if err := w.conn.exec(ctx, "ALTER TABLE "+table+" ADD COLUMN "+column); err != nil {
				return err
			}
		}
	}
	if !l.hot.made {
		if err := w.conn.exec(ctx, l.layout.create(table)); err != nil {
			return err
		}
	}
	l.app, err = newAppender(w.conn, table, &l.layout, w.names)
	return err
}

func (l *lane) closeAppender() {
	if l.app != nil {
		l.app.discard()
		l.app = nil
	}
}

// leave lets go of the table, of which everything was flushed.
func (l *lane) leave() {
	l.closeAppender()
	l.hot = nil
}

// committed notes that the transaction's rows are durable.
func (l *lane) committed(at int64) {
	if l.hot != nil {
		l.hot.committed(l.rows, at)
	}
	l.rows = 0
}

// giveUp forgets the transaction's rows, and the table where it was made in it.
func (l *lane) giveUp(f *files) {
	l.closeAppender()
	if l.hot != nil && !l.hot.made {
		f.dropHot(l.hot, nil)
	}
	l.rows, l.hot = 0, nil
}

// full tells whether the table is to be left: it has its rows, or the hour has passed.
func (w *writer) full(l *lane) bool {
	if l.hot == nil {
		return false
	}
	return l.hot.rows.Load() >= w.s.cfg.SealRows || !store.PartHour(w.s.deps.Now()).Equal(l.hot.part.Hour)
}
