package spool_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/weirflow/weir/shared/sink/spool"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Fprintln(os.Stderr, runChild(dir))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

func open(t *testing.T, cfg spool.Config, deps spool.Deps) *spool.Spool {
	t.Helper()
	s, err := spool.New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *spool.Spool) {
	t.Helper()
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

func put(t *testing.T, s *spool.Spool, from, to int) {
	t.Helper()
	for i := from; i <= to; i++ {
		if s.Put(fmt.Appendf(nil, "entry %d", i)) == 0 {
			t.Fatalf("entry %d was not taken", i)
		}
	}
}

// read reads the entries from..to, whatever the batches.
func read(t *testing.T, s *spool.Spool, from, to int) (last uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for i := from; i <= to; {
		list, err := s.Next(ctx, min(7, to-i+1))
		if err != nil {
			t.Fatalf("entry %d: %v", i, err)
		}
		for _, e := range list {
			if want := fmt.Sprintf("entry %d", i); string(e.Data) != want {
				t.Fatalf("got %q, want %q", e.Data, want)
			}
			if e.Sequence <= last {
				t.Fatalf("sequence number %d after %d", e.Sequence, last)
			}
			last = e.Sequence
			i++
		}
	}
	return last
}

func segments(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.seg"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestOrderAcrossSegmentsAndRestarts(t *testing.T) {
	cfg := spool.Config{Dir: t.TempDir(), MaxBytes: 1 << 20, SegmentBytes: 200}
	s := open(t, cfg, spool.Deps{})
	put(t, s, 1, 100)
	last := read(t, s, 1, 60)
	s.Ack(last - 10)
	put(t, s, 101, 120)
	stop(t, s)

	s = open(t, cfg, spool.Deps{}) // what was read and not acknowledged comes again
	put(t, s, 121, 130)
	last = read(t, s, 51, 130)
	if last != 130 {
		t.Errorf("sequence numbers did not go on: %d", last)
	}
	s.Rewind()
	s.Ack(read(t, s, 51, 130))
	stop(t, s)

	s = open(t, cfg, spool.Deps{})
	if st := s.Stats(); st.Waiting != 0 || len(segments(t, cfg.Dir)) != 0 {
		t.Errorf("%d entries wait, files %v", st.Waiting, segments(t, cfg.Dir))
	}
	if n := s.Put([]byte("entry 131")); n != 131 {
		t.Errorf("sequence number %d after all was delivered: want 131", n)
	}
}

func TestNextEndsWithItsContext(t *testing.T) {
	s := open(t, spool.Config{Dir: t.TempDir()}, spool.Deps{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Next(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestCrashKeepsWhatWasWritten copies the folder while the spool is open, as kill -9 leaves it, and damages the copy.
func TestCrashKeepsWhatWasWritten(t *testing.T) {
	cfg := spool.Config{Dir: t.TempDir(), MaxBytes: 1 << 20, SegmentBytes: 1 << 16}
	s := open(t, cfg, spool.Deps{})
	put(t, s, 1, 20)
	stop(t, s)
	whole, err := os.ReadFile(segments(t, cfg.Dir)[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		damage func(b []byte) []byte
		left   int
		torn   uint64
	}{
		{"whole", func(b []byte) []byte { return b }, 20, 0},
		{"head cut", func(b []byte) []byte { return append(b, 0, 0, 0) }, 20, 1},
		{"data cut", func(b []byte) []byte { return b[:len(b)-1] }, 19, 1},
		{"zeros after a power failure", func(b []byte) []byte { return append(b, make([]byte, 4096)...) }, 20, 1},
		{"length out of range", func(b []byte) []byte { return append(b, 255, 255, 255, 255, 0, 0, 0, 0, 1) }, 20, 1},
		{"bit flipped in the last", func(b []byte) []byte { b[len(b)-1] ^= 1; return b }, 19, 1},
		{"empty file", func([]byte) []byte { return nil }, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(segments(t, cfg.Dir)[0])), c.damage(slices.Clone(whole)), 0o600); err != nil {
				t.Fatal(err)
			}
			s := open(t, spool.Config{Dir: dir, MaxBytes: 1 << 20, SegmentBytes: 1 << 16}, spool.Deps{})
			if st := s.Stats(); st.Waiting != uint64(c.left) || st.Torn != c.torn {
				t.Fatalf("%d entries wait, %d torn: want %d, %d", st.Waiting, st.Torn, c.left, c.torn)
			}
			put(t, s, c.left+1, 30)
			read(t, s, 1, 30)
		})
	}
}

func TestDamagedPositionDeliversAgain(t *testing.T) {
	cfg := spool.Config{Dir: t.TempDir()}
	s := open(t, cfg, spool.Deps{})
	put(t, s, 1, 5)
	s.Ack(read(t, s, 1, 3))
	stop(t, s)
	if err := os.WriteFile(filepath.Join(cfg.Dir, "position"), []byte("?"), 0o600); err != nil {
		t.Fatal(err)
	}
	read(t, open(t, cfg, spool.Deps{}), 1, 5)
}

// TestFullDropsTheOldest: bounded, and every entry is delivered or counted.
func TestFullDropsTheOldest(t *testing.T) {
	cfg := spool.Config{Dir: t.TempDir(), MaxBytes: 4000, SegmentBytes: 500}
	s := open(t, cfg, spool.Deps{})
	const n = 1000
	for i := range n {
		s.Put(fmt.Appendf(nil, "entry %d", i+1))
	}
	stop(t, s)
	s2 := s.Stats()
	if s2.Bytes > 4000 || s2.Dropped[spool.DroppedFull] == 0 || s2.Dropped[spool.DroppedFull]+s2.Waiting != n {
		t.Fatalf("%+v", s2)
	}
	s = open(t, cfg, spool.Deps{})
	read(t, s, n-int(s2.Waiting)+1, n)
}

// faulty is a disk that can be full.
type faulty struct {
	full atomic.Bool
	half bool // a write that fails leaves half of it
}

type faultyFile struct {
	*os.File
	d *faulty
}

var errFull = errors.New("no space left on device")

func (f faultyFile) Write(p []byte) (int, error) {
	if !f.d.full.Load() {
		return f.File.Write(p)
	}
	if f.d.half {
		_, _ = f.File.Write(p[:len(p)/2])
	}
	return 0, errFull
}

func (d *faulty) create(path string) (spool.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	return faultyFile{f, d}, err
}

// TestFullDisk: delivery goes on from memory, memory is bounded, and when there is room again all goes to disk.
func TestFullDisk(t *testing.T) {
	for _, half := range []bool{false, true} {
		t.Run(fmt.Sprintf("half written %v", half), func(t *testing.T) {
			d := &faulty{half: half}
			cfg := spool.Config{Dir: t.TempDir(), MaxBytes: 1 << 20, SegmentBytes: 1 << 16, MemoryBytes: 1000}
			s := open(t, cfg, spool.Deps{Create: d.create})
			put(t, s, 1, 10)
			s.Ack(read(t, s, 1, 5))
			d.full.Store(true)
			put(t, s, 11, 40)
			s.Ack(read(t, s, 6, 30))
			put(t, s, 41, 400) // more than memory holds
			eventually(t, func() bool { st := s.Stats(); return st.WriteErrors > 0 && st.Dropped[spool.DroppedMemory] > 0 })
			d.full.Store(false)
			stop(t, s)
			st := s.Stats()
			if 30+st.Waiting+st.Dropped[spool.DroppedMemory] != 400 {
				t.Fatalf("30 delivered, %d wait, %v dropped: want 400", st.Waiting, st.Dropped)
			}
			s = open(t, cfg, spool.Deps{})
			if got := s.Stats(); got.Waiting != st.Waiting {
				t.Fatalf("%d wait after the restart, %d before", got.Waiting, st.Waiting)
			}
			read(t, s, 400-int(st.Waiting)+1, 400)
		})
	}
}

func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not come about in time")
		}
	}
}

func TestSizes(t *testing.T) {
	s := open(t, spool.Config{Dir: t.TempDir()}, spool.Deps{})
	if s.Put(nil) != 0 || s.Put(make([]byte, spool.MaxEntry+1)) != 0 || s.Stats().Dropped[spool.DroppedSize] != 2 {
		t.Error("entries without bytes and with too many are refused and counted")
	}
	stop(t, s)
	if s.Put([]byte("x")) != 0 || s.Stats().Dropped[spool.DroppedStopped] != 1 {
		t.Error("entries after Stop are counted")
	}
	for _, c := range []spool.Config{{}, {Dir: "x", MaxBytes: 10, SegmentBytes: 8}, {Dir: "x", MemoryBytes: -1}} {
		if _, err := spool.New(c, spool.Deps{}); err == nil || !strings.HasPrefix(err.Error(), "spool: ") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestManyWriters: each entry once, while it is read and acknowledged.
func TestManyWriters(t *testing.T) {
	s := open(t, spool.Config{Dir: t.TempDir(), MaxBytes: 1 << 20, SegmentBytes: 1000}, spool.Deps{})
	const writers, each = 4, 250
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				s.Put(fmt.Appendf(nil, "%d/%d", w, i))
			}
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	seen := map[string]int{}
	for n := 0; n < writers*each; {
		list, err := s.Next(ctx, 10)
		if err != nil {
			t.Fatalf("after %d: %v, %+v", n, err, s.Stats())
		}
		for _, e := range list {
			seen[string(e.Data)]++
		}
		n += len(list)
		s.Ack(list[len(list)-1].Sequence)
	}
	all.Wait()
	if len(seen) != writers*each {
		t.Errorf("%d entries, want %d", len(seen), writers*each)
	}
}
