package hot

import (
	"cmp"
	"fmt"
	"hash/crc32"
	"slices"
)

// View is the first rows of a file, which do not change any more. It may be used by several goroutines.
type View struct {
	file    *File
	columns []Column
	chunks  []chunk
	rows    int64
}

// View returns the chunks of the first so many rows: a number that was committed, or [All] for what has been flushed.
func (f *File) View(rows int64) View {
	f.mu.RLock()
	defer f.mu.RUnlock()
	v := View{file: f, columns: f.columns, chunks: f.chunks, rows: f.rows}
	if rows < v.rows {
		n, _ := slices.BinarySearchFunc(v.chunks, rows, func(c chunk, rows int64) int { return cmp.Compare(c.first, rows) })
		v.chunks, v.rows = v.chunks[:n], rows
	}
	return v
}

// Columns returns the columns of the file, some of which may have no values in the view.
func (v *View) Columns() []Column { return v.columns }

// Rows returns the number of rows.
func (v *View) Rows() int64 { return v.rows }

// Chunks returns the number of chunks.
func (v *View) Chunks() int { return len(v.chunks) }

// Chunk returns how many rows a chunk has, and the number of the first.
func (v *View) Chunk(i int) (first int64, rows int) { return v.chunks[i].first, v.chunks[i].rows }

// Column returns the number of the column of a name; -1 where there is none.
func (v *View) Column(name string) int {
	return slices.IndexFunc(v.columns, func(c Column) bool { return c.Name == name })
}

// Range is what is known of the values of a column of numbers.
type Range struct {
	Least, Most uint64 // as the column's type has them; of floating-point numbers the bits, in the order of these
	Some, All   bool   // some rows have a value; all of them have
}

// Range returns that of a column in a chunk.
func (v *View) Range(column, i int) Range {
	if column < 0 {
		return Range{}
	}
	b := v.chunks[i].of(column)
	if b == nil {
		return Range{}
	}
	return Range{b.least, b.most, true, !b.some}
}

// Constant returns the number that all rows of some chunks have in a column.
func (v *View) Constant(column int, chunks []int) (uint64, bool) {
	if len(chunks) == 0 || column < 0 || v.columns[column].Type.isText() {
		return 0, false
	}
	first := v.Range(column, chunks[0])
	for _, i := range chunks {
		if r := v.Range(column, i); !r.All || r.Least != first.Least || r.Most != first.Least {
			return 0, false
		}
	}
	return first.Least, true
}

// Reader reads chunks of a view, one at a time.
type Reader struct {
	View *View
	raw  []byte
}

// Read reads the values that a chunk has in a column into the rows of a target from at on. Rows without a
// value are not marked valid, and have any number.
func (r *Reader) Read(i, column int, to *Target, at int) error {
	c := &r.View.chunks[i]
	b := c.of(column)
	if b == nil {
		return nil
	}
	if cap(r.raw) < int(b.size) {
		r.raw = make([]byte, max(int(b.size), 8*Rows))
	}
	raw := r.raw[:b.size]
	f := r.View.file
	if _, err := f.file.ReadAt(raw, c.off+int64(b.off)); err != nil {
		return fmt.Errorf("read %s: %w", f.path, err)
	}
	if crc32.Checksum(raw, castagnoli) != b.sum {
		return fmt.Errorf("%s: %w: the block at %d has another checksum", f.path, ErrBroken, c.off+int64(b.off))
	}
	to.decode(b, r.View.columns[column].Type, raw, c.rows, at)
	return nil
}
