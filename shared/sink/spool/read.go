package spool

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// reader is an open segment, read up to before the entry next.
type reader struct {
	first, next uint64
	file        *os.File
	buffer      *bufio.Reader
}

func (r *reader) close() {
	if r.file != nil {
		r.file.Close()
	}
	*r = reader{}
}

// batchBytes is about how much one batch holds at most.
const batchBytes = 1 << 20

// Next waits for entries that were not read yet and returns up to limit of them, in order. It returns the context's error
// when that ends first.
func (s *Spool) Next(ctx context.Context, limit int) ([]Entry, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		list, err := s.take(limit)
		if err != nil || len(list) > 0 {
			return list, err
		}
		select {
		case <-ctx.Done():
		case <-s.arrived:
		}
	}
}

// take returns what can be read now.
func (s *Spool) take(limit int) ([]Entry, error) {
	s.disk.Lock()
	defer s.disk.Unlock()
	s.mu.Lock()
	from := s.cursor
	s.mu.Unlock()
	var list []Entry
	for size := 0; len(list) < limit && size < batchBytes; {
		e, ok, err := s.entryAfter(from)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		list, from, size = append(list, e), e.Sequence, size+len(e.Data)
	}
	s.mu.Lock()
	s.cursor = max(s.cursor, from)
	s.mu.Unlock()
	return list, nil
}

// entryAfter returns the first entry after a sequence number, from disk or memory.
func (s *Spool) entryAfter(from uint64) (Entry, bool, error) {
	for i := range s.segments {
		seg := &s.segments[i]
		if seg.after(from) == 0 {
			continue
		}
		e, err := s.readFrom(seg, max(from+1, seg.first))
		if errors.Is(err, errDamaged) || errors.Is(err, io.EOF) {
			s.skip(seg, &from)
			continue
		}
		return e, err == nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.memory {
		if s.memory[i].Sequence > from {
			return s.memory[i], true, nil
		}
	}
	return Entry{}, false, nil
}

// skip gives up the rest of a segment that cannot be read any more.
func (s *Spool) skip(seg *segment, from *uint64) {
	s.reading.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Dropped[DroppedDamaged] += seg.after(*from)
	s.stats.LostWeight[DroppedDamaged] += seg.weightAfter(*from)
	seg.count = max(*from+1, seg.first) - seg.first
	seg.weights = seg.weights[:min(int(seg.count), len(seg.weights))]
}

// readFrom reads an entry of a segment; in order it goes on where the last ended.
func (s *Spool) readFrom(seg *segment, sequence uint64) (Entry, error) {
	r := &s.reading
	if r.file == nil || r.first != seg.first || r.next > sequence {
		r.close()
		f, err := os.Open(seg.path(s.cfg.Dir))
		switch {
		case errors.Is(err, os.ErrNotExist):
			return Entry{}, errDamaged // removed by someone else
		case err != nil:
			return Entry{}, fmt.Errorf("spool: %w", err)
		}
		*r = reader{first: seg.first, next: seg.first, file: f, buffer: bufio.NewReaderSize(f, 16<<10)}
	}
	for {
		data, err := readEntry(r.buffer)
		if err != nil {
			return Entry{}, err
		}
		r.next++
		if r.next > sequence {
			return Entry{Sequence: sequence, Data: data}, nil
		}
	}
}
