package hot_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// A view stays what it was while the file changes.
func TestViewIsSnapshot(t *testing.T) {
	tests := []struct {
		name   string
		change func(t *testing.T, f *hot.File)
	}{
		{"rows are appended", func(t *testing.T, f *hot.File) { add(t, f, c); flush(t, f) }},
		{"rows are committed", func(t *testing.T, f *hot.File) { keep(t, f, c) }},
		{"columns are added", func(t *testing.T, f *hot.File) { keep(t, f, partOf("new", hot.Uint8, num(1))) }},
		{"rows are rolled back", func(t *testing.T, f *hot.File) { add(t, f, c); flush(t, f); f.Rollback() }},
		{"rows are written after a rollback", func(t *testing.T, f *hot.File) {
			add(t, f, c, c)
			flush(t, f)
			f.Rollback()
			keep(t, f, d, d, d)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := create(t)
			keep(t, f, a, b)
			all, committed, first := f.View(hot.All), f.View(f.Rows()), f.View(10)
			columns := len(all.Columns())
			test.change(t, f)
			for _, err := range []error{checkView(all, a, b), checkView(committed, a, b), checkView(first, a), checkView(f.View(30), a, b)} {
				if err != nil {
					t.Error(err)
				}
			}
			if n := len(all.Columns()); n != columns {
				t.Errorf("the view has %d columns, had %d", n, columns)
			}
		})
	}
}

// A view of rows that were rolled back must not take those in their place for them.
func TestViewOfRolledBackRows(t *testing.T) {
	f := create(t)
	keep(t, f, a)
	add(t, f, b, c)
	flush(t, f)
	all := f.View(hot.All)
	f.Rollback()
	keep(t, f, numbered(9000, 20), numbered(9500, 30))
	if err := checkChunk(&all, 0, a); err != nil {
		t.Error(err)
	}
	for i, p := range []part{b, c} {
		if err := checkChunk(&all, i+1, p); !errors.Is(err, hot.ErrBroken) {
			t.Errorf("chunk %d should be broken: %v", i+1, err)
		}
	}
}

func TestViewOfRows(t *testing.T) {
	f := create(t)
	keep(t, f, a, b, c)
	for rows, want := range map[int64][]part{0: nil, 10: {a}, 30: {a, b}, 60: {a, b, c}, 61: {a, b, c}, hot.All: {a, b, c}} {
		if err := checkView(f.View(rows), want...); err != nil {
			t.Errorf("%d rows: %v", rows, err)
		}
	}
}

// Readers read while the writer goes on. Each row has its number, also those that take the place of others after a rollback.
func TestReadersBesideWriter(t *testing.T) {
	f := create(t)
	var committed atomic.Int64
	var done atomic.Bool
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for !done.Load() {
				if err := readBeside(f, committed.Load()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 300 {
		next := committed.Load()
		for n := range i%3 + 1 {
			rows := 1 + (i*37+n*11)%90
			p := numbered(uint64(next), rows)
			if i%20 == 19 {
				p = p.with(fmt.Sprint("new", i), hot.Uint64, p.cells[0]...)
			}
			add(t, f, p)
			next += int64(rows)
		}
		flush(t, f)
		if i%4 == 3 {
			f.Rollback()
			continue
		}
		f.Commit()
		committed.Store(next)
	}
	done.Store(true)
	readers.Wait()
}

// Who counts files asks for their rows and size while the writer goes on.
func TestRowsAndSizeBesideWriter(t *testing.T) {
	f := create(t)
	var done atomic.Bool
	var reader sync.WaitGroup
	reader.Go(func() {
		for !done.Load() {
			if rows, size := f.Rows(), f.Size(); rows < 0 || size < 0 {
				t.Errorf("there are %d rows in %d bytes", rows, size)
			}
		}
	})
	for range 100 {
		keep(t, f, a)
		keep(t, f, b)
		if !f.Uncommit(f.Rows() - int64(b.rows)) {
			t.Error("there was no such commit")
		}
	}
	done.Store(true)
	reader.Wait()
}

// readBeside reads the rows that were committed, which must be there, and all, which may be rolled back meanwhile.
func readBeside(f *hot.File, committed int64) error {
	v := f.View(committed)
	if v.Rows() != committed {
		return fmt.Errorf("there are %d rows, %d were committed", v.Rows(), committed)
	}
	if err := checkNumbers(&v); err != nil {
		return err
	}
	all := f.View(hot.All)
	if all.Rows() < committed {
		return fmt.Errorf("there are %d rows, %d were committed", all.Rows(), committed)
	}
	if err := checkNumbers(&all); err != nil && !errors.Is(err, hot.ErrBroken) {
		return err
	}
	return nil
}

func checkNumbers(v *hot.View) error {
	reader, next := hot.Reader{View: v}, int64(0)
	for i := range v.Chunks() {
		first, rows := v.Chunk(i)
		if first != next {
			return fmt.Errorf("chunk %d begins with row %d, should with %d", i, first, next)
		}
		next += int64(rows)
		for column := range v.Columns() {
			var to hot.Target
			var cells [hot.Rows]uint64
			to.Data = pointer(&cells)
			if err := reader.Read(i, column, &to, 0); err != nil {
				return fmt.Errorf("chunk %d: %w", i, err)
			}
			if v.Columns()[column].Type != hot.Uint64 || to.Valid[0] == 0 {
				continue
			}
			for row := range rows {
				if cells[row] != uint64(first)+uint64(row) {
					return fmt.Errorf("row %d has number %d", first+int64(row), cells[row])
				}
			}
		}
	}
	if next != v.Rows() {
		return fmt.Errorf("the chunks have %d rows, should have %d", next, v.Rows())
	}
	return nil
}
