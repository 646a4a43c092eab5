//go:build cgo

package duckdb

import (
	"context"
	"fmt"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hot"
	"github.com/weirflow/weir/shared/flow"
)

// lane is what the writer appends of one kind: records or sessions.
type lane struct {
	kind   store.Kind
	hot    *hotPart  // the part that is appended to; nil: chosen with the next batch
	layout layout    // of what is appended
	app    *appender // to hot
	rows   int       // appended in the transaction
}

func newLane(kind store.Kind, fields []stored) lane {
	return lane{kind: kind, layout: newLayout(fields)}
}

// openLane makes sure that a transaction is open and that the lane has a file and columns for all that the input holds.
func (w *writer) openLane(ctx context.Context, l *lane, in *input) error {
	if err := w.beginTransaction(ctx); err != nil {
		return err
	}
	missing := l.layout.missing(in)
	for _, i := range missing {
		l.layout.add(i)
	}
	if l.app != nil {
		for _, i := range missing {
			if err := l.app.extend(&l.layout.all[i]); err != nil {
				return w.fail(ctx, err)
			}
		}
		return nil
	}
	if err := w.openFile(l); err != nil {
		return w.fail(ctx, fmt.Errorf("open hot file: %w", err))
	}
	return nil
}

// append adds rows to the lane's file.
func (l *lane) append(in *input, symbols *flow.Symbols) error {
	l.rows += in.mem.n
	return l.app.append(in, symbols)
}

// openFile takes the part of this hour that has room, or makes a new one, and opens the appender.
func (w *writer) openFile(l *lane) (err error) {
	hour := store.PartHour(w.s.deps.Now())
	if l.hot == nil {
		l.hot = w.s.files.growing(l.kind, hour, w.s.cfg.SealRows)
	}
	if l.hot == nil {
		part := w.s.files.next(store.Part{Kind: l.kind, Hour: hour})
		file, err := hot.Create(w.s.path(part.HotPath()))
		if err != nil {
			return err
		}
		l.hot = &hotPart{part: part, file: file}
		w.s.files.addHot(l.hot)
		w.s.hotFiles.add(part.Table(), file)
	}
	l.app, err = newAppender(l.hot.file, &l.layout, w.names)
	return err
}

// leave lets go of the file, of which everything was committed.
func (l *lane) leave() { l.app, l.hot = nil, nil }

// committed notes that the transaction's rows are durable.
func (l *lane) committed(at int64) {
	if l.hot != nil {
		l.hot.committed(l.rows, at)
	}
	l.rows = 0
}

// giveUp forgets the transaction's rows.
func (l *lane) giveUp() {
	if l.hot != nil {
		l.hot.file.Rollback()
	}
	l.rows, l.hot, l.app = 0, nil, nil
}

// full tells whether the file is to be left: it has its rows, or the hour has passed.
func (w *writer) full(l *lane) bool {
	if l.hot == nil {
		return false
	}
	return l.hot.rows.Load() >= w.s.cfg.SealRows || !store.PartHour(w.s.deps.Now()).Equal(l.hot.part.Hour)
}
