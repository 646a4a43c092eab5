//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/DataDog/zstd"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hot"
	"github.com/weirflow/weir/collector/internal/store/parquet"
)

// sealLevel is the level of Zstandard that sealed files are written with. Higher ones cost more time than they save space.
const sealLevel = 1

// sealing writes the rows of a hot file as Parquet, without DuckDB: that takes less than half the time, as the cells of a column are copied once and
// looked up once, and needs the memory of a column. Chunks that cannot be read are left out.
type sealing struct {
	ctx    context.Context
	files  *hotFiles
	part   store.Part
	view   *hot.View
	out    *parquet.Writer
	column []sealedColumn
	cells  columnCells

	chunks []int // of the row group in hand
	rows   int64 // that were written
	ends   endedIn
}

// sealedColumn is a documented column and where the hot file has it.
type sealedColumn struct {
	of    int // in the view; -1: it has none
	shown shownColumn
	ends  bool // it is that of the times that records ended
}

// endedIn is the first and the last of some times, in milliseconds since the Unix epoch.
type endedIn struct{ first, last int64 }

// writeSealed writes the rows of a part to a file, and enters how many they are and when the first and last ended. Records without an end count
// as of the year 1970, as everywhere.
func (s *Store) writeSealed(ctx context.Context, view *hot.View, path string, f *store.Sealed) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	of := s.contents(f.Part.Kind)
	w := sealing{ctx: ctx, files: &s.hotFiles, part: f.Part, view: view, ends: endedIn{math.MaxInt64, math.MinInt64}}
	w.cells.reader.View = view
	w.out, err = parquet.NewWriter(file, of.columns, newPack())
	if err != nil {
		return err
	}
	w.findColumns(of.columns)
	if err := w.writeAll(int(s.cfg.GroupRows)); err != nil {
		return err
	}
	f.Rows, f.EventMin, f.EventMax = w.rows, time.UnixMilli(w.ends.first).UTC(), time.UnixMilli(w.ends.last+1).UTC()
	return w.out.Close()
}

// newPack returns the C library's packing, for one goroutine at a time.
func newPack() parquet.Pack {
	c := zstd.NewCtx()
	return func(dst, page []byte) ([]byte, error) { return c.CompressLevel(dst[:cap(dst)], page, sealLevel) }
}

func (w *sealing) findColumns(columns []store.Column) {
	shown := w.files.shownColumns(w.part, w.view.Columns())
	for _, c := range columns {
		sealed := sealedColumn{of: w.view.Column(c.Name), ends: c.Name == "event_end"}
		if sealed.of >= 0 {
			sealed.shown = shown[sealed.of]
		}
		w.column = append(w.column, sealed)
	}
}

// writeAll writes row groups of at most so many rows, but of one chunk at least.
func (w *sealing) writeAll(most int) error {
	for from := 0; from < w.view.Chunks(); {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		next, rows := w.gather(from, most)
		if rows == 0 {
			return nil
		}
		err := w.group(rows)
		var broken *brokenChunk
		if errors.As(err, &broken) {
			first, rows := w.view.Chunk(broken.chunk)
			if w.files.lose(w.part.Table(), first, int64(rows), err) {
				continue
			}
		}
		if err != nil {
			return err
		}
		from, w.rows = next, w.rows+int64(rows)
	}
	return nil
}

// gather takes chunks for a row group, and returns which comes after them and how many rows they have.
func (w *sealing) gather(from, most int) (next, rows int) {
	lost, _ := w.files.lostOf(w.part.Table())
	w.chunks = w.chunks[:0]
	for next = from; next < w.view.Chunks(); next++ {
		first, n := w.view.Chunk(next)
		if _, ok := lost[first]; ok {
			continue
		}
		if rows > 0 && rows+n > most {
			break
		}
		w.chunks, rows = append(w.chunks, next), rows+n
	}
	return next, rows
}

// group writes a row group.
func (w *sealing) group(rows int) error {
	w.out.Begin(rows)
	ends := w.ends
	for i := range w.column {
		if err := w.put(&w.column[i], rows, &ends); err != nil {
			return err
		}
	}
	if err := w.out.End(); err != nil {
		return fmt.Errorf("write sealed file: %w", err)
	}
	w.ends = ends
	return nil
}

// put writes a column of a row group.
func (w *sealing) put(c *sealedColumn, rows int, ends *endedIn) error {
	// The first half of IPv4 addresses, the next hop, the sampling: no need to read them.
	if n, ok := w.view.Constant(c.of, w.chunks); ok && c.shown.numbered == nil && c.shown.width != hot.Timestamp {
		w.out.PutSame(n)
		return nil
	}
	if err := w.cells.read(c, w.chunks, rows); err != nil {
		return err
	}
	if c.ends {
		ends.take(w.cells.out.Numbers, rows)
	}
	return w.out.Put(&w.cells.out)
}

func (t *endedIn) take(list []uint64, rows int) {
	if len(list) < rows {
		t.first, t.last = min(t.first, 0), max(t.last, 0)
	}
	for _, n := range list {
		t.first, t.last = min(t.first, int64(n)), max(t.last, int64(n))
	}
}
