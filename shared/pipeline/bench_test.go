package pipeline

import (
	"net/netip"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/traffic"
)

// BenchmarkDetectors is the CPU time of everything that looks for attacks, per record of the bench mix at 100,000 records a
// second: rates alone, then with sessions and what looks at them. Decoding and enriching are not counted.
func BenchmarkDetectors(b *testing.B) {
	for _, sessions := range []string{"off", "on"} {
		b.Run("sessions "+sessions, func(b *testing.B) { benchDetectors(b, sessions) })
	}
}

func benchDetectors(b *testing.B, sessions string) {
	cfg := config.Default()
	cfg.Detect.Sessions = sessions
	core, err := Assemble(cfg, nil)
	if err != nil {
		b.Fatal(err)
	}
	mix, err := traffic.NewBenchMix(traffic.DefaultBenchConfig())
	if err != nil {
		b.Fatal(err)
	}
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	batch := flow.NewBatch(4096, core.Symbols)
	feed := func(d []byte, exporter int) {
		src := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, byte(2 + exporter)}), 40000)
		if err := core.Decoder.Decode(d, src, now.UnixNano(), batch); err != nil {
			b.Fatal(err)
		}
	}
	for i := range mix.Exporters() {
		d, err := mix.Templates(i, now)
		if err != nil {
			b.Fatal(err)
		}
		feed(d, i)
	}
	runtime.LockOSThread()
	var spent time.Duration
	var records int
	round := func() {
		for len(batch.Records) < 2048 {
			now = now.Add(time.Duration(mix.RecordsPerDatagram()) * time.Second / 100_000)
			e := records % mix.Exporters()
			records += mix.RecordsPerDatagram()
			feed(mix.Next(e, now), e)
		}
		core.normalizer.Batch(batch)
		core.enricher.Batch(batch)
		t := threadTime(b)
		core.Detectors.Observe(batch, now.UnixNano())
		core.Detectors.Advance(now.UnixNano())
		core.Detectors.Changes()
		spent += threadTime(b) - t
		batch.Reset()
	}
	for records < 100_000*100 { // until sessions end as fast as they begin
		round()
	}
	spent, records = 0, 0
	b.ResetTimer()
	for records < b.N {
		round()
	}
	b.ReportMetric(float64(spent.Nanoseconds())/float64(records), "cpu-ns/record")
	b.ReportMetric(0, "ns/op")
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "MiB")
	runtime.KeepAlive(core)
}

func threadTime(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
