package seen_test

import (
	"math/rand/v2"
	"testing"

	"github.com/weirflow/weir/collector/internal/store/seen"
	"github.com/weirflow/weir/shared/flow"
)

func id(datagram uint64, set uint16, record uint32) *flow.EventID {
	return &flow.EventID{Datagram: flow.DatagramID{Hi: datagram * 0x9e3779b97f4a7c15, Lo: datagram}, Set: set, Record: record}
}

func TestKeysTellBlocksApart(t *testing.T) {
	keys := map[seen.Key]bool{}
	for datagram := range uint64(20) {
		for set := range uint16(20) {
			for block := range uint32(20) {
				keys[seen.KeyOf(id(datagram, set, block*64))] = true
			}
		}
	}
	if len(keys) != 8000 {
		t.Errorf("8000 blocks have %d keys", len(keys))
	}
	if seen.KeyOf(id(1, 1, 0)) != seen.KeyOf(id(1, 1, 63)) {
		t.Error("64 records of a set should share a block")
	}
	var bits uint64
	for record := range uint32(64) {
		bits |= seen.Bit(128 + record)
	}
	if bits != ^uint64(0) {
		t.Errorf("the records of a block have the bits %x", bits)
	}
}

func TestMemoryForgetsTheOldest(t *testing.T) {
	m, s := seen.NewMemory(2), seen.NewStream(100)
	put := func(datagram uint64, order int64) { m.Put(seen.KeyOf(id(datagram, 1, 0)), 1, s, order) }
	known := func(datagram uint64) bool { _, ok := m.Stored(seen.KeyOf(id(datagram, 1, 0))); return ok }

	if s.Certain(100) || !s.Certain(101) || s.Certain(0) {
		t.Error("what is beyond the committed order is new, what is not may be stored, an unknown order says nothing")
	}
	put(1, 110)
	put(2, 120)
	if !known(1) || !known(2) || !s.Certain(101) {
		t.Error("two blocks fit")
	}
	put(3, 115)
	if known(1) || !known(2) || !known(3) || m.Len() != 2 {
		t.Error("the first block should be forgotten")
	}
	if s.Certain(110) || !s.Certain(111) {
		t.Error("what is as old as a forgotten block may be stored")
	}
	if s.Top() != 120 {
		t.Errorf("top is %d", s.Top())
	}
	m.Forget()
	if m.Len() != 0 || s.Certain(120) || !s.Certain(121) {
		t.Error("after forgetting all, all up to the top may be stored")
	}
	put(4, 130)
	if !known(4) {
		t.Error("memory is of no use after Forget")
	}
}

func TestMemoryJoinsBits(t *testing.T) {
	m, s := seen.NewMemory(8), seen.NewStream(0)
	k := seen.KeyOf(id(1, 1, 0))
	m.Put(k, 1, s, 5)
	m.Put(k, 4, s, 5)
	if bits, _ := m.Stored(k); bits != 5 || m.Len() != 1 {
		t.Errorf("bits are %b in %d blocks", bits, m.Len())
	}
}

// TestMemoryIsExactAboveTheFloor plays random blocks and holds the memory to a map that forgets nothing.
func TestMemoryIsExactAboveTheFloor(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	m := seen.NewMemory(64)
	streams := []*seen.Stream{seen.NewStream(0), seen.NewStream(0), seen.NewStream(0)}
	all := map[seen.Key]uint64{}
	for i := range 20000 {
		n := uint64(rng.IntN(500) + i/10)
		s := streams[n%3]
		k, order := seen.KeyOf(id(n, 1, 0)), int64(n/4+1)
		bit := seen.Bit(rng.Uint32N(4))
		bits, ok := m.Stored(k)
		if ok && bits&^all[k] != 0 {
			t.Fatalf("step %d: memory has records that were never stored", i)
		}
		if !ok && s.Certain(order) && all[k] != 0 {
			t.Fatalf("step %d: a stored block passes for new", i)
		}
		all[k] |= bit
		m.Put(k, bits|bit, s, order)
	}
}

func TestFilterFindsWhatWasAdded(t *testing.T) {
	f := seen.NewFilter(0)
	hash := func(i uint64) seen.Key {
		r := rand.NewPCG(i, 99)
		return seen.Key{Hi: r.Uint64(), Lo: r.Uint64()}
	}
	const n = 200_000 // several layers
	for i := range uint64(n) {
		f.Add(hash(i))
	}
	wrong := 0
	for i := range uint64(n) {
		if !f.Perhaps(hash(i)) {
			t.Fatalf("key %d was added and is not found", i)
		}
		if f.Perhaps(hash(i + n)) {
			wrong++
		}
	}
	if share := float64(wrong) / n; share > 0.01 {
		t.Errorf("%.4f of the keys that were not added are taken for added", share)
	}
	if size := f.Bytes(); size > n*8 {
		t.Errorf("the filter has %d bytes for %d keys", size, n)
	}
}
