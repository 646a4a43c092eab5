package behavior

import (
	"math/rand/v2"
	"testing"
)

// TestTableIsAMap: up to its cap a table holds what a map would, whatever is taken out in between and however hashes meet.
func TestTableIsAMap(t *testing.T) {
	for name, hash := range map[string]func(uint32) uint64{
		"spread": func(k uint32) uint64 { return uint64(k) * 0x9e3779b97f4a7c15 },
		"meet":   func(k uint32) uint64 { return uint64(k%7) << 32 },
	} {
		r := rand.New(rand.NewPCG(1, 2))
		x, want := newTable[uint32, uint32](500, hash), map[uint32]uint32{}
		for range 20_000 {
			k := r.Uint32N(400)
			switch v := x.get(k); {
			case (v == nil) != (want[k] == 0) || (v != nil && *v != want[k]):
				t.Fatalf("%s: key %d: %v, want %d", name, k, v, want[k])
			case v != nil && r.IntN(2) == 0:
				at, _ := x.find(k, tagOf(hash(k)))
				x.remove(x.index.slots[at].number - 1)
				delete(want, k)
			default:
				n := 1 + r.Uint32()%1000
				*x.touch(k, 1), want[k] = n, n
			}
			if x.len() != len(want) {
				t.Fatalf("%s: %d entries, want %d", name, x.len(), len(want))
			}
		}
	}
}

// TestTableGivesUpTheIdle: at the cap one that was in use long ago goes.
func TestTableGivesUpTheIdle(t *testing.T) {
	x := newTable[uint32, uint32](100, func(k uint32) uint64 { return uint64(k) * 0x9e3779b97f4a7c15 })
	for k := range uint32(1000) {
		*x.touch(k, int64(k)+1) = k
	}
	if x.len() != 100 || x.given != 900 || x.get(999) == nil || x.get(0) != nil {
		t.Errorf("%d entries, %d given up", x.len(), x.given)
	}
}
