package flowinput

// maxTags is how many tags traffic can be summed by at once: their numbers make a key of 16 bytes.
const maxTags = 8

// seriesKey is the numbers of a series' values, four in a word.
type seriesKey [2]uint64

func (k *seriesKey) set(i int, number uint16) { k[i/4] |= uint64(number) << (16 * (i % 4)) }

func (k seriesKey) at(i int) uint16 { return uint16(k[i/4] >> (16 * (i % 4))) }

// series numbers combinations of values up to a limit; what comes beyond it is one series, number 0, whose tags are all [Other].
type series struct {
	limit int
	keys  []seriesKey // by number
	seen  []int64     // by number: when it was last told of, or made
	free  []uint32    // numbers that are to be given again
	index probe
	last  seriesKey
	found uint32
	over  uint64 // records of series beyond the limit
}

func newSeries(limit, tags int) *series {
	s := &series{limit: limit, keys: make([]seriesKey, 1, min(limit+1, 1024)), seen: make([]int64, 1), index: newProbe(limit)}
	for i := range tags {
		s.keys[0].set(i, valueOther)
	}
	return s
}

// numberOf returns the number of a key's series.
func (s *series) numberOf(k seriesKey, now int64) uint32 {
	if k == s.last && s.found != 0 {
		return s.found
	}
	s.last, s.found = k, s.find(k, now)
	return s.found
}

func (s *series) find(k seriesKey, now int64) uint32 {
	slot := s.index.start(k[0], k[1])
	for ; s.index.slots[slot] != 0; slot = s.index.next(slot) {
		if n := s.index.slots[slot]; s.keys[n] == k {
			return n
		}
	}
	n := uint32(len(s.keys))
	switch free := len(s.free); {
	case free > 0:
		n = s.free[free-1]
		s.free = s.free[:free-1]
		s.keys[n], s.seen[n] = k, now
	case len(s.keys) > s.limit:
		s.over++
		return 0
	default:
		s.keys, s.seen = append(s.keys, k), append(s.seen, now)
	}
	s.index.slots[slot] = n
	return n
}

// known is how many series have a number of their own.
func (s *series) known() int { return len(s.keys) - 1 - len(s.free) }
