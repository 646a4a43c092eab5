package traffic

import (
	"math"
	"math/rand/v2"
)

// stream returns the random stream that belongs to a name and number. Streams
// with different names are independent, whatever order they are made or used
// in; that is what keeps the background the same when an attack is added.
func stream(seed uint64, name string, n int) *rand.Rand {
	h := mix(seed) ^ 0xcbf29ce484222325
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 0x100000001b3 // FNV-1a
	}
	h = mix(h + uint64(n))
	return rand.New(rand.NewPCG(h, mix(h)))
}

// mix is the finalizer of splitmix64 (Steele, Lea, Flood 2014): it turns
// neighboring numbers into unrelated ones.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// unit maps 64 bits to [0, 1).
func unit(x uint64) float64 { return float64(x>>11) / (1 << 53) }

// logNormal draws with a median and the standard deviation of the logarithm.
func logNormal(r *rand.Rand, median, sigma float64) float64 {
	return median * math.Exp(sigma*r.NormFloat64())
}

// pareto draws from a Pareto distribution with smallest value low, cut at high.
func pareto(r *rand.Rand, low, alpha, high float64) float64 {
	return min(high, low/math.Pow(1-r.Float64(), 1/alpha))
}

// uniform draws from [low, high).
func uniform(r *rand.Rand, low, high float64) float64 { return low + (high-low)*r.Float64() }

// logUniform draws so that every factor is equally likely.
func logUniform(r *rand.Rand, low, high float64) float64 {
	return low * math.Exp(r.Float64()*math.Log(high/low))
}

// between draws a whole number from [low, high].
func between(r *rand.Rand, low, high int64) int64 { return low + r.Int64N(high-low+1) }

// ephemeral draws a client port (RFC 6335 section 6 and below it, as Linux does).
func ephemeral(r *rand.Rand) uint16 { return uint16(between(r, 32768, 60999)) }
