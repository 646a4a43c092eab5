package parquet

import (
	"encoding/binary"
	"fmt"
	"io"
	"maps"

	"github.com/weirflow/weir/collector/internal/store"
)

// Pack returns a page as a frame of Zstandard, in the memory of dst, which is empty, where that has the room.
type Pack func(dst, page []byte) ([]byte, error)

// Writer writes a file of documented columns, a row group after the other. It is used by one goroutine at a time. What is written is all
// that it keeps, but for the row group in hand.
type Writer struct {
	out     io.Writer
	at      int64 // where the row group in hand begins
	columns []written
	groups  []value
	total   int64 // rows
	encoder encoder

	rows   int
	body   []byte // pages of the row group
	chunks []value
	size   int64 // of them without compression
	shared map[pageKey]page
}

// written is a column of a file.
type written struct {
	name string
	kind column
}

// Cells are the values of a column in a row group.
type Cells struct {
	Valid   []uint64 // a bit for each row that has a value; nil: all have one
	Numbers []uint64 // of the rows with a value: two's complement, or bits of a double; of a smaller number, its bits
	Texts   []string // of a column of texts: the numbers are places here
}

// NewWriter begins a file with the columns.
func NewWriter(out io.Writer, columns []store.Column, pack Pack) (*Writer, error) {
	w := &Writer{out: out, shared: map[pageKey]page{}, encoder: encoder{pack: pack}}
	for _, c := range columns {
		kind, ok := columnOf[c.Type]
		if !ok {
			return nil, fmt.Errorf("column %s: no such type: %s", c.Name, c.Type)
		}
		w.columns = append(w.columns, written{c.Name, kind})
	}
	n, err := io.WriteString(out, magic)
	w.at = int64(n)
	return w, err
}

// Begin begins a row group. One that was begun and not ended is forgotten.
func (w *Writer) Begin(rows int) {
	w.rows, w.size, w.body, w.chunks = rows, 0, w.body[:0], nil
	maps.DeleteFunc(w.shared, func(_ pageKey, p page) bool { return p.at >= w.at })
}

// Put adds the next column to the row group.
func (w *Writer) Put(cells *Cells) error {
	c := &w.columns[len(w.chunks)]
	if len(cells.Numbers) == 0 {
		w.share(c, "")
		return nil
	}
	e := &w.encoder
	e.read(c.kind, cells, w.rows)
	if value, ok := e.only(); ok {
		w.share(c, value)
		return nil
	}
	if err := e.encode(); err != nil {
		return fmt.Errorf("column %s: %w", c.name, err)
	}
	w.add(c)
	return nil
}

// PutSame adds the next column to the row group, which has one number in all rows.
func (w *Writer) PutSame(n uint64) {
	c := &w.columns[len(w.chunks)]
	w.share(c, string(c.kind.plain(nil, n)))
}

// share adds a column that has one number in all rows, PLAIN, or NULL where it is empty. Columns of all types share such pages, as do
// row groups of as many rows: most of the documented columns are of that kind.
func (w *Writer) share(c *written, value string) {
	key := pageKey{int64(w.rows), value}
	p, ok := w.shared[key]
	if !ok {
		p = page{at: w.at + int64(len(w.body)), encoding: key.encoding()}
		var data int
		w.body, data = appendPagesOf(w.body, key)
		p.data = p.at + int64(data)
		p.size = w.at + int64(len(w.body)) - p.at
		p.whole = p.size
		w.shared[key] = p
	}
	w.put(c, p, key.statistics())
}

// put adds a column whose pages are there.
func (w *Writer) put(c *written, p page, statistics value) {
	w.size += p.whole
	w.chunks = append(w.chunks, c.chunk(int64(w.rows), p, statistics))
}

// add adds the column that was encoded.
func (w *Writer) add(c *written) {
	e := &w.encoder
	p := page{at: w.at + int64(len(w.body)), codec: e.codec, encoding: e.encoding}
	if e.worded {
		w.body = appendPage(w.body, len(e.wordsPage), e.words, member{pageType, i32(dictionaryPage)}, dictionaryHeader(int64(len(e.dictionary.words))))
	}
	p.data = w.at + int64(len(w.body))
	w.body = appendPage(w.body, len(e.dataPage), e.data, member{pageType, i32(0)}, dataHeader(int64(w.rows), e.encoding))
	p.size = w.at + int64(len(w.body)) - p.at
	p.whole = p.size + int64(len(e.wordsPage)+len(e.dataPage)-len(e.words)-len(e.data))
	w.put(c, p, e.statistics())
}

// End writes the row group.
func (w *Writer) End() error {
	if len(w.chunks) != len(w.columns) {
		return fmt.Errorf("a row group of %d columns, not %d", len(w.chunks), len(w.columns))
	}
	w.groups = append(w.groups, structure(member{groupColumns, listOf(kindStruct, w.chunks...)}, member{groupBytes, i64(w.size)},
		member{groupRows, i64(int64(w.rows))}, member{groupCompressed, i64(int64(len(w.body)))}))
	w.total += int64(w.rows)
	n, err := w.out.Write(w.body)
	w.at += int64(n)
	return err
}

// Close writes the footer.
func (w *Writer) Close() error {
	const required = 0
	schema := []value{structure(member{elementRepetition, i32(required)}, member{elementName, text("weir")},
		member{elementChildren, i32(int64(len(w.columns)))})}
	var orders []value
	for i := range w.columns {
		schema = append(schema, w.columns[i].element())
		orders = append(orders, structure(member{1, structure()})) // as the type defines
	}
	file := structure(member{fileVersion, i32(2)}, member{fileSchema, listOf(kindStruct, schema...)}, member{fileRows, i64(w.total)},
		member{fileRowGroups, listOf(kindStruct, w.groups...)}, member{fileCreator, text("weir")},
		member{fileColumnOrders, listOf(kindStruct, orders...)})
	footer := file.append(nil)
	footer = append(binary.LittleEndian.AppendUint32(footer, uint32(len(footer))), magic...)
	_, err := w.out.Write(footer)
	return err
}
