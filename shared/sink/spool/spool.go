// Package spool keeps what outputs have not delivered yet: a queue of byte strings on disk, bounded by size, that neither blocks the
// one who puts nor forgets at a restart.
//
// Entries go to memory first; a writer appends them to segment files and syncs. A reader takes batches and acknowledges them; what was
// read and not acknowledged is read again after [Spool.Rewind] or a restart: delivery is at least once, in order. When the spool is
// full the oldest segment goes, and its entries are counted: what is happening now matters more to who must act than what
// happened when the receiver went away, and a later event of an alert replaces the earlier ones.
package spool

import (
	"cmp"
	"errors"
	"log/slog"
	"maps"
	"os"
	"sync"
	"time"
)

// Config sizes a spool.
type Config struct {
	Dir      string // folder of its own; made where missing
	MaxBytes int64  // of all segments
	// SegmentBytes is the size at which a new segment is begun; the oldest goes as a whole. 0: a 16th of MaxBytes, at most 4 MiB.
	SegmentBytes int64
	MemoryBytes  int64 // of entries that wait for the disk
	// KeepBegun spares what has been read and is not delivered when the spool is full: of the segments that were not begun the oldest
	// goes; where there is none, the spool is larger than MaxBytes by what was begun. It is for those who count what they deliver: what is on
	// its way is not dropped at the same time.
	KeepBegun bool
}

// DefaultConfig returns a Config without a folder.
func DefaultConfig() Config { return Config{MaxBytes: 64 << 20, MemoryBytes: 4 << 20} }

// MaxEntry is the most bytes of an entry.
const MaxEntry = 1 << 20

// Deps is what a spool is given from outside.
type Deps struct {
	Log *slog.Logger
	Now func() time.Time
	// Create opens a new segment for writing; nil: [os.OpenFile]. Tests put faulty disks here.
	Create func(path string) (File, error)
	// Weigh tells how much an entry counts in Stats.WaitingWeight and LostWeight: an entry may hold many things. nil: nothing.
	Weigh func(data []byte) uint64
	// Settled, where set, is told of each entry put once, in order, when it is on disk (saved) or has been dropped on its way there. It is
	// called by a goroutine of the spool, and must not call the spool.
	Settled func(from, to uint64, saved bool)
}

// File is what a segment is written to.
type File interface {
	Write(p []byte) (int, error)
	Sync() error
	Close() error
}

// Entry is an entry with its place in the queue. Sequence numbers start at 1 and go on after a restart.
type Entry struct {
	Sequence uint64
	Data     []byte
}

// span is the entries from one sequence number to another.
type span struct{ from, to uint64 }

// Spool is a bounded queue on disk with one reader. [Spool.Put] may be called by many.
type Spool struct {
	cfg  Config
	deps Deps

	mu      sync.Mutex      // never held during input or output
	memory  []Entry         // not on disk yet, in order
	bytes   int64           // of memory
	next    uint64          // sequence number of the next entry
	cursor  uint64          // last entry read
	acked   uint64          // last entry acknowledged
	ended   map[uint64]bool // entries after it that are delivered
	stats   Stats
	failing bool // the last write failed
	toldAt  time.Time
	open    bool
	trimmed []span // dropped from memory, to be told of

	disk     sync.Mutex // held during input and output; taken before mu
	segments []segment  // oldest first; the last is written to
	file     File       // of the last segment; nil: the next entry begins a new one
	reading  reader
	saved    uint64 // acked as of the position file

	arrived, work chan struct{} // of capacity 1: something to read, something to write
	stop, done    chan struct{}
}

// New returns a spool that has touched nothing yet.
func New(cfg Config, deps Deps) (*Spool, error) {
	def := DefaultConfig()
	cfg.MaxBytes, cfg.MemoryBytes = cmp.Or(cfg.MaxBytes, def.MaxBytes), cmp.Or(cfg.MemoryBytes, def.MemoryBytes)
	cfg.SegmentBytes = cmp.Or(cfg.SegmentBytes, min(4<<20, cfg.MaxBytes/16))
	switch {
	case cfg.Dir == "":
		return nil, errors.New("spool: no folder")
	case cfg.SegmentBytes <= 0 || cfg.MemoryBytes <= 0 || cfg.MaxBytes < 2*cfg.SegmentBytes:
		return nil, errors.New("spool: sizes must be positive, with room for two segments")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Create == nil {
		deps.Create = func(path string) (File, error) { return os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600) }
	}
	return &Spool{
		cfg: cfg, deps: deps, next: 1, ended: map[uint64]bool{}, stats: Stats{Dropped: map[string]uint64{}, LostWeight: map[string]uint64{}},
		arrived: make(chan struct{}, 1), work: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}, nil
}

// Start takes over what is in the folder and writes from now on. A Spool starts once.
func (s *Spool) Start() error {
	s.disk.Lock()
	err := s.recover()
	s.disk.Unlock()
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.open = true
	s.mu.Unlock()
	go s.write()
	return nil
}

// Stop writes what is in memory and the read position, and closes. Entries put later are dropped and counted. It is idempotent.
func (s *Spool) Stop() error {
	s.mu.Lock()
	was := s.open
	s.open = false
	s.mu.Unlock()
	if !was {
		return nil
	}
	close(s.stop)
	<-s.done
	s.disk.Lock()
	defer s.disk.Unlock()
	s.reading.close()
	err := s.flush()
	s.tellTrimmed()
	return errors.Join(err, s.savePosition(), s.closeSegment())
}

// Put appends an entry; it keeps data. It never waits for the disk. Where memory is full the oldest entry that waits for the disk is
// dropped. It returns the entry's sequence number, 0 where the entry was dropped.
func (s *Spool) Put(data []byte) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.open:
		s.lose(DroppedStopped, data)
		return 0
	case len(data) == 0 || len(data) > MaxEntry:
		s.lose(DroppedSize, data)
		return 0
	}
	e := Entry{Sequence: s.next, Data: data}
	s.next++
	s.stats.Put++
	s.memory, s.bytes = append(s.memory, e), s.bytes+int64(len(data))
	s.trimMemory()
	signal(s.arrived)
	signal(s.work)
	return e.Sequence
}

// trimMemory drops the oldest entries that have no room in memory; mu is held.
func (s *Spool) trimMemory() {
	n := 0
	for ; s.bytes > s.cfg.MemoryBytes && n < len(s.memory)-1; n++ {
		s.bytes -= int64(len(s.memory[n].Data))
		if s.memory[n].Sequence > s.acked {
			s.lose(DroppedMemory, s.memory[n].Data)
			s.trimmed = append(s.trimmed, span{s.memory[n].Sequence, s.memory[n].Sequence})
		}
	}
	s.memory = s.memory[n:]
}

// lose counts an entry that is dropped; mu is held.
func (s *Spool) lose(why string, data []byte) {
	s.stats.Dropped[why]++
	s.stats.LostWeight[why] += s.weigh(data)
}

func (s *Spool) weigh(data []byte) uint64 {
	if s.deps.Weigh == nil {
		return 0
	}
	return s.deps.Weigh(data)
}

// tellTrimmed tells of what was dropped from memory; disk is held.
func (s *Spool) tellTrimmed() {
	s.mu.Lock()
	list := s.trimmed
	s.trimmed = nil
	s.mu.Unlock()
	for _, dropped := range list {
		s.settled(dropped, false)
	}
}

func (s *Spool) settled(of span, saved bool) {
	if s.deps.Settled != nil {
		s.deps.Settled(of.from, of.to, saved)
	}
}

// Ack says that all entries up to a sequence number are delivered: they are not read again, and segments that hold no others go.
func (s *Spool) Ack(sequence uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sequence <= s.acked || sequence >= s.next {
		return
	}
	s.acked, s.cursor = sequence, max(s.cursor, sequence)
	maps.DeleteFunc(s.ended, func(n uint64, _ bool) bool { return n <= sequence })
	for s.failing && len(s.memory) > 0 && s.memory[0].Sequence <= sequence {
		s.bytes -= int64(len(s.memory[0].Data)) // the disk does not take them and needs not any more
		s.memory = s.memory[1:]
	}
}

// Delivered says that an entry is delivered, though earlier ones may not be: it does not wait any more, and a full spool makes room of it first. A
// restart reads it again until it is acknowledged.
func (s *Spool) Delivered(sequence uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sequence > s.acked && sequence < s.next {
		s.ended[sequence] = true
	}
}

// waiting returns how many entries of a segment are not delivered, and what they weigh; mu is held.
func (s *Spool) waiting(seg *segment) (entries, weight uint64) {
	entries, weight = seg.after(s.acked), seg.weightAfter(s.acked)
	for n := max(seg.first, s.acked+1); len(s.ended) > 0 && n < seg.end(); n++ {
		if !s.ended[n] {
			continue
		}
		entries--
		if i := n - seg.first; i < uint64(len(seg.weights)) {
			weight -= seg.weights[i]
		}
	}
	return entries, weight
}

// Rewind lets all that is not acknowledged be read again.
func (s *Spool) Rewind() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cursor = s.acked
	signal(s.arrived)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
