package flow_test

import (
	"bytes"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

func TestElements(t *testing.T) {
	b := flow.NewBatch(2, flow.NewSymbols())
	b.AppendElement(b.Grow(), flow.Element{PEN: 1, ID: 2, Value: []byte("first")})
	want := []flow.Element{
		{PEN: 1<<32 - 1, ID: 65535, Kind: flow.ElementString, Value: []byte("x")},
		{ID: 1, Kind: flow.ElementBytes, Value: []byte{}},
		{PEN: 9, ID: 3, Kind: flow.ElementUint, Value: bytes.Repeat([]byte{7}, 65535)},
	}
	r := b.Grow()
	for _, e := range want {
		b.AppendElement(r, e)
	}
	list := b.ElementsOf(r)
	for _, w := range want {
		e, rest, ok := flow.NextElement(list)
		if !ok || e.PEN != w.PEN || e.ID != w.ID || e.Kind != w.Kind || !bytes.Equal(e.Value, w.Value) {
			t.Fatalf("got %v %v, want %v", e, ok, w)
		}
		list = rest
	}
	if _, _, ok := flow.NextElement(list); ok || len(list) != 0 {
		t.Error("more elements than were appended")
	}
	if first := b.ElementsOf(&b.Records[0]); len(first) != 9+5 || !r.Present.Has(flow.HasElements) {
		t.Errorf("first record has %d bytes", len(first))
	}
}

// TestElementsCutShort: a damaged list ends, it does not panic.
func TestElementsCutShort(t *testing.T) {
	whole := flow.AppendElement(nil, flow.Element{PEN: 1, ID: 2, Value: []byte("value")})
	for n := range whole {
		if _, _, ok := flow.NextElement(whole[:n]); ok {
			t.Errorf("an element of %d bytes", n)
		}
	}
	b := flow.NewBatch(1, flow.NewSymbols())
	if got := b.ElementsOf(&flow.Record{ElementsOff: 5, ElementsLen: 10}); got != nil {
		t.Errorf("elements outside of the buffer: %v", got)
	}
}

func TestBatchIsReused(t *testing.T) {
	b := flow.NewBatch(2, flow.NewSymbols())
	r := b.Grow()
	r.Bytes = 7
	b.AppendElement(r, flow.Element{Value: []byte("x")})
	b.Datagrams, b.Normalized = append(b.Datagrams, flow.Datagram{}), true
	b.Reset()
	if len(b.Records)+len(b.Datagrams)+len(b.Elements) != 0 || b.Normalized {
		t.Errorf("after Reset: %+v", b)
	}
	if r := b.Grow(); *r != (flow.Record{}) {
		t.Error("a record of the reused batch is not empty")
	}
	for range 5 {
		b.Grow()
	}
	if len(b.Records) != 6 {
		t.Errorf("%d records", len(b.Records))
	}
}
