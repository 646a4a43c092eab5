package headers

import (
	"encoding/binary"
	"math"
	"sync"
	"sync/atomic"

	"github.com/weirflow/weir/shared/flow"
)

// chunkSize is the unit in which memory is taken and headers are forgotten.
const chunkSize = 1 << 20

// fixed is the size of an entry before its data: time, exporter, source, destination, link, length, length of the data.
const fixed = 8 + 3*16 + 4 + 4 + 2

// maxData is the most that is kept of a packet: agents send up to 256 bytes.
const maxData = 1024

// RingStats are the counters of a ring.
type RingStats struct {
	Taken     uint64 // headers
	Forgotten uint64 // headers that were overwritten by later ones
	Bytes     uint64 // memory taken
}

// Ring holds the latest headers in so many bytes. Memory is taken as it is needed. It is safe for concurrent use.
type Ring struct {
	most int // chunks

	mu     sync.Mutex
	chunks []chunk // in the order of a ring; newest is the one that is written to
	newest int
	next   uint64 // number of the next header, from 1

	taken, forgotten atomic.Uint64
}

// chunk is a row of entries.
type chunk struct {
	data  []byte
	first uint64 // number of its first header
	count uint64
}

// NewRing returns an empty ring of at most so many bytes, rounded up to whole MiB; it takes no memory yet.
func NewRing(bytes int64) *Ring {
	return &Ring{most: max(2, int((bytes+chunkSize-1)/chunkSize)), next: 1}
}

// Header takes a header. Its data is copied, and cut where it is longer than any agent's.
func (r *Ring) Header(h flow.PacketHeader) {
	h.Data = h.Data[:min(len(h.Data), maxData)]
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.room(fixed + len(h.Data))
	b := c.data
	b = binary.BigEndian.AppendUint64(b, uint64(h.At))
	b = append(append(append(b, h.Exporter[:]...), h.Source[:]...), h.Destination[:]...)
	b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, h.Link), h.Length)
	c.data = append(binary.BigEndian.AppendUint16(b, uint16(len(h.Data))), h.Data...)
	c.count++
	r.next++
	r.taken.Add(1)
}

// room returns the chunk that has so many bytes left: the newest, a new one, or the oldest, emptied.
func (r *Ring) room(n int) *chunk {
	if len(r.chunks) > 0 {
		if c := &r.chunks[r.newest]; cap(c.data)-len(c.data) >= n {
			return c
		}
	}
	if len(r.chunks) < r.most {
		r.chunks = append(r.chunks, chunk{data: make([]byte, 0, chunkSize), first: r.next})
		r.newest = len(r.chunks) - 1
		return &r.chunks[r.newest]
	}
	r.newest = (r.newest + 1) % len(r.chunks)
	c := &r.chunks[r.newest]
	r.forgotten.Add(c.count)
	c.data, c.first, c.count = c.data[:0], r.next, 0
	return c
}

// Each calls f with the headers of a greater number than after (0: all) that the ring holds when it begins, oldest first, and returns
// the number of the newest. A header's data is valid during the call. The ring goes on meanwhile: it is held only while a chunk is copied.
// Headers that are forgotten before their turn are left out.
func (r *Ring) Each(after uint64, f func(number uint64, h *flow.PacketHeader)) (last uint64) {
	r.mu.Lock()
	until := r.next
	r.mu.Unlock()
	copied := make([]byte, 0, chunkSize)
	for last = after; last+1 < until; {
		var number uint64
		if copied, number = r.copyAfter(last, copied[:0]); len(copied) == 0 {
			return last
		}
		for rest := copied; len(rest) >= fixed; number++ {
			h, size := read(rest)
			rest = rest[size:]
			if number > last && number < until {
				f(number, &h)
				last = number
			}
		}
	}
	return last
}

// copyAfter copies the chunk that holds the header behind a number, and returns the number of its first.
func (r *Ring) copyAfter(number uint64, to []byte) (data []byte, first uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.chunkAfter(number)
	if c == nil {
		return to, 0
	}
	return append(to, c.data...), c.first
}

// chunkAfter returns the oldest chunk with headers of greater numbers.
func (r *Ring) chunkAfter(number uint64) *chunk {
	var found *chunk
	lowest := uint64(math.MaxUint64)
	for i := range r.chunks {
		c := &r.chunks[i]
		if c.count > 0 && c.first+c.count-1 > number && c.first < lowest {
			found, lowest = c, c.first
		}
	}
	return found
}

// read returns the first entry and its size.
func read(b []byte) (h flow.PacketHeader, size int) {
	h.At = int64(binary.BigEndian.Uint64(b))
	h.Exporter, h.Source, h.Destination = flow.Addr(b[8:24]), flow.Addr(b[24:40]), flow.Addr(b[40:56])
	h.Link, h.Length = binary.BigEndian.Uint32(b[56:]), binary.BigEndian.Uint32(b[60:])
	size = fixed + int(binary.BigEndian.Uint16(b[64:]))
	h.Data = b[fixed:size]
	return h, size
}

// Stats returns the ring's counters.
func (r *Ring) Stats() RingStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return RingStats{Taken: r.taken.Load(), Forgotten: r.forgotten.Load(), Bytes: uint64(len(r.chunks)) * chunkSize}
}
