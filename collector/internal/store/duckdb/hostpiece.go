//go:build cgo

package duckdb

import (
	"os"
	"slices"
	"sync"
	"unsafe"

	"github.com/DataDog/zstd"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/parquet"
	"github.com/weirflow/weir/shared/flow"
)

// hostPiece reads the records of hosts in one row group after the other.
type hostPiece struct {
	of     *hostRecords
	reader *parquet.Reader
	path   string // of file
	file   *os.File
	layout *parquet.Layout // nil: the file is DuckDB's
	rows   []int
	values parquet.Values
	cols   [4]cellBuffer // a field has no more columns
	batch  *flow.Batch   // what was found
}

// pieceReaders are readers that have buffers already: to make these takes longer than to read a row group.
var pieceReaders sync.Pool

func newHostPiece(h *hostRecords) *hostPiece {
	r, ok := pieceReaders.Get().(*parquet.Reader)
	if !ok {
		r = newPieceReader()
	}
	return &hostPiece{of: h, reader: r, batch: flow.NewBatch(0, h.out.Symbols)}
}

// newPieceReader returns a reader with the C library's unpacking: that is most of what reading a row group takes, and Go's
// takes nearly twice as long.
func newPieceReader() *parquet.Reader { return parquet.NewReader(zstd.NewCtx().DecompressInto) }

func (m *hostPiece) close() {
	m.reader.Open(nil, nil)
	pieceReaders.Put(m.reader)
	if m.file != nil {
		closeRead(m.file)
	}
}

// read reads the records of a piece into the batch; false where there may be more than most, or the file is DuckDB's.
func (m *hostPiece) read(p *piece, most int) bool {
	if !m.open(p) {
		return false
	}
	err := m.find(p)
	if err == nil && len(m.rows) > most {
		return false
	}
	m.batch.Reset()
	if err == nil {
		err = m.load(p.group)
	}
	if err != nil {
		m.of.pages.store.deps.Log.Warn("a question for records of a host is answered slowly", "file", p.path, "error", err)
		return false
	}
	m.batch.Records = slices.DeleteFunc(m.batch.Records, func(r flow.Record) bool {
		return !m.of.plan.Selects(&r) || !m.of.match(m.batch, &r)
	})
	return true
}

// open makes sure that the piece's file is open.
func (m *hostPiece) open(p *piece) bool {
	if m.path == p.path {
		return m.layout != nil
	}
	if m.file != nil {
		closeRead(m.file)
		m.file, m.layout = nil, nil
	}
	m.path = p.path
	l := m.of.pages.store.layoutOf(p)
	if l == nil {
		return false
	}
	var err error
	if m.file, err = os.Open(p.path); err != nil {
		return false // DuckDB has the words for it
	}
	m.layout = l
	m.reader.Open(m.file, l)
	return true
}

// find finds the rows that have one of the addresses on any side. Only their second half is compared: the filter tells the rest.
func (m *hostPiece) find(p *piece) (err error) {
	m.rows = m.rows[:0]
	for _, side := range sidesOf(store.Flows) {
		if !m.layout.Has(p.group, side+"_lo") {
			continue
		}
		if m.rows, err = m.reader.Find(m.rows, p.group, side+"_lo", m.of.wanted); err != nil {
			return err
		}
	}
	slices.Sort(m.rows)
	m.rows = slices.Compact(m.rows)
	return nil
}

// load reads the rows found into the batch.
func (m *hostPiece) load(group int) error {
	fields := m.of.pages.store.fields
	n := len(m.rows)
	if n == 0 {
		return nil
	}
	for range n {
		m.batch.Grow()
	}
	out := output{mem: recordMemory(m.batch.Records), symbols: m.batch.Symbols, batch: m.batch, recs: m.batch.Records}
	var cols [len(m.cols)]cells
	for i := range fields {
		f := &fields[i]
		if !slices.ContainsFunc(f.columns, func(c store.Column) bool { return m.layout.Has(group, c.Name) }) {
			continue
		}
		for j, c := range f.columns {
			if err := m.reader.Pick(group, c.Name, m.rows, &m.values); err != nil {
				return err
			}
			cols[j] = m.cols[j].fill(&m.values, c.Type)
		}
		f.load(cols[:len(f.columns)], &out)
	}
	for i := range fields {
		if d, ok := fields[i].program.(derived); ok {
			if err := m.derive(group, fields[i].columns[0].Name, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// derive fills in a counter where it follows from others.
func (m *hostPiece) derive(group int, column string, d derived) error {
	if err := m.reader.Pick(group, column, m.rows, &m.values); err != nil {
		return err
	}
	mem := recordMemory(m.batch.Records)
	for i := range m.batch.Records {
		if r := &m.batch.Records[i]; !m.values.Valid[i] && r.Present.Has(d.bit) {
			*member[uint64](&mem, i, d.off) = d.follows(r)
		}
	}
	return nil
}

// cellBuffer is where the values of a column lie as in a chunk of DuckDB.
type cellBuffer struct {
	data  []uint64
	valid []uint64
}

// fill takes values of a column of a type; texts stay where they are.
func (b *cellBuffer) fill(v *parquet.Values, kind string) cells {
	n := len(v.Valid)
	if cap(b.data) < 2*n {
		b.data, b.valid = make([]uint64, 2*n), make([]uint64, (n+63)/64)
	}
	b.data, b.valid = b.data[:cap(b.data)], b.valid[:cap(b.valid)]
	clear(b.valid)
	for i, ok := range v.Valid {
		if ok {
			b.valid[i/64] |= 1 << (i % 64)
		}
	}
	base := unsafe.Pointer(unsafe.SliceData(b.data))
	switch kind {
	case "UTINYINT":
		putAll[uint8](base, v)
	case "USMALLINT":
		putAll[uint16](base, v)
	case "UINTEGER":
		putAll[uint32](base, v)
	case "VARCHAR", "BLOB":
		list := unsafe.Slice((*stringT)(base), n)
		for i, ok := range v.Valid {
			if ok {
				list[i] = stringOf(v.Texts[i])
			}
		}
	default:
		putAll[uint64](base, v)
	}
	return cells{data: base, valid: unsafe.Pointer(unsafe.SliceData(b.valid))}
}

func putAll[T uint8 | uint16 | uint32 | uint64](base unsafe.Pointer, v *parquet.Values) {
	list := unsafe.Slice((*T)(base), len(v.Numbers))
	for i, n := range v.Numbers {
		list[i] = T(n)
	}
}
