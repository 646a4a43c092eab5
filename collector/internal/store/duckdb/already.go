//go:build cgo

package duckdb

import (
	"context"

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
	if w.flows.hot.index.filter != nil && bl.bits&^stored != 0 {
		w.flows.hot.index.filter.Add(bl.key)
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
