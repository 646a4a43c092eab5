package traffic

import (
	"crypto/sha256"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// TestTimeouts: no record lasts longer than the active timeout, and each leaves
// as soon as its timeout and the flush allow.
func TestTimeouts(t *testing.T) {
	for _, tt := range []struct{ active, inactive time.Duration }{
		{time.Minute, 15 * time.Second}, {30 * time.Minute, 15 * time.Second}, {10 * time.Second, 5 * time.Second}, {time.Minute, time.Minute},
	} {
		t.Run(fmt.Sprint(tt.active, tt.inactive), func(t *testing.T) {
			cfg := testConfig("flood", 2, encode.IPFIX)
			cfg.Hosts, cfg.Active, cfg.Inactive = 20, tt.active, tt.inactive
			longest, active := int64(0), tt.active.Milliseconds()
			generate(t, cfg, func(s *seen) {
				length, wait := s.end-s.start, s.sent.UnixMilli()-s.end
				longest = max(longest, length)
				if length >= active || wait < 0 {
					t.Fatalf("a record of %d ms, sent %d ms after its end", length, wait)
				}
				limit := tt.inactive.Milliseconds() // after the last packet
				if s.Uint(136) == uint64(encode.EndActive) {
					limit = active - length // after the first
				}
				if s.Uint(136) == uint64(encode.EndSeen) {
					limit = 0
				}
				if wait > limit+2*scanEvery+flushAfter+10 {
					t.Fatalf("end reason %d: %d ms long, sent %d ms after its end", s.Uint(136), length, wait)
				}
			})
			if longest < active*9/10 && active < 300_000 {
				t.Errorf("longest record %d ms: the active timeout never cut", longest)
			}
		})
	}
}

// TestSameSeedSameBytes: two runs give the same datagrams, another seed others.
func TestSameSeedSameBytes(t *testing.T) {
	sum := func(seed uint64, p encode.Protocol, sampling uint32) [32]byte {
		cfg := testConfig("flood", seed, p)
		cfg.Hosts, cfg.Uptime, cfg.Sampling = 10, 0, sampling
		h := sha256.New()
		_, err := Generate(t.Context(), cfg, SinkFunc(func(d Datagram) error {
			fmt.Fprint(h, d.Time.UnixNano(), d.Exporter, d.Collector)
			h.Write(d.Payload)
			return nil
		}))
		if err != nil {
			t.Fatal(err)
		}
		return [32]byte(h.Sum(nil))
	}
	for _, p := range []encode.Protocol{encode.NetFlow5, encode.NetFlow9, encode.IPFIX} {
		whole, again, sampled, sampledAgain := sum(1, p, 1), sum(1, p, 1), sum(1, p, 100), sum(1, p, 100)
		if whole != again || sampled != sampledAgain {
			t.Errorf("%s: the same seed gives other bytes", p)
		}
		if whole == sum(2, p, 1) || whole == sampled {
			t.Errorf("%s: another seed or sampling gives the same bytes", p)
		}
	}
}

// TestSampling: sampled counters times the interval estimate the unsampled sums,
// and every device announces the interval.
func TestSampling(t *testing.T) {
	for _, p := range []encode.Protocol{encode.NetFlow5, encode.NetFlow9, encode.IPFIX} {
		t.Run(p.String(), func(t *testing.T) {
			var bytes, packets [2]float64
			var records [2]int
			for i, n := range []uint32{1, 100} {
				cfg := testConfig("flood", 3, p)
				cfg.Sampling = n
				_, c := generate(t, cfg, func(s *seen) {
					if s.Packets == 0 || s.end < s.start || p == encode.NetFlow5 && n > 1 && s.header.Sampling&0x3fff != 100 {
						t.Fatalf("%d packets, header sampling %#x", s.Packets, s.header.Sampling)
					}
					bytes[i] += float64(s.Bytes) * float64(n)
					packets[i] += float64(s.Packets) * float64(n)
					records[i]++
				})
				if p != encode.NetFlow5 {
					checkAnnounced(t, c, n)
				}
			}
			if math.Abs(bytes[1]/bytes[0]-1) > 0.02 || math.Abs(packets[1]/packets[0]-1) > 0.02 || records[1] > records[0]*2/3 {
				t.Errorf("sampled to unsampled: bytes %.3f, packets %.3f, records %d of %d", bytes[1]/bytes[0], packets[1]/packets[0], records[1], records[0])
			}
		})
	}
}

func checkAnnounced(t *testing.T, c *collector, n uint32) {
	t.Helper()
	announced := 0
	for _, o := range c.options {
		if o.Uint(50) == uint64(n) || o.Uint(305)+o.Uint(306) == uint64(n) && o.Uint(305) == 1 {
			announced++
		}
	}
	if n > 1 && announced < len(c.readers) || n <= 1 && announced > 0 {
		t.Errorf("sampling 1:%d announced %d times by %d devices", n, announced, len(c.readers))
	}
}

// TestUptimeWrapsDuringScenario: with uptime near 2^32 ms the clock wraps in the
// middle, and the flows' times still lie where they belong.
func TestUptimeWrapsDuringScenario(t *testing.T) {
	for _, p := range []encode.Protocol{encode.NetFlow5, encode.NetFlow9} {
		cfg := testConfig("flood", 8, p)
		cfg.Hosts = 20
		cfg.Uptime = (1<<32)*time.Millisecond - 10*time.Minute
		low, high, split := uint32(1<<32-1), uint32(0), 0
		start, end := cfg.Start.UnixMilli(), cfg.Start.Add(floodLength).UnixMilli()
		generate(t, cfg, func(s *seen) {
			low, high = min(low, s.header.Uptime), max(high, s.header.Uptime)
			if s.start < start || s.end >= end || s.end < s.start {
				t.Fatalf("%s: a flow from %d to %d", p, s.start-start, s.end-start)
			}
			if s.First > s.Last {
				split++
			}
		})
		if low > 10_000 || high < 1<<32-10_000 || split == 0 {
			t.Errorf("%s: uptime from %d to %d, %d flows over the wrap", p, low, high, split)
		}
	}
}

// TestDaysAndScale: days lengthen, scale multiplies hosts, weekends are quiet.
func TestDaysAndScale(t *testing.T) {
	count := func(scale float64) (days [3]int, hosts int) {
		cfg := testConfig("quiet-day", 5, encode.NetFlow9)
		cfg.Hosts, cfg.Days, cfg.Scale = 8, 3, scale
		cfg.Start = time.Date(2026, 3, 6, 0, 0, 0, 0, time.UTC) // a Friday
		sources := map[string]bool{}
		generate(t, cfg, func(s *seen) {
			days[(s.start-cfg.Start.UnixMilli())/86_400_000]++
			if a := s.Src; a.Is4() && a.As4()[0] == 10 && a.As4()[1] == 20 {
				sources[a.String()] = true
			}
		})
		return days, len(sources)
	}
	days, hosts := count(1)
	if hosts != 8 || days[2] == 0 || days[1] >= days[0] {
		t.Errorf("%d hosts, records by day %v", hosts, days)
	}
	if _, hosts := count(2.5); hosts != 20 {
		t.Errorf("%d hosts at scale 2.5, want 20", hosts)
	}
}
