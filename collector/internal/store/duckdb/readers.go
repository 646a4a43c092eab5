//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"sync"

	duck "github.com/duckdb/duckdb-go-bindings"

	"github.com/weirflow/weir/collector/internal/store"
)

// readers hands out connections for questions and knows which questions are being answered, so that nothing they may read is
// removed under them.
type readers struct {
	free chan *conn
	made int // connections, free or not
	done chan struct{}
	crew *crew

	mu     sync.Mutex
	active map[chan struct{}]struct{} // closed when the question has ended
}

func newReaders(db duck.Database, cfg store.Config) (*readers, error) {
	n := cfg.Connections
	r := &readers{free: make(chan *conn, n), done: make(chan struct{}), crew: newCrew(cfg), active: map[chan struct{}]struct{}{}}
	for range n {
		c, err := connect(db)
		if err != nil {
			r.close()
			return nil, err
		}
		r.free <- c
		r.made++
	}
	return r, nil
}

// read runs f with a connection in a transaction of its own, which sees what was committed when it began.
func (r *readers) read(ctx context.Context, f func(*conn) error) error {
	select {
	case <-r.done:
		return store.ErrClosed
	default:
	}
	var c *conn
	select {
	case c = <-r.free:
	case <-r.done:
		return store.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { r.free <- c }()
	end := r.enter()
	defer end()
	if err := r.crew.hire(ctx, c); err != nil {
		return err
	}
	if err := c.exec(ctx, "BEGIN TRANSACTION READ ONLY"); err != nil {
		return fmt.Errorf("begin question: %w", err)
	}
	err := f(c)
	if endErr := c.exec(context.WithoutCancel(ctx), "ROLLBACK"); endErr != nil {
		err = errors.Join(err, fmt.Errorf("end question: %w", endErr))
	}
	return err
}

// enter notes that a question begins; the function returned notes its end.
func (r *readers) enter() func() {
	ended := make(chan struct{})
	r.mu.Lock()
	r.active[ended] = struct{}{}
	r.mu.Unlock()
	return func() {
		r.mu.Lock()
		delete(r.active, ended)
		r.mu.Unlock()
		close(ended)
	}
}

// rest lets the crew go where no question has been asked since the last call.
func (r *readers) rest(ctx context.Context) error {
	select {
	case c := <-r.free:
		defer func() { r.free <- c }()
		r.mu.Lock() // no question begins meanwhile
		defer r.mu.Unlock()
		if len(r.active) > 0 {
			return nil
		}
		return r.crew.rest(ctx, c)
	default:
		return nil
	}
}

// wait returns when all questions that were being answered have ended.
func (r *readers) wait(ctx context.Context) error {
	r.mu.Lock()
	var before []chan struct{}
	for ended := range r.active {
		before = append(before, ended)
	}
	r.mu.Unlock()
	for _, ended := range before {
		select {
		case <-ended:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// close waits for the questions being answered and closes the connections.
func (r *readers) close() {
	close(r.done)
	for range r.made {
		c := <-r.free
		c.close()
	}
}
