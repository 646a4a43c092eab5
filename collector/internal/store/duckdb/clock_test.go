//go:build cgo

package duckdb_test

import (
	"sync/atomic"
	"time"
)

// clock is a clock that is set by hand.
type clock struct{ ns atomic.Int64 }

func newClock(t time.Time) *clock {
	c := &clock{}
	c.ns.Store(t.UnixNano())
	return c
}

func (c *clock) now() time.Time { return time.Unix(0, c.ns.Load()).UTC() }

func (c *clock) add(d time.Duration) { c.ns.Add(int64(d)) }
