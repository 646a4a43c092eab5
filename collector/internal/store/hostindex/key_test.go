package hostindex

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSorted: keys come out in order and once, few or many, scattered or beside each other.
func TestSorted(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var s Set
	for _, n := range []int{0, 1, minDealt - 1, minDealt, minDealt + 1, 100_000, 5} {
		for name, key := range map[string]func(i int) Key{
			"hashes": func(int) Key { return KeyOf(0, rng.Uint64N(uint64(2*n+1))) },
			"small":  func(i int) Key { return Key(i) },
			"great":  func(i int) Key { return ^Key(i) },
		} {
			s.Reset()
			want := map[Key]bool{}
			for i := range n {
				k := key(i)
				want[k] = true
				s.Add(k)
			}
			got := s.Sorted()
			if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(want) || len(got) != len(want) {
				t.Errorf("%d %s: %d keys, want %d in order", n, name, len(got), len(want))
			}
			for _, k := range got {
				if !want[k] {
					t.Fatalf("%d %s: %x was not added", n, name, k)
				}
			}
		}
	}
}

func BenchmarkSorted(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	list := make([]Key, 80_000)
	for i := range list {
		list[i] = Key(rng.Uint64())
	}
	var s Set
	for b.Loop() {
		s.list = append(s.list[:0], list...)
		s.Sorted()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(list)), "ns/key")
}
