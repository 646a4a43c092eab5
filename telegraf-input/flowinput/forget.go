package flowinput

import "time"

// How long a series, or a value of a tag, is kept without records, and how often those are looked for, when there is no room for others.
const (
	forgetSeries = 24 * time.Hour
	forgetEvery  = time.Hour
)

// forget makes room: series that had no records for a day go, and values that are in no series any more. It does nothing while
// there is room, for as long as series are few they may as well stay.
func (t *traffic) forget() {
	if t.now-t.forgot < int64(forgetEvery) || !t.crowded() {
		return
	}
	t.forgot = t.now
	held := make([]bool, len(t.series.keys))
	held[0] = true
	for _, v := range t.used {
		for i, pg := range v.pages {
			if pg == nil {
				continue
			}
			for j := range pg {
				if pg[j].flows > 0 {
					held[i*pageSeries+j] = true
				}
			}
		}
	}
	for n, at := range t.series.seen {
		held[n] = held[n] || t.now-at < int64(forgetSeries)
	}
	t.series.keep(held)
	for i, v := range t.values {
		v.keep(t.series.valuesAt(i, len(v.keys)))
	}
	for n := range t.total {
		if !held[n] {
			t.total[n] = amounts{}
		}
	}
}

// crowded tells whether something has been summed as other for want of room.
func (t *traffic) crowded() bool {
	if t.series.known() >= t.series.limit {
		return true
	}
	for _, v := range t.values {
		if v.known() >= v.limit {
			return true
		}
	}
	return false
}

// keep frees the numbers of the series that are not held.
func (s *series) keep(held []bool) {
	clear(s.index.slots)
	s.free = s.free[:0]
	s.last, s.found = seriesKey{}, 0
	for n := 1; n < len(s.keys); n++ {
		if !held[n] {
			s.free = append(s.free, uint32(n))
			s.keys[n] = seriesKey{}
			continue
		}
		k := s.keys[n]
		s.index.put(s.index.start(k[0], k[1]), uint32(n))
	}
}

// valuesAt tells which numbers of a tag's values series have.
func (s *series) valuesAt(tag, numbers int) []bool {
	held := make([]bool, numbers)
	free := map[uint32]bool{}
	for _, n := range s.free {
		free[n] = true
	}
	for n, k := range s.keys {
		if !free[uint32(n)] {
			held[k.at(tag)] = true
		}
	}
	return held
}

// keep frees the numbers of the values that are not held.
func (t *values) keep(held []bool) {
	clear(t.index.slots)
	t.free = t.free[:0]
	t.last, t.number = value{}, valueNone
	for n := int(firstValue); n < len(t.keys); n++ {
		if !held[n] {
			t.free = append(t.free, uint16(n))
			t.keys[n], t.texts[n] = value{}, ""
			continue
		}
		v := t.keys[n]
		t.index.put(t.index.start(v.hi, v.lo), uint32(n))
	}
}

// put puts a number into the first free slot from one on.
func (p *probe) put(slot uint64, n uint32) {
	for p.slots[slot] != 0 {
		slot = p.next(slot)
	}
	p.slots[slot] = n
}
