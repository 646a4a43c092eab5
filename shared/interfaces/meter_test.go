package interfaces

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// bench is a meter with what it tells.
type bench struct {
	t       *testing.T
	m       *Meter
	symbols *flow.Symbols
	rows    map[string]Minute // the latest of each interface, source and minute after noon
	alerts  map[string]flow.Alert
	told    []flow.Alert
	deaf    bool
}

func newBench(t *testing.T, cfg Config) *bench {
	t.Helper()
	table, symbols := newTestTable(0)
	m, err := NewMeter(cfg, Deps{Symbols: symbols, Table: table})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, m: m, symbols: symbols, rows: map[string]Minute{}, alerts: map[string]flow.Alert{}}
	m.TellMinutes(func(list []Minute) bool {
		if b.deaf {
			return false
		}
		for _, row := range list {
			b.rows[fmt.Sprintf("%d %s %d", row.Index, row.Source, (row.At-noon)/minute)] = row
		}
		return true
	})
	return b
}

// sample takes samples at the time of the first.
func (b *bench) sample(list ...flow.InterfaceSample) {
	batch := flow.NewBatch(0, b.symbols)
	for _, s := range list {
		s.Exporter = router
		batch.Interfaces = append(batch.Interfaces, s)
	}
	b.m.Observe(batch, list[0].At)
	b.pass(list[0].At)
}

func (b *bench) pass(now int64) {
	b.m.Advance(now)
	for _, a := range b.m.Changes() {
		b.alerts[a.Key] = a
		b.told = append(b.told, a)
	}
}

// record is a record of the router from interface 1 to 2.
func (b *bench) record(start, end, received int64, octets, packets uint64, protocol flow.Protocol) {
	batch := flow.NewBatch(1, b.symbols)
	r := batch.Grow()
	r.Exporter, r.Start, r.End, r.Created, r.InIf, r.OutIf, r.Protocol = router, noon+start*second, noon+end*second, noon+received*second, 1, 2, protocol
	r.Present = flow.HasInIf | flow.HasOutIf | flow.HasBytes | flow.HasPackets
	r.Source.Bytes, r.Source.Packets = octets, packets
	b.m.Observe(batch, r.Created)
	b.pass(r.Created)
}

func near(got, want float64) bool { return math.Abs(got-want) <= 1e-6*math.Max(1, math.Abs(want)) }

// TestMinutesOfCounters: what two samples differ by is spread over the minutes between them, without loss.
func TestMinutesOfCounters(t *testing.T) {
	b := newBench(t, Config{})
	b.sample(at(30, 64, 0, 0))
	b.sample(at(150, 64, 12_000, 240))
	b.pass(noon + 300*second)
	for _, want := range []struct {
		at               int
		seconds, in, out float64
	}{{0, 30, 3000, 60}, {1, 60, 6000, 120}, {2, 30, 3000, 60}} {
		got := b.rows[fmt.Sprintf("1 snmp %d", want.at)]
		if !near(got.Seconds, want.seconds) || !near(got.In.Octets, want.in) || !near(got.Out.Octets, want.out) {
			t.Errorf("minute %d: %+v", want.at, got)
		}
	}
	if len(b.rows) != 3 {
		t.Errorf("%d rows", len(b.rows))
	}
}

// TestMissingSamples: over a gap nothing is made up; what comes after it counts again.
func TestMissingSamples(t *testing.T) {
	b := newBench(t, Config{})
	b.sample(at(0, 64, 0, 0))
	b.sample(at(60, 64, 6000, 0))
	b.sample(at(60+20*60, 64, 9_000_000, 0))
	b.sample(at(120+20*60, 64, 9_006_000, 0))
	b.pass(noon + 3600*second)
	if len(b.rows) != 2 || !near(b.rows["1 snmp 21"].In.Octets, 6000) {
		t.Errorf("%+v", b.rows)
	}
	if s := b.m.Stats(); s.Faults["gap"] != 1 || s.Samples != 4 {
		t.Errorf("%+v", s)
	}
}

// TestMinutesOfFlows: records are spread over their duration; NetFlow's get what frames add, sFlow's are of frames.
func TestMinutesOfFlows(t *testing.T) {
	b := newBench(t, Config{})
	b.record(30, 150, 151, 120_000, 1200, flow.NetFlow9)
	b.record(60, 60, 200, 500, 1, flow.SFlow5)
	b.pass(noon + 400*second)
	for at, want := range []Amounts{{Octets: 30_000, Unicast: 300, Framing: 5400}, {Octets: 60_500, Unicast: 601, Framing: 10_800}, {Octets: 30_000, Unicast: 300, Framing: 5400}} {
		in, out := b.rows[fmt.Sprintf("1 flows %d", at)], b.rows[fmt.Sprintf("2 flows %d", at)]
		for name, got := range map[string]Amounts{"in": in.In, "out": out.Out} {
			if !near(got.Octets, want.Octets) || !near(got.Unicast, want.Unicast) || !near(got.Framing, want.Framing) {
				t.Errorf("minute %d %s: %+v, want %+v", at, name, got, want)
			}
		}
		if in.Out.Octets != 0 || in.Seconds != 60 || in.Late < 121 {
			t.Errorf("minute %d: %+v", at, in)
		}
	}
}

// TestBiflow: what the destination sent goes the other way.
func TestBiflow(t *testing.T) {
	b := newBench(t, Config{})
	batch := flow.NewBatch(1, b.symbols)
	r := batch.Grow()
	r.Exporter, r.Start, r.End, r.Created, r.InIf, r.OutIf = router, noon, noon+second, noon+2*second, 1, 2
	r.Present = flow.HasInIf | flow.HasOutIf
	r.Source.Bytes, r.Destination.Bytes = 100, 7000
	b.m.Observe(batch, r.Created)
	b.m.Finish(r.Created)
	one, two := b.rows["1 flows 0"], b.rows["2 flows 0"]
	if one.In.Octets != 100 || one.Out.Octets != 7000 || two.In.Octets != 7000 || two.Out.Octets != 100 {
		t.Errorf("%+v\n%+v", one, two)
	}
}

// TestFlowsAddUp: whatever records come, their bytes are all in the minutes.
func TestFlowsAddUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	b := newBench(t, Config{})
	sum := 0.0
	for now := int64(0); now < 3600; now += rng.Int64N(20) {
		length := rng.Int64N(1800)
		octets := rng.Uint64N(1 << 30)
		sum += float64(octets)
		b.record(now-length, now, now+1, octets, 1+octets/1000, flow.NetFlow9)
	}
	b.m.Finish(noon + 3700*second)
	got := 0.0
	for _, row := range b.rows {
		if row.Index == 1 {
			got += row.In.Octets
		}
	}
	if !near(got/sum, 1) {
		t.Errorf("%v of %v", got, sum)
	}
	if s := b.m.Stats(); s.Late != 0 {
		t.Errorf("%+v", s)
	}
}

// TestUntold: minutes that found no room are told again.
func TestUntold(t *testing.T) {
	b := newBench(t, Config{})
	b.deaf = true
	b.record(0, 10, 11, 1000, 1, flow.NetFlow9)
	b.pass(noon + 100*second)
	b.deaf = false
	b.pass(noon + 200*second)
	if len(b.rows) != 2 {
		t.Errorf("%+v", b.rows)
	}
	if s := b.m.Stats(); s.Untold == 0 || s.Told <= s.Untold {
		t.Errorf("%+v", s)
	}
}

// TestMeterFull: at the cap further interfaces are left out and counted; idle ones make room.
func TestMeterFull(t *testing.T) {
	b := newBench(t, Config{Max: 3})
	for i := range uint32(5) {
		s := at(0, 64, 0, 0)
		s.Index = i + 1
		b.sample(s)
	}
	b.m.Finish(noon + second)
	if s := b.m.Stats(); s.Interfaces != 3 || s.Full != 2 {
		t.Errorf("%+v", s)
	}
	b.pass(noon + 2*3600*second)
	if s := b.m.Stats(); s.Interfaces != 0 {
		t.Errorf("%+v", s)
	}
}

// TestMeterAllocates: records take no memory once their minutes are there.
func TestMeterAllocates(t *testing.T) {
	b := newBench(t, Config{})
	batch := flow.NewBatch(100, b.symbols)
	for i := range uint32(100) {
		r := batch.Grow()
		r.Exporter, r.InIf, r.OutIf, r.Present = router, i%5+1, i%7+1, flow.HasInIf|flow.HasOutIf
		r.Start, r.End, r.Created, r.Source.Bytes = noon-100*second, noon, noon+second, 1000
	}
	b.m.Observe(batch, noon+second)
	if n := testing.AllocsPerRun(100, func() { b.m.Observe(batch, noon+second) }); n != 0 {
		t.Errorf("%v allocations a batch", n)
	}
}

// TestOffer: samples from elsewhere are taken up to a bound.
func TestOffer(t *testing.T) {
	b := newBench(t, Config{Inbox: 3})
	list := []flow.InterfaceSample{at(0, 64, 0, 0), at(60, 64, 600, 0), at(120, 64, 1200, 0), at(180, 64, 1800, 0)}
	b.m.Offer(list)
	b.pass(noon + 130*second)
	if s := b.m.Stats(); s.Samples != 3 || s.Dropped != 1 {
		t.Errorf("%+v", s)
	}
	if keys := slices.Collect(func(yield func(string) bool) {
		for k := range b.rows {
			if !yield(k) {
				return
			}
		}
	}); len(keys) != 2 {
		t.Errorf("%v", keys)
	}
}
