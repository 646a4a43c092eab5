package interfaces

import (
	"fmt"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// vlan is a sample of VLAN 7 after noon.
func vlan(seconds int64, domain uint32, octets, packets uint64) flow.VLANSample {
	return flow.VLANSample{
		Exporter: router, Domain: domain, VLAN: 7, At: noon + seconds*second, Octets: octets, Unicast: packets, Multicast: packets / 10, Broadcast: flow.NoCounter, Discards: 3,
	}
}

// busy is a sample of processor 1 after noon; loads are in hundredths of a percent.
func busy(seconds int64, load5s, load1m int32, free uint64) flow.ProcessorSample {
	return flow.ProcessorSample{
		Exporter: router, Class: 2, Index: 1, At: noon + seconds*second, Load5s: load5s, Load1m: load1m, Load5m: flow.UnknownLoad, TotalMemory: 1 << 30, FreeMemory: free,
	}
}

func (b *bench) vlans(list ...flow.VLANSample) {
	for _, v := range list {
		batch := flow.NewBatch(0, b.symbols)
		batch.VLANs = append(batch.VLANs, v)
		b.m.Observe(batch, v.At)
	}
	b.pass(list[len(list)-1].At + 61*second)
}

func (b *bench) processors(list ...flow.ProcessorSample) {
	for _, p := range list {
		batch := flow.NewBatch(0, b.symbols)
		batch.Processors = append(batch.Processors, p)
		b.m.Observe(batch, p.At)
	}
	b.pass(list[len(list)-1].At + 61*second)
}

// TestMinutesOfVLANs: counters of a VLAN make minutes of one direction; an interface of the same number is another thing.
func TestMinutesOfVLANs(t *testing.T) {
	b := newBench(t, Config{})
	port := at(0, 64, 5, 5)
	port.Index, port.Source, port.Name = 7, flow.InterfaceSFlow, b.symbols.Intern("ge-0/0/7")
	b.sample(port)
	b.vlans(vlan(0, 0, 1<<40, 1<<32-100), vlan(30, 0, 1<<40+3000, 1<<32-70), vlan(60, 0, 1<<40+6000, 20)) // the packets' counter wraps
	got := b.rows["7 sflow 0"]
	if got.Kind != KindVLAN || got.Seconds != 60 || !near(got.In.Octets, 6000) || !near(got.In.Unicast, 120) || got.In.Broadcast != Unknown || got.In.Discards != 0 {
		t.Errorf("%+v", got)
	}
	if got.Out.Octets != Unknown || got.Name != "" || got.Speed != 0 || got.Gauges != nil || got.Ethernet != nil {
		t.Errorf("%+v", got)
	}
	if s := b.m.Stats(); s.Interfaces != 1 || s.VLANs != 1 {
		t.Errorf("%+v", s)
	}
}

// TestVLANAfterRestart: nothing is made up where counters began anew, as they tell or as the uptime does.
func TestVLANAfterRestart(t *testing.T) {
	for name, again := range map[string]flow.VLANSample{"fell": vlan(60, 0, 10, 1), "uptime": vlan(60, 0, 9000, 90)} {
		b := newBench(t, Config{})
		first := vlan(0, 0, 6000, 60)
		if name == "uptime" {
			first.Boot, again.Boot = noon-3600*second, noon+50*second
		}
		b.vlans(first, again)
		if len(b.rows) != 0 || b.m.Stats().Faults["reset"] != 1 {
			t.Errorf("%s: %+v, %+v", name, b.rows, b.m.Stats().Faults)
		}
	}
}

// TestVLANOfTwoDomains: two sub-agents with counters of their own are not mixed up; the second takes over when the first is silent.
func TestVLANOfTwoDomains(t *testing.T) {
	b := newBench(t, Config{})
	b.vlans(vlan(0, 0, 1000, 10), vlan(1, 1, 900_000, 9000), vlan(60, 0, 2000, 20), vlan(61, 1, 990_000, 9900))
	if got := b.rows["7 sflow 0"]; !near(got.In.Octets, 1000) {
		t.Errorf("%+v", got)
	}
	b.vlans(vlan(720, 1, 1_000_000, 10_000), vlan(780, 1, 1_006_000, 10_060))
	if got := b.rows["7 sflow 12"]; !near(got.In.Octets, 6000) {
		t.Errorf("%+v", b.rows)
	}
	if n := b.m.Stats().Faults["domain"]; n != 3 {
		t.Errorf("%d", n)
	}
}

// TestMinutesOfProcessors: means and peaks of what was said in a minute; what is said twice, or not at all, does not count.
func TestMinutesOfProcessors(t *testing.T) {
	b := newBench(t, Config{})
	b.processors(busy(0, 1000, 4000, 500), busy(20, 7000, flow.UnknownLoad, 300), busy(20, 9999, 9999, 1), busy(40, 1000, 2000, 400), busy(70, 0, 0, flow.NoCounter))
	got := b.rows["1 sflow 0"]
	if got.Kind != KindProcessor || got.Gauges == nil || got.In.Octets != Unknown {
		t.Fatalf("%+v", got)
	}
	want := Gauges{Samples: 3, Load5s: Gauge{0.3, 0.7}, Load1m: Gauge{(0.4*2 + 0.2) / 3, 0.4}, Load5m: Gauge{Unknown, Unknown}, Memory: 1 << 30, FreeMemory: 300}
	if g := *got.Gauges; fmt.Sprintf("%.9f", g) != fmt.Sprintf("%.9f", want) {
		t.Errorf("%+v, want %+v", g, want)
	}
	if g := b.rows["1 sflow 1"].Gauges; g == nil || g.FreeMemory != Unknown || g.Load5s.Peak != 0 {
		t.Errorf("%+v", g)
	}
	if s := b.m.Stats(); s.Faults["order"] != 1 || s.Processors != 1 {
		t.Errorf("%+v", s)
	}
}

// TestCapsAreApart: VLANs and processors beyond the cap are counted, and take nothing from the interfaces.
func TestCapsAreApart(t *testing.T) {
	b := newBench(t, Config{Max: 2})
	for i := range uint16(4) {
		v, p := vlan(0, 0, 0, 0), busy(0, 1, 1, 1)
		v.VLAN, p.Index = i+1, uint32(i)
		batch := flow.NewBatch(0, b.symbols)
		batch.VLANs, batch.Processors = append(batch.VLANs, v), append(batch.Processors, p)
		b.m.Observe(batch, noon)
	}
	other := vlan(0, 0, 0, 0)
	other.Exporter = flow.AddrFrom4(0xc6336401) // an exporter for which there is no room
	b.vlans(other)
	b.sample(at(100, 64, 0, 0))
	b.m.Flush()
	if s := b.m.Stats(); s.VLANs != 2 || s.Processors != 2 || s.Interfaces != 1 || s.Full != 5 {
		t.Errorf("%+v", s)
	}
	b.pass(noon + 3*3600*second)
	if s := b.m.Stats(); s.VLANs+s.Processors+s.Interfaces != 0 {
		t.Errorf("%+v", s)
	}
}

// TestEthernetErrors: each counter makes amounts; collisions of a kind are added; one that fell or is not told is not known.
func TestEthernetErrors(t *testing.T) {
	none := flow.EthernetCounters{SQETestErrors: flow.NoCounter}
	a, c := at(0, 64, 0, 0), at(120, 64, 6000, 0)
	a.HasEthernet, c.HasEthernet = true, true
	a.Ethernet, c.Ethernet = none, none
	a.Ethernet.CarrierSenseErrors, c.Ethernet.SymbolErrors = 5, flow.NoCounter
	c.Ethernet.FCSErrors, c.Ethernet.AlignmentErrors, c.Ethernet.FramesTooLong, c.Ethernet.InternalReceiveErrors, c.Ethernet.InternalTransmitErrors = 12, 2, 4, 6, 8
	c.Ethernet.SingleCollisions, c.Ethernet.MultipleCollisions, c.Ethernet.LateCollisions, c.Ethernet.ExcessiveCollisions = 10, 20, 2, 4
	b := newBench(t, Config{})
	b.sample(a)
	b.sample(c)
	b.pass(noon + 300*second)
	want := EthernetErrors{Alignment: 1, FCS: 6, TooLong: 2, InternalReceive: 3, Collisions: 15, LateCollisions: 3, Carrier: Unknown, InternalTransmit: 4, Symbol: Unknown}
	for _, row := range []string{"1 snmp 0", "1 snmp 1"} {
		if got := b.rows[row].Ethernet; got == nil || *got != want {
			t.Errorf("%s: %+v", row, got)
		}
	}
}

// TestVarianceOfSampling: records of c sampled packets of one size make an error of 1.96/√c, as sFlow's theory has it (Phaal, Panchen:
// Packet Sampling Basics), whole ones none.
func TestVarianceOfSampling(t *testing.T) {
	b := newBench(t, Config{})
	batch := flow.NewBatch(1, b.symbols)
	for range 400 {
		r := batch.Grow()
		r.Exporter, r.Start, r.End, r.Created, r.InIf, r.Present, r.SamplingInterval = router, noon+second, noon+second, noon+2*second, 1, flow.HasInIf, 10_000
		r.Source.Bytes, r.Source.Packets = 10_000*1482, 10_000
	}
	whole := batch.Grow()
	*whole = batch.Records[0]
	whole.InIf, whole.SamplingInterval, whole.Source.Packets, whole.Source.Bytes = 2, 1, 5, 500
	b.m.Observe(batch, noon+2*second)
	b.m.Finish(noon + 3*second)
	one := b.rows["1 flows 0"].In
	if got, want := one.Error(), 0.098; got < want*0.999 || got > want*1.001 {
		t.Errorf("%v, want %v", got, want)
	}
	if got := b.rows["2 flows 0"].In; got.Variance != 0 || got.Error() != 0 {
		t.Errorf("%+v", got)
	}
}

// TestPeakOfFewSampled: a handful of sampled packets is no proof that an interface is faster than its speed; many are.
func TestPeakOfFewSampled(t *testing.T) {
	for packets, sure := range map[int]bool{3: false, 2000: true} {
		b := newBench(t, Config{})
		b.m.deps.Table.Learn(router, 1, FromSNMP, Facts{Speed: 1e6})
		batch := flow.NewBatch(1, b.symbols)
		for range packets {
			r := batch.Grow()
			r.Exporter, r.Start, r.End, r.Created, r.InIf, r.Present, r.SamplingInterval = router, noon+second, noon+second, noon+2*second, 1, flow.HasInIf, 10_000
			r.Source.Bytes, r.Source.Packets = 10_000*1482, 10_000
		}
		b.m.Observe(batch, noon+2*second)
		loads := b.m.Loads(router, noon+2*second, nil)
		if len(loads) != 1 || (loads[0].PeakFlows > 1.05e6) != sure {
			t.Errorf("%d packets: %+v", packets, loads)
		}
	}
}
