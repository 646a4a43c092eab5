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
	room room

	distrust func() // called when the database turns out to be given up

	mu     sync.Mutex
	active map[chan struct{}]*conn // closed when the question has ended
	filled chan struct{}           // closed when there are connections again; nil where there are
}

func newReaders(db duck.Database, cfg store.Config, distrust func()) (*readers, error) {
	r := &readers{
		free: make(chan *conn, cfg.Connections), done: make(chan struct{}), crew: newCrew(cfg), room: newRoom(cfg), distrust: distrust, active: map[chan struct{}]*conn{},
	}
	if err := r.fill(db, cfg); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// fill makes the connections.
func (r *readers) fill(db duck.Database, cfg store.Config) error {
	for range cfg.Connections {
		c, err := connect(db)
		if err != nil {
			return err
		}
		r.made++
		r.free <- c
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.filled != nil {
		close(r.filled)
		r.filled = nil
	}
	return nil
}

// drain interrupts the questions that are being answered and closes all connections; those asked from now on wait for [readers.fill].
func (r *readers) drain() {
	r.mu.Lock()
	if r.filled == nil {
		r.filled = make(chan struct{})
	}
	for ended, c := range r.active {
		go c.interrupt(ended)
	}
	r.mu.Unlock()
	for ; r.made > 0; r.made-- {
		c := <-r.free
		c.close()
	}
	r.crew.forget()
}

// read runs f with a connection in a transaction of its own, which sees what was committed when it began. It waits until there is room for
// something of its weight.
func (r *readers) read(ctx context.Context, w weight, f func(*conn) error) error {
	leave, err := r.room.take(ctx, w)
	if err != nil {
		return err
	}
	defer leave()
	c, end, err := r.take(ctx)
	if err != nil {
		return err
	}
	defer end()
	err = r.transaction(ctx, c, f)
	switch {
	case err == nil:
	case r.isDraining():
		return store.ErrReopened
	case errors.Is(err, store.ErrReopened):
		r.distrust()
	}
	return err
}

func (r *readers) transaction(ctx context.Context, c *conn, f func(*conn) error) error {
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

// take returns a connection, and the function that gives it back.
func (r *readers) take(ctx context.Context) (*conn, func(), error) {
	select {
	case <-r.done:
		return nil, nil, store.ErrClosed
	default:
	}
	for {
		var filled chan struct{}
		select {
		case c := <-r.free:
			var end func()
			if end, filled = r.enter(c); filled == nil {
				return c, func() { end(); r.free <- c }, nil
			}
			r.free <- c
		case <-r.done:
			return nil, nil, store.ErrClosed
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
		select {
		case <-filled:
		case <-r.done:
			return nil, nil, store.ErrClosed
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

// enter notes that a question begins; the function returned notes its end. Where there is a channel, connections are being closed: the
// question waits for it.
func (r *readers) enter(c *conn) (func(), chan struct{}) {
	ended := make(chan struct{})
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.filled != nil {
		return nil, r.filled
	}
	r.active[ended] = c
	return func() {
		r.mu.Lock()
		delete(r.active, ended)
		r.mu.Unlock()
		close(ended)
	}, nil
}

func (r *readers) isDraining() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.filled != nil
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
