package spool

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"time"
)

// Times of the writer.
const (
	retryAfter = time.Second            // after the disk refused
	tellEvery  = 30 * time.Second       // at most one warning
	saveEvery  = 200 * time.Millisecond // of the read position
)

// write appends what is in memory until Stop, as soon as it comes; what comes meanwhile shares the next sync. The read position is saved
// at intervals: a crash delivers again what was acknowledged since.
func (s *Spool) write() {
	defer close(s.done)
	save := time.NewTicker(saveEvery)
	defer save.Stop()
	for {
		var err error
		select {
		case <-s.stop:
			return
		case <-s.work:
			err = s.locked(s.flush)
		case <-save.C:
			if err = s.locked(s.savePosition); err == nil {
				continue // whether entries can be written is for flush to say
			}
		}
		s.tell(err)
		if err != nil {
			signal(s.work)
			if !s.pause(retryAfter) {
				return
			}
		}
	}
}

func (s *Spool) locked(do func() error) error {
	s.disk.Lock()
	defer s.disk.Unlock()
	return do()
}

// pause waits, but not beyond Stop.
func (s *Spool) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-s.stop:
		return false
	case <-t.C:
		return true
	}
}

// tell counts a failure and logs the first, and then at most one every tellEvery.
func (s *Spool) tell(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = err != nil
	if err == nil {
		return
	}
	s.stats.WriteErrors++
	if now := s.deps.Now(); s.toldAt.IsZero() || now.Sub(s.toldAt) >= tellEvery {
		s.toldAt = now
		s.deps.Log.Warn("spool: not written, entries wait in memory", "err", err, "waiting", len(s.memory))
	}
}

// flush writes and syncs the entries in memory; those that the disk does not take stay there. disk is held.
func (s *Spool) flush() error {
	s.mu.Lock()
	taken := s.memory
	s.memory, s.bytes = nil, 0
	s.mu.Unlock()
	for len(taken) > 0 {
		s.tellTrimmed()
		n, err := s.appendSome(taken)
		if n > 0 {
			s.settled(span{taken[0].Sequence, taken[n-1].Sequence}, true)
		}
		taken = taken[n:]
		if err != nil {
			s.giveBack(taken)
			return err
		}
	}
	return nil
}

func (s *Spool) giveBack(taken []Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range taken {
		s.bytes += int64(len(taken[i].Data))
	}
	s.memory = append(taken[:len(taken):len(taken)], s.memory...)
	s.trimMemory()
}

// appendSome appends entries to the last segment as far as they fit in and returns how many are safely on disk.
func (s *Spool) appendSome(list []Entry) (int, error) {
	seg, err := s.segmentFor(list[0].Sequence)
	if err != nil {
		return 0, err
	}
	var b []byte
	n := 0
	for n < len(list) && list[n].Sequence == seg.end()+uint64(n) && (n == 0 || seg.size+int64(len(b)) < s.cfg.SegmentBytes) {
		b = appendEntry(b, list[n].Data)
		n++
	}
	s.makeRoom(int64(len(b)))
	seg = &s.segments[len(s.segments)-1]
	if _, err = s.file.Write(b); err == nil {
		err = s.file.Sync()
	}
	if err != nil {
		s.abandon()
		return 0, fmt.Errorf("spool: %w", err)
	}
	for i := range list[:n] {
		s.took(seg, list[i].Data)
	}
	return n, nil
}

// segmentFor returns the last segment where an entry can be appended to it, or else a new one.
func (s *Spool) segmentFor(sequence uint64) (*segment, error) {
	if last := len(s.segments) - 1; s.file != nil && s.segments[last].end() == sequence && s.segments[last].size < s.cfg.SegmentBytes {
		return &s.segments[last], nil
	}
	if err := s.closeSegment(); err != nil {
		return nil, err
	}
	seg := segment{first: sequence}
	path := seg.path(s.cfg.Dir)
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) { // of a write that failed; nothing of it was counted
		return nil, fmt.Errorf("spool: %w", err)
	}
	f, err := s.deps.Create(path)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	s.file, s.segments = f, append(s.segments, seg)
	return &s.segments[len(s.segments)-1], nil
}

// abandon closes the segment after a failed write and cuts off what of it got there. An empty one goes: its number is needed again.
func (s *Spool) abandon() {
	_ = s.closeSegment() // the write has failed already, which is what is told
	last := len(s.segments) - 1
	seg := s.segments[last]
	if seg.count == 0 {
		_ = os.Remove(seg.path(s.cfg.Dir)) // segmentFor tries again
		s.segments = s.segments[:last]
		return
	}
	_ = os.Truncate(seg.path(s.cfg.Dir), seg.size) // the reader stops at the count, and the next start cuts
}

func (s *Spool) closeSegment() error {
	if s.file == nil {
		return nil
	}
	f := s.file
	s.file = nil
	if err := f.Close(); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	return nil
}

func (s *Spool) size() (n int64) {
	for i := range s.segments {
		n += s.segments[i].size
	}
	return n
}

// took counts an entry that is in a segment.
func (s *Spool) took(seg *segment, data []byte) {
	seg.count++
	seg.size += int64(entryHead + len(data))
	if s.deps.Weigh != nil {
		seg.weights = append(seg.weights, s.deps.Weigh(data))
	}
}

// makeRoom drops segments until there is room for more bytes, or none may go; the one being written stays.
func (s *Spool) makeRoom(more int64) {
	for len(s.segments) > 1 && s.size()+more > s.cfg.MaxBytes {
		s.mu.Lock()
		i := s.expendable()
		if i < 0 {
			s.mu.Unlock()
			return
		}
		seg := &s.segments[i]
		entries, weight := s.waiting(seg)
		if entries > 0 {
			s.stats.Dropped[DroppedFull] += entries
			s.stats.LostWeight[DroppedFull] += weight
		}
		if i == 0 {
			s.cursor = max(s.cursor, seg.end()-1)
			s.acked = max(s.acked, seg.end()-1)
		}
		s.mu.Unlock()
		s.removeSegment(i)
	}
}

// expendable returns which segment goes, -1 for none; mu is held.
func (s *Spool) expendable() int {
	if !s.cfg.KeepBegun {
		return 0
	}
	fresh := -1
	for i := range s.segments[:len(s.segments)-1] {
		seg := &s.segments[i]
		if waiting, _ := s.waiting(seg); waiting == 0 {
			return i
		}
		if fresh < 0 && seg.first > s.cursor {
			fresh = i
		}
	}
	return fresh
}

// removeDelivered removes segments of which all is acknowledged, but not the one being written.
func (s *Spool) removeDelivered() {
	s.mu.Lock()
	acked := s.acked
	s.mu.Unlock()
	for len(s.segments) > 0 && s.segments[0].after(acked) == 0 && (len(s.segments) > 1 || s.file == nil) {
		s.removeSegment(0)
	}
}

func (s *Spool) removeSegment(i int) {
	seg := s.segments[i]
	if s.reading.first == seg.first {
		s.reading.close()
	}
	s.mu.Lock()
	maps.DeleteFunc(s.ended, func(n uint64, _ bool) bool { return n >= seg.first && n < seg.end() })
	s.mu.Unlock()
	if err := os.Remove(seg.path(s.cfg.Dir)); err != nil && !os.IsNotExist(err) {
		s.deps.Log.Warn("spool: segment not removed", "err", err)
	}
	s.segments = slices.Delete(s.segments, i, i+1)
}
