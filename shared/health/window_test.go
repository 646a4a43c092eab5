package health

import (
	"math/rand/v2"
	"testing"
)

// TestRing: what is over a window is what was counted in its buckets, however the buckets come and go.
func TestRing(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var r ring
	counted := map[int64]uint32{}
	number := int64(1_000_000)
	for range 5000 {
		number += []int64{0, 0, 0, 1, 1, 2, 40}[rng.IntN(7)]
		r.at(number).records++
		counted[number]++
		want := uint32(0)
		for i := number - loss + 1; i <= number; i++ {
			want += counted[i]
		}
		if got := r.over(number+1, loss).records; got != want {
			t.Fatalf("at %d: %d, want %d", number, got, want)
		}
	}
}

func TestMinDelay(t *testing.T) {
	var r ring
	for i, delays := range [][]int64{{5, -3, 9}, nil, {7}} {
		b := r.at(int64(10 + i))
		for _, d := range delays {
			b.delay(d)
		}
	}
	for _, c := range []struct {
		before int64
		n      int
		want   int64
		of     uint32
	}{{13, 3, -3, 4}, {13, 2, 7, 1}, {13, 1, 7, 1}, {12, 1, 0, 0}} {
		if s := r.over(c.before, c.n); s.minDelay != c.want || s.delays != c.of {
			t.Errorf("%d before %d: %d of %d", c.n, c.before, s.minDelay, s.delays)
		}
	}
}
