package flow_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
)

func TestAccountStreams(t *testing.T) {
	a := flow.NewAccount()
	key := flow.StreamKey{Exporter: flow.AddrFrom4(2), Domain: 1, Protocol: flow.IPFIX}
	s := a.Stream(key)
	if s == nil || a.Stream(key) != s || s.Key != key {
		t.Fatal("a key has not one stream")
	}
	a.Stream(flow.StreamKey{Exporter: flow.AddrFrom4(1), Domain: 9})
	a.Stream(flow.StreamKey{Exporter: flow.AddrFrom4(2), Domain: 1, Protocol: flow.NetFlow9})
	a.Stream(flow.StreamKey{Exporter: flow.AddrFrom4(2), Domain: 0, Protocol: flow.IPFIX})
	var order []string
	for _, s := range a.Streams() {
		order = append(order, s.Key.Exporter.String()+" "+s.Key.Protocol.String())
	}
	want := []string{"0.0.0.1 ", "0.0.0.2 ipfix", "0.0.0.2 netflow9", "0.0.0.2 ipfix"}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// TestAccountCap: beyond the cap datagrams are refused under the exporter or, without room for that, under the zero address.
func TestAccountCap(t *testing.T) {
	a := flow.NewAccount()
	for i := range flow.MaxStreams {
		if a.Stream(flow.StreamKey{Domain: uint32(i), Protocol: flow.IPFIX}) == nil {
			t.Fatalf("stream %d finds no room", i)
		}
	}
	if a.Stream(flow.StreamKey{Exporter: flow.AddrFrom4(1)}) != nil {
		t.Error("one stream more than the cap")
	}
	a.Refuse(flow.AddrFrom4(1), 100, flow.RefusedStreamCap)
	a.Refuse(flow.AddrFrom4(2), 50, flow.RefusedStreamCap)
	s := a.Stream(flow.StreamKey{})
	if s == nil || s.Datagrams.Load() != 2 || s.Bytes.Load() != 150 || s.Refused.Sum() != 2 {
		t.Errorf("overflow %+v", s)
	}
}

func TestRefuse(t *testing.T) {
	a := flow.NewAccount()
	a.Refuse(flow.AddrFrom4(7), 100, flow.RefusedVersion)
	s := a.Stream(flow.StreamKey{Exporter: flow.AddrFrom4(7)})
	if s.Datagrams.Load() != 1 || s.Bytes.Load() != 100 {
		t.Error("not counted as received")
	}
	if diff := cmp.Diff(map[string]uint64{"version": 1}, s.Refused.Map()); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}

// accountBatch returns a batch of n datagrams of up to 5 records over the streams, decoded as a decoder would count it.
func accountBatch(rnd *rand.Rand, streams []*flow.Stream, n int) *flow.Batch {
	b := flow.NewBatch(n, flow.NewSymbols())
	for i := range n {
		s := streams[rnd.IntN(len(streams))]
		k := rnd.IntN(6)
		b.Datagrams = append(b.Datagrams, flow.Datagram{Stream: s, Records: uint32(k), Mark: flow.StreamMark{Next: uint32(i)}})
		for range k {
			r := b.Grow()
			r.Meta = uint32(i)
			if rnd.IntN(4) == 0 {
				r.Invalid = flow.InvalidFuture + flow.Reason(rnd.IntN(3))
			}
		}
		s.Records.Add(uint64(k))
		s.InFlight.Add(int64(k))
	}
	return b
}

func checkRecords(t *testing.T, s *flow.Stream) {
	t.Helper()
	out := s.Stored.Load() + s.AlreadyStored.Load() + s.SetAside.Sum() + s.Dropped.Sum()
	if inFlight := s.InFlight.Load(); s.Records.Load() != out+uint64(inFlight) || inFlight < 0 {
		t.Errorf("%d records decoded, %d settled, %d in flight", s.Records.Load(), out, inFlight)
	}
}

// TestSettlementAddsUp: whatever becomes of batches, decoded = stored + already stored + set aside + dropped + in flight.
func TestSettlementAddsUp(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	a := flow.NewAccount()
	var streams []*flow.Stream
	for i := range 3 {
		streams = append(streams, a.Stream(flow.StreamKey{Domain: uint32(i)}))
	}
	s := flow.NewSettlement()
	for range 500 {
		b := accountBatch(rnd, streams, 1+rnd.IntN(20))
		if rnd.IntN(5) == 0 {
			flow.PassLost(b.Drop(flow.DroppedQueue, nil))
		} else {
			already := make([]bool, len(b.Records))
			for i := range already {
				already[i] = rnd.IntN(3) == 0
			}
			if rnd.IntN(2) == 0 {
				already = nil
			}
			s.Add(b, already)
		}
		switch rnd.IntN(6) {
		case 0:
			s.Drop(flow.DroppedStore)
		case 1, 2:
			s.Commit()
		}
		for _, stream := range streams {
			checkRecords(t, stream)
		}
	}
	s.Commit()
	for _, stream := range streams {
		if checkRecords(t, stream); stream.InFlight.Load() != 0 {
			t.Errorf("%d in flight when all is settled", stream.InFlight.Load())
		}
	}
}

func TestSettlementOutcomes(t *testing.T) {
	stream := flow.NewAccount().Stream(flow.StreamKey{Domain: 4})
	b := flow.NewBatch(4, flow.NewSymbols())
	b.Datagrams = []flow.Datagram{
		{Stream: stream, Records: 2, Mark: flow.StreamMark{Next: 8, Known: true}},
		{Stream: stream, Records: 2, Mark: flow.StreamMark{Next: 9, Known: true}},
	}
	for i := range 4 {
		r := b.Grow()
		r.Meta = uint32(i / 2)
		if i%2 == 0 {
			r.Invalid = flow.InvalidFuture // also of one that was stored before: not set aside twice
		}
	}
	stream.Records.Store(4)
	stream.InFlight.Store(4)
	s := flow.NewSettlement()
	s.Add(b, []bool{true, true, false, false})
	if marks := s.Marks(); len(marks) != 1 || marks[0].Next != 9 || marks[0].Key.Domain != 4 {
		t.Errorf("marks %+v, want the latest", marks)
	}
	s.Commit()
	if stream.Stored.Load() != 1 || stream.AlreadyStored.Load() != 2 || stream.SetAside.Map()["future"] != 1 || stream.InFlight.Load() != 0 {
		t.Errorf("stored %d already %d aside %v in flight %d", stream.Stored.Load(), stream.AlreadyStored.Load(), stream.SetAside.Map(), stream.InFlight.Load())
	}
	s.Commit() // empty
	if stream.Stored.Load() != 1 || len(s.Marks()) != 0 {
		t.Error("settled twice")
	}
}

// TestSettlementLoses: single records of a batch are dropped, a record that is set aside for whatever reason, too; the account adds up.
func TestSettlementLoses(t *testing.T) {
	stream := flow.NewAccount().Stream(flow.StreamKey{Domain: 4})
	b := flow.NewBatch(4, flow.NewSymbols())
	b.Datagrams = []flow.Datagram{{Stream: stream, Records: 4}}
	for i := range 4 {
		if r := b.Grow(); i >= 2 {
			r.Invalid = flow.InvalidFuture
		}
	}
	stream.Records.Store(4)
	stream.InFlight.Store(4)
	s := flow.NewSettlement()
	s.Add(b, nil)
	s.Lose(b, 1, flow.DroppedQueue)
	s.Lose(b, 3, flow.DroppedQueue)
	s.Commit()
	if stream.Stored.Load() != 1 || stream.SetAside.Map()["future"] != 1 || stream.Dropped[flow.DroppedQueue].Load() != 2 || stream.Lost[flow.DroppedQueue].Load() != 2 || stream.InFlight.Load() != 0 {
		t.Errorf("stored %d aside %v dropped %v in flight %d", stream.Stored.Load(), stream.SetAside.Map(), stream.Dropped.Map(), stream.InFlight.Load())
	}
}

// TestAccountConcurrently is for the race detector.
func TestAccountConcurrently(t *testing.T) {
	a := flow.NewAccount()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 500 {
				a.Stream(flow.StreamKey{Domain: uint32(i % 50)}).Datagrams.Add(1)
				a.Refuse(flow.AddrFrom4(uint32(i%5)), 1, flow.RefusedShort)
				_ = a.Streams()
			}
		})
	}
	wg.Wait()
	var sum uint64
	for _, s := range a.Streams() {
		sum += s.Datagrams.Load()
	}
	if sum != 4*500*2 {
		t.Errorf("%d datagrams, want 4000", sum)
	}
}
