//go:build cgo

package duckdb

import (
	duck "github.com/duckdb/duckdb-go-bindings"

	"github.com/weirflow/weir/shared/flow"
)

// appender writes records or sessions to one hot table.
type appender struct {
	handle duck.Appender
	steps  []step
	chunk  *chunk
	names  *names
}

// step fills columns first to first+width of the table.
type step struct {
	program
	first, width int
}

// newAppender opens an appender to a table of the layout.
func newAppender(c *conn, table string, l *layout, n *names) (*appender, error) {
	ch, err := newChunk(l.types())
	if err != nil {
		return nil, err
	}
	a := &appender{chunk: ch, names: n}
	column := 0
	for _, i := range l.order {
		s := step{program: l.all[i].program, first: column, width: len(l.all[i].columns)}
		a.steps = append(a.steps, s)
		column += s.width
	}
	if duck.AppenderCreate(c.handle, "", table, &a.handle) != duck.StateSuccess {
		err := failure("append to "+table, duck.AppenderError(a.handle))
		a.discard()
		return nil, err
	}
	return a, nil
}

// append adds what is in the input, with symbols of a table.
func (a *appender) append(in *input, symbols *flow.Symbols) error {
	a.names.follow(symbols)
	in.names = a.names
	for first := 0; first < in.mem.n; {
		n := min(tileRows, in.mem.n-first, chunkRows-a.chunk.rows)
		tile := in.part(first, n)
		for i := range a.steps {
			s := &a.steps[i]
			s.fill(a.chunk.vectors[s.first:s.first+s.width], &tile, a.chunk.rows)
		}
		a.chunk.rows += n
		first += n
		if a.chunk.rows == chunkRows {
			if err := a.push(); err != nil {
				return err
			}
		}
	}
	return nil
}

// push hands the chunk to DuckDB.
func (a *appender) push() error {
	if a.chunk.rows == 0 {
		return nil
	}
	defer a.chunk.reset()
	a.chunk.finish()
	if duck.AppendDataChunk(a.handle, a.chunk.handle) != duck.StateSuccess {
		return failure("append", duck.AppenderError(a.handle))
	}
	return nil
}

// flush makes all that was appended part of the transaction.
func (a *appender) flush() error {
	if err := a.push(); err != nil {
		return err
	}
	if duck.AppenderFlush(a.handle) != duck.StateSuccess {
		return failure("append", duck.AppenderError(a.handle))
	}
	return nil
}

// discard closes the appender; what was not flushed is lost.
func (a *appender) discard() {
	duck.AppenderClear(a.handle)
	duck.AppenderDestroy(&a.handle)
	a.chunk.close()
}
