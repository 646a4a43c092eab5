package engine

import (
	"fmt"

	"github.com/weirflow/weir/shared/flow"
)

// records reads documents of records into a batch of the caller's ownership; counts says of how many records each is the sum.
func (e *Engine) records(page []hit) (b *flow.Batch, counts []uint64, err error) {
	b, counts = flow.NewBatch(len(page), flow.NewSymbols()), make([]uint64, len(page))
	for i := range page {
		if counts[i], err = e.reader.Record(page[i].Source, b); err != nil {
			return nil, nil, fmt.Errorf("document %s: %w", page[i].ID, err)
		}
	}
	return b, counts, nil
}

// sessionsOf reads documents of sessions.
func (e *Engine) sessionsOf(page []hit, symbols *flow.Symbols) (*flow.SessionBatch, error) {
	b := &flow.SessionBatch{Symbols: symbols, Sessions: make([]flow.Session, 0, len(page))}
	for i := range page {
		if err := e.reader.Session(page[i].Source, b); err != nil {
			return nil, fmt.Errorf("document %s: %w", page[i].ID, err)
		}
	}
	return b, nil
}
