package sketch

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSpaceSavingBounds: what the paper promises, against an exact count: weights are never too low, too high by at most the
// error given, which is at most total/m, and every key over total/m is there.
func TestSpaceSavingBounds(t *testing.T) {
	const m = 64
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 3))
		zipf := rand.NewZipf(rng, 1.2, 1, 5000)
		s, exact := NewSpaceSaving(m), map[uint64]uint64{}
		for range 20000 {
			k, w := zipf.Uint64(), 1+rng.Uint64N(100)
			s.Add(Public(0, k), 7, k, w, false)
			exact[k] += w
		}
		seen := map[uint64]bool{}
		for _, it := range s.AppendTop(nil) {
			seen[it.Lo] = true
			if it.Hi != 7 || it.Weight < exact[it.Lo] || it.Weight-it.Error > exact[it.Lo] || it.Error > s.Total()/m {
				t.Fatalf("seed %d: %+v, exactly %d, total/m %d", seed, it, exact[it.Lo], s.Total()/m)
			}
		}
		for k, w := range exact {
			if w > s.Total()/m && !seen[k] {
				t.Fatalf("seed %d: key %d with %d of %d is missing", seed, k, w, s.Total())
			}
		}
	}
}

// TestSpaceSavingIgnoresHashes: the hash only places entries in the table.
func TestSpaceSavingIgnoresHashes(t *testing.T) {
	run := func(hash func(uint64) uint32) []Item {
		rng := rand.New(rand.NewPCG(5, 5))
		s := NewSpaceSaving(32)
		for i := range 5000 {
			k := rng.Uint64N(200)
			s.Add(hash(k), 0, k, 1+rng.Uint64N(9), i > 4000)
		}
		return s.AppendTop(nil)
	}
	same := run(func(k uint64) uint32 { return Public(9, k) })
	for _, other := range [][]Item{run(func(uint64) uint32 { return 0 }), run(func(k uint64) uint32 { return uint32(k) })} {
		if !slices.Equal(same, other) {
			t.Fatal("the hash changes the result")
		}
	}
}

func TestSpaceSavingHeavyOnly(t *testing.T) {
	s := NewSpaceSaving(4)
	for k := range uint64(4) {
		s.Add(0, 0, k, 100, false)
	}
	for k := range uint64(1000) {
		s.Add(0, 0, 10+k, 1, true)
	}
	s.Add(0, 0, 5000, 101, true)
	top := s.AppendTop(nil)
	if top[0] != (Item{0, 5000, 201, 100}) || s.Max() != top[0] {
		t.Errorf("the heavy newcomer is not first: %+v", top)
	}
	for _, it := range top[1:] {
		if it.Lo >= 4 {
			t.Errorf("a light newcomer took a place: %+v", it)
		}
	}
	s.Halve()
	if s.Max().Weight != 100 || s.Total() != (400+1000+101)/2 {
		t.Errorf("after halving: %+v of %d", s.Max(), s.Total())
	}
	s.Reset()
	if s.Len() != 0 || s.Total() != 0 || s.Max() != (Item{}) {
		t.Error("not empty after Reset")
	}
}

func TestSpaceSavingTakesNoMemory(t *testing.T) {
	s, k := NewSpaceSaving(256), uint64(0)
	if n := testing.AllocsPerRun(1000, func() { k++; s.Add(Public(0, k), 0, k, k%7, false) }); n != 0 {
		t.Errorf("%v allocations an addition", n)
	}
}
