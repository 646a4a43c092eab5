package seen

// Stream is what is remembered of an exporter's stream. Orders are export times, or uptimes where there are none; 0 is unknown.
type Stream struct {
	floor int64 // blocks up to this order may be stored without being in memory
	top   int64 // the greatest order stored
}

// NewStream returns a stream of which blocks up to the order committed may be stored.
func NewStream(committed int64) *Stream { return &Stream{floor: committed, top: committed} }

// Top returns the greatest order of a block that was remembered, or committed before.
func (s *Stream) Top() int64 { return s.top }

// Certain tells whether a block of that order is stored only if it is in memory.
func (s *Stream) Certain(order int64) bool { return order != 0 && order > s.floor }

type entry struct {
	key    Key
	stream *Stream
	order  int64
}

// Memory remembers the blocks stored last, up to a number; then the oldest goes, and the floor of its stream rises. It is used
// by one goroutine.
type Memory struct {
	bits map[Key]uint64
	ring []entry
	head int // position of the next entry, which is the oldest
}

// NewMemory returns a memory for size blocks, at least one.
func NewMemory(size int) *Memory {
	return &Memory{bits: map[Key]uint64{}, ring: make([]entry, max(size, 1))}
}

// Stored returns which records of the block are stored; ok is false for a block that is not in memory.
func (m *Memory) Stored(k Key) (bits uint64, ok bool) {
	bits, ok = m.bits[k]
	return bits, ok
}

// Put remembers that records of the block are stored.
func (m *Memory) Put(k Key, bits uint64, s *Stream, order int64) {
	if old, ok := m.bits[k]; ok {
		m.bits[k] = old | bits
		return
	}
	m.forget(&m.ring[m.head])
	m.bits[k] = bits
	m.ring[m.head] = entry{key: k, stream: s, order: order}
	m.head = (m.head + 1) % len(m.ring)
	s.top = max(s.top, order)
}

func (m *Memory) forget(e *entry) {
	if e.stream == nil {
		return
	}
	delete(m.bits, e.key)
	e.stream.floor = max(e.stream.floor, e.order)
	e.stream = nil
}

// Forget empties the memory, as after a transaction that failed: what it held of stored and lost sets has to be searched for.
func (m *Memory) Forget() {
	for i := range m.ring {
		m.forget(&m.ring[i])
	}
	m.head = 0
}

// Len returns how many blocks are in memory.
func (m *Memory) Len() int { return len(m.bits) }
