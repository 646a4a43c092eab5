package session

const (
	chunkBits = 10
	chunkSize = 1 << chunkBits
)

// arena hands out values by number, from 1 up to a cap; 0 is none. Chunks never move and hold no pointers, so the garbage
// collector does not look into them.
type arena[T any] struct {
	chunks [][]T
	free   []uint32
	top    uint32 // the greatest number handed out so far
	limit  uint32
}

func newArena[T any](limit int) arena[T] { return arena[T]{limit: uint32(limit)} }

func (a *arena[T]) at(n uint32) *T { return &a.chunks[n>>chunkBits][n&(chunkSize-1)] }

// take hands out a value as it was given back (the caller sets all of it), or 0 at the cap.
func (a *arena[T]) take() uint32 {
	if n := len(a.free); n > 0 {
		i := a.free[n-1]
		a.free = a.free[:n-1]
		return i
	}
	if a.top == a.limit {
		return 0
	}
	a.top++
	if int(a.top>>chunkBits) == len(a.chunks) {
		a.chunks = append(a.chunks, make([]T, chunkSize))
	}
	return a.top
}

func (a *arena[T]) give(n uint32) { a.free = append(a.free, n) }

func (a *arena[T]) used() int { return int(a.top) - len(a.free) }
