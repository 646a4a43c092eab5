//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/weirflow/weir/collector/internal/store"
)

// crew is the number of threads that DuckDB works with. While a statement's work is shared out, the thread that asked for it
// spins until it is done (duckdb::PendingQueryResult::ExecuteInternal): appends, which never have work for two, take a tenth more
// CPU for it. So there is one thread, and more only while questions are asked.
type crew struct {
	full int // threads for questions

	mu    sync.Mutex
	hired bool
	used  bool // since the last rest
}

func newCrew(cfg store.Config) *crew {
	full := cfg.Threads
	if full == 0 {
		full = runtime.GOMAXPROCS(0) + 1 // one of them waits for the others
	}
	return &crew{full: full, hired: cfg.ReadOnly}
}

// start returns with how many threads to open the database.
func (t *crew) start() int {
	if t.hired {
		return t.full
	}
	return 1
}

// forget takes the database for opened anew.
func (t *crew) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hired = false
}

// hire makes the crew full; c is any connection with no statement running.
func (t *crew) hire(ctx context.Context, c *conn) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.used = true
	if t.hired {
		return nil
	}
	if err := c.exec(ctx, fmt.Sprintf("SET GLOBAL threads = %d", t.full)); err != nil {
		return fmt.Errorf("start threads: %w", err)
	}
	t.hired = true
	return nil
}

// rest sends the crew home if nobody has hired it since the last call. It must not be called while a question is answered.
func (t *crew) rest(ctx context.Context, c *conn) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.hired || t.used {
		t.used = false
		return nil
	}
	if err := c.exec(ctx, "SET GLOBAL threads = 1"); err != nil {
		return fmt.Errorf("stop threads: %w", err)
	}
	t.hired = false
	return nil
}
