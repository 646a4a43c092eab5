//go:build cgo

package duckdb

import (
	"fmt"

	"github.com/weirflow/weir/collector/internal/store/hot"
	"github.com/weirflow/weir/shared/flow"
)

// appender writes records or sessions to one hot file.
type appender struct {
	file    *hot.File
	steps   []step
	columns []hot.Column
	vectors []hot.Vector
	rows    int // in the vectors
	names   *names
}

// step fills columns first to first+width.
type step struct {
	program
	first, width int
}

// newAppender returns one for the fields of a layout.
func newAppender(file *hot.File, l *layout, n *names) (*appender, error) {
	a := &appender{file: file, names: n}
	for _, i := range l.order {
		if err := a.extend(&l.all[i]); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// extend adds the columns of a field, which no row has yet.
func (a *appender) extend(f *stored) error {
	a.steps = append(a.steps, step{program: f.program, first: len(a.columns), width: len(f.columns)})
	for i, c := range f.columns {
		kind, ok := hot.TypeOf(f.hotType(i))
		if !ok {
			return fmt.Errorf("column %s: no such type: %s", c.Name, f.hotType(i))
		}
		a.columns = append(a.columns, hot.Column{Name: c.Name, Type: kind})
	}
	a.vectors = append(a.vectors, make([]hot.Vector, len(f.columns))...)
	return nil
}

// append adds what is in the input, with symbols of a table.
func (a *appender) append(in *input, symbols *flow.Symbols) error {
	a.names.follow(symbols)
	in.names = a.names
	for first := 0; first < in.mem.n; {
		n := min(tileRows, in.mem.n-first, hot.Rows-a.rows)
		tile := in.part(first, n)
		for i := range a.steps {
			s := &a.steps[i]
			s.fill(a.vectors[s.first:s.first+s.width], &tile, a.rows)
		}
		a.rows += n
		first += n
		if a.rows == hot.Rows {
			if err := a.push(); err != nil {
				return err
			}
		}
	}
	return nil
}

// push hands what is in the vectors to the file.
func (a *appender) push() error {
	if a.rows == 0 {
		return nil
	}
	err := a.file.Append(a.columns, a.vectors, a.rows)
	a.rows = 0
	for i := range a.vectors {
		a.vectors[i].Reset()
	}
	return err
}

// flush makes all that was appended visible to who asks for rows that are not committed.
func (a *appender) flush() error {
	if err := a.push(); err != nil {
		return err
	}
	return a.file.Flush()
}

// sync makes all that was appended durable.
func (a *appender) sync() error {
	if err := a.push(); err != nil {
		return err
	}
	return a.file.Sync()
}
