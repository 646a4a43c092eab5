package plugin

import (
	"context"
	"sync"
	"time"
)

// maxKept is how many answers are kept to be used again; more push out others.
const maxKept = 512

// sharer lets those who ask the same at about the same time share one answer, and bounds how many questions are put to the collector at a
// time. Twenty dashboards that show the same panels cost one question.
type sharer struct {
	now   func() time.Time
	turns chan struct{} // as many places as questions may be asked at a time

	mu    sync.Mutex
	calls map[string]*call
	kept  map[string]answer
}

// call is a question that is being asked, with all who wait for it.
type call struct {
	done    chan struct{}
	value   any
	err     error
	waiters int
	cancel  context.CancelFunc
}

// answer is one that is kept.
type answer struct {
	value any
	until time.Time
}

func newSharer(concurrent int, now func() time.Time) *sharer {
	return &sharer{now: now, turns: make(chan struct{}, concurrent), calls: map[string]*call{}, kept: map[string]answer{}}
}

// question is what is asked, and for how long its answer may be used again.
type question[T any] struct {
	key  string
	keep time.Duration
	ask  func(ctx context.Context) (T, error)
	// small tells whether an answer is small enough to be kept.
	small func(T) bool
}

// shared answers a question: with an answer that is kept, with that of who is asking the same just now, or by asking. The collector's work
// ends when the last one who waits has gone. Answers are shared, so they must not be changed.
func shared[T any](ctx context.Context, s *sharer, q question[T]) (T, error) {
	var none T
	s.mu.Lock()
	if a, ok := s.kept[q.key]; ok && s.now().Before(a.until) {
		s.mu.Unlock()
		value, _ := a.value.(T)
		return value, nil
	}
	c := s.calls[q.key]
	if c == nil {
		// The values of the first asker's context (traces) go with the question, its end does not.
		working, cancel := context.WithCancel(context.WithoutCancel(ctx))
		c = &call{done: make(chan struct{}), cancel: cancel}
		s.calls[q.key] = c
		go run(working, s, c, q)
	}
	c.waiters++
	s.mu.Unlock()
	select {
	case <-c.done:
		value, _ := c.value.(T)
		return value, c.err
	case <-ctx.Done():
		s.leave(q.key, c)
		return none, ctx.Err()
	}
}

// leave takes away one who waits; without any, the question is given up, and who asks the same later asks anew.
func (s *sharer) leave(key string, c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.waiters--; c.waiters == 0 {
		c.cancel()
		if s.calls[key] == c {
			delete(s.calls, key)
		}
	}
}

// run asks when it is the question's turn, and tells all who wait.
func run[T any](ctx context.Context, s *sharer, c *call, q question[T]) {
	defer c.cancel()
	var value T
	var err error
	select {
	case s.turns <- struct{}{}:
		value, err = q.ask(ctx)
		<-s.turns
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.mu.Lock()
	c.value, c.err = value, err
	if s.calls[q.key] == c {
		delete(s.calls, q.key)
	}
	if err == nil && q.keep > 0 && q.small(value) {
		s.store(q.key, answer{value: value, until: s.now().Add(q.keep)})
	}
	s.mu.Unlock()
	close(c.done)
}

// store keeps an answer; the lock is held. Where there is no room, those go that are out of date, else any.
func (s *sharer) store(key string, a answer) {
	if len(s.kept) >= maxKept {
		now := s.now()
		for k, old := range s.kept {
			if !now.Before(old.until) {
				delete(s.kept, k)
			}
		}
		for k := range s.kept {
			if len(s.kept) < maxKept {
				break
			}
			delete(s.kept, k)
		}
	}
	s.kept[key] = a
}
