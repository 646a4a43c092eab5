package traffic

import "math"

// timeHeap holds things by the time at which they are due; those of equal times keep the order in which they came.
type timeHeap[T any] struct {
	list []timed[T]
	seq  uint64
}

type timed[T any] struct {
	at  int64
	seq uint64
	of  T
}

func (e *timed[T]) before(o *timed[T]) bool { return e.at < o.at || e.at == o.at && e.seq < o.seq }

// due is the least time, the end of time where there is nothing.
func (h *timeHeap[T]) due() int64 {
	if len(h.list) == 0 {
		return math.MaxInt64
	}
	return h.list[0].at
}

func (h *timeHeap[T]) push(at int64, of T) {
	e := timed[T]{at, h.seq, of}
	h.seq++
	list := append(h.list, e)
	i := len(list) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !e.before(&list[up]) {
			break
		}
		list[i] = list[up]
		i = up
	}
	list[i] = e
	h.list = list
}

// pop takes out what is due first; there must be something.
func (h *timeHeap[T]) pop() T {
	top, n := h.list[0].of, len(h.list)-1
	last := h.list[n]
	h.list[n] = timed[T]{}
	h.list = h.list[:n]
	if n > 0 {
		h.sink(last)
	}
	return top
}

// sink moves an entry from the root down to its place.
func (h *timeHeap[T]) sink(e timed[T]) {
	list, i := h.list, 0
	for {
		down := 2*i + 1
		if down >= len(list) {
			break
		}
		if down+1 < len(list) && list[down+1].before(&list[down]) {
			down++
		}
		if !list[down].before(&e) {
			break
		}
		list[i] = list[down]
		i = down
	}
	list[i] = e
}
