package hot

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// writeAt is how much is gathered before it is written.
const writeAt = 1 << 20

// File is a file of chunks. One goroutine may write while others read what it has written.
type File struct {
	path string
	file *os.File

	mu        sync.RWMutex // held while what follows is changed, or read by others than the writer
	columns   []Column
	chunks    []chunk // those that are written
	size      int64   // of these
	rows      int64
	committed mark

	// What follows is the writer's.
	gathered []chunk // in buf
	buf      []byte
	body     []byte  // scratch
	blocks   []block // scratch
	unsynced bool    // something was written since the last Sync
	fresh    bool    // the file's name is not durable yet
}

// mark is a place between two chunks.
type mark struct {
	chunks int
	size   int64
	rows   int64
}

// Create makes a file, in place of one that is there: nothing of that was committed.
func Create(path string) (*File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of files of the hour: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, fmt.Errorf("make a file of the hour: %w", err)
	}
	return &File{path: path, file: file, fresh: true}, nil
}

// Open opens a file of which so many rows were committed. Where it has fewer, the error has [ErrBroken] in it, and the file can be used with
// those that are there: [File.Rows].
func Open(path string, rows int64, readOnly bool) (*File, error) {
	flags := os.O_RDWR
	if readOnly {
		flags = os.O_RDONLY
	}
	file, err := os.OpenFile(path, flags, 0)
	if err != nil {
		return nil, fmt.Errorf("open a file of the hour: %w", err)
	}
	f := &File{path: path, file: file}
	err = f.load(rows)
	if err != nil && !errors.Is(err, ErrBroken) {
		return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), file.Close())
	}
	f.committed = mark{len(f.chunks), f.size, f.rows}
	if err != nil {
		return f, fmt.Errorf("%s: %d of %d rows can be read: %w", path, f.rows, rows, err)
	}
	return f, nil
}

// load reads the heads of chunks up to a number of rows.
func (f *File) load(rows int64) error {
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	for f.rows < rows {
		c, err := f.readChunk(f.file, f.size, info.Size())
		switch {
		case errors.Is(err, io.EOF):
			return fmt.Errorf("%w: it ends at %d", ErrBroken, f.size)
		case err != nil:
			return err
		case f.rows+int64(c.rows) > rows:
			return fmt.Errorf("%w: the chunk at %d has more rows than were committed", ErrBroken, f.size)
		}
		f.take(c)
	}
	return nil
}

// take adds a chunk that is written.
func (f *File) take(c chunk) {
	c.first = f.rows
	f.chunks = append(f.chunks, c)
	f.size += c.size
	f.rows += int64(c.rows)
}

// columnOf returns the number of a column, which it adds where it is new.
func (f *File) columnOf(c Column) uint16 {
	i := slices.Index(f.columns, c)
	if i < 0 {
		i = len(f.columns)
		f.columns = append(f.columns, c)
	}
	return uint16(i)
}

// Path returns where the file is.
func (f *File) Path() string { return f.path }

// Rows returns the number of rows that are committed.
func (f *File) Rows() int64 { return f.kept().rows }

// Size returns the bytes that the committed rows take.
func (f *File) Size() int64 { return f.kept().size }

func (f *File) kept() mark {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.committed
}

// Append adds rows: of each column the vector with its values. Columns without a value in them take no room.
func (f *File) Append(columns []Column, vectors []Vector, rows int) error {
	f.body, f.blocks = f.body[:0], f.blocks[:0]
	if rows == 0 {
		return nil
	}
	for i := range vectors {
		all, none := vectors[i].validity(rows)
		if none {
			continue
		}
		if len(columns[i].Name) > maxName || len(f.columns) == maxColumns {
			return fmt.Errorf("column %q: its name is too long, or there are too many", columns[i].Name)
		}
		var b block
		f.body, b = appendBlock(f.body, &vectors[i], columns[i].Type, rows, all)
		b.column = f.number(columns[i])
		f.blocks = append(f.blocks, b)
	}
	if len(f.body) > maxChunk/2 || len(f.blocks) > maxBlocks {
		return fmt.Errorf("%d rows of %d columns and %d bytes are too many for a chunk", rows, len(f.blocks), len(f.body))
	}
	head := len(f.buf)
	f.buf = appendHead(f.buf, rows, f.blocks, f.columns, len(f.body))
	c := chunk{off: f.size + int64(head), rows: rows, blocks: make([]block, 0, len(f.blocks))}
	at := uint32(len(f.buf) - head)
	for _, b := range f.blocks {
		b.off = at
		at += b.size
		c.add(b)
	}
	f.buf = append(f.buf, f.body...)
	c.size = int64(len(f.buf) - head)
	f.gathered = append(f.gathered, c)
	if len(f.buf) >= writeAt {
		return f.Flush()
	}
	return nil
}

// number is columnOf beside readers.
func (f *File) number(c Column) uint16 {
	if i := slices.Index(f.columns, c); i >= 0 {
		return uint16(i)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.columnOf(c)
}

// Flush writes what was appended, for readers of all rows to see.
func (f *File) Flush() error {
	if len(f.gathered) == 0 {
		return nil
	}
	if _, err := f.file.WriteAt(f.buf, f.size); err != nil {
		return fmt.Errorf("write rows of the hour: %w", err)
	}
	f.mu.Lock()
	for _, c := range f.gathered {
		f.take(c)
	}
	f.mu.Unlock()
	f.gathered, f.buf, f.unsynced = f.gathered[:0], f.buf[:0], true
	return nil
}

// Sync makes what was appended durable. It counts from [File.Commit] on.
func (f *File) Sync() error {
	if err := f.Flush(); err != nil || !f.unsynced {
		return err
	}
	if err := f.file.Sync(); err != nil {
		return fmt.Errorf("make rows of the hour durable: %w", err)
	}
	if f.fresh {
		if err := syncFolder(filepath.Dir(f.path)); err != nil {
			return err
		}
	}
	f.unsynced, f.fresh = false, false
	return nil
}

// syncFolder makes the names in a folder durable, and its own.
func syncFolder(path string) error {
	for range 2 {
		d, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("make the name of a file of the hour durable: %w", err)
		}
		// Not every system can; those that cannot keep names by themselves.
		_ = d.Sync()
		if err := d.Close(); err != nil {
			return fmt.Errorf("make the name of a file of the hour durable: %w", err)
		}
		path = filepath.Dir(path)
	}
	return nil
}

// Commit keeps what has been flushed, as [File.Sync] does.
func (f *File) Commit() { f.keep(mark{len(f.chunks), f.size, f.rows}) }

func (f *File) keep(m mark) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.committed = m
}

// Rollback gives up what was appended since the last commit. What was written of it is overwritten by what comes next.
func (f *File) Rollback() {
	f.gathered, f.buf = f.gathered[:0], f.buf[:0]
	f.mu.Lock()
	defer f.mu.Unlock()
	f.chunks, f.size, f.rows = slices.Clip(f.chunks[:f.committed.chunks]), f.committed.size, f.committed.rows
}

// Uncommit is Rollback to an earlier commit, which had so many rows. It reports whether there was one.
func (f *File) Uncommit(rows int64) bool {
	f.Rollback()
	if rows == f.rows {
		return true
	}
	i, ok := slices.BinarySearchFunc(f.chunks, rows, func(c chunk, rows int64) int { return cmp.Compare(c.first, rows) })
	if !ok || rows > f.rows {
		return false
	}
	f.keep(mark{i, f.chunks[i].off, rows})
	f.Rollback()
	return true
}

// Settle makes so many rows count, whether they were committed or not: a transaction may have been committed though its end was not heard of.
// Where fewer can be read, the error has [ErrBroken] in it, and these count.
func (f *File) Settle(rows int64) error {
	if f.Uncommit(rows) {
		return nil
	}
	f.mu.Lock()
	err := f.load(rows)
	if f.rows > rows {
		err = fmt.Errorf("%w: no chunk ends with row %d", ErrBroken, rows)
	}
	m := mark{len(f.chunks), f.size, f.rows}
	f.mu.Unlock()
	f.keep(m)
	if err != nil {
		return fmt.Errorf("%s: %d of %d rows can be read: %w", f.path, m.rows, rows, err)
	}
	return nil
}

// Close closes the file; what was not committed does not count at the next [Open].
func (f *File) Close() error { return f.file.Close() }

// Remove closes the file and removes it.
func (f *File) Remove() error {
	err := f.file.Close()
	if gone := os.Remove(f.path); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

// All is a number of rows that is more than any file has.
const All = math.MaxInt64
