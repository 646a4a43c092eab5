package traffic

import (
	"math"
	"math/rand/v2"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// sampled is what a device that samples packets sees of a flow.
type sampled struct {
	packets, bytes uint64
	start, end     int64
	flags          uint8
}

// whole is the flow without sampling.
func whole(f flow) sampled {
	r := f.run
	return sampled{
		packets: f.to - f.from + 1, bytes: r.bytesUpTo(f.to+1) - r.bytesUpTo(f.from),
		start: r.packetAt(f.from), end: r.packetAt(f.to), flags: r.flags(f.from, f.to),
	}
}

// sample picks packets 1:n, each independently. Its randomness belongs to the
// run alone, so other traffic does not change it. It reports false when no
// packet was picked: the device never sees such a flow.
func sample(f flow, n uint32) (sampled, bool) {
	s := whole(f)
	if n <= 1 {
		return s, true
	}
	k := s.packets
	h := mix(f.run.salt ^ mix(f.from+1))
	c := binomial(rand.New(rand.NewPCG(h, f.run.salt)), k, 1/float64(n))
	if c == 0 {
		return s, false
	}
	s.bytes = uint64(mulDiv(int64(s.bytes), c, k))
	s.packets = c
	// The picked packets cut the interval into c+1 gaps of equal mean.
	margin := int64(float64(s.end-s.start) / float64(c+1) * (0.5 + unit(mix(h))))
	s.start = min(s.start+margin, s.end)
	s.end = max(s.start, s.end-margin)
	s.flags = sampledFlags(f, c, k, mix(h+1))
	return s, true
}

// sampledFlags keeps the flags of the first and last packet only as often as
// those packets are among the picked.
func sampledFlags(f flow, c, k, h uint64) uint8 {
	p := float64(c) / float64(k)
	var flags uint8
	if f.from == 0 && unit(h) < p {
		flags |= f.run.first
		c--
	}
	if c > 0 && f.to == f.run.packets-1 && unit(mix(h)) < p {
		flags |= f.run.last
		c--
	}
	if c > 0 {
		flags |= f.run.mid
	}
	if flags == 0 && f.run.proto == encode.TCP {
		flags = f.run.mid
	}
	return flags
}

// binomial draws how many of k packets are picked when each is with probability
// p. Small means are drawn exactly, by the geometric gaps between picks; large
// ones by the normal approximation, whose error is far below its spread.
func binomial(r *rand.Rand, k uint64, p float64) uint64 {
	mean := float64(k) * p
	if mean > 500 {
		v := math.Round(mean + math.Sqrt(mean*(1-p))*r.NormFloat64())
		return uint64(min(max(v, 0), float64(k)))
	}
	var c uint64
	logq := math.Log1p(-p)
	for i := 0.0; ; c++ {
		i += math.Floor(math.Log(1-r.Float64())/logq) + 1
		if i > float64(k) {
			return c
		}
	}
}
