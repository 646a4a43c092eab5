//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"time"

	"github.com/weirflow/weir/collector/internal/store/seen"
	"github.com/weirflow/weir/shared/flow"
)

// block is a run of records of a batch that belong to one block of a set.
type block struct {
	key      seen.Key
	datagram uint64 // upper half of its hash
	from, to int    // in the batch
	bits     uint64
}

// already tells which records of the batch are stored; nil: none. It remembers all of them as stored.
func (w *writer) already(ctx context.Context, b *flow.Batch) ([]bool, error) {
	blocks := blocksOf(b)
	var doubtful []block
	for i := range blocks {
		d := &b.Datagrams[b.Records[blocks[i].from].Meta]
		if _, ok := w.memory.Stored(blocks[i].key); !ok && !w.stream(d).Certain(orderOf(d)) {
			doubtful = append(doubtful, blocks[i])
		}
	}
	found, err := w.search(ctx, b, doubtful)
	if err != nil {
		return nil, err
	}
	var already []bool
	for i := range blocks {
		already = w.remember(b, &blocks[i], found, already)
	}
	return already, nil
}

// remember marks the records of the block that are stored, and remembers the block.
func (w *writer) remember(b *flow.Batch, bl *block, found map[seen.Key]uint64, already []bool) []bool {
	stored, _ := w.memory.Stored(bl.key)
	stored |= found[bl.key]
	if again := stored & bl.bits; again != 0 {
		if already == nil {
			already = make([]bool, len(b.Records))
		}
		for i := bl.from; i < bl.to; i++ {
			already[i] = again&seen.Bit(b.Records[i].ID.Record) != 0
		}
	}
	d := &b.Datagrams[b.Records[bl.from].Meta]
	w.memory.Put(bl.key, stored|bl.bits, w.stream(d), orderOf(d))
	if w.hot.filter != nil && bl.bits&^stored != 0 {
		w.hot.filter.Add(bl.key)
	}
	return already
}

// blocksOf cuts a batch into blocks. A record that repeats one of its block begins another, so that it is found to be stored.
func blocksOf(b *flow.Batch) []block {
	blocks := make([]block, 0, len(b.Datagrams)+len(b.Records)/32)
	for i := range b.Records {
		r := &b.Records[i]
		key, bit := seen.KeyOf(&r.ID), seen.Bit(r.ID.Record)
		if n := len(blocks); n > 0 && blocks[n-1].key == key && blocks[n-1].bits&bit == 0 {
			blocks[n-1].to = i + 1
			blocks[n-1].bits |= bit
			continue
		}
		blocks = append(blocks, block{key: key, datagram: r.ID.Datagram.Hi, from: i, to: i + 1, bits: bit})
	}
	return blocks
}

// orderOf returns the datagram's place in its stream: the time of export, or the uptime where there is none.
func orderOf(d *flow.Datagram) int64 {
	if d.Exported == 0 && d.HasUptime {
		return int64(d.Uptime)
	}
	return d.Exported
}

// searchMargin is how far a sealed file's times may be from a batch's for the file to be searched: copies of a datagram have the
// same times but for clock correction, and where their time is that of receipt.
const searchMargin = time.Hour

// search looks for blocks among the stored records.
func (w *writer) search(ctx context.Context, b *flow.Batch, doubtful []block) (map[seen.Key]uint64, error) {
	if len(doubtful) == 0 {
		return nil, nil
	}
	if err := w.app.flush(); err != nil {
		return nil, err
	}
	found := map[seen.Key]uint64{}
	hot, sealed := w.s.files.snapshot()
	for _, h := range hot {
		if err := w.searchIn(ctx, w.conn, h.part.Table(), &h.filter, doubtful, found); err != nil {
			return nil, err
		}
	}
	from, to := spanOf(b, doubtful)
	for _, f := range sealed {
		if !f.Overlaps(from.Add(-searchMargin), to.Add(searchMargin)) || w.s.files.isMissing(f.Path) {
			continue
		}
		if err := w.searchIn(ctx, w.side, readParquet(w.s.path(f.Path)), &f.filter, doubtful, found); err != nil {
			w.s.files.lose(f.Path)
			w.s.deps.Log.Error("a sealed file cannot be read: its records are left out of answers", "file", w.s.path(f.Path), "error", err)
		}
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

// searchIn looks in one table or file, after its filter, which is made when it is first needed, has left something to look for.
func (w *writer) searchIn(ctx context.Context, c *conn, from string, filter **seen.Filter, doubtful []block, found map[seen.Key]uint64) error {
	if *filter == nil {
		f, err := makeFilter(ctx, c, from)
		if err != nil {
			return err
		}
		*filter = f
	}
	var datagrams []uint64
	for i := range doubtful {
		if (*filter).Perhaps(doubtful[i].key) {
			datagrams = append(datagrams, doubtful[i].datagram)
		}
	}
	if len(datagrams) == 0 {
		return nil
	}
	w.s.counts.asked.Add(uint64(len(datagrams)))
	r, err := c.query(ctx, `SELECT dg_hi, dg_lo, set_no, rec_no FROM `+from+` WHERE dg_hi IN (SELECT unnest(?))`, datagrams)
	if err != nil {
		return err
	}
	defer r.close()
	for r.next() {
		id := eventID(r)
		found[seen.KeyOf(&id)] |= seen.Bit(id.Record)
	}
	return nil
}

func makeFilter(ctx context.Context, c *conn, from string) (*seen.Filter, error) {
	r, err := c.query(ctx, `SELECT dg_hi, dg_lo, set_no, min(rec_no) FROM `+from+` GROUP BY dg_hi, dg_lo, set_no, rec_no >> 6`)
	if err != nil {
		return nil, fmt.Errorf("list stored datagrams: %w", err)
	}
	defer r.close()
	f := seen.NewFilter(0)
	for r.next() {
		id := eventID(r)
		f.Add(seen.KeyOf(&id))
	}
	return f, nil
}

func eventID(r *rows) flow.EventID {
	return flow.EventID{
		Datagram: flow.DatagramID{Hi: get[uint64](r, 0), Lo: get[uint64](r, 1)},
		Set:      get[uint16](r, 2), Record: get[uint32](r, 3),
	}
}
