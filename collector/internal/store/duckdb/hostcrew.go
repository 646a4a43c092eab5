//go:build cgo

package duckdb

import (
	"context"
	"runtime"
	"sync"
)

// hostCrew reads pieces, one on each processor.
type hostCrew struct {
	of      *hostRecords
	members []*hostPiece
	most    int // rows that a piece may have
}

func newHostCrew(h *hostRecords) (*hostCrew, error) {
	crew := &hostCrew{of: h, most: maxListed}
	for range max(1, min(runtime.GOMAXPROCS(0), len(h.pages.pieces))) {
		m, err := newHostPiece(h)
		if err != nil {
			crew.close()
			return nil, err
		}
		crew.members = append(crew.members, m)
	}
	return crew, nil
}

func (c *hostCrew) close() {
	for _, m := range c.members {
		m.close()
	}
}

// share is how many pieces are read before it is asked whether they were enough.
func (c *hostCrew) share() int { return 2 * len(c.members) }

// read reads pieces; false where they are for DuckDB.
func (c *hostCrew) read(ctx context.Context, pieces []piece) (ok bool, err error) {
	var mu sync.Mutex
	var next int
	ok = true
	claim := func() *piece {
		mu.Lock()
		defer mu.Unlock()
		if !ok || err != nil || next == len(pieces) {
			return nil
		}
		if err = ctx.Err(); err != nil {
			return nil
		}
		next++
		return &pieces[next-1]
	}
	var running sync.WaitGroup
	for _, m := range c.members {
		running.Go(func() {
			for p := claim(); p != nil; p = claim() {
				few := m.read(p, c.most)
				mu.Lock()
				if ok = ok && few; few {
					c.of.add(m.batch)
				}
				mu.Unlock()
			}
		})
	}
	running.Wait()
	c.most = maxFound // what has been read is not given up for a few more
	return ok, err
}
