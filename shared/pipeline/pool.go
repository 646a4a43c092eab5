package pipeline

import (
	"sync/atomic"

	"github.com/weirflow/weir/shared/flow"
)

// pool hands out batches, at most size in all; get waits for one when all are in use. A batch that a datagram of very many
// records made more than four times its size is given up instead of kept.
type pool struct {
	free    chan *flow.Batch
	left    atomic.Int64 // batches that may still be made
	records int
	symbols *flow.Symbols
}

func newPool(size, records int, symbols *flow.Symbols) *pool {
	p := &pool{free: make(chan *flow.Batch, size), records: records, symbols: symbols}
	p.left.Store(int64(size))
	return p
}

func (p *pool) get() *flow.Batch {
	select {
	case b := <-p.free:
		return b
	default:
	}
	if p.left.Add(-1) >= 0 {
		return flow.NewBatch(p.records+64, p.symbols)
	}
	p.left.Add(1)
	return <-p.free
}

func (p *pool) put(b *flow.Batch) {
	if cap(b.Records) > 4*(p.records+64) {
		b = flow.NewBatch(p.records+64, p.symbols)
	}
	b.Reset()
	p.free <- b
}
