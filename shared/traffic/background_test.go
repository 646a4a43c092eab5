package traffic

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// load10s is what a host sends or gets in ten seconds.
type load10s struct{ bytes, packets, flows float64 }

// limits sums what every inside host gets and sends in 10-s bins, bytes and
// packets spread over a flow's time as the detectors do it.
type limits struct {
	bins    map[netip.Addr]map[int64]*load10s
	horizon int64 // bins before it have been checked
	worst   load10s
}

func (l *limits) add(s *seen) {
	for _, host := range []netip.Addr{s.Src, s.Dst} {
		if isInside(host) {
			l.spread(host, s)
		}
	}
	if now := s.sent.UnixMilli()/10_000 - 30; now > l.horizon { // nothing as old as that comes any more
		l.horizon = now
		l.settle(now)
	}
}

func (l *limits) spread(host netip.Addr, s *seen) {
	if l.bins[host] == nil {
		l.bins[host] = map[int64]*load10s{}
	}
	length := float64(s.end - s.start + 1)
	for b := s.start / 10_000; b <= s.end/10_000; b++ {
		at := l.bins[host][b]
		if at == nil {
			at = &load10s{}
			l.bins[host][b] = at
		}
		part := float64(min(s.end+1, (b+1)*10_000)-max(s.start, b*10_000)) / length
		at.bytes += part * float64(s.Bytes)
		at.packets += part * float64(s.Packets)
		if b == s.start/10_000 {
			at.flows++
		}
	}
}

func (l *limits) settle(before int64) {
	for _, bins := range l.bins {
		for b, at := range bins {
			if b < before {
				l.worst.bytes = max(l.worst.bytes, at.bytes)
				l.worst.packets = max(l.worst.packets, at.packets)
				l.worst.flows = max(l.worst.flows, at.flows)
				delete(bins, b)
			}
		}
	}
}

// TestBackgroundLimits: no inside host comes near what floods are found by (100
// Mbit/s, 5,000 packets/s, 3,500 flows/s over 10 s), sent and received together,
// in a whole day and in the packed half hour of a one-host flood world.
func TestBackgroundLimits(t *testing.T) {
	tests := []struct {
		scenario string
		hosts    int
		seed     uint64
	}{{"quiet-day", 40, 1}, {"quiet-day", 40, 2}, {"quiet-day", 100, 3}, {"flood", 1, 4}, {"flood", 1, 5}, {"flood", 400, 6}}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %d hosts seed %d", tt.scenario, tt.hosts, tt.seed), func(t *testing.T) {
			if testing.Short() && tt.hosts == 100 {
				t.Skip("a whole day of 100 hosts is left out with -short")
			}
			cfg := testConfig(tt.scenario, tt.seed, encode.NetFlow9)
			cfg.Hosts = tt.hosts
			attack := attackOf(t, cfg)
			l := limits{bins: map[netip.Addr]map[int64]*load10s{}}
			generate(t, cfg, func(s *seen) {
				if !attack(s) {
					l.add(s)
				}
			})
			l.settle(1 << 60)
			if l.worst.bytes > 100e6/8*10 || l.worst.packets > 50_000 || l.worst.flows > 35_000 {
				t.Errorf("a host has %.1f Mbit/s, %.0f packets/s or %.0f flows/s", l.worst.bytes*8/1e7, l.worst.packets/10, l.worst.flows/10)
			}
			if l.worst.bytes < 1e6 {
				t.Errorf("the busiest host moves %.0f bytes in 10 s: nothing was measured", l.worst.bytes)
			}
			t.Logf("busiest: %.1f Mbit/s, %.0f packets/s, %.0f flows/s", l.worst.bytes*8/1e7, l.worst.packets/10, l.worst.flows/10)
		})
	}
}

// attackOf says which records are an attack's, from the truth.
func attackOf(t *testing.T, cfg Config) func(s *seen) bool {
	t.Helper()
	sc, _ := findScenario(cfg.Scenario)
	p, err := sc.plan(newWorld(cfg))
	if err != nil {
		t.Fatal(err)
	}
	actors, victims := map[string]bool{}, map[string]bool{}
	for _, e := range p.truth {
		for _, a := range e.Actors {
			actors[a] = true
		}
		for _, v := range e.Victims {
			victims[v] = true
		}
	}
	return func(s *seen) bool {
		return len(victims) > 0 && victims[s.Dst.String()] && actors[s.Src.String()]
	}
}

// tuple is a conversation seen from one side.
type tuple struct {
	src, dst     netip.Addr
	sport, dport uint16
}

// TestAnswersFollowQuestions: every UDP record from outside belongs to a
// conversation an inside host began and went on with less than a minute before, and the record
// that shows it comes earlier on the wire.
func TestAnswersFollowQuestions(t *testing.T) {
	for _, scenario := range []string{"quiet-day", "flood"} {
		cfg := testConfig(scenario, 9, encode.IPFIX)
		cfg.Hosts = 30
		attack := attackOf(t, cfg)
		asked := map[tuple][][2]int64{} // start and end of the questions
		inbound, unasked := 0, 0
		generate(t, cfg, func(s *seen) {
			if s.Protocol != 17 || attack(s) {
				return
			}
			if isInside(s.Src) {
				k := tuple{s.Src, s.Dst, s.SrcPort, s.DstPort}
				asked[k] = append(asked[k], [2]int64{s.start, s.end})
				return
			}
			inbound++
			for _, at := range asked[tuple{s.Dst, s.Src, s.DstPort, s.SrcPort}] {
				if at[0] <= s.start && s.start-at[1] <= 60_000 {
					return
				}
			}
			unasked++
		})
		if inbound < 1000 || unasked > 0 {
			t.Errorf("%s: %d of %d UDP records from outside are not answers", scenario, unasked, inbound)
		}
	}
}

// TestBackgroundShape: what a quiet day holds.
func TestBackgroundShape(t *testing.T) {
	cfg := testConfig("quiet-day", 1, encode.IPFIX)
	cfg.Hosts = 50
	hours, ports := [24]int{}, map[uint16]int{}
	var v6, pings, tiny, records, both int
	res, _ := generate(t, cfg, func(s *seen) {
		records++
		hours[s.start/3600_000%24]++
		ports[s.DstPort]++
		if s.Src.Is6() {
			v6++
		}
		if s.Protocol == 1 {
			pings++
			if s.Packets == 1 && s.Bytes == 28 {
				tiny++
			}
		}
		if s.Packets == 0 || s.Bytes < 28*s.Packets || s.Bytes > 1500*s.Packets || s.end < s.start {
			t.Fatalf("a record of %d bytes in %d packets over %d ms", s.Bytes, s.Packets, s.end-s.start)
		}
		if isInside(s.Src) && isInside(s.Dst) != (s.device.As4()[3] == 2) {
			both++
		}
	})
	if len(res.Truth) != 0 || uint64(records) != res.Records {
		t.Errorf("%d truth entries, %d records, counted %d", len(res.Truth), res.Records, records)
	}
	if hours[10] < 3*hours[3] {
		t.Errorf("%d records at 10 h, %d at 3 h: no day and night", hours[10], hours[3])
	}
	for _, port := range []uint16{443, 80, 53, 123, 25, 587, 993, 22, 445, 873, 3478} {
		if ports[port] == 0 {
			t.Errorf("no record to port %d", port)
		}
	}
	if v6 == 0 || pings == 0 || tiny == 0 || both != 0 {
		t.Errorf("%d IPv6, %d pings, %d of the smallest, %d on the wrong device", v6, pings, tiny, both)
	}
}

// TestQuietDayVolume keeps the default day between half a million and a million
// records or a little more.
func TestQuietDayVolume(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole day is left out with -short")
	}
	cfg := testConfig("quiet-day", 7, encode.NetFlow9)
	res, err := Generate(t.Context(), cfg, SinkFunc(func(Datagram) error { return nil }))
	if err != nil || res.Records < 500_000 || res.Records > 1_200_000 {
		t.Errorf("%d records, %v", res.Records, err)
	}
}
