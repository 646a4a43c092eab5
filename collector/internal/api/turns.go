package api

import (
	"context"
	"errors"
	"net/http"
	"sync"
)

// maxWaiting is how many questions of one token may wait: more are a program gone wild.
const maxWaiting = 64

// turns bounds the questions that are answered at a time, in all and of each who asks.
type turns struct {
	all      chan struct{}
	perPayer int

	mu     sync.Mutex
	payers map[string]*share
}

// share is what one who asks has of the turns.
type share struct {
	turns chan struct{}
	users int // questions that are answered or wait
}

func newTurns(all, perPayer int) *turns {
	return &turns{all: make(chan struct{}, all), perPayer: perPayer, payers: map[string]*share{}}
}

// take waits for the turn of who asks; done gives it back.
func (t *turns) take(ctx context.Context, payer string) (done func(), err error) {
	s := t.join(payer)
	if s == nil {
		return nil, &refusal{status: http.StatusTooManyRequests, text: "too many questions of yours wait already: ask fewer at a time", retry: 5}
	}
	if !enter(ctx, s.turns) {
		t.leave(payer)
		return nil, waited(ctx, &refusal{status: http.StatusTooManyRequests, text: "your earlier questions are still being answered: ask fewer at a time, or try again", retry: 5})
	}
	if !enter(ctx, t.all) {
		<-s.turns
		t.leave(payer)
		return nil, waited(ctx, &refusal{status: http.StatusServiceUnavailable, text: "too many questions at a time: try again", retry: 5})
	}
	return func() {
		<-t.all
		<-s.turns
		t.leave(payer)
	}, nil
}

// enter waits for a place, and takes a free one without looking at the time.
func enter(ctx context.Context, places chan struct{}) bool {
	select {
	case places <- struct{}{}:
		return true
	default:
	}
	select {
	case places <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// waited is the error of who waited in vain.
func waited(ctx context.Context, refused *refusal) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return errGone
	}
	return refused
}

// join counts a question, or returns nil where too many wait.
func (t *turns) join(payer string) *share {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.payers[payer]
	if s == nil {
		s = &share{turns: make(chan struct{}, t.perPayer)}
		t.payers[payer] = s
	}
	if s.users >= maxWaiting+t.perPayer {
		return nil
	}
	s.users++
	return s
}

func (t *turns) leave(payer string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.payers[payer]; s != nil {
		if s.users--; s.users == 0 {
			delete(t.payers, payer)
		}
	}
}
