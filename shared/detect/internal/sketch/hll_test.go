package sketch

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// TestDistinctError: over many sets of addresses the error is that of the literature, 1.04/sqrt(m), and has no bias. Sets of
// consecutive addresses are what a bad hash would fail on.
func TestHLLError(t *testing.T) {
	for _, p := range []uint8{8, 10, 12, 14} {
		for _, n := range []int{10, 100, 1000, 20000} {
			h, err := NewHLL(p)
			if err != nil {
				t.Fatal(err)
			}
			const runs = 200
			sum, squares := 0.0, 0.0
			for run := range runs {
				h.Reset()
				for i := range n {
					h.Add(Public(0, 0xffff_0a00_0000+uint64(run)<<20+uint64(i)))
				}
				e := h.Estimate()/float64(n) - 1
				sum += e
				squares += e * e
			}
			want := 1.04 / math.Sqrt(float64(int(1)<<p))
			if rms := math.Sqrt(squares / runs); rms > 1.25*want {
				t.Errorf("p=%d n=%d: error %.4f, the literature says %.4f", p, n, rms, want)
			}
			if bias := sum / runs; math.Abs(bias) > 4*want/math.Sqrt(runs)+0.002 {
				t.Errorf("p=%d n=%d: bias %.4f", p, n, bias)
			}
		}
	}
}

func TestHLLMergeIsUnion(t *testing.T) {
	a, b, all := newHLL(t, 10), newHLL(t, 10), newHLL(t, 10)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range 5000 {
		hash := rng.Uint32()
		all.Add(hash)
		if i%3 == 0 {
			a.Add(hash)
		}
		if i%3 != 0 || i%2 == 0 {
			b.Add(hash)
		}
	}
	if err := a.Merge(b); err != nil {
		t.Fatal(err)
	}
	if a.Estimate() != all.Estimate() {
		t.Errorf("merged %v, together %v", a.Estimate(), all.Estimate())
	}
	if err := a.Merge(newHLL(t, 8)); !errors.Is(err, ErrPrecision) {
		t.Errorf("merging another precision: %v", err)
	}
	if _, err := NewHLL(3); !errors.Is(err, ErrPrecision) {
		t.Errorf("precision 3: %v", err)
	}
}

func newHLL(t *testing.T, p uint8) *HLL {
	t.Helper()
	h, err := NewHLL(p)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestDistinct(t *testing.T) {
	for _, n := range []int{0, 1, 17, 63, 64} {
		var d Distinct
		for range 3 {
			for i := range n {
				d.Add(Public(1, uint64(i)))
			}
		}
		if d.Count() != uint64(n) {
			t.Errorf("%d distinct, counted %d", n, d.Count())
		}
	}
	var d Distinct
	for i := range 65 {
		d.Add(Public(1, uint64(i)))
	}
	if d.Count() <= ExactLimit || d.Count() > 75 {
		t.Errorf("65 distinct, counted %d", d.Count())
	}
}

// TestDistinctMerge: the union is the same whichever way it is put together.
func TestDistinctMerge(t *testing.T) {
	for _, c := range []struct{ a, b int }{{0, 5}, {30, 30}, {60, 60}, {10, 500}, {500, 10}, {300, 700}} {
		var a, b, all Distinct
		for i := range c.a {
			a.Add(Public(1, uint64(i)))
			all.Add(Public(1, uint64(i)))
		}
		for i := range c.b {
			b.Add(Public(1, uint64(i+c.a/2)))
			all.Add(Public(1, uint64(i+c.a/2)))
		}
		ab, ba := a, b
		ab.Merge(&b)
		ba.Merge(&a)
		if ab.Count() != all.Count() || ba.Count() != all.Count() {
			t.Errorf("%d and %d: %d, %d, together %d", c.a, c.b, ab.Count(), ba.Count(), all.Count())
		}
	}
}
