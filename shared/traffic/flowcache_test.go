package traffic

import (
	"math"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/weirflow/weir/shared/traffic/encode"
)

func randomRun(r *rand.Rand) run {
	u := run{
		src: netip.MustParseAddr("10.20.0.1"), dst: netip.MustParseAddr("203.0.113.1"), proto: encode.UDP,
		start: r.Int64N(1_000_000), packets: 1 + r.Uint64N(1<<(1+r.IntN(20))), salt: r.Uint64(),
	}
	u.bytes = u.packets * (40 + r.Uint64N(1400))
	if u.end = u.start; u.packets > 1 {
		u.end += r.Int64N(1 << (1 + r.IntN(22)))
	}
	if r.IntN(2) == 0 {
		u.proto, u.first, u.mid, u.last = encode.TCP, encode.SYN, encode.ACK|encode.PSH, encode.ACK|encode.FIN
	}
	return u
}

// TestCacheKeepsEverything: whatever the runs, their flows leave in time order
// and add up to them, without overlap and within the timeouts.
func TestCacheKeepsEverything(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		c := &flowCache{active: 1000 + r.Int64N(120_000), inactive: 1000 + r.Int64N(30_000), maxBytes: math.MaxUint64}
		if round%2 == 0 {
			c.maxBytes = 2_000_000
		}
		c.inactive = min(c.inactive, c.active)
		var want, got, packets, wantPackets uint64
		for range 50 {
			u := randomRun(r)
			want += u.bytes
			wantPackets += u.packets
			c.add(&u)
		}
		last := map[*run]int64{}
		for now := int64(0); ; {
			f, ok := c.next(math.MaxInt64)
			if !ok {
				break
			}
			s := whole(f)
			got += s.bytes
			packets += s.packets
			if f.at < now || s.end > f.at || s.end-s.start >= c.active || s.start < last[f.run] || s.bytes > c.maxBytes {
				t.Fatalf("round %d: flow of %d bytes from %d to %d leaves at %d after %d", round, s.bytes, s.start, s.end, f.at, now)
			}
			now, last[f.run] = f.at, s.end
			if f.to == f.run.packets-1 {
				delete(last, f.run)
			}
			c.release(f)
		}
		if got != want || packets != wantPackets {
			t.Fatalf("round %d: %d bytes and %d packets left, want %d and %d", round, got, packets, want, wantPackets)
		}
	}
}

// TestCounterLimit: a flow too big for a v5 counter leaves in parts that fit.
func TestCounterLimit(t *testing.T) {
	c := &flowCache{active: 3600_000, inactive: 15_000, maxBytes: encode.NetFlow5.MaxBytes()}
	u := run{packets: 20e6, bytes: 28e9, end: 1000_000, proto: encode.UDP}
	c.add(&u)
	var parts int
	var sum uint64
	for {
		f, ok := c.next(math.MaxInt64)
		if !ok {
			break
		}
		s := whole(f)
		sum += s.bytes
		if parts++; s.bytes >= 1<<32 {
			t.Errorf("part of %d bytes", s.bytes)
		}
		c.release(f)
	}
	if sum != 28e9 || parts != 7 {
		t.Errorf("%d bytes in %d parts, want 28e9 in 7", sum, parts)
	}
}

// TestRunFlags: SYN only in the first flow of a run, FIN only in the last.
func TestRunFlags(t *testing.T) {
	u := run{packets: 10, first: encode.SYN, mid: encode.ACK, last: encode.FIN}
	for _, tt := range []struct {
		from, to uint64
		want     uint8
	}{
		{0, 0, encode.SYN}, {0, 1, encode.SYN | encode.ACK}, {0, 9, encode.SYN | encode.ACK | encode.FIN},
		{3, 3, encode.ACK}, {3, 9, encode.ACK | encode.FIN}, {9, 9, encode.FIN}, {8, 9, encode.ACK | encode.FIN},
	} {
		if got := u.flags(tt.from, tt.to); got != tt.want {
			t.Errorf("packets %d to %d: flags %#x, want %#x", tt.from, tt.to, got, tt.want)
		}
	}
	two := run{packets: 2, first: encode.SYN, mid: encode.ACK, last: encode.FIN}
	if got := two.flags(0, 1); got != encode.SYN|encode.FIN {
		t.Errorf("two packets: flags %#x", got)
	}
}

// TestCut: packets at or after the end are gone, with their bytes and the FIN.
func TestCut(t *testing.T) {
	u := run{packets: 11, bytes: 1100, start: 1000, end: 2000, mid: encode.ACK, last: encode.FIN}
	if !u.cut(1500) || u.packets != 5 || u.bytes != 500 || u.end != 1400 || u.last != encode.ACK {
		t.Errorf("after the cut: %+v", u)
	}
	if u.cut(1000) {
		t.Error("a run that starts at the end is kept")
	}
}

// TestBinomial: mean and variance of picked packets are those of independent
// picks, in both ways of drawing.
func TestBinomial(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for _, tt := range []struct {
		k uint64
		p float64
	}{{1, 0.01}, {20, 0.1}, {1000, 0.5}, {3000, 0.001}, {100_000, 0.01}, {5_000_000, 0.01}} {
		const draws = 20_000
		var sum, square float64
		for range draws {
			c := float64(binomial(r, tt.k, tt.p))
			if c > float64(tt.k) {
				t.Fatalf("%v of %d picked", c, tt.k)
			}
			sum += c
			square += c * c
		}
		mean, want := sum/draws, float64(tt.k)*tt.p
		variance, wantVar := square/draws-mean*mean, want*(1-tt.p)
		if math.Abs(mean-want) > 6*math.Sqrt(wantVar/draws) || math.Abs(variance/wantVar-1) > 0.25 {
			t.Errorf("%d at %g: mean %.4g, variance %.4g, want %.4g and %.4g", tt.k, tt.p, mean, variance, want, wantVar)
		}
	}
}
