package sketch

import (
	"errors"
	"math"
	"math/bits"
)

// hashBits is the length of the hashes that distinct counts take: as in the original paper, enough for billions.
const hashBits = 32

// ErrPrecision is returned where two counters of different precision are to be merged, or one cannot be made.
var ErrPrecision = errors.New("hyperloglog: precision must be 4 to 16 and equal on both sides")

// HLL counts distinct 32-bit hashes with 2^p registers (Flajolet et al. 2007): standard error 1.04/sqrt(2^p). The estimate is
// the improved one of Ertl 2017, which is unbiased over the whole range and needs no tables.
type HLL struct {
	reg []uint8
	p   uint8
}

// NewHLL returns an empty counter of precision p, 4 to 16, which takes 2^p bytes.
func NewHLL(p uint8) (*HLL, error) {
	if p < 4 || p > 16 {
		return nil, ErrPrecision
	}
	return &HLL{reg: make([]uint8, 1<<p), p: p}, nil
}

// Add counts a hash.
func (h *HLL) Add(hash uint32) { addRegister(h.reg, h.p, hash) }

func addRegister(reg []uint8, p uint8, hash uint32) {
	rest := hash<<p | 1<<(p-1) // the guard bit ends the run of zeros
	rank := uint8(bits.LeadingZeros32(rest)) + 1
	if i := hash >> (hashBits - p); reg[i] < rank {
		reg[i] = rank
	}
}

// Merge adds what o has counted.
func (h *HLL) Merge(o *HLL) error {
	if h.p != o.p {
		return ErrPrecision
	}
	mergeRegisters(h.reg, o.reg)
	return nil
}

func mergeRegisters(dst, src []uint8) {
	for i, r := range src {
		dst[i] = max(dst[i], r)
	}
}

// Estimate returns the estimated number of distinct hashes.
func (h *HLL) Estimate() float64 { return estimate(h.reg, h.p) }

// Reset empties the counter.
func (h *HLL) Reset() { clear(h.reg) }

func estimate(reg []uint8, p uint8) float64 {
	var counts [hashBits + 2]float64
	for _, r := range reg {
		counts[r]++
	}
	m, q := float64(len(reg)), int(hashBits-p)
	z := m * tau(1-counts[q+1]/m)
	for k := q; k >= 1; k-- {
		z = 0.5 * (z + counts[k])
	}
	z += m * sigma(counts[0]/m)
	return m * m / (2 * math.Ln2 * z)
}

// sigma and tau are the corrections of Ertl 2017 for registers that are still 0 and that are full.
func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for {
		x *= x
		before := z
		z += x * y
		y += y
		if z == before {
			return z
		}
	}
}

func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for {
		x = math.Sqrt(x)
		before := z
		y *= 0.5
		z -= (1 - x) * (1 - x) * y
		if z == before {
			return z / 3
		}
	}
}
