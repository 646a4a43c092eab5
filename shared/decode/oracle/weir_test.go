package oracle

import (
	"cmp"
	"slices"
	"testing"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
)

// weir decodes datagrams and returns their records in the order of the input, also those that waited for a template. The
// number of a datagram travels as its time of receipt.
func weir(t *testing.T, list []datagram) ([]keyed, *flow.Account) {
	t.Helper()
	account, symbols := flow.NewAccount(), flow.NewSymbols()
	d := decode.New(decode.Config{}, decode.Deps{Account: account, Symbols: symbols})
	b := flow.NewBatch(64, symbols)
	type place struct {
		keyed
		set    uint16
		record uint32
	}
	var places []place
	for i, dg := range list {
		b.Reset()
		_ = d.Decode(dg.payload, dg.source, int64(i), b) // faults are part of some captures, and counted
		for k := range b.Records {
			r := &b.Records[k]
			from := b.Datagrams[r.Meta].Received
			places = append(places, place{keyed{int(from), weirRow(b, k)}, r.ID.Set, r.ID.Record})
		}
	}
	slices.SortStableFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.datagram, b.datagram), cmp.Compare(a.set, b.set), cmp.Compare(a.record, b.record))
	})
	out := make([]keyed, len(places))
	for i, p := range places {
		out[i] = p.keyed
	}
	return out, account
}

// total sums a counter over all streams.
func total(a *flow.Account, of func(*flow.Stream) uint64) (n int) {
	for _, s := range a.Streams() {
		n += int(of(s))
	}
	return n
}
