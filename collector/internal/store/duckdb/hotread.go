//go:build cgo

package duckdb

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hot"
	"github.com/weirflow/weir/shared/query"
)

// hotFiles are the files of the hour by the names of their parts, for as long as a question may read them.
type hotFiles struct {
	mu     sync.Mutex
	byName map[string]*hot.File
	lost   map[string]lostRows
	log    *slog.Logger
	count  atomic.Int64                    // rows that cannot be read
	coded  map[store.Kind]map[string]coded // by column: those that have numbers for texts
	names  atomic.Pointer[numbered]        // see know
	sums   keptSums
}

func (h *hotFiles) add(name string, f *hot.File) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byName == nil {
		h.byName = map[string]*hot.File{}
	}
	h.byName[name] = f
}

// take takes a file out; nil where there is none of the name.
func (h *hotFiles) take(name string) *hot.File {
	h.sums.drop(name)
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.byName[name]
	delete(h.byName, name)
	delete(h.lost, name)
	return f
}

func (h *hotFiles) view(name string, rows int64) (hot.View, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.byName[name]
	if f == nil {
		return hot.View{}, false
	}
	return f.View(rows), true
}

// close closes all files.
func (h *hotFiles) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for f := range maps.Values(h.byName) {
		_ = f.Close() // what counts has been made durable
	}
	h.byName = nil
}

// hotSpan is which rows are read: those between times, in microseconds since the Unix epoch, that have an address with one of some second
// halves; nil: with any. They are not among those that are skipped.
type hotSpan struct {
	since, until int64
	lows         []uint64
	skip         []rowRange // rows that are not read: they are whole chunks
}

// always is the span of all rows.
var always = hotSpan{since: math.MinInt64, until: math.MaxInt64}

// spanOfPlan returns that of a plan's rows.
func spanOfPlan(p *query.Plan) hotSpan {
	s := spanOfTimes(p.From, p.To)
	s.lows = neededLows(p.Node)
	return s
}

func spanOfTimes(from, to time.Time) hotSpan {
	s := always
	if !from.IsZero() {
		s.since = from.Truncate(time.Millisecond).UnixMicro()
	}
	if !to.IsZero() {
		s.until = to.UnixMicro()
	}
	return s
}

// hotTable returns the table expression of the first rows of a part.
func hotTable(p store.Part, rows int64, s hotSpan) string {
	return fmt.Sprintf("%s(%s, %d, %d, %d, '%s', '%s')", hotFunction, quote(p.Table()), rows, s.since, s.until, textOfLows(s.lows), textOfRanges(s.skip))
}

// hotScan is what a statement reads of a file.
type hotScan struct {
	name         string
	files        *hotFiles
	view         hot.View
	lost         lostRows // known when the scan began
	since, until int64
	skip         []rowRange
	end          int           // column of event_end
	addresses    *lowSearch    // nil: rows with any addresses
	shown        []shownColumn // by column
}

// wants tells whether a chunk can be read and its rows may have ended between the scan's times. A row without an end counts as of the year 1970.
func (s *hotScan) wants(chunk int) bool {
	first, _ := s.view.Chunk(chunk)
	if _, ok := s.lost[first]; ok {
		return false
	}
	for _, r := range s.skip {
		if first >= r.from && first < r.to {
			return false
		}
	}
	r := s.view.Range(s.end, chunk)
	return !r.All || int64(r.Most) >= s.since && int64(r.Least) <= s.until
}

// hotRead is a scan that is being run, by several threads.
type hotRead struct {
	*hotScan
	columns []duck.IdxT
	readers sync.Pool

	mu    sync.Mutex
	chunk int        // the next one
	again []chunkRun // those beside a chunk that could not be read
}

// chunkRun is some chunks of a view.
type chunkRun struct{ from, to int }

// hotReader has room for the cells of a column.
type hotReader struct {
	hot.Reader
	room    [hot.Rows]uint64
	target  hot.Target
	texts   []byte         // of a chunk's column, see showLong
	offsets map[uint64]int // in them
}

// claim takes the next chunks that fit into one of DuckDB's.
func (r *hotRead) claim() (from, to int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.again); n > 0 {
		run := r.again[n-1]
		r.again = r.again[:n-1]
		return run.from, run.to
	}
	for r.chunk < r.view.Chunks() && !r.wants(r.chunk) {
		r.chunk++
	}
	from = r.chunk
	for rows := 0; r.chunk < r.view.Chunks() && r.wants(r.chunk); r.chunk++ {
		_, more := r.view.Chunk(r.chunk)
		if rows += more; rows > hot.Rows {
			break
		}
	}
	return from, r.chunk
}

// next fills a chunk; none is left where it stays empty. Chunks of the file that cannot be read are left out.
func (r *hotRead) next(out duck.DataChunk) error {
	for {
		from, to := r.claim()
		held, err := r.holds(from, to)
		if err == nil && !held {
			continue
		}
		if err == nil {
			err = r.fillAll(out, from, to)
		}
		var broken *brokenChunk
		if !errors.As(err, &broken) {
			return err
		}
		first, rows := r.view.Chunk(broken.chunk)
		if !r.files.lose(r.name, first, int64(rows), err) {
			return err
		}
		r.leaveOut(from, broken.chunk, to)
		duck.DataChunkReset(out)
	}
}

func (r *hotRead) reader() *hotReader {
	if reader, ok := r.readers.Get().(*hotReader); ok {
		return reader
	}
	return &hotReader{Reader: hot.Reader{View: &r.view}}
}

// fillAll fills a chunk with some of the file's.
func (r *hotRead) fillAll(out duck.DataChunk, from, to int) error {
	reader := r.reader()
	defer r.readers.Put(reader)
	rows := 0
	for i := from; i < to; i++ {
		_, n := r.view.Chunk(i)
		rows += n
	}
	for n, column := range r.columns {
		v := duck.DataChunkGetVector(out, duck.IdxT(n))
		switch {
		case int(column) < len(r.view.Columns()):
			if err := r.fill(reader, v, int(column), from, to); err != nil {
				return err
			}
		case int(column) == len(r.view.Columns()):
			r.number(v, from, to)
		}
	}
	duck.DataChunkSetSize(out, duck.IdxT(rows))
	return nil
}

// fill reads a column of some chunks.
func (r *hotRead) fill(reader *hotReader, v duck.Vector, column, from, to int) error {
	data := duck.VectorGetData(v)
	target := &reader.target
	*target = hot.Target{Data: data}
	target.Texts = func(at int, all []byte, ends []uint32) { fillTexts(v, data, at, all, ends) }
	shown := &r.shown[column]
	if shown.numbered != nil {
		target.Data = unsafe.Pointer(&reader.room)
	}
	at := 0
	for i := from; i < to; i++ {
		if err := reader.Read(i, column, target, at); err != nil {
			return &brokenChunk{i, err}
		}
		_, n := r.view.Chunk(i)
		at += n
	}
	shown.show(reader, v, data, at)
	if full := (at + 63) / 64; at%64 == 0 && !slices.ContainsFunc(target.Valid[:full], func(w uint64) bool { return w != ^uint64(0) }) {
		return nil
	}
	duck.VectorEnsureValidityWritable(v)
	*(*[hot.Rows / 64]uint64)(duck.VectorGetValidity(v)) = target.Valid
	return nil
}

// fillTexts sets cells to texts that lie one behind the other: copied at once, and then cut.
func fillTexts(v duck.Vector, data unsafe.Pointer, at int, all []byte, ends []uint32) {
	cells := unsafe.Slice((*stringT)(data), at+len(ends))[at:]
	if len(all) == 0 {
		clear(cells)
		return
	}
	if len(all) <= stringInline {
		all = append(all[:len(all):len(all)], make([]byte, stringInline)...)
	}
	duck.UnsafeVectorAssignStringElementLen(v, duck.IdxT(at), all)
	whole, begin := cells[0], 0
	for i, end := range ends {
		cells[i] = whole.slice(begin, int(end)-begin)
		begin = int(end)
	}
}

// number fills the column of the rows' numbers.
func (r *hotRead) number(v duck.Vector, from, to int) {
	cells := (*[hot.Rows]int64)(duck.VectorGetData(v))
	at := 0
	for i := from; i < to; i++ {
		first, n := r.view.Chunk(i)
		for k := range n {
			cells[at] = first + int64(k)
			at++
		}
	}
}
