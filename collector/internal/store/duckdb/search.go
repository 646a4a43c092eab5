//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hot"
	"github.com/weirflow/weir/collector/internal/store/seen"
	"github.com/weirflow/weir/shared/flow"
)

// index helps to search a hot file or a sealed file for blocks. Its parts are made when they are first needed.
type index struct {
	filter *seen.Filter
	// page has blocks that lie together, from where the last one was found: who plays a capture again asks for them next. A block
	// may be in it with some of its records only.
	page map[seen.Key]uint64
}

// pageRows is how many rows a page is made of.
const pageRows = 500_000

// searchMargin is how far a sealed file's times may be from a batch's for the file to be searched: copies of a datagram have the
// same times but for clock correction, and where their time is that of receipt.
const searchMargin = time.Hour

// search looks for blocks among the stored records and returns which records of them are stored.
func (w *writer) search(ctx context.Context, b *flow.Batch, doubtful []block) (map[seen.Key]uint64, error) {
	if len(doubtful) == 0 {
		return nil, nil
	}
	if err := w.flows.noted(w.flows.app.flush()); err != nil {
		return nil, err
	}
	found := map[seen.Key]uint64{}
	parts, sealed := w.s.files.snapshotOf(store.Flows)
	for _, h := range parts {
		if view := h.file.View(hot.All); view.Rows() == 0 {
			continue
		}
		in := place{conn: w.side, from: hotTable(h.part, hot.All, always), row: hotRow, index: &h.index}
		if err := in.search(ctx, doubtful, found); err != nil {
			return nil, err
		}
		w.s.counts.asked.Add(in.asked)
	}
	from, to := spanOf(b, doubtful)
	for _, f := range sealed {
		if !f.Overlaps(from.Add(-searchMargin), to.Add(searchMargin)) || w.s.files.isMissing(f.Path) {
			f.index = index{} // who plays a capture goes on to other files
			continue
		}
		in := place{conn: w.side, from: readNumbered(w.s.path(f.Path)), row: "file_row_number", index: &f.index}
		if err := in.search(ctx, doubtful, found); err != nil {
			w.s.files.lose(f.Path)
			w.s.deps.Log.Error("a sealed file cannot be read: its records are left out of answers", "file", w.s.path(f.Path), "error", err)
		}
		w.s.counts.asked.Add(in.asked)
	}
	return found, nil
}

func spanOf(b *flow.Batch, blocks []block) (from, to time.Time) {
	first, last := b.Records[blocks[0].from].End, b.Records[blocks[0].from].End
	for i := range blocks {
		end := b.Records[blocks[i].from].End
		first, last = min(first, end), max(last, end)
	}
	return time.Unix(0, first), time.Unix(0, last)
}

// place is a hot file or sealed file to be searched.
type place struct {
	conn  *conn
	from  string // table expression
	row   string // the column with the row's number
	index *index
	asked uint64 // blocks that took a statement
}

// search adds what is stored of the blocks to found. Most blocks need no statement: the filter knows that they are not here, or the
// page has all their records.
func (p *place) search(ctx context.Context, doubtful []block, found map[seen.Key]uint64) error {
	if p.index.filter == nil {
		if err := p.makeFilter(ctx); err != nil {
			return err
		}
	}
	var datagrams []uint64
	for i := range doubtful {
		b := &doubtful[i]
		switch {
		case !p.index.filter.Perhaps(b.key):
		case p.index.page[b.key]&b.bits == b.bits:
			found[b.key] |= b.bits
		default:
			datagrams = append(datagrams, b.datagram)
		}
	}
	if len(datagrams) == 0 {
		return nil
	}
	p.asked += uint64(len(datagrams))
	first := int64(-1)
	err := p.each(ctx, "dg_hi IN (SELECT unnest(?))", []any{datagrams}, func(id *flow.EventID, row int64) {
		found[seen.KeyOf(id)] |= seen.Bit(id.Record)
		if first < 0 || row < first {
			first = row
		}
	})
	if err != nil || first < 0 {
		return err
	}
	return p.turnTo(ctx, first)
}

// turnTo makes the page that begins with a row.
func (p *place) turnTo(ctx context.Context, row int64) error {
	p.index.page = map[seen.Key]uint64{}
	return p.each(ctx, p.row+" BETWEEN ? AND ?", []any{row, row + pageRows - 1}, func(id *flow.EventID, _ int64) {
		p.index.page[seen.KeyOf(id)] |= seen.Bit(id.Record)
	})
}

// each calls f for the rows that a condition selects.
func (p *place) each(ctx context.Context, condition string, args []any, f func(*flow.EventID, int64)) error {
	r, err := p.conn.query(ctx, fmt.Sprintf("SELECT dg_hi, dg_lo, set_no, rec_no, %s FROM %s WHERE %s", p.row, p.from, condition), args...)
	if err != nil {
		return err
	}
	defer r.close()
	for r.next() {
		id := eventID(r)
		f(&id, get[int64](r, 4))
	}
	return nil
}

func (p *place) makeFilter(ctx context.Context) error {
	r, err := p.conn.query(ctx, "SELECT dg_hi, dg_lo, set_no, min(rec_no) FROM "+p.from+" GROUP BY dg_hi, dg_lo, set_no, rec_no >> 6")
	if err != nil {
		return fmt.Errorf("list stored datagrams: %w", err)
	}
	defer r.close()
	filter := seen.NewFilter(0)
	for r.next() {
		id := eventID(r)
		filter.Add(seen.KeyOf(&id))
	}
	p.index.filter = filter
	return nil
}

func eventID(r *rows) flow.EventID {
	return flow.EventID{
		Datagram: flow.DatagramID{Hi: get[uint64](r, 0), Lo: get[uint64](r, 1)},
		Set:      get[uint16](r, 2), Record: get[uint32](r, 3),
	}
}
