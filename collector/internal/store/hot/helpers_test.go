package hot_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// checkView compares what a view has with the chunks that it should have.
func checkView(v hot.View, parts ...part) error {
	rows := int64(0)
	if v.Chunks() != len(parts) {
		return fmt.Errorf("there are %d chunks, should be %d", v.Chunks(), len(parts))
	}
	for i, p := range parts {
		if first, n := v.Chunk(i); first != rows || n != p.rows {
			return fmt.Errorf("chunk %d has %d rows from %d on, should have %d from %d on", i, n, first, p.rows, rows)
		}
		rows += int64(p.rows)
		if err := checkChunk(&v, i, p); err != nil {
			return fmt.Errorf("chunk %d: %w", i, err)
		}
	}
	if v.Rows() != rows {
		return fmt.Errorf("there are %d rows, should be %d", v.Rows(), rows)
	}
	return nil
}

func checkChunk(v *hot.View, i int, p part) error {
	for _, c := range p.columns {
		if p.of(c) != nil && !slices.Contains(v.Columns(), c) {
			return fmt.Errorf("there is no column %v", c)
		}
	}
	reader := hot.Reader{View: v}
	for number, c := range v.Columns() {
		to, at := newTarget(), (hot.Rows-p.rows)/3
		if err := reader.Read(i, number, &to.Target, at); err != nil {
			return fmt.Errorf("%v: %w", c, err)
		}
		if err := to.check(c.Type, at, p.of(c)); err != nil {
			return fmt.Errorf("%v: %w", c, err)
		}
	}
	return nil
}

// create makes a file in a folder of the test's own.
func create(t testing.TB) *hot.File {
	t.Helper()
	f, err := hot.Create(filepath.Join(t.TempDir(), "hours", "file"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// add appends chunks.
func add(t testing.TB, f *hot.File, parts ...part) {
	t.Helper()
	for _, p := range parts {
		if err := f.Append(p.columns, p.vectors(), p.rows); err != nil {
			t.Fatal(err)
		}
	}
}

// keep appends chunks and commits them.
func keep(t testing.TB, f *hot.File, parts ...part) {
	t.Helper()
	add(t, f, parts...)
	flush(t, f)
	f.Commit()
}

func flush(t testing.TB, f *hot.File) {
	t.Helper()
	if err := f.Flush(); err != nil {
		t.Fatal(err)
	}
}

// open opens a file that is whole.
func open(t testing.TB, path string, rows int64) *hot.File {
	t.Helper()
	f, err := hot.Open(path, rows, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// checkKept checks what a file has, and what it has when it is opened anew.
func checkKept(t *testing.T, f *hot.File, parts ...part) {
	t.Helper()
	if err := checkView(f.View(f.Rows()), parts...); err != nil {
		t.Error(err)
	}
	again := open(t, f.Path(), f.Rows())
	if err := checkView(again.View(hot.All), parts...); err != nil {
		t.Errorf("opened anew: %v", err)
	}
	if again.Rows() != f.Rows() || again.Size() != f.Size() {
		t.Errorf("opened anew it has %d rows and %d bytes, should have %d and %d", again.Rows(), again.Size(), f.Rows(), f.Size())
	}
}
