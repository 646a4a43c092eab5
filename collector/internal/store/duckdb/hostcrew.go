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

	mu     sync.Mutex
	next   int  // piece that nobody reads yet
	refuse bool // the question is for DuckDB
	err    error
}

func newHostCrew(h *hostRecords) *hostCrew {
	crew := &hostCrew{of: h}
	for range max(1, min(runtime.GOMAXPROCS(0), len(h.pages.pieces))) {
		crew.members = append(crew.members, newHostPiece(h))
	}
	return crew
}

func (c *hostCrew) close() {
	for _, m := range c.members {
		m.close()
	}
}

// read reads pieces until the page is full, and returns how many were read; false where they are for DuckDB.
func (c *hostCrew) read(ctx context.Context) (n int, ok bool, err error) {
	var running sync.WaitGroup
	for _, m := range c.members {
		running.Go(func() {
			for p, most := c.claim(ctx); p != nil; p, most = c.claim(ctx) {
				c.take(m, m.read(p, most))
			}
		})
	}
	running.Wait()
	return c.next, !c.refuse, c.err
}

// claim returns the next piece, and how many rows it may have: of the first ones, few. What has been read is not given up for some more.
func (c *hostCrew) claim(ctx context.Context) (*piece, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	pieces := c.of.pages.pieces
	if c.err = ctx.Err(); c.err != nil || c.refuse || c.next == len(pieces) {
		return nil, 0
	}
	if c.next > 0 && c.of.enough(pieces[c.next].first) {
		return nil, 0
	}
	c.next++
	if c.next <= 2*len(c.members) {
		return &pieces[c.next-1], maxListed
	}
	return &pieces[c.next-1], maxFound
}

// take takes what a member has found in a piece.
func (c *hostCrew) take(m *hostPiece, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refuse = c.refuse || !ok; ok {
		c.of.add(m.batch)
	}
}
