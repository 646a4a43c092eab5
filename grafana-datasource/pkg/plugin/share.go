package plugin

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend/log"
)

// sharer lets those who ask the same at about the same time share one answer, and bounds how many questions are put to the collector at a
// time. Twenty dashboards that show the same panels cost one question.
type sharer struct {
	turns chan struct{} // as many places as questions may be asked at a time
	kept  *shelf

	mu      sync.Mutex
	calls   map[string]*call
	pursued map[string]chan struct{} // by what is worked on in the background
}

// call is a question that is being asked, with all who wait for it.
type call struct {
	done    chan struct{}
	value   any
	err     error
	waiters int
	cancel  context.CancelFunc
}

func newSharer(concurrent int, now func() time.Time) *sharer {
	return &sharer{turns: make(chan struct{}, concurrent), kept: newShelf(now), calls: map[string]*call{}, pursued: map[string]chan struct{}{}}
}

// question is what is asked, and how its answer is shared.
type question[T any] struct {
	key  string
	keep time.Duration // for so long its answer may be used again
	own  bool          // the answer is the asker's own: neither one that is there already nor one for others

	waited *atomic.Bool // set where the answer is not there already; may be nil
	ask    func(ctx context.Context) (T, error)
	size   func(T) int // of an answer, in bytes; about
}

// shared answers a question: with an answer that is kept, with that of who is asking the same just now, or by asking. The collector's work
// ends when the last one who waits has gone. Answers are shared, so they must not be changed.
func shared[T any](ctx context.Context, s *sharer, q question[T]) (T, error) {
	if q.own {
		return turn(ctx, s, q.ask)
	}
	if value, ok := s.kept.get(q.key); ok {
		answer, _ := value.(T)
		return answer, nil
	}
	if q.waited != nil {
		q.waited.Store(true)
	}
	c := joined(ctx, s, q)
	select {
	case <-c.done:
		value, _ := c.value.(T)
		return value, c.err
	case <-ctx.Done():
		s.leave(q.key, c)
		var none T
		return none, ctx.Err()
	}
}

// pursue works on something in the background, unless that is being done already; the channel is closed when it is done.
func (s *sharer) pursue(key string, work func()) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if done, working := s.pursued[key]; working {
		return done
	}
	done := make(chan struct{})
	s.pursued[key] = done
	go func() {
		defer close(done)
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.pursued, key)
		}()
		work()
	}()
	return done
}

// joined has one more wait for a question, which is asked unless it is already.
func joined[T any](ctx context.Context, s *sharer, q question[T]) *call {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calls[q.key]
	if c == nil {
		if value, ok := s.kept.get(q.key); ok { // answered since the asker looked
			return answered(value)
		}
		// The values of the first asker's context (traces) go with the question, its end does not.
		working, cancel := context.WithCancel(context.WithoutCancel(ctx))
		c = &call{done: make(chan struct{}), cancel: cancel}
		s.calls[q.key] = c
		go run(working, s, c, q)
	}
	c.waiters++
	return c
}

// answered is a question that nobody has to ask any more.
func answered(value any) *call {
	c := &call{done: make(chan struct{}), value: value, cancel: func() {}}
	close(c.done)
	return c
}

// leave takes away one who waits; without any, the question is given up, and who asks the same later asks anew.
func (s *sharer) leave(key string, c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.waiters--; c.waiters == 0 {
		c.cancel()
		s.forget(key, c)
	}
}

// forget takes a question from those that can be joined; the lock is held.
func (s *sharer) forget(key string, c *call) {
	if s.calls[key] == c {
		delete(s.calls, key)
	}
}

// run asks when it is the question's turn, and tells all who wait.
func run[T any](ctx context.Context, s *sharer, c *call, q question[T]) {
	defer c.cancel()
	value, err := turn(ctx, s, q.ask)
	c.value, c.err = value, err
	if err == nil && q.keep > 0 {
		s.kept.put(q.key, value, q.size(value), q.keep)
	}
	s.mu.Lock()
	s.forget(q.key, c)
	s.mu.Unlock()
	close(c.done)
}

// turn asks when there is room for one more question. A fault becomes an error: it must not end the process, which serves all data sources.
func turn[T any](ctx context.Context, s *sharer, ask func(context.Context) (T, error)) (value T, err error) {
	select {
	case s.turns <- struct{}{}:
	case <-ctx.Done():
		return value, ctx.Err()
	}
	defer func() {
		<-s.turns
		if fault := recover(); fault != nil {
			log.DefaultLogger.Error("question failed", "fault", fault, "stack", string(debug.Stack()))
			err = fmt.Errorf("a fault of the plugin: %v", fault)
		}
	}()
	return ask(ctx)
}
