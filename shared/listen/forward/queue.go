package forward

import (
	"net/netip"
	"sync"

	"github.com/weirflow/weir/shared/listen"
)

// lot is a number of datagrams in one piece of memory.
type lot struct {
	bytes []byte
	items []item
}

// item is a datagram of a lot.
type item struct {
	source netip.AddrPort
	port   uint16 // that it was received on
	end    int    // of its payload, which begins at the end of the one before
}

// itemCost stands for the memory of an item, so that empty datagrams fill a queue, too.
const itemCost = 40

func (l *lot) size() int { return len(l.bytes) + itemCost*len(l.items) }

func (l *lot) reset() { l.bytes, l.items = l.bytes[:0], l.items[:0] }

// queue takes datagrams until it is full; all of them are taken off at once.
type queue struct {
	mu     sync.Mutex
	lot    lot
	limit  int // bytes
	closed bool
}

// put copies a datagram, or says why it is dropped. first: nothing waited before it.
func (q *queue) put(d *listen.Datagram) (first bool, dropped string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return false, DroppedStopped
	case q.lot.size()+len(d.Payload)+itemCost > q.limit:
		return false, DroppedQueue
	}
	q.lot.bytes = append(q.lot.bytes, d.Payload...)
	q.lot.items = append(q.lot.items, item{source: d.Source, port: d.Port, end: len(q.lot.bytes)})
	return len(q.lot.items) == 1, ""
}

// swap gives what waits and takes an empty lot for it.
func (q *queue) swap(empty lot) lot {
	empty.reset()
	q.mu.Lock()
	defer q.mu.Unlock()
	full := q.lot
	q.lot = empty
	return full
}

// close lets nothing in any more.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
}

func (q *queue) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.lot.items)
}
