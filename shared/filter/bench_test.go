package filter_test

import (
	"math/rand/v2"
	"testing"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
)

// BenchmarkPredicate gives the time of a filter with an address, a port and a list, a record.
func BenchmarkPredicate(b *testing.B) {
	n, err := filter.Parse("related.ip : 10.0.0.0/8 and destination.port : (22 or 3389) and not weir.destination.group : servers", flow.NewRegistry())
	if err != nil {
		b.Fatal(err)
	}
	batch := filtertest.RandomBatch(rand.New(rand.NewPCG(1, 2)), 1024)
	match := filter.Predicate(n)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		match(batch, &batch.Records[i%len(batch.Records)])
	}
}
