//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"syscall"

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
	failed bool      // the file could not be written
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
	return l.noted(l.app.append(in, symbols))
}

// sync makes all that was appended durable.
func (l *lane) sync() error {
	if l.app == nil {
		return nil
	}
	return l.noted(l.app.sync())
}

// noted notes that writing the file failed.
func (l *lane) noted(err error) error {
	l.failed = l.failed || err != nil
	return err
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

// giveUp forgets the transaction's rows. To a file that could not be written nothing is appended any more, unless what lacks is room on the
// disk: the next batch may find room, or another place.
func (w *writer) giveUp(l *lane, err error) {
	if l.hot != nil {
		l.hot.file.Rollback()
		switch {
		case !l.failed:
		case l.hot.rows.Load() == 0:
			w.s.files.dropHot(l.hot, nil)
			if f := w.s.hotFiles.take(l.hot.part.Table()); f != nil {
				_ = f.Remove() // it has no rows: if it stays it is removed at the next start
			}
		case !errors.Is(err, syscall.ENOSPC):
			l.hot.damaged = true
			w.s.wake()
		}
	}
	l.rows, l.hot, l.app, l.failed = 0, nil, nil, false
}

// full tells whether the file is to be left: it has its rows, or the hour has passed.
func (w *writer) full(l *lane) bool {
	if l.hot == nil {
		return false
	}
	return l.hot.rows.Load() >= w.s.cfg.SealRows || !store.PartHour(w.s.deps.Now()).Equal(l.hot.part.Hour)
}
