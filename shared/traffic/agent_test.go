package traffic

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/netsampler/goflow2/v2/decoders/sflow"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// passed is what went through an interface.
type passed struct{ in, out, inPackets, outPackets uint64 }

// agentReader recounts what the datagrams of agents say, with goflow2's decoder and gopacket.
type agentReader struct {
	t         *testing.T
	rate      uint32
	exact     bool // every packet is sampled, so counters must be the sum of the samples before them
	samples   map[netip.Addr]map[uint32]*passed
	counters  map[netip.Addr]map[uint32]passed
	pools     map[[2]string]uint32
	polled    map[netip.Addr]time.Time
	sequence  map[netip.Addr]uint32
	last      time.Time
	visit     func(at time.Time, p gopacket.Packet, s sflow.FlowSample)
	restarted bool
}

func newAgentReader(t *testing.T, rate uint32) *agentReader {
	return &agentReader{
		t: t, rate: rate, exact: rate == 1, samples: map[netip.Addr]map[uint32]*passed{}, counters: map[netip.Addr]map[uint32]passed{},
		pools: map[[2]string]uint32{}, polled: map[netip.Addr]time.Time{}, sequence: map[netip.Addr]uint32{},
	}
}

func (a *agentReader) WriteDatagram(d Datagram) error {
	var p sflow.Packet
	if err := sflow.DecodeMessageVersion(bytes.NewBuffer(d.Payload), &p); err != nil {
		a.t.Fatal(err)
	}
	agent := d.Exporter.Addr()
	if got, _ := netip.AddrFromSlice(p.AgentIP); got != agent || d.Collector.Port() != 6343 || len(d.Payload) > 1400 || d.Time.Before(a.last) {
		a.t.Fatalf("agent %s at %s, port %d, %d bytes, %s after %s", got, agent, d.Collector.Port(), len(d.Payload), d.Time, a.last)
	}
	a.last = d.Time
	if a.samples[agent] == nil || a.restarted && p.SequenceNumber == 1 {
		a.samples[agent], a.counters[agent], a.sequence[agent] = map[uint32]*passed{}, map[uint32]passed{}, 0
		clear(a.pools)
	}
	if a.sequence[agent]++; p.SequenceNumber != a.sequence[agent] {
		a.t.Fatalf("%s: datagram %d, want %d", agent, p.SequenceNumber, a.sequence[agent])
	}
	for _, s := range p.Samples {
		switch s := s.(type) {
		case sflow.FlowSample:
			a.flow(d, s)
		case sflow.CounterSample:
			a.counter(d, s)
		default:
			a.t.Fatalf("%T", s)
		}
	}
	return nil
}

func (a *agentReader) of(agent netip.Addr, index uint32) *passed {
	if a.samples[agent][index] == nil {
		a.samples[agent][index] = &passed{}
	}
	return a.samples[agent][index]
}

func (a *agentReader) flow(d Datagram, s sflow.FlowSample) {
	raw := s.Records[0].Data.(sflow.SampledHeader)
	if s.SamplingRate != a.rate || s.Header.SourceIdValue != s.Input || raw.Protocol != 1 || raw.Stripped != 4 {
		a.t.Fatalf("%+v", s)
	}
	agent := d.Exporter.Addr()
	in, out := a.of(agent, s.Input), a.of(agent, s.Output)
	in.in += uint64(raw.FrameLength)
	in.inPackets++
	out.out += uint64(raw.FrameLength)
	out.outPackets++
	key := [2]string{agent.String(), fmt.Sprint(s.Input)}
	if before := a.pools[key]; s.SamplePool <= before || a.exact && s.SamplePool != uint32(in.inPackets) {
		a.t.Fatalf("%s: pool %d after %d, %d packets", agent, s.SamplePool, before, in.inPackets)
	}
	a.pools[key] = s.SamplePool
	packet := gopacket.NewPacket(raw.HeaderData[:raw.OriginalLength], layers.LayerTypeEthernet, gopacket.Default)
	if packet.NetworkLayer() == nil {
		a.t.Fatalf("%v", packet)
	}
	if a.visit != nil {
		a.visit(d.Time, packet, s)
	}
}

func (a *agentReader) counter(d Datagram, s sflow.CounterSample) {
	c := s.Records[0].Data.(sflow.IfCounters)
	agent := d.Exporter.Addr()
	got := passed{c.IfInOctets, c.IfOutOctets, uint64(c.IfInUcastPkts), uint64(c.IfOutUcastPkts)}
	if want := *a.of(agent, c.IfIndex); a.exact && got != want {
		a.t.Fatalf("%s interface %d at %s: counters %v, samples before %v", agent, c.IfIndex, d.Time, got, want)
	}
	a.counters[agent][c.IfIndex] = got
	if c.IfIndex == ifInside {
		if wait := d.Time.Sub(a.polled[agent]); !a.polled[agent].IsZero() && !a.restarted && (wait < 17*time.Second || wait > 23*time.Second) {
			a.t.Fatalf("%s: counters after %s", agent, wait)
		}
		a.polled[agent] = d.Time
	}
}

// someRuns is a source of random runs.
type someRuns struct{ runs []run }

func (s *someRuns) advance(until int64, em *emitter) {
	for len(s.runs) > 0 && s.runs[0].start < until {
		em.emit(&s.runs[0])
		s.runs = s.runs[1:]
	}
}

// playRuns lets the devices of a config meter random runs of some minutes.
func playRuns(t *testing.T, cfg Config, seed uint64, sink Sink) []run {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	start := cfg.Start.UnixMilli()
	hosts := [][]string{
		{"10.20.0.1", "10.20.0.2", "10.16.0.5", "172.16.0.80", "203.0.113.1", "198.18.7.7"},
		{"fd20::1", "fd20::2", "2001:db8:9::1"},
	}
	var runs []run
	at := start
	for range 400 {
		u := randomRun(r)
		family := hosts[r.IntN(2)]
		u.src, u.dst = netip.MustParseAddr(family[r.IntN(len(family))]), netip.MustParseAddr(family[r.IntN(len(family))])
		u.packets = min(u.packets, 300)
		u.bytes = u.packets * uint64(20+r.IntN(1480))
		u.bytes += r.Uint64N(u.packets)
		at += r.Int64N(500)
		u.start = at
		if u.end = at; u.packets > 1 {
			u.end += r.Int64N(60_000)
		}
		runs = append(runs, u)
	}
	g := newGenerator(cfg, sink)
	var err error
	if g.devices, err = newDevices(cfg); err != nil {
		t.Fatal(err)
	}
	end := start + 4*60_000
	if err := g.play(t.Context(), plan{start: start, end: end, sources: []source{&someRuns{runs: append([]run(nil), runs...)}}}); err != nil {
		t.Fatal(err)
	}
	return runs
}

func agentConfig(rate uint32) Config {
	cfg := testConfig("flood", 4, encode.SFlow5)
	cfg.Sampling = rate
	return cfg
}

// TestCountersAreAllPackets: where every packet is sampled, the counters of each interface are at any moment what the samples before
// them add up to, and in the end what was sent.
func TestCountersAreAllPackets(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(cfg *Config)
	}{
		{"plain", func(*Config) {}},
		{"no flags", func(cfg *Config) { cfg.Effects.NoFlags = true }},
		{"two routers", func(cfg *Config) { cfg.Effects.Duplicates = true }},
		{"restart", func(cfg *Config) { cfg.Effects.Restart = true }},
		{"uptime wraps, clocks are wrong", func(cfg *Config) { cfg.Effects.Wrap, cfg.Effects.Skew = true, true }},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := agentConfig(1)
			c.change(&cfg)
			a := newAgentReader(t, 1)
			a.restarted = cfg.Effects.Restart
			runs := playRuns(t, cfg, 7, a)
			var sent, got uint64
			for _, r := range runs {
				sent += r.packets
				if cfg.Effects.Duplicates && pathOf(r.src, r.dst).device == border {
					sent += r.packets
				}
			}
			for agent, interfaces := range a.counters {
				for index, c := range interfaces {
					if want := *a.of(agent, index); c != want {
						t.Errorf("%s interface %d: %v at last, samples %v", agent, index, c, want)
					}
					got += c.inPackets
				}
			}
			if got != sent && !cfg.Effects.Restart || got == 0 || got > sent {
				t.Errorf("%d packets counted, %d sent", got, sent)
			}
		})
	}
}

// TestCountersDoNotDependOnSampling: sampled ever so rarely, the counters stay the same.
func TestCountersDoNotDependOnSampling(t *testing.T) {
	all, few := newAgentReader(t, 1), newAgentReader(t, 50)
	playRuns(t, agentConfig(1), 9, all)
	playRuns(t, agentConfig(50), 9, few)
	if d := cmp.Diff(fmt.Sprint(all.counters), fmt.Sprint(few.counters)); d != "" {
		t.Errorf("(-all +few):\n%s", d)
	}
}

// TestPacketsAreTheFlows: over a whole scenario the counters have the packets that IPFIX tells of unsampled flows, and samples times the
// rate estimate them.
func TestPacketsAreTheFlows(t *testing.T) {
	want := map[netip.Addr]map[uint32]passed{}
	cfg := testConfig("flood", 6, encode.IPFIX)
	cfg.Hosts = 20
	generate(t, cfg, func(s *seen) {
		if want[s.device] == nil {
			want[s.device] = map[uint32]passed{}
		}
		in, out := uint32(s.Uint(10)), uint32(s.Uint(14))
		p := want[s.device][in]
		p.inPackets += s.Packets
		want[s.device][in] = p
		p = want[s.device][out]
		p.outPackets += s.Packets
		want[s.device][out] = p
	})
	cfg.Protocol, cfg.Sampling = encode.SFlow5, 100
	a := newAgentReader(t, 100)
	if _, err := Generate(t.Context(), cfg, a); err != nil {
		t.Fatal(err)
	}
	for device, interfaces := range want {
		for index, w := range interfaces {
			got := a.counters[device][index]
			if got.inPackets != w.inPackets || got.outPackets != w.outPackets {
				t.Errorf("%s interface %d: %d packets in, %d out, want %d and %d", device, index, got.inPackets, got.outPackets, w.inPackets, w.outPackets)
			}
			estimate := float64(a.of(device, index).in) * 100
			if got.in > 1e9 && math.Abs(estimate/float64(got.in)-1) > 0.02 {
				t.Errorf("%s interface %d: %g bytes estimated, %d counted", device, index, estimate, got.in)
			}
		}
	}
}

// TestSampledPackets: samples are packets of the runs, at their time, with their flags.
func TestSampledPackets(t *testing.T) {
	a := newAgentReader(t, 1)
	var syns, fins int
	a.visit = func(_ time.Time, p gopacket.Packet, s sflow.FlowSample) {
		tag, ok := p.Layer(layers.LayerTypeDot1Q).(*layers.Dot1Q)
		if !ok || tag.VLANIdentifier != vlanOf[s.Input] {
			t.Fatalf("interface %d: %v", s.Input, p)
		}
		if tcp, ok := p.TransportLayer().(*layers.TCP); ok {
			if tcp.SYN {
				syns++
			}
			if tcp.FIN {
				fins++
			}
		}
	}
	runs := playRuns(t, agentConfig(1), 11, a)
	var want int
	for _, r := range runs {
		if r.proto == encode.TCP {
			want++
		}
	}
	if syns != want || fins != want {
		t.Errorf("%d SYN, %d FIN, want %d", syns, fins, want)
	}
}

// TestSFlowSameSeedSameBytes: two runs give the same datagrams, another seed others.
func TestSFlowSameSeedSameBytes(t *testing.T) {
	sum := func(seed uint64) [32]byte {
		cfg := testConfig("flood", seed, encode.SFlow5)
		cfg.Hosts, cfg.Uptime, cfg.Sampling, cfg.Effects.Loss = 10, 0, 500, true
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
	first, again := sum(1), sum(1)
	if first != again {
		t.Error("the same seed gives other bytes")
	}
	if first == sum(2) {
		t.Error("another seed gives the same bytes")
	}
}

// TestFrames: what is added up at once is what its packets add up to.
func TestFrames(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 3000 {
		u := randomRun(r)
		u.proto = []uint8{encode.TCP, encode.UDP, encode.ICMP, 47}[r.IntN(4)]
		u.packets = 1 + r.Uint64N(60)
		u.bytes = u.packets*(20+r.Uint64N(60)) + r.Uint64N(u.packets)
		var want uint64
		from := r.Uint64N(u.packets)
		for i := from; i < u.packets; i++ {
			want += uint64(encode.FrameLength(u.packetLength(i), true))
		}
		if got := u.frames(from, u.packets); got != want {
			t.Fatalf("%d packets of %d bytes, protocol %d: frames of %d, want %d", u.packets-from, u.bytes, u.proto, got, want)
		}
	}
}
