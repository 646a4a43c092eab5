package parquet

import (
	"errors"
	"fmt"
	"io"
)

// Unpack unpacks a frame of Zstandard into dst, which has the room that it takes, and returns how much that was. Neither is empty.
type Unpack func(dst, frame []byte) (int, error)

// Reader reads single values of a file's columns: what takes DuckDB a statement over all columns of a row group, of which it plans, copies and
// compares more than it reads. It knows what [Writer] and DuckDB write; other files it refuses with an error. It is used by one goroutine at a time, and
// keeps its buffers.
type Reader struct {
	file   io.ReaderAt
	layout *Layout
	unpack Unpack
	raw    []byte // a chunk as it lies in the file
	words  []byte // its dictionary
	data   []byte // its page of data
	spare  []uint64
	places []int
	starts []int32
	marked []bool
	kept   [4]keptPage
	keep   int // the one that is written over next
}

// keptPage is the only page of a chunk that was searched: its values are mostly read next.
type keptPage struct {
	valid         bool
	group, column int
	section       section
	words, data   []byte
}

// maxPage bounds the memory that a page takes.
const maxPage = 256 << 20

// NewReader returns a reader, of no file yet.
func NewReader(unpack Unpack) *Reader { return &Reader{unpack: unpack} }

// Open turns the reader to a file that has the layout.
func (r *Reader) Open(file io.ReaderAt, l *Layout) {
	r.file, r.layout = file, l
	for i := range r.kept {
		r.kept[i].valid = false
	}
}

// hold keeps the page that was read last, if it is all of its chunk and was unpacked. Its buffers are exchanged for those of another.
func (r *Reader) hold(group, column int, s *section) {
	g := &r.layout.groups[group]
	if s.first != 0 || s.rows != int(g.rows) || g.chunks[column].codec == codecNone {
		return
	}
	k := &r.kept[r.keep]
	r.keep = (r.keep + 1) % len(r.kept)
	k.valid, k.group, k.column, k.section = true, group, column, *s
	k.words, r.words = r.words, k.words
	k.data, r.data = r.data, k.data
}

// held calls f for the page of a chunk that is kept, and tells whether there is one.
func (r *Reader) held(group, column int, f func(*section) error) (bool, error) {
	for i := range r.kept {
		if k := &r.kept[i]; k.valid && k.group == group && k.column == column {
			s := k.section
			return true, f(&s)
		}
	}
	return false, nil
}

// Codecs of parquet.thrift.
const (
	codecNone = 0
	codecZstd = 6
)

// Encodings of parquet.thrift that are read, besides those that the writer knows.
const (
	encodingPlainDictionary = 2
	encodingDelta           = 5 // DELTA_BINARY_PACKED
	encodingDeltaLength     = 6 // DELTA_LENGTH_BYTE_ARRAY
	encodingSplit           = 9 // BYTE_STREAM_SPLIT
)

// section is a page of data.
type section struct {
	typ      valueType
	first    int // row of the row group
	rows     int
	encoding int64
	levels   []byte // of a bit: whether a row has a value
	values   []byte
	words    []byte // dictionary, PLAIN
	entries  int    // in it
}

var errPage = fmt.Errorf("a page that is of none of the kinds that are read: %w", errFile)

// each calls f for the pages of data of a chunk.
func (r *Reader) each(group, column int, f func(*section) error) error {
	c := &r.layout.groups[group].chunks[column]
	if cap(r.raw) < int(c.size) {
		r.raw = make([]byte, c.size)
	}
	rest := r.raw[:c.size]
	if _, err := r.file.ReadAt(rest, c.at); err != nil {
		return err
	}
	s := section{typ: r.layout.types[column]}
	rows := int(r.layout.groups[group].rows)
	for s.first < rows {
		var err error
		if rest, err = r.page(rest, c.codec, &s); err != nil {
			return err
		}
		if s.rows == 0 {
			continue // a dictionary
		}
		if s.first+s.rows > rows {
			return errPage
		}
		if err := f(&s); err != nil {
			return err
		}
		s.first, s.rows = s.first+s.rows, 0
	}
	return nil
}

// page reads the next page into the section, and returns what follows it.
func (r *Reader) page(b []byte, codec int8, s *section) ([]byte, error) {
	d := decoder{rest: b}
	head := d.value(kindStruct)
	size, whole := head.getNumber(pageCompressedSize), head.getNumber(pageSize)
	if d.err != nil || size < 0 || size > int64(len(d.rest)) || whole < 0 || whole > maxPage {
		return nil, errPage
	}
	body, rest := d.rest[:size:size], d.rest[size:]
	dictionary, data := head.get(pageDictionary), head.get(pageData)
	switch {
	case dictionary != nil:
		words, err := r.unpacked(&r.words, body, int(whole), codec)
		s.words, s.entries = words, int(dictionary.getNumber(dictionaryValues))
		if err == nil && (s.entries < 0 || s.entries > len(words)) {
			err = errPage
		}
		return rest, err
	case data == nil || data.getNumber(dataDefinition) != encodingRLE:
		return nil, errPage
	}
	plain, err := r.unpacked(&r.data, body, int(whole), codec)
	if err != nil {
		return nil, err
	}
	s.rows, s.encoding = int(data.getNumber(dataValues)), data.getNumber(dataEncoding)
	s.levels, s.values, err = cutLevels(plain)
	if err == nil && s.rows <= 0 {
		err = errPage
	}
	return rest, err
}

// cutLevels cuts the definition levels, which their size precedes, off a page.
func cutLevels(page []byte) (levels, values []byte, err error) {
	if len(page) < 4 {
		return nil, nil, errPage
	}
	n := bitsAt(page[:4], 0, 32)
	if page = page[4:]; n > uint64(len(page)) {
		return nil, nil, errPage
	}
	return page[:n:n], page[n:], nil
}

// unpacked returns a page without its compression.
func (r *Reader) unpacked(buffer *[]byte, body []byte, size int, codec int8) (page []byte, err error) {
	switch codec {
	case codecNone:
		return body, nil
	case codecZstd:
	default:
		return nil, fmt.Errorf("compression %d: %w", codec, errPage)
	}
	if len(body) == 0 || size == 0 {
		return nil, errPage
	}
	if cap(*buffer) < size {
		*buffer = make([]byte, size+size/4)
	}
	page = (*buffer)[:size]
	if n, err := r.unpack(page, body); err != nil || n != size {
		return nil, errors.Join(errPage, err)
	}
	return page, nil
}

// column returns the number of a column; false where it has no values in the row group.
func (r *Reader) column(group int, name string) (int, bool, error) {
	i, ok := r.layout.columns[name]
	if !ok {
		return 0, false, fmt.Errorf("no column %s: %w", name, errFile)
	}
	if group < 0 || group >= len(r.layout.groups) {
		return 0, false, fmt.Errorf("no row group %d: %w", group, errFile)
	}
	return i, !r.layout.groups[group].chunks[i].empty, nil
}
