package flow_test

import (
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

func BenchmarkAppendJSON(b *testing.B) {
	reg := flow.NewRegistry()
	batch, r := fullRecord()
	dst := make([]byte, 0, 8192)
	b.ReportAllocs()
	for b.Loop() {
		dst = flow.AppendJSON(dst[:0], reg, batch, r)
	}
	b.SetBytes(int64(len(dst)))
}

func BenchmarkParseJSON(b *testing.B) {
	reg := flow.NewRegistry()
	batch := flow.NewBatch(1, flow.NewSymbols())
	b.ReportAllocs()
	for b.Loop() {
		batch.Reset()
		if err := flow.ParseJSON([]byte(fullJSON), reg, batch); err != nil {
			b.Fatal(err)
		}
	}
}
