package headers

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

func addr(text string) flow.Addr { return flow.AddrFromNetip(netip.MustParseAddr(text)) }

// header is one of 128 bytes at a time (ns).
func header(at int64, src, dst string) flow.PacketHeader {
	data := make([]byte, 128)
	copy(data, fmt.Sprintf("%d", at))
	return flow.PacketHeader{At: at, Exporter: addr("198.51.100.1"), Source: addr(src), Destination: addr(dst), Link: 1, Length: 1514, Data: data}
}

func TestRing(t *testing.T) {
	r := NewRing(1)
	want := header(5, "10.0.0.1", "2001:db8::1")
	r.Header(want)
	want.Data[0] = 'x' // the ring has a copy
	calls := 0
	last := r.Each(0, func(number uint64, h *flow.PacketHeader) {
		calls++
		if number != 1 || h.At != 5 || h.Source != want.Source || h.Destination != want.Destination || h.Exporter != want.Exporter ||
			h.Link != 1 || h.Length != 1514 || len(h.Data) != 128 || h.Data[0] != '5' {
			t.Errorf("%d: %+v", number, h)
		}
	})
	if last != 1 || calls != 1 || r.Each(last, func(uint64, *flow.PacketHeader) { t.Error("the same header again") }) != 1 {
		t.Errorf("last %d after %d calls", last, calls)
	}
}

// TestRingForgets: the latest headers are there, in order, the oldest are counted as forgotten, and memory has its bound.
func TestRingForgets(t *testing.T) {
	r := NewRing(3 << 20)
	const taken = 50_000
	for i := range int64(taken) {
		r.Header(header(i+1, "10.0.0.1", "10.0.0.2"))
	}
	var first, count, before uint64
	r.Each(0, func(number uint64, h *flow.PacketHeader) {
		if first == 0 {
			first = number
		} else if number != before+1 {
			t.Fatalf("header %d after %d", number, before)
		}
		if h.At != int64(number) {
			t.Fatalf("header %d is of %d", number, h.At)
		}
		before = number
		count++
	})
	s := r.Stats()
	if before != taken || s.Taken != taken || s.Forgotten != first-1 || count != taken-s.Forgotten || s.Bytes != 3<<20 {
		t.Errorf("headers %d to %d, %d of them: %+v", first, before, count, s)
	}
	if count < 2<<20/(fixed+128) {
		t.Errorf("only %d headers in 3 MiB", count)
	}
	resumed := uint64(0)
	r.Each(taken-10, func(uint64, *flow.PacketHeader) { resumed++ })
	if resumed != 10 {
		t.Errorf("%d headers behind all but ten", resumed)
	}
}

// TestRingWhileRead: headers that are forgotten before their turn are left out; nothing comes twice or torn.
func TestRingWhileRead(t *testing.T) {
	r := NewRing(2 << 20)
	var writers sync.WaitGroup
	for range 2 {
		writers.Go(func() {
			for i := range int64(20_000) {
				r.Header(header(i, "10.0.0.1", "10.0.0.2"))
			}
		})
	}
	before := uint64(0)
	for range 20 {
		before = r.Each(before, func(number uint64, h *flow.PacketHeader) {
			if number <= before || len(h.Data) != 128 || h.Source != addr("10.0.0.1") {
				t.Errorf("header %d after %d: %+v", number, before, h)
			}
		})
	}
	writers.Wait()
}

func TestRingAllocatesNothing(t *testing.T) {
	r := NewRing(2 << 20)
	h := header(1, "10.0.0.1", "10.0.0.2")
	for range 30_000 { // all its memory
		r.Header(h)
	}
	if n := testing.AllocsPerRun(1000, func() { r.Header(h) }); n != 0 {
		t.Errorf("%v allocations a header", n)
	}
}

func TestLongHeader(t *testing.T) {
	r := NewRing(0)
	h := header(1, "10.0.0.1", "10.0.0.2")
	h.Data = make([]byte, 70_000)
	r.Header(h)
	r.Each(0, func(_ uint64, h *flow.PacketHeader) {
		if len(h.Data) != maxData {
			t.Errorf("%d bytes kept", len(h.Data))
		}
	})
}
