package chunks

import (
	"context"
	"slices"
	"testing"
)

// TestQueue: what is told is written in its order, a full queue takes no more and is crowded before, and what finds no room at the end is given back.
func TestQueue(t *testing.T) {
	var written []int
	entered, hold := make(chan struct{}), make(chan struct{})
	q := New(4, Kind[[]int]{
		New: func() *[]int { return &[]int{} }, Empty: func(c *[]int) bool { return len(*c) == 0 },
		Write: func(c *[]int) {
			entered <- struct{}{}
			<-hold
			written, *c = append(written, *c...), (*c)[:0]
		},
	})
	tell := func(n int) bool {
		q.Lock()
		defer q.Unlock()
		c := q.Open()
		if len(*c) > 0 && !q.Pass() {
			return false
		}
		c = q.Open()
		*c = append(*c, n)
		return q.Pass()
	}
	if rest, all := q.Close(t.Context()); rest != nil || !all {
		t.Errorf("not started: %v, %t", rest, all)
	}
	q.Start()
	if !tell(0) {
		t.Fatal("the first finds no room")
	}
	<-entered // it is being written
	for n := 1; n <= 4; n++ {
		q.Lock()
		if crowded := q.Crowded(4); crowded != (n == 4) {
			t.Errorf("crowded with %d waiting: %t", q.Waiting(), crowded)
		}
		q.Unlock()
		if !tell(n) {
			t.Errorf("%d finds no room", n)
		}
	}
	if tell(5) || tell(6) || q.Waiting() != 4 {
		t.Errorf("more is taken than there is room for, %d wait", q.Waiting())
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if rest, all := q.Close(ended); all || rest == nil || !slices.Equal(*rest, []int{5}) {
		t.Errorf("given back: %v, all written %t", rest, all)
	}
	go func() {
		for range entered {
		}
	}()
	close(hold)
	q.Wait()
	close(entered)
	if !slices.Equal(written, []int{0, 1, 2, 3, 4}) {
		t.Errorf("written %v", written)
	}
}
