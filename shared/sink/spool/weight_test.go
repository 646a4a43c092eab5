package spool_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/weirflow/weir/shared/sink/spool"
)

// settlements keeps what a spool tells of its entries.
type settlements struct {
	mu    sync.Mutex
	saved map[uint64]bool
	wrong []string
}

func (s *settlements) settled(from, to uint64, saved bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := from; n <= to; n++ {
		if _, twice := s.saved[n]; twice {
			s.wrong = append(s.wrong, fmt.Sprintf("entry %d twice", n))
		}
		s.saved[n] = saved
	}
}

func size(data []byte) uint64 { return uint64(len(data)) }

// TestEveryEntryIsSettled: each is told of once, and what is on disk can be read before it is asked for.
func TestEveryEntryIsSettled(t *testing.T) {
	told := &settlements{saved: map[uint64]bool{}}
	cfg := spool.Config{Dir: t.TempDir(), MaxBytes: 1 << 20}
	s := open(t, cfg, spool.Deps{Weigh: size, Settled: told.settled})
	put(t, s, 1, 100)
	stop(t, s)
	if len(told.saved) != 100 || len(told.wrong) > 0 || !told.saved[100] {
		t.Fatalf("%d settled, %v", len(told.saved), told.wrong)
	}
	again := open(t, cfg, spool.Deps{Weigh: size})
	var list []string
	if err := again.Each(func(e spool.Entry) { list = append(list, string(e.Data)) }); err != nil {
		t.Fatal(err)
	}
	if len(list) != 100 || list[0] != "entry 1" || list[99] != "entry 100" {
		t.Errorf("%d entries: %v", len(list), list)
	}
	if st := again.Stats(); st.WaitingWeight != 792 {
		t.Errorf("%+v", st)
	}
	read(t, again, 1, 100)
}

// TestDiskThatTakesNothing: what finds no room in memory is told of as dropped, with its weight.
func TestDiskThatTakesNothing(t *testing.T) {
	told := &settlements{saved: map[uint64]bool{}}
	s := open(t, spool.Config{Dir: t.TempDir(), MaxBytes: 1 << 20, MemoryBytes: 100}, spool.Deps{
		Weigh: size, Settled: told.settled, Create: func(string) (spool.File, error) { return nil, os.ErrPermission },
	})
	put(t, s, 1, 100)
	if st := s.Stats(); st.LostWeight[spool.DroppedMemory]+st.WaitingWeight != 792 || st.LostWeight[spool.DroppedMemory] < 600 {
		t.Errorf("%+v", st)
	}
	_ = s.Stop() // it fails as the disk does
	dropped := s.Stats().Dropped[spool.DroppedMemory]
	if uint64(len(told.saved)) != dropped || told.saved[1] || len(told.wrong) > 0 {
		t.Errorf("%d settled of %d dropped, %v", len(told.saved), dropped, told.wrong)
	}
}

// TestFullSpoolSparesWhatIsOnItsWay: with KeepBegun what was read stays, and the oldest that was not goes.
func TestFullSpoolSparesWhatIsOnItsWay(t *testing.T) {
	const size10 = 10
	s := open(t, spool.Config{Dir: t.TempDir(), MaxBytes: 400, SegmentBytes: 100, KeepBegun: true}, spool.Deps{Weigh: func([]byte) uint64 { return size10 }})
	put(t, s, 1, 3)
	read(t, s, 1, 1)
	put(t, s, 4, 100)
	got := []uint64{1}
	st := s.Stats()
	for uint64(len(got)) < st.Waiting {
		list, err := s.Next(context.Background(), 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			got = append(got, e.Sequence)
		}
	}
	if !slices.IsSorted(got) || got[1] != 2 || got[len(got)-1] != 100 {
		t.Errorf("what is left is %v", got)
	}
	s.Ack(100)
	if st := s.Stats(); st.Dropped[spool.DroppedFull]+uint64(len(got)) != 100 || st.LostWeight[spool.DroppedFull] != size10*st.Dropped[spool.DroppedFull] || st.WaitingWeight != 0 {
		t.Errorf("%+v, %d left", st, len(got))
	}
}

// TestFullSpoolOfWhatIsOnItsWay: where all is on its way, only that stays beyond the limit, and what comes after it is dropped in its turn;
// what was delivered out of order makes room without being counted as dropped.
func TestFullSpoolOfWhatIsOnItsWay(t *testing.T) {
	told := &settlements{saved: map[uint64]bool{}}
	s := open(t, spool.Config{Dir: t.TempDir(), MaxBytes: 64, SegmentBytes: 15, KeepBegun: true}, spool.Deps{
		Weigh: func([]byte) uint64 { return 1 }, Settled: told.settled,
	})
	for i := 1; i <= 5; i++ { // one a segment; there is room for four
		put(t, s, i, i)
		read(t, s, i, i)
	}
	for _, n := range []uint64{2, 4} {
		s.Delivered(n)
	}
	if st := s.Stats(); st.Waiting != 3 || st.WaitingWeight != 3 {
		t.Errorf("%+v", st)
	}
	put(t, s, 6, 20)
	eventually(t, func() bool { told.mu.Lock(); defer told.mu.Unlock(); return len(told.saved) == 20 })
	list, err := s.Next(context.Background(), 100)
	if err != nil {
		t.Fatal(err)
	}
	st := s.Stats()
	if list[len(list)-1].Sequence != 20 || st.Waiting != 3+uint64(len(list)) || st.Dropped[spool.DroppedFull] != 15-uint64(len(list)) || st.LostWeight[spool.DroppedFull] != 15-uint64(len(list)) {
		t.Errorf("%+v, %d read", st, len(list))
	}
	s.Rewind() // 1, 3 and 5 are there still
	for _, want := range []uint64{1, 3, 5} {
		list, err := s.Next(context.Background(), 1)
		if err != nil || list[0].Sequence != want {
			t.Fatalf("%v, %v, want %d", list, err, want)
		}
	}
}
