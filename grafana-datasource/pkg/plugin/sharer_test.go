package plugin

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// told is a question whose answer is how often it was asked.
func told(key string, keep time.Duration, asked *atomic.Int64) question[int64] {
	return question[int64]{
		key: key, keep: keep, size: func(int64) int { return 8 },
		ask: func(context.Context) (int64, error) { return asked.Add(1), nil },
	}
}

// TestAnswersExpire: an answer is given again for as long as it is kept, not longer, and does not stay in memory when nobody asks any more.
func TestAnswersExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSharer(1, time.Now)
		var asked atomic.Int64
		expect := func(want int64) {
			t.Helper()
			if got, err := shared(t.Context(), s, told("a", 5*time.Second, &asked)); got != want || err != nil {
				t.Errorf("%d, %v; wanted %d", got, err, want)
			}
		}
		expect(1)
		time.Sleep(5*time.Second - time.Nanosecond)
		expect(1)
		time.Sleep(time.Nanosecond)
		expect(2)
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := len(s.kept.answers); n > 0 || s.kept.bytes != 0 || s.kept.sweeper != nil {
			t.Errorf("%d answers with %d bytes are left", n, s.kept.bytes)
		}
		expect(3)
		s.kept.close()
		expect(4)
	})
}

// TestAnswersComeBetween: who finds no answer and is overtaken by one before he joins does not ask again.
func TestAnswersComeBetween(t *testing.T) {
	s := newSharer(1, time.Now)
	defer s.kept.close()
	var asked atomic.Int64
	q := told("a", time.Hour, &asked)
	for range 2 {
		c := joined(t.Context(), s, q)
		if <-c.done; c.value != int64(1) || c.err != nil {
			t.Errorf("%v, %v", c.value, c.err)
		}
	}
}

// TestOwnAnswers: who wants an answer of his own neither gets one that is there nor leaves one.
func TestOwnAnswers(t *testing.T) {
	s := newSharer(1, time.Now)
	defer s.kept.close()
	var asked atomic.Int64
	q := told("a", time.Hour, &asked)
	own := q
	own.own = true
	for i, c := range []struct {
		q    question[int64]
		want int64
	}{{own, 1}, {q, 2}, {own, 3}, {q, 2}} {
		if got, err := shared(t.Context(), s, c.q); got != c.want || err != nil {
			t.Errorf("%d: %d, %v", i, got, err)
		}
	}
}

// TestFailuresAreNotKept: an error goes to all who wait, and who asks later asks anew; a fault in a question is one.
func TestFailuresAreNotKept(t *testing.T) {
	s := newSharer(1, time.Now)
	defer s.kept.close()
	asked := 0
	q := question[int]{key: "a", keep: time.Hour, size: func(int) int { return 8 }, ask: func(context.Context) (int, error) {
		switch asked++; asked {
		case 1:
			return 0, errors.ErrUnsupported
		case 2:
			panic("boom")
		}
		return asked, nil
	}}
	if _, err := shared(t.Context(), s, q); !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
	if _, err := shared(t.Context(), s, q); err == nil || !strings.Contains(err.Error(), "boom") {
		t.Error(err)
	}
	if got, err := shared(t.Context(), s, q); got != 3 || err != nil {
		t.Error(got, err)
	}
}

// TestShelfIsBounded: by count and by bytes; what goes out of date first makes room.
func TestShelfIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(time.Now)
		defer s.close()
		for i := range 2 * maxKept {
			s.put(fmt.Sprint(i), i, 1, time.Hour+time.Duration(i))
		}
		if _, ok := s.get(fmt.Sprint(maxKept - 1)); ok || len(s.answers) != maxKept || s.bytes != maxKept {
			t.Errorf("%d answers, %d bytes", len(s.answers), s.bytes)
		}
		if got, ok := s.get(fmt.Sprint(maxKept)); !ok || got != maxKept {
			t.Error("one too many was thrown away")
		}
		for i := range 3 * maxKeptBytes / maxAnswerBytes {
			s.put(fmt.Sprintf("large %d", i), i, maxAnswerBytes, 2*time.Hour)
		}
		if s.bytes > maxKeptBytes || len(s.answers) != maxKeptBytes/maxAnswerBytes {
			t.Errorf("%d answers, %d bytes", len(s.answers), s.bytes)
		}
		s.put("too large", 0, maxAnswerBytes+1, time.Hour)
		if _, ok := s.get("too large"); ok {
			t.Error("too large an answer is kept")
		}
		s.put("large 95", 0, 10, time.Hour) // the same anew
		if s.bytes != maxKeptBytes-maxAnswerBytes+10 {
			t.Errorf("%d bytes", s.bytes)
		}
	})
}

// TestAskersComeAndGo: whoever stays gets the right answer, whoever goes gets the end of his own context and nobody else's, and nothing is
// left: random askers of a few questions.
func TestAskersComeAndGo(t *testing.T) {
	s := newSharer(3, time.Now)
	defer s.kept.close()
	var all sync.WaitGroup
	for i := range 400 {
		all.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			goes := i%3 == 0
			key := fmt.Sprint(i % 7)
			if goes {
				go cancel()
			}
			got, err := shared(ctx, s, question[string]{key: key, keep: time.Duration(i%2) * time.Microsecond, own: i%11 == 0, size: func(string) int { return 1 }, ask: func(ctx context.Context) (string, error) {
				for range i % 50 {
					runtime.Gosched()
				}
				return key, ctx.Err()
			}})
			if err == nil && got != key || err != nil && (!goes || !errors.Is(err, context.Canceled)) {
				t.Errorf("%d: %q, %v", i, got, err)
			}
		})
	}
	all.Wait()
	for range cap(s.turns) {
		s.turns <- struct{}{} // every place is given back
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.calls) > 0 {
		t.Errorf("%d questions are left", len(s.calls))
	}
}
