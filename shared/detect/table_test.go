package detect

import (
	"math/rand/v2"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// TestTableAgainstMap: random insertions and removals, with hashes that collide.
func TestTableAgainstMap(t *testing.T) {
	type key struct {
		dst flow.Addr
		v   vector
	}
	const limit = 3000
	tab, want := newTable(limit), map[key]uint32{}
	rng := rand.New(rand.NewPCG(4, 4))
	hash := func(k key) uint64 { return uint64(k.dst[15])<<12 | uint64(k.dst[14])<<3 | uint64(k.v) }
	for range 60_000 {
		k := key{flow.AddrFrom4(rng.Uint32N(5000)), vector(rng.IntN(3))}
		n, known := want[k]
		if got := tab.find(hash(k), &k.dst, k.v); got != n {
			t.Fatalf("found %d, want %d", got, n)
		}
		switch {
		case known:
			tab.remove(n)
			delete(want, k)
		default:
			n := tab.insert(hash(k), &k.dst, k.v)
			if (n == 0) != (len(want) == limit) {
				t.Fatalf("insert gives %d with %d of %d in use", n, len(want), limit)
			}
			if n != 0 {
				want[k] = n
			}
		}
		if tab.cells.used() != len(want) {
			t.Fatalf("%d cells in use, want %d", tab.cells.used(), len(want))
		}
	}
}

func TestArena(t *testing.T) {
	a := newArena[page](3)
	x, y, z := a.take(), a.take(), a.take()
	if x != 1 || y != 2 || z != 3 || a.take() != 0 || !a.full() {
		t.Fatal("three places are not given out as 1, 2, 3, none")
	}
	a.at(y).number = 9
	a.give(y)
	if a.used() != 2 || a.full() {
		t.Error("a place given back is not free")
	}
	if again := a.take(); again != y || a.at(again).number != 0 {
		t.Error("a place given back is not reused, or not empty")
	}
}
