package health

import (
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// TestSamplesDropped: what an agent says that it dropped is a fault from a hundredth of its samples on.
func TestSamplesDropped(t *testing.T) {
	for _, c := range []struct {
		every uint64 // a sample is dropped for so many sent
		want  Level
	}{{1000, Fine}, {50, Warning}, {10, Critical}} {
		m, err := New(Config{}, Deps{})
		if err != nil {
			t.Fatal(err)
		}
		key := flow.StreamKey{Exporter: flow.AddrFrom4(0xc0000201), Protocol: flow.SFlow5}
		account := &flow.Stream{Key: key}
		for n := uint64(1); n <= 120; n++ {
			b := flow.NewBatch(0, flow.NewSymbols())
			b.Datagrams = append(b.Datagrams, flow.Datagram{
				Exporter: key.Exporter, Protocol: key.Protocol, Received: int64(1_772_438_400+n) * 1e9, Uptime: uint32(n * 1000), HasUptime: true, Stream: account,
				Mark: flow.StreamMark{Key: key, Next: uint32(n), Known: true, Counts: flow.Counts{Decoded: n, FlowSamples: 10 * n, SampleDrops: 7 + 10*n/c.every}},
			})
			m.Observe(b)
		}
		got := Fine
		for _, f := range m.Report(key).Faults {
			if f.Kind != SamplesDropped.String() {
				t.Errorf("%+v", f)
			}
			got = m.streams[key].verdicts[SamplesDropped].level
		}
		if got != c.want {
			t.Errorf("one for %d: %s, want %s", c.every, got, c.want)
		}
	}
}
