package flowinput

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

const second = int64(time.Second)

// base is the start of an interval of a minute, and of ten seconds.
const base = 1_772_409_600 * second

// harness is a traffic whose points are kept.
type harness struct {
	*traffic
	times   map[string]bool  // series and time of points
	sums    map[string]int64 // bytes by series and start of the interval
	period  int64
	refuse  func() bool
	twice   []string
	hosts   map[string]bool
	symbols *flow.Symbols
}

func newHarness(cfg trafficConfig) *harness {
	h := &harness{times: map[string]bool{}, sums: map[string]int64{}, hosts: map[string]bool{}, period: cfg.schedule.period, symbols: flow.NewSymbols(), refuse: func() bool { return false }}
	h.restart(cfg)
	return h
}

// restart begins anew, as another process that writes to the same store.
func (h *harness) restart(cfg trafficConfig) { h.traffic = newTraffic(cfg, h.symbols, h.take) }

func (h *harness) take(p *point) bool {
	if h.refuse() {
		return false
	}
	series := p.name
	for _, t := range p.tags {
		series += "," + t.key + "=" + t.value
	}
	key := fmt.Sprint(series, " ", p.time)
	if h.times[key] {
		h.twice = append(h.twice, key)
	}
	h.times[key] = true
	if p.name == nameHost {
		h.hosts[series] = true
		return true
	}
	h.sums[fmt.Sprint(series, " ", p.time-p.time%h.period)] += int64(p.fields[0].num)
	return true
}

func testConfig(hold, lateness time.Duration, started int64, by ...dimension) trafficConfig {
	return trafficConfig{by: by, series: 1000, schedule: newSchedule(time.Minute, hold, lateness, started)}
}

// stream is the account that test records belong to.
var stream = &flow.Stream{}

func batchOf(symbols *flow.Symbols, records ...flow.Record) *flow.Batch {
	b := flow.NewBatch(len(records), symbols)
	b.Datagrams = append(b.Datagrams, flow.Datagram{Stream: stream, Records: uint32(len(records))})
	b.Records = append(b.Records, records...)
	return b
}

func (h *harness) write(t *testing.T, records ...flow.Record) {
	t.Helper()
	if err := h.WriteBatch(context.Background(), batchOf(h.symbols, records...)); err != nil {
		t.Fatal(err)
	}
}

// record ends at a time and is received at another one.
func record(end, created int64, exporter uint32, bytes uint64) flow.Record {
	return flow.Record{End: end, Start: end, Created: created, Exporter: flow.AddrFrom4(exporter), Bytes: bytes, Packets: 1, RawBytes: bytes, RawPackets: 1}
}

func TestIntervals(t *testing.T) {
	minute := 60 * second
	for _, c := range []struct {
		name    string
		started int64
		run     func(t *testing.T, h *harness)
		want    []int64 // times of points from base on
	}{
		{"told at its start when the hold is over", 0, func(t *testing.T, h *harness) {
			h.write(t, record(base+10*second, base+12*second, 1, 100))
			h.advance(base + minute + 29*second)
			if len(h.times) > 0 {
				t.Error("told before the hold was over")
			}
			h.advance(base + minute + 30*second)
		}, []int64{0}},
		{"time passes with records, too", 0, func(t *testing.T, h *harness) {
			h.write(t, record(base+10*second, base+12*second, 1, 100))
			h.write(t, record(base+95*second, base+95*second, 1, 100))
		}, []int64{0}},
		{"late records get a time of their own", 0, func(t *testing.T, h *harness) {
			h.write(t, record(base, base, 1, 100))
			h.advance(base + 2*minute)
			h.write(t, record(base+second, base+2*minute+second, 1, 100))
			h.advance(base + 4*minute)
		}, []int64{0, 240*second/64 - (240*second/64)%millisecond + millisecond}},
		{"a process that came in the middle leaves the start to the one before", base + 20*second, func(t *testing.T, h *harness) {
			h.write(t, record(base+30*second, base+31*second, 1, 100))
			h.advance(base + 90*second)
		}, []int64{90*second/64 - (90*second/64)%millisecond + millisecond}},
		{"a process that ends early leaves the start to the next one", 0, func(t *testing.T, h *harness) {
			h.write(t, record(base+30*second, base+31*second, 1, 100))
			h.finish(context.Background(), base+32*second)
		}, []int64{32*second/64 - (32*second/64)%millisecond + millisecond}},
		{"beyond lateness nothing is taken", 0, func(t *testing.T, h *harness) {
			h.write(t, record(base, base+11*minute, 1, 100))
			h.advance(base + 20*minute)
			if h.counts.late != 1 || h.counts.lateBytes != 100 || h.counts.records != 0 {
				t.Errorf("counted %+v", h.counts)
			}
		}, nil},
		{"far ahead nothing is taken", 0, func(t *testing.T, h *harness) {
			h.write(t, record(base+30*minute, base, 1, 100))
			h.advance(base + 60*minute)
			if h.counts.future != 1 {
				t.Errorf("counted %+v", h.counts)
			}
		}, nil},
		{"what is set aside, and copies, are not summed", 0, func(t *testing.T, h *harness) {
			aside, copied := record(base, base, 1, 100), record(base, base, 1, 100)
			aside.Invalid, copied.Present = flow.InvalidRate, flow.HasDuplicateOf
			h.write(t, aside, copied)
			h.advance(base + 5*minute)
			if h.counts.aside != 1 || h.counts.copies != 1 {
				t.Errorf("counted %+v", h.counts)
			}
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHarness(testConfig(30*time.Second, 10*time.Minute, c.started, byExporter))
			c.run(t, h)
			want := map[string]bool{}
			for _, at := range c.want {
				want[fmt.Sprint("weir_traffic,exporter=0.0.0.1 ", base+at)] = true
			}
			if fmt.Sprint(h.times) != fmt.Sprint(want) {
				t.Errorf("points %v, want %v", h.times, want)
			}
		})
	}
}

// TestNothingIsLostOrOverwritten: whenever records come, processes end and begin, and Telegraf has no room, the points of each series and
// interval add up to the records within the bound of lateness, and no two have the same series and time.
func TestNothingIsLostOrOverwritten(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			hold, lateness := time.Duration(rnd.IntN(90))*time.Second, 35*time.Minute
			h := newHarness(testConfig(hold, lateness, base, byExporter))
			slow := false
			h.refuse = func() bool { return slow && rnd.IntN(3) > 0 }
			want := map[string]int64{}
			now := base
			for range 3000 {
				now += rnd.Int64N(5 * second)
				end := now - rnd.Int64N(30*second)
				if rnd.IntN(10) == 0 {
					end = now - rnd.Int64N(30*60*second)
				}
				r := record(end, now, uint32(rnd.IntN(4)+1), uint64(rnd.IntN(1500)))
				h.write(t, r)
				want[fmt.Sprint("weir_traffic,exporter=", r.Exporter, " ", end-end%h.period)] += int64(r.Bytes)
				switch rnd.IntN(200) {
				case 0, 1:
					slow = !slow
				case 2:
					slow = false
					h.finish(context.Background(), now)
					now += second // the next process
					h.restart(testConfig(hold, lateness, now, byExporter))
				}
			}
			slow = false
			h.finish(context.Background(), now)
			if len(h.twice) > 0 {
				t.Errorf("overwritten: %v", h.twice)
			}
			for key, n := range want {
				if h.sums[key] != n {
					t.Errorf("%s: %d bytes told, %d received", key, h.sums[key], n)
				}
			}
		})
	}
}

// manyRecords are records of as many hosts, services, AS numbers and exporters.
func manyRecords(n int, rnd *rand.Rand, now int64) []flow.Record {
	list := make([]flow.Record, n)
	for i := range list {
		r := record(now, now, rnd.Uint32N(2000), 100)
		r.Present = flow.HasProtocol | flow.HasInIf | flow.HasOutIf
		r.IPProtocol, r.Direction, r.Service = 6, flow.Outbound, flow.Symbol(rnd.Uint32N(3))
		r.Source = flow.Endpoint{IP: flow.AddrFrom4(rnd.Uint32()), Bytes: uint64(rnd.IntN(1500)), Groups: flow.Symbol(2 + rnd.Uint32N(3))}
		r.Destination = flow.Endpoint{IP: flow.AddrFrom4(rnd.Uint32()), ASN: rnd.Uint32N(70_000), Country: [2]byte{'A' + byte(rnd.IntN(26)), 'A' + byte(rnd.IntN(26))}}
		r.InIf, r.OutIf = rnd.Uint32N(100), rnd.Uint32N(100)
		list[i] = r
	}
	return list
}

// TestManyHosts: with a million hosts in ten minutes, and as many combinations of tags, series stay under their limits and memory under
// 100 MiB.
func TestManyHosts(t *testing.T) {
	cfg := testConfig(time.Minute, 35*time.Minute, 0, byAS, byCountry, byExporter, byInInterface, byOutInterface, byService)
	cfg.series, cfg.top = 20_000, topConfig{hosts: 20, limit: 500}
	h := newHarness(cfg)
	for _, name := range []string{"servers", "office", "guests"} {
		h.symbols.Intern(name)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	hosts, batches := 0, 500
	if raceEnabled {
		batches = 30
	}
	for i := range batches {
		h.write(t, manyRecords(2000, rnd, base+int64(i)*600*second/int64(batches))...)
		hosts += 2000
	}
	h.finish(context.Background(), base+3600*second)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if h.counts.records != uint64(hosts) || h.counts.noRoom+h.counts.untold > 0 {
		t.Errorf("%d hosts, counted %+v", hosts, h.counts)
	}
	if n := h.series.known(); n > cfg.series || len(h.hosts) > cfg.top.limit+4 {
		t.Errorf("%d series of traffic, %d of hosts", n, len(h.hosts))
	}
	series := map[string]bool{}
	var total int64
	for key, n := range h.sums {
		total += n
		series[key[:len(key)-20]] = true
	}
	if len(series) > cfg.series+1 || total != int64(hosts)*100 {
		t.Errorf("%d series with %d bytes", len(series), total)
	}
	h.times, h.sums, h.hosts = nil, nil, nil
	if n := after.HeapAlloc - before.HeapAlloc; n > 100<<20 {
		t.Errorf("%d bytes of memory", n)
	}
}

// TestNoAllocations: a record costs none, whatever it is summed by.
func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	cfg := testConfig(time.Minute, time.Minute, 0, byAS, byCountry, byDirection, byExporter, byInInterface, byOutInterface, byProtocol, byService)
	cfg.top = topConfig{hosts: 10, limit: 100}
	h := newHarness(cfg)
	b := batchOf(h.symbols, manyRecords(2000, rand.New(rand.NewPCG(1, 2)), base)...)
	write := func() {
		if err := h.WriteBatch(context.Background(), b); err != nil {
			t.Fatal(err)
		}
	}
	write()
	if n := testing.AllocsPerRun(20, write); n > 2 { // of the batch: what becomes of its datagrams
		t.Errorf("%v allocations for 2,000 records", n)
	}
}

// TestNoAllocationsOfFlows: nor do single flows, in either form.
func TestNoAllocationsOfFlows(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, format := range []string{formatWeir, formatNetflow} {
		symbols := flow.NewSymbols()
		var line []byte
		f := newFlowTeller(format, symbols, func(p *point) { line = appendLine(line[:0], p) })
		records := manyRecords(200, rand.New(rand.NewPCG(1, 2)), base)
		for i := range records {
			records[i].Exporter = records[0].Exporter
		}
		b := batchOf(symbols, records...)
		f.write(b)
		if n := testing.AllocsPerRun(20, func() { f.write(b) }); n > 0 {
			t.Errorf("%s: %v allocations", format, n)
		}
	}
}
