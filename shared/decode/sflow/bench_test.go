package sflow_test

import (
	"testing"

	"github.com/weirflow/weir/shared/decode/sflow"
	"github.com/weirflow/weir/shared/flow"
)

// BenchmarkDecode decodes a datagram of seven flow samples, as agents send them, and reports the time of one.
func BenchmarkDecode(b *testing.B) {
	sample := flowSample(rawHeader(1, frame(100)), block(1001, 20, 0, 30, 0))
	payload := datagram(sample, sample, sample, sample, sample, sample, sample)
	batch := flow.NewBatch(8, flow.NewSymbols())
	session := sflow.NewSession(sflow.DefaultLimits(), &flow.Stream{}, batch.Symbols)
	b.ReportAllocs()
	for b.Loop() {
		batch.Reset()
		batch.Datagrams = append(batch.Datagrams, facts)
		if err := session.Decode(payload, batch, 0); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(7*b.N), "ns/sample")
}
