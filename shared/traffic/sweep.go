package traffic

import (
	"math/rand/v2"
	"net/netip"
)

// Figures of a wide sweep of the Internet.
const (
	sweepRate   = 350 // attempts a second
	sweepRounds = 12  // attempts at a host that does not answer
	sweepBlock  = 1 << 14
)

// sweep is a scan of up to millions of outside hosts on one port: block after
// block, in each of them round after round, every attempt three SYNs and a flow
// of its own. It is a source that streams: it knows when its k-th attempt is.
type sweep struct {
	seed    uint64
	p       prober
	port    uint16
	start   int64
	targets []uint32 // 4 bytes each: the only thing that grows with the scan
	block   int
	next    int // attempt
}

// newSweep draws n targets, each once, in random order.
func newSweep(w *world, r *rand.Rand, src netip.Addr, start int64, n int) *sweep {
	s := &sweep{seed: r.Uint64(), port: 22, start: start, targets: make([]uint32, 0, n)}
	s.p = prober{r: rand.New(rand.NewPCG(s.seed, 1)), src: src, syns: 3, answered: 80}
	seen := make(map[uint32]struct{}, n)
	for len(s.targets) < n {
		t := uint32(public16(r))<<16 | uint32(between(r, 1, 0xfffe))
		if _, ok := seen[t]; !ok {
			seen[t] = struct{}{}
			s.targets = append(s.targets, t)
		}
	}
	blocks := (n + sweepBlock - 1) / sweepBlock
	s.block = (n + blocks - 1) / blocks
	return s
}

// attempts is how many a sweep of n targets makes at most.
func (s *sweep) attempts() int { return len(s.targets) * sweepRounds }

// at is the time of attempt k.
func (s *sweep) at(k int) int64 { return s.start + int64(k)*1000/sweepRate }

// target is whom attempt k is for and the round it belongs to.
func (s *sweep) target(k int) (addr uint32, round int) {
	first := k / (s.block * sweepRounds) * s.block
	size := min(s.block, len(s.targets)-first)
	k -= first * sweepRounds
	return s.targets[first+k%size], k / size
}

// advance implements source. One host in a hundred is open and left alone after
// its first answer, one refuses each attempt.
func (s *sweep) advance(until int64, em *emitter) {
	for ; s.next < s.attempts() && s.at(s.next) < until; s.next++ {
		t, round := s.target(s.next)
		how := silent
		switch mix(s.seed^uint64(t)) % 100 {
		case 0:
			how = open
		case 1:
			how = refused
		}
		if how != open || round == 0 {
			s.p.try(em, v4(t), s.port, s.at(s.next), how)
		}
	}
}
