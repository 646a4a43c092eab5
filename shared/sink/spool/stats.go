package spool

import "maps"

// Reasons for which entries are dropped.
const (
	DroppedFull    = "full"    // the spool was full: the oldest went
	DroppedMemory  = "memory"  // the disk did not take them (full, failing, slow) and memory was full: the oldest went
	DroppedSize    = "size"    // empty, or longer than MaxEntry
	DroppedDamaged = "damaged" // the segment could not be read
	DroppedStopped = "stopped" // put after Stop
)

// Stats are the counters of a spool since its start. Put = delivered + waiting + dropped, but for what was there at the start.
type Stats struct {
	Put         uint64 // entries taken
	Waiting     uint64 // entries neither acknowledged nor delivered
	Bytes       int64  // of segments and memory
	Torn        uint64 // segments whose end was cut off at the start: a write was broken off
	WriteErrors uint64
	Dropped     map[string]uint64 // entries, by reason
	// WaitingWeight and LostWeight are what Waiting and Dropped weigh, where entries are weighed.
	WaitingWeight uint64
	LostWeight    map[string]uint64
}

// Stats returns the counters.
func (s *Spool) Stats() Stats {
	s.disk.Lock()
	defer s.disk.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stats
	st.Dropped, st.LostWeight = maps.Clone(st.Dropped), maps.Clone(st.LostWeight)
	st.Bytes = s.bytes + s.size()
	for i := range s.segments {
		entries, weight := s.waiting(&s.segments[i])
		st.Waiting, st.WaitingWeight = st.Waiting+entries, st.WaitingWeight+weight
	}
	for i := range s.memory {
		if n := s.memory[i].Sequence; n > s.acked && !s.ended[n] {
			st.Waiting++
			st.WaitingWeight += s.weigh(s.memory[i].Data)
		}
	}
	return st
}
