package sketch

import (
	"math/rand/v2"
	"testing"
)

// TestRotatingFinds: members always, strangers as rarely as computed, up to its nominal size.
func TestRotatingFinds(t *testing.T) {
	const n = 100_000
	r := NewRotating(n)
	h := NewHasher([16]byte{1})
	for i := range uint64(n) {
		r.Add(h.Sum(1, 2, i))
		r.Add(h.Sum(1, 2, i))
	}
	if !r.Full() && r.Len() < n*98/100 || r.Len() > n {
		t.Errorf("%d entries, put in %d", r.Len(), n)
	}
	for range 2 {
		for i := range uint64(n) {
			if !r.Has(h.Sum(1, 2, i)) {
				t.Fatalf("entry %d is lost", i)
			}
		}
		wrong := 0
		for i := range uint64(1_000_000) {
			if r.Has(h.Sum(3, 4, i)) {
				wrong++
			}
		}
		if wrong > 6000 {
			t.Errorf("%d of 1,000,000 strangers are found", wrong)
		}
		r.Rotate()
	}
}

func TestRotating(t *testing.T) {
	r := NewRotating(100)
	r.Add(1 << 50)
	r.Rotate()
	if !r.Has(1<<50) || r.Len() != 1 {
		t.Error("forgotten after one rotation")
	}
	r.Rotate()
	if r.Has(1<<50) || r.Len() != 0 {
		t.Error("remembered after two rotations")
	}
	for i := range uint64(1000) {
		if r.Full() {
			break
		}
		r.Add(i * 0x9e3779b97f4a7c15)
	}
	if !r.Full() {
		t.Error("never full")
	}
}

// TestCountMin: never too low; too high by more than e/width of the total for at most 2 % of the keys.
func TestCountMin(t *testing.T) {
	c := NewCountMin(10)
	h := NewHasher([16]byte{3})
	rng := rand.New(rand.NewPCG(1, 9))
	exact, total := map[uint64]uint32{}, 0.0
	for range 50_000 {
		k, w := rng.Uint64N(5000), 1+rng.Uint32N(50)
		if est := c.Add(h.Sum(0, 0, k), w); est < exact[k]+w {
			t.Fatal("Add returns too little")
		}
		exact[k] += w
		total += float64(w)
	}
	high := 0
	for k, w := range exact {
		est := c.Estimate(h.Sum(0, 0, k))
		if est < w {
			t.Fatalf("key %d: %d, exactly %d", k, est, w)
		}
		if float64(est-w) > 2.718/1024*total {
			high++
		}
	}
	if high*50 > len(exact) {
		t.Errorf("%d of %d keys are beyond the bound", high, len(exact))
	}
	c.Add(1, ^uint32(0))
	if c.Add(1, 5) != ^uint32(0) {
		t.Error("a full counter wraps")
	}
	c.Reset()
	if c.Estimate(1) != 0 {
		t.Error("not empty after Reset")
	}
}

// TestHasherIsKeyed: secrets give unrelated hashes, one secret always the same.
func TestHasherIsKeyed(t *testing.T) {
	a, b, again := NewHasher([16]byte{1}), NewHasher([16]byte{2}), NewHasher([16]byte{1})
	same := 0
	for i := range uint64(1 << 16) {
		if a.Sum5(1, 2, 3, 4, i) != again.Sum5(1, 2, 3, 4, i) {
			t.Fatal("the hash does not repeat")
		}
		if a.Sum(1, 2, i)&0xffff == b.Sum(1, 2, i)&0xffff {
			same++
		}
	}
	if same > 10 {
		t.Errorf("%d of 65,536 hashes agree in 16 bits, 1 is expected", same)
	}
}
