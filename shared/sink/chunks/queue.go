// Package chunks hands what is told on to a goroutine that writes it, for programs whose output somebody else reads at his own pace: who tells
// never waits for him. What is told is gathered in chunks, which are written at once.
package chunks

import (
	"context"
	"sync"
	"time"
)

// SendEvery is how long what was told waits for a full chunk.
const SendEvery = 100 * time.Millisecond

const (
	freeChunks = 16 // that are kept
	leastRoom  = 4
)

// Kind says what chunks are.
type Kind[C any] struct {
	New   func() *C
	Empty func(*C) bool
	Write func(*C) // writes a chunk and empties it, in the queue's goroutine
}

// Queue is chunks on their way. The lock is held while the open chunk is looked at or filled. A queue is bounded by its number of chunks.
type Queue[C any] struct {
	sync.Mutex
	of      Kind[C]
	open    *C // nil: none
	free    []*C
	full    chan *C
	wg      sync.WaitGroup
	started bool
}

// New returns a queue of so many chunks, four at least.
func New[C any](chunks int64, of Kind[C]) *Queue[C] {
	return &Queue[C]{of: of, full: make(chan *C, max(chunks, leastRoom))}
}

// Open returns the chunk that is to be filled. The caller holds the lock.
func (q *Queue[C]) Open() *C {
	if q.open == nil {
		if n := len(q.free); n > 0 {
			q.open, q.free = q.free[n-1], q.free[:n-1]
		} else {
			q.open = q.of.New()
		}
	}
	return q.open
}

// Pass hands the open chunk on, if there is room. The caller holds the lock.
func (q *Queue[C]) Pass() bool {
	select {
	case q.full <- q.open:
		q.open = nil
		return true
	default:
		return false
	}
}

// Crowded tells whether no more than one part in so many of the room is left. The caller holds the lock.
func (q *Queue[C]) Crowded(share int) bool { return len(q.full) >= cap(q.full)-cap(q.full)/share }

// Waiting returns how many chunks wait to be written.
func (q *Queue[C]) Waiting() int { return len(q.full) }

// Start begins to write.
func (q *Queue[C]) Start() {
	q.started = true
	q.wg.Go(q.run)
}

// Close writes what is there, and waits for it until the context ends: all tells whether everything has been given to write by then, and rest
// is the last chunk where it found no room. Nothing may be told any more.
func (q *Queue[C]) Close(ctx context.Context) (rest *C, all bool) {
	if !q.started {
		return nil, true
	}
	q.Lock()
	last := q.open
	q.open = nil
	q.Unlock()
	if last != nil {
		select {
		case q.full <- last:
		case <-ctx.Done():
			rest = last
		}
	}
	close(q.full)
	done := make(chan struct{})
	go func() { q.wg.Wait(); close(done) }()
	select {
	case <-done:
		return rest, true
	case <-ctx.Done():
		return rest, false
	}
}

// Wait returns when what Close left is written, too.
func (q *Queue[C]) Wait() { q.wg.Wait() }

func (q *Queue[C]) run() {
	ticker := time.NewTicker(SendEvery)
	defer ticker.Stop()
	for {
		select {
		case c, ok := <-q.full:
			if !ok {
				return
			}
			q.write(c)
		case <-ticker.C:
			if c := q.takeOpen(); c != nil {
				q.write(c)
			}
		}
	}
}

// takeOpen returns the open chunk, if it has something and nothing is queued before it.
func (q *Queue[C]) takeOpen() *C {
	q.Lock()
	defer q.Unlock()
	if len(q.full) > 0 || q.open == nil || q.of.Empty(q.open) {
		return nil
	}
	c := q.open
	q.open = nil
	return c
}

func (q *Queue[C]) write(c *C) {
	q.of.Write(c)
	q.Lock()
	defer q.Unlock()
	if len(q.free) < freeChunks {
		q.free = append(q.free, c)
	}
}
