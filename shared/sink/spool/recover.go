package spool

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// recover takes over the folder: it finds the segments, cuts off what a broken write left, and continues the numbers. disk is held.
func (s *Spool) recover() error {
	if err := os.MkdirAll(s.cfg.Dir, 0o700); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	files, err := os.ReadDir(s.cfg.Dir)
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	acked := loadPosition(s.cfg.Dir)
	for _, f := range files {
		first, ok := parseName(f.Name())
		if !ok {
			continue
		}
		seg := segment{first: first}
		if err := s.scan(&seg); err != nil {
			return err
		}
		s.segments = append(s.segments, seg)
	}
	slices.SortFunc(s.segments, func(a, b segment) int { return cmp.Compare(a.first, b.first) })
	s.mu.Lock()
	s.acked, s.cursor, s.saved, s.next = acked, acked, acked, max(s.next, acked+1)
	if n := len(s.segments); n > 0 {
		s.next = max(s.next, s.segments[n-1].end())
	}
	s.mu.Unlock()
	s.removeDelivered()
	signal(s.arrived)
	return nil
}

// Each calls f for the entries on disk, in order, whether they are acknowledged or not; an entry that cannot be read ends its segment. It is for
// the time between Start and the first entry put.
func (s *Spool) Each(f func(Entry)) error {
	s.disk.Lock()
	defer s.disk.Unlock()
	defer s.reading.close()
	for i := range s.segments {
		seg := &s.segments[i]
		for n := seg.first; n < seg.end(); n++ {
			e, err := s.readFrom(seg, n)
			if errors.Is(err, errDamaged) || errors.Is(err, io.EOF) {
				s.reading.close()
				break // whoever reads counts it
			}
			if err != nil {
				return err
			}
			f(e)
		}
	}
	return nil
}

// scan counts the entries of a segment and cuts off the rest from the first that is not whole.
func (s *Spool) scan(seg *segment) error {
	path := seg.path(s.cfg.Dir)
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 64<<10)
	for {
		data, err := readEntry(r)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errDamaged):
			s.stats.Torn++
			if err := os.Truncate(path, seg.size); err != nil {
				return fmt.Errorf("spool: %w", err)
			}
			s.deps.Log.Warn("spool: the end of a segment is not whole and was cut off", "file", path, "entries_left", seg.count)
			return nil
		case err != nil:
			return err
		}
		s.took(seg, data)
	}
}
