package hot_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// numbered is a chunk of rows that differ by a number.
func numbered(n uint64, rows int) part {
	cells, names := make([]cell, rows), make([]cell, rows)
	for i := range cells {
		cells[i], names[i] = num(n+uint64(i)), texts(fmt.Sprint("row ", n, " ", i))
	}
	return partOf("n", hot.Uint64, cells...).with("name", hot.Text, names...)
}

var a, b, c, d = numbered(1000, 10), numbered(2000, 20), numbered(3000, 30), numbered(4000, 7)

// Each step is done to a new file; then it should have the committed chunks, and readers of all rows should see the flushed ones.
func TestCommit(t *testing.T) {
	long := numbered(5000, hot.Rows)
	tests := []struct {
		name      string
		do        func(t *testing.T, f *hot.File)
		committed []part
		flushed   []part
	}{
		{"nothing is done", func(*testing.T, *hot.File) {}, nil, nil},
		{"what was appended is not seen", func(t *testing.T, f *hot.File) { add(t, f, a) }, nil, nil},
		{"what was flushed is seen, but not committed", func(t *testing.T, f *hot.File) { add(t, f, a, b); flush(t, f) }, nil, []part{a, b}},
		{"a commit keeps what was flushed", func(t *testing.T, f *hot.File) { keep(t, f, a, b) }, []part{a, b}, []part{a, b}},
		{"a sync flushes", func(t *testing.T, f *hot.File) { add(t, f, a); doSync(t, f); f.Commit() }, []part{a}, []part{a}},
		{"a flush of nothing changes nothing", func(t *testing.T, f *hot.File) { keep(t, f, a); flush(t, f); doSync(t, f) }, []part{a}, []part{a}},
		{"rolled back before it was flushed", func(t *testing.T, f *hot.File) {
			keep(t, f, a)
			add(t, f, b)
			f.Rollback()
			flush(t, f)
		}, []part{a}, []part{a}},
		{"rolled back after it was flushed", func(t *testing.T, f *hot.File) {
			keep(t, f, a)
			add(t, f, b)
			flush(t, f)
			f.Rollback()
		}, []part{a}, []part{a}},
		{"rolled back after so much that it was written by itself", func(t *testing.T, f *hot.File) {
			keep(t, f, a)
			for range 40 {
				add(t, f, long)
			}
			if v := f.View(hot.All); v.Chunks() == 1 {
				t.Error("nothing was written by itself")
			}
			f.Rollback()
			keep(t, f, b)
		}, []part{a, b}, []part{a, b}},
		{"rolled back to nothing", func(t *testing.T, f *hot.File) { add(t, f, a); flush(t, f); f.Rollback() }, nil, nil},
		{"rolled back twice", func(t *testing.T, f *hot.File) { keep(t, f, a); add(t, f, b); f.Rollback(); f.Rollback() }, []part{a}, []part{a}},
		{"rows after a rollback take the place of those", func(t *testing.T, f *hot.File) {
			keep(t, f, a)
			add(t, f, c, c)
			flush(t, f)
			f.Rollback()
			keep(t, f, b, d)
		}, []part{a, b, d}, []part{a, b, d}},
		{"longer rows after a rollback", func(t *testing.T, f *hot.File) {
			keep(t, f, a)
			add(t, f, d)
			flush(t, f)
			f.Rollback()
			keep(t, f, c, b)
		}, []part{a, c, b}, []part{a, c, b}},
		{"a column that was rolled back comes again", func(t *testing.T, f *hot.File) {
			keep(t, f, a)
			add(t, f, partOf("new", hot.Uint8, num(3)))
			f.Rollback()
			keep(t, f, partOf("newer", hot.Uint8, num(4)), partOf("new", hot.Uint8, num(5)))
		}, []part{a, partOf("newer", hot.Uint8, num(4)), partOf("new", hot.Uint8, num(5))},
			[]part{a, partOf("newer", hot.Uint8, num(4)), partOf("new", hot.Uint8, num(5))}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := create(t)
			test.do(t, f)
			checkKept(t, f, test.committed...)
			if err := checkView(f.View(hot.All), test.flushed...); err != nil {
				t.Errorf("all rows: %v", err)
			}
		})
	}
}

func doSync(t *testing.T, f *hot.File) {
	t.Helper()
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
}

func TestUncommit(t *testing.T) {
	tests := []struct {
		name string
		rows int64
		was  bool
		left []part
	}{
		{"to the last commit", 60, true, []part{a, b, c}},
		{"to the one before", 30, true, []part{a, b}},
		{"to the first", 10, true, []part{a}},
		{"to nothing", 0, true, nil},
		{"to within a chunk", 29, false, []part{a, b, c}},
		{"to within the last chunk", 31, false, []part{a, b, c}},
		{"to what was not committed", 67, false, []part{a, b, c}},
		{"to more than there are", 1000, false, []part{a, b, c}},
		{"to less than nothing", -1, false, []part{a, b, c}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := create(t)
			for _, p := range []part{a, b, c} {
				keep(t, f, p)
			}
			add(t, f, d)
			flush(t, f)
			if was := f.Uncommit(test.rows); was != test.was {
				t.Errorf("there was such a commit: %v, should be %v", was, test.was)
			}
			checkKept(t, f, test.left...)
			if err := checkView(f.View(hot.All), test.left...); err != nil {
				t.Errorf("all rows: %v", err)
			}
			keep(t, f, d)
			checkKept(t, f, append(append([]part(nil), test.left...), d)...)
		})
	}
}

// Settle takes the number of rows from who knows it, also that of rows whose commit was not heard of.
func TestSettle(t *testing.T) {
	tests := []struct {
		name string
		rows int64
		err  error
		left []part
	}{
		{"as committed", 60, nil, []part{a, b, c}},
		{"an earlier commit", 30, nil, []part{a, b}},
		{"a commit that was not heard of", 67, nil, []part{a, b, c, d}},
		{"more than there are", 1000, hot.ErrBroken, []part{a, b, c, d}},
		{"within what was not heard of", 61, hot.ErrBroken, []part{a, b, c}},
		{"within a chunk", 29, hot.ErrBroken, []part{a, b, c}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := create(t)
			keep(t, f, a, b, c)
			add(t, f, d)
			flush(t, f)
			f.Rollback()
			if err := f.Settle(test.rows); !errors.Is(err, test.err) {
				t.Errorf("%v, should be %v", err, test.err)
			}
			checkKept(t, f, test.left...)
			keep(t, f, b)
			checkKept(t, f, append(slices.Clone(test.left), b)...)
		})
	}
}
