package decode

import "github.com/weirflow/weir/shared/flow"

// repeats remembers the last datagrams of a stream, to know one that comes again. It grows to its window as datagrams come, so
// that a stream of few datagrams takes little memory.
type repeats struct {
	ring []uint64 // parts of datagram ids
	at   int
}

// has tells whether id is among those remembered.
func (r *repeats) has(id flow.DatagramID) bool {
	for _, v := range r.ring {
		if v == id.Lo {
			return true
		}
	}
	return false
}

// add remembers id; beyond window datagrams the oldest is forgotten.
func (r *repeats) add(id flow.DatagramID, window int) {
	if len(r.ring) < window {
		r.ring = append(r.ring, id.Lo)
		return
	}
	r.ring[r.at] = id.Lo
	if r.at++; r.at == len(r.ring) {
		r.at = 0
	}
}
