package detect

const (
	chunkBits = 10
	chunkSize = 1 << chunkBits
)

// arena hands out values by number, from 1 up to a cap; 0 is none. Values live in chunks that never move and, holding no
// pointers, are not scanned by the garbage collector.
type arena[T any] struct {
	chunks [][]T
	free   []uint32
	next   uint32 // the least number never handed out, less 1
	limit  uint32
}

func newArena[T any](limit int) arena[T] { return arena[T]{limit: uint32(limit)} }

// at returns the value of a number handed out.
func (a *arena[T]) at(i uint32) *T { return &a.chunks[i>>chunkBits][i&(chunkSize-1)] }

// take hands out a zero value, or 0 at the cap.
func (a *arena[T]) take() uint32 {
	if n := len(a.free); n > 0 {
		i := a.free[n-1]
		a.free = a.free[:n-1]
		return i
	}
	if a.next == a.limit {
		return 0
	}
	a.next++
	if int(a.next>>chunkBits) == len(a.chunks) {
		a.chunks = append(a.chunks, make([]T, chunkSize))
	}
	return a.next
}

// give takes a number back.
func (a *arena[T]) give(i uint32) {
	var zero T
	*a.at(i) = zero
	a.free = append(a.free, i)
}

// used returns how many values are handed out.
func (a *arena[T]) used() int { return int(a.next) - len(a.free) }

// full tells whether take would return 0.
func (a *arena[T]) full() bool { return len(a.free) == 0 && a.next == a.limit }
