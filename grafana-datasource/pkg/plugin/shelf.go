package plugin

import (
	"sync"
	"time"
)

const (
	// maxKept is how many answers are kept to be used again.
	maxKept = 4096
	// maxKeptBytes is how much memory they may take, about.
	maxKeptBytes = 64 << 20
	// maxAnswerBytes is how large one may be that is kept at all: large ones are asked for by few.
	maxAnswerBytes = 2 << 20
)

// shelf keeps answers for a short time. It is bounded by count and by bytes: what goes out of date first makes room. What is out of date
// is thrown away in time, also when nobody asks any more.
type shelf struct {
	now func() time.Time

	mu      sync.Mutex
	answers map[string]answer
	bytes   int
	sweeper *time.Timer // set while there are answers
	closed  bool
}

// answer is one that is kept.
type answer struct {
	value any
	bytes int
	until time.Time
}

func newShelf(now func() time.Time) *shelf { return &shelf{now: now, answers: map[string]answer{}} }

// get returns the answer of a question, unless it is out of date.
func (s *shelf) get(key string) (any, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.answers[key]
	if !ok || !s.now().Before(a.until) {
		return nil, false
	}
	return a.value, true
}

// put keeps an answer for a time.
func (s *shelf) put(key string, value any, bytes int, keep time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(key)
	if s.closed || bytes > maxAnswerBytes {
		return
	}
	for len(s.answers) >= maxKept || s.bytes+bytes > maxKeptBytes {
		s.drop(s.first())
	}
	s.answers[key] = answer{value: value, bytes: bytes, until: s.now().Add(keep)}
	s.bytes += bytes
	if s.sweeper == nil {
		s.sweeper = time.AfterFunc(keep, s.sweep)
	}
}

// drop throws an answer away; the lock is held.
func (s *shelf) drop(key string) {
	s.bytes -= s.answers[key].bytes
	delete(s.answers, key)
}

// first is the key of the answer that goes out of date first; the lock is held.
func (s *shelf) first() (key string) {
	var least time.Time
	for k, a := range s.answers {
		if least.IsZero() || a.until.Before(least) {
			key, least = k, a.until
		}
	}
	return key
}

// sweep throws away what is out of date, and comes back for the rest.
func (s *shelf) sweep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for k, a := range s.answers {
		if !now.Before(a.until) {
			s.drop(k)
		}
	}
	s.sweeper = nil
	if next, ok := s.answers[s.first()]; ok && !s.closed {
		s.sweeper = time.AfterFunc(max(next.until.Sub(now), time.Second), s.sweep)
	}
}

// close throws everything away and keeps nothing more.
func (s *shelf) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.bytes = true, 0
	clear(s.answers)
	if s.sweeper != nil {
		s.sweeper.Stop()
		s.sweeper = nil
	}
}
