package traffic

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// reflectionTable repeats from the detector's specification what a flood of a
// service must exceed: trigger in Mbit/s and mean IP bytes a packet.
var reflectionTable = map[string]struct {
	port    uint16
	mbit    float64
	minimum float64
}{
	"dns": {53, 50, 400}, "ntp": {123, 5, 200}, "cldap": {389, 5, 1000}, "ssdp": {1900, 5, 250}, "memcached": {11211, 1, 1000},
	"chargen": {19, 1, 70}, "snmpv2": {161, 5, 400}, "ws-discovery": {3702, 5, 500},
}

// recount is the flood as found on the wire.
type recount struct {
	records            int
	start, end         int64
	bytes, packets     uint64 // from the service's port
	fragments, anyVict uint64 // bytes without ports; bytes to the victim from anyone
	sources            map[netip.Addr]bool
	bins               map[int64]float64 // bytes from the service's port in 10 s
}

func (r *recount) add(s *seen, victim netip.Addr, port uint16, from map[netip.Addr]bool) {
	r.records++
	if s.Dst != victim {
		return
	}
	r.anyVict += s.Bytes
	if !from[s.Src] {
		return
	}
	r.start, r.end = min(r.start, s.start), max(r.end, s.end)
	r.sources[s.Src] = true
	if s.SrcPort == 0 {
		r.fragments += s.Bytes
		return
	}
	if s.SrcPort != port || s.Protocol != 17 {
		panic(fmt.Sprintf("a flood record from port %d, protocol %d", s.SrcPort, s.Protocol))
	}
	r.bytes += s.Bytes
	r.packets += s.Packets
	r.spread(s)
}

// spread puts a record's bytes into 10-s bins by overlap.
func (r *recount) spread(s *seen) {
	length := float64(s.end - s.start + 1)
	for b := s.start / 10_000; b <= s.end/10_000; b++ {
		part := float64(min(s.end+1, (b+1)*10_000)-max(s.start, b*10_000)) / length
		r.bins[b] += part * float64(s.Bytes)
	}
}

// TestFloodTruth recounts truth from the datagrams, over seeds, protocols and
// sizes of network.
func TestFloodTruth(t *testing.T) {
	services := map[string]bool{}
	for seed := range uint64(18) {
		p := []encode.Protocol{encode.NetFlow5, encode.NetFlow9, encode.IPFIX}[seed%3]
		hosts := []int{200, 1, 20, 50}[seed%4]
		t.Run(fmt.Sprintf("seed %d %s %d hosts", seed, p, hosts), func(t *testing.T) {
			cfg := testConfig("flood", seed, p)
			cfg.Hosts = hosts
			if seed == 7 {
				cfg.Active, cfg.Inactive = 5*time.Minute, 5*time.Second
			}
			services[checkFlood(t, cfg)] = true
		})
	}
	if len(services) < 6 {
		t.Errorf("only %d services in 18 seeds", len(services))
	}
}

func checkFlood(t *testing.T, cfg Config) string {
	t.Helper()
	var all []*seen
	res, _ := generate(t, cfg, func(s *seen) { s.Raw = nil; all = append(all, s) })
	if len(res.Truth) != 1 || res.Truth[0].Kind != KindAttack || len(res.Truth[0].Victims) != 1 {
		t.Fatalf("truth %+v", res.Truth)
	}
	truth := res.Truth[0]
	service, _ := strings.CutPrefix(truth.Detector, "dos.reflection.")
	want := reflectionTable[service]
	from := map[netip.Addr]bool{}
	for _, a := range truth.Actors {
		from[netip.MustParseAddr(a)] = true
	}
	r := recount{start: 1 << 62, sources: map[netip.Addr]bool{}, bins: map[int64]float64{}}
	for _, s := range all {
		r.add(s, netip.MustParseAddr(truth.Victims[0]), want.port, from)
	}
	if r.start != truth.Start.UnixMilli() || r.end != truth.End.UnixMilli() {
		t.Errorf("packets from %d to %d, truth says %d to %d", r.start, r.end, truth.Start.UnixMilli(), truth.End.UnixMilli())
	}
	if truth.Service.Port != want.port || len(r.sources) != len(truth.Actors) || len(r.sources) < 290 {
		t.Errorf("%s: port %d, %d sources, truth has %d", service, truth.Service.Port, len(r.sources), len(truth.Actors))
	}
	if bpp := float64(r.bytes) / float64(r.packets); bpp < want.minimum || bpp > 1500 {
		t.Errorf("%s: %.0f bytes a packet, want at least %.0f", service, bpp, want.minimum)
	}
	if rate := float64(r.anyVict) * 8 / truth.End.Sub(truth.Start).Seconds(); r.records < 20_000 || rate < 20e6 {
		t.Errorf("%d records, %.1f Mbit/s: want 20,000 and 20", r.records, rate/1e6)
	}
	r.checkBins(t, want.mbit)
	checkMustDetect(t, cfg, truth)
	return service
}

// checkBins: while the flood is up, each 10 s hold 1.5 times the trigger.
func (r *recount) checkBins(t *testing.T, mbit float64) {
	t.Helper()
	for b := (r.start+40_000)/10_000 + 1; b < (r.end-5_000)/10_000; b++ {
		if rate := r.bins[b] * 8 / 10 / 1e6; rate < 1.5*mbit || rate > 700 {
			t.Errorf("10 s at %d: %.1f Mbit/s, trigger %.0f", b*10, rate, mbit)
		}
	}
}

func checkMustDetect(t *testing.T, cfg Config, truth Truth) {
	t.Helper()
	length := truth.End.Sub(truth.Start)
	if length < 3*time.Minute || truth.MustDetectBy < cfg.Active+10*time.Second || truth.MustDetectBy > cfg.Active+3*time.Minute {
		t.Errorf("%s long, must be detected after %s", length, truth.MustDetectBy)
	}
}

// TestFloodLeavesBackground: without the attack's source the other records are
// the same to the last byte, with sampling too.
func TestFloodLeavesBackground(t *testing.T) {
	for _, sampling := range []uint32{1, 10} {
		cfg := testConfig("flood", 4, encode.IPFIX)
		cfg.Sampling = sampling
		with := backgroundOf(t, cfg, planFlood)
		without := backgroundOf(t, cfg, func(w *world) (plan, error) {
			p, err := planFlood(w)
			p.sources = p.sources[:len(p.sources)-1]
			return p, err
		})
		if len(without) < 2000 || !slices.Equal(with, without) {
			t.Errorf("sampling %d: %d background records with the attack, %d without", sampling, len(with), len(without))
		}
	}
}

// backgroundOf lists the records that are not the flood's, sorted.
func backgroundOf(t *testing.T, cfg Config, make func(w *world) (plan, error)) []string {
	t.Helper()
	var lines []string
	victim, from := "", map[string]bool{}
	c := newCollector(t, cfg, func(s *seen) {
		if s.Dst.String() != victim || !from[s.Src.String()] {
			lines = append(lines, fmt.Sprint(s.Src, s.Dst, s.SrcPort, s.DstPort, s.Protocol, s.Flags, s.Packets, s.Bytes, s.start, s.end))
		}
	})
	g := newGenerator(cfg, c)
	p, err := make(g.w)
	if err != nil {
		t.Fatal(err)
	}
	victim = p.truth[0].Victims[0]
	for _, a := range p.truth[0].Actors {
		from[a] = true
	}
	if g.devices, err = newDevices(cfg); err != nil {
		t.Fatal(err)
	}
	if err := g.play(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}
