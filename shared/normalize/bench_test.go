package normalize

import (
	"net/netip"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// bigBatch returns a normalizer with overrides and a function that fills a batch with raw records: 24 a datagram.
func bigBatch(t testing.TB) (*Normalizer, *flow.Batch, func()) {
	n, err := New(Config{Overrides: []Override{
		{Exporters: netip.MustParsePrefix("192.0.2.1/32"), Interval: 100},
		{Exporters: netip.MustParsePrefix("198.51.100.0/24"), Interval: 10},
	}}, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	b := flow.NewBatch(2400, flow.NewSymbols())
	stream := &flow.Stream{}
	return n, b, func() {
		b.Reset()
		for i := range 2400 {
			if i%24 == 0 {
				b.Datagrams = append(b.Datagrams, flow.Datagram{
					Protocol: flow.NetFlow9, Exported: exported, Uptime: 5000, HasUptime: true, Received: exported, Stream: stream,
				})
			}
			r := b.Grow()
			r.Present, r.FirstUptime, r.LastUptime = uptimes|counted, 1<<32-1000, 4000
			r.Source.Bytes, r.Source.Packets, r.Meta = 1500, 3, uint32(i/24)
			r.SamplingInterval, r.SamplingSource = 1000, flow.SamplingOptions
		}
	}
}

func TestBatchAllocatesNothing(t *testing.T) {
	n, b, fill := bigBatch(t)
	fill()
	if got := testing.AllocsPerRun(20, func() { n.Batch(b) }); got != 0 {
		t.Errorf("%v allocations a batch", got)
	}
}

func BenchmarkBatch(b *testing.B) {
	n, batch, fill := bigBatch(b)
	fill()
	b.ReportAllocs()
	for b.Loop() {
		n.Batch(batch)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(batch.Records)), "ns/record")
}
