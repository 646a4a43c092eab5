package detect

import (
	"bytes"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// TestSpoofedFloodIsBounded: a million forged senders to one host: memory stays where it is, and the flood is found.
func TestSpoofedFloodIsBounded(t *testing.T) {
	e, symbols := benchEngine(t)
	m := newBenchMix(symbols)
	for range 50 {
		m.flood()
		e.Observe(m.batch, m.clock)
	}
	before := heapSize()
	for range 350 {
		m.flood()
		e.Observe(m.batch, m.clock)
	}
	if grown := heapSize() - before; grown > 2<<20 {
		t.Errorf("memory grew by %d kB over 700,000 forged records", grown>>10)
	}
	e.Advance(m.clock + 12*second)
	if a := e.Changes(); len(a) != 1 || a[0].Detector != volumetricName || a[0].ActorsTotal < 100_000 || len(a[0].Actors) != 100 {
		t.Errorf("%s", titles(a))
	}
}

func heapSize() int64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

// TestTablesAreFull: with small caps and far more destinations, nothing grows, what found no place is counted, and a heavy
// destination gets in all the same.
func TestTablesAreFull(t *testing.T) {
	b := Budget{Cells: 200, Pages: 150, Sets: 2, Hot: 4, Streams: 2, Asked: 100, Waiting: 50}
	var log bytes.Buffer
	p := &play{cfg: Config{Budget: b}, log: slog.New(slog.NewTextHandler(&log, nil))}
	x := newExporter(60, 15)
	for i := range 30_000 { // an inside network is combed through, each address a few packets
		at := t0 + int64(i)*secs(0.02)
		x.see(traffic{src: outside(i % 5000), dst: flow.AddrFrom4(0x0A640000 + uint32(i%20_000)), sport: 5, dport: 80, protocol: protoTCP, flags: 2, start: at, end: at, packets: 3, size: 40})
		if i%3 == 0 {
			x.see(traffic{dst: outside(i), src: flow.AddrFrom4(0x0A640000 + uint32(i%20_000)), sport: 5, dport: 80, protocol: protoTCP, flags: 0x18, start: at, end: at, packets: 3, size: 40})
		}
	}
	for i := range 6 {
		x.records[i*100].Exporter = outside(900_000 + i)
	}
	x.see(reflectionOf(53, 400, 300e6, 1200, t0+secs(200), t0+secs(400))...)
	alerts := p.run(t, x)
	st := p.engine.Stats()
	t.Logf("%+v", st)
	for _, name := range []string{"cells", "pages", "sets", "streams", "asked", "waiting"} {
		if st.Caps[name] == 0 {
			t.Errorf("the cap of %s was not met", name)
		}
	}
	if st.Cells > b.Cells || st.Pages > b.Pages || st.Sets > b.Sets || st.Hot > b.Hot || st.Streams > b.Streams || st.Waiting > b.Waiting {
		t.Errorf("over the budget: %+v", st)
	}
	find(t, alerts, volumetricName)
	if !strings.Contains(log.String(), "table=pages") {
		t.Errorf("full tables are not logged: %q", log.String())
	}
}

// TestHotterTakesThePlace: with the places near the threshold taken, what is over it gets one.
func TestHotterTakesThePlace(t *testing.T) {
	x := newExporter(60, 15).see(background(t0, t0+secs(900))...)
	for i := range 20 { // hosts that draw a quarter of the floor
		x.see(transfer(fmt.Sprintf("203.0.113.%d", i), fmt.Sprintf("10.0.9.%d", i), 443, 50000, 25e6, t0, t0+secs(900))...)
	}
	x.see(reflectionOf(123, 60, 80e6, 468, floodFrom, floodTo)...)
	p := &play{cfg: Config{Budget: Budget{Hot: 3}}}
	find(t, p.run(t, x), volumetricName)
	if p.engine.Stats().Caps["hot"] == 0 {
		t.Error("the cap was not met")
	}
}

// TestSteadyStateTakesNoMemory, in everyday traffic and under a flood.
func TestSteadyStateTakesNoMemory(t *testing.T) {
	for name, c := range map[string]struct {
		fill    func(*benchMix)
		seconds int64
		step    int64 // between batches
	}{"mix": {(*benchMix).fill, 250, second}, "flood": {(*benchMix).flood, 50, second / 5}} {
		e, symbols := benchEngine(t)
		m := newBenchMix(symbols)
		for m.clock < t0+c.seconds*second {
			c.fill(m)
			e.Observe(m.batch, m.clock)
			m.clock += c.step
		}
		e.Changes()
		c.fill(m)
		if n := testing.AllocsPerRun(8, func() {
			for i := range m.batch.Records {
				r := &m.batch.Records[i]
				r.Start, r.End, r.Created = r.Start+second/50, r.End+second/50, r.Created+second/50
			}
			e.Observe(m.batch, 0)
		}); n > 0 {
			t.Errorf("%s: %v allocations for a batch of %d records", name, n, benchBatch)
		}
	}
}

func TestSkippedRecords(t *testing.T) {
	x := newExporter(60, 15).see(reflectionOf(53, 9, 1e6, 1000, t0, t0+secs(10))...)
	x.records[0].Invalid = flow.InvalidRate
	x.records[1].Present |= flow.HasDuplicateOf
	x.records[2].Source.Bytes, x.records[2].Source.Packets, x.records[2].Bytes, x.records[2].Packets = 0, 0, 0, 0
	x.records[3].Direction = flow.External
	x.records[4].Direction = flow.DirectionUnknown
	x.records[5].Start -= secs(7200)
	x.records[5].End -= secs(7200)
	p := &play{}
	p.run(t, x)
	st := p.engine.Stats()
	want := map[string]uint64{"invalid": 1, "duplicate": 1, "no_counters": 1, "outside": 2}
	for k, n := range want {
		if st.Skipped[k] != n {
			t.Errorf("skipped for %s: %d, want %d", k, st.Skipped[k], n)
		}
	}
	if st.Records != 4 || st.Late != 1 || st.Streams != 1 {
		t.Errorf("%+v", st)
	}
}

// TestInsideIsAsked for records whose direction was left open.
func TestInsideIsAsked(t *testing.T) {
	x := usual().see(reflectionOf(53, 100, 90e6, 1300, floodFrom, floodTo)...)
	for i := range x.records {
		x.records[i].Direction = flow.DirectionUnknown
	}
	p := &play{symbols: flow.NewSymbols(), byID: map[string]flow.Alert{}}
	var err error
	if p.engine, err = New(Config{}, Deps{Symbols: p.symbols, Inside: isInside}); err != nil {
		t.Fatal(err)
	}
	find(t, p.run(t, x), "dos.reflection.dns")
}

func TestConfigErrors(t *testing.T) {
	ok := Deps{Symbols: flow.NewSymbols()}
	for name, c := range map[string]struct {
		cfg  Config
		deps Deps
	}{
		"profile":       {Config{Profile: "home"}, ok},
		"floor":         {Config{Floor: Floor{BPS: -1}}, ok},
		"service":       {Config{ServiceBPS: map[string]float64{"gopher": 1}}, ok},
		"service limit": {Config{ServiceBPS: map[string]float64{"dns": -1}}, ok},
		"disabled":      {Config{Disabled: []string{"dos.nothing"}}, ok},
		"down":          {Config{Life: Life{Down: 1.5}}, ok},
		"hold":          {Config{Life: Life{Hold: -1}}, ok},
		"budget":        {Config{Budget: Budget{Cells: -1}}, ok},
		"symbols":       {Config{}, Deps{}},
		"registry":      {Config{}, Deps{Symbols: flow.NewSymbols(), Registry: &flow.Registry{}}},
	} {
		if _, err := New(c.cfg, c.deps); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := New(DefaultConfig(), ok); err != nil {
		t.Error(err)
	}
}

// TestFewSendersAreAllNamed: of a flood by few senders none is missed, although the first record of each comes while the cell is far
// from its threshold; what light senders send is taken note of once it is close.
func TestFewSendersAreAllNamed(t *testing.T) {
	for _, senders := range []int{3, 40, 2000} {
		x := newExporter(60, 15).see(background(t0, t0+secs(900))...)
		x.see(reflectionOf(123, senders, 60e6, 468, floodFrom, floodTo)...)
		a := find(t, (&play{}).run(t, x), volumetricName)
		if want := min(senders, 100); len(a.Actors) < want {
			t.Errorf("%d senders: %d named, want %d", senders, len(a.Actors), want)
		}
	}
}
