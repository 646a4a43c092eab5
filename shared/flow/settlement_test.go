package flow_test

import (
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// TestSettlement: of a datagram's five records one was stored before, also one that is impossible, and another is set aside.
func TestSettlement(t *testing.T) {
	stream := flow.NewAccount().Stream(flow.StreamKey{Domain: 7})
	batch := func() *flow.Batch {
		b := flow.NewBatch(5, flow.NewSymbols())
		b.Datagrams = append(b.Datagrams, flow.Datagram{Stream: stream, Records: 5, Mark: flow.StreamMark{Next: 9}})
		for range 5 {
			b.Grow()
		}
		b.Records[1].Invalid, b.Records[2].Invalid = flow.InvalidRate, flow.InvalidRate
		stream.Records.Add(5)
		stream.InFlight.Add(5)
		return b
	}
	s := flow.NewSettlement()
	s.Add(batch(), []bool{true, true, false, false, false})
	gained := 0
	s.Streams(func(of *flow.Stream, m flow.StreamMark, g flow.Gain) {
		gained++
		if of != stream || m.Next != 9 || m.Key.Domain != 7 {
			t.Errorf("mark %+v", m)
		}
		if g.Stored != 2 || g.AlreadyStored != 2 || g.SetAside[flow.InvalidRate] != 1 {
			t.Errorf("gain %+v", g)
		}
	})
	s.Commit()
	if stream.Stored.Load() != 2 || stream.AlreadyStored.Load() != 2 || stream.SetAside.Sum() != 1 || stream.InFlight.Load() != 0 || gained != 1 {
		t.Errorf("stored %d, already %d, set aside %d, in flight %d", stream.Stored.Load(), stream.AlreadyStored.Load(), stream.SetAside.Sum(), stream.InFlight.Load())
	}
	s.Add(batch(), nil)
	s.Drop(flow.DroppedStore)
	if stream.Dropped[flow.DroppedStore].Load() != 5 || stream.InFlight.Load() != 0 || stream.Stored.Load() != 2 {
		t.Errorf("dropped %d, in flight %d", stream.Dropped.Sum(), stream.InFlight.Load())
	}
	s.Commit() // nothing is left
	if stream.Stored.Load() != 2 {
		t.Error("a settlement settles once")
	}
}

// TestLossesGoWithTheNextBatch: an account that is committed has the drops before its mark and none beyond it.
func TestLossesGoWithTheNextBatch(t *testing.T) {
	account := flow.NewAccount()
	one, two := account.Stream(flow.StreamKey{Domain: 1}), account.Stream(flow.StreamKey{Domain: 2})
	batch := func(streams ...*flow.Stream) *flow.Batch {
		b := flow.NewBatch(0, flow.NewSymbols())
		for _, s := range streams {
			b.Datagrams = append(b.Datagrams, flow.Datagram{Stream: s, Records: 3})
		}
		return b
	}
	lost := batch(one, two, one).Drop(flow.DroppedQueue, nil)
	if one.Dropped.Sum() != 6 || one.Lost.Sum() != 0 {
		t.Fatalf("%d dropped, %d behind the mark", one.Dropped.Sum(), one.Lost.Sum())
	}
	next := batch(one)
	next.TakeLoss(lost)
	s := flow.NewSettlement()
	s.Add(next, nil)
	told := 0
	s.Streams(func(of *flow.Stream, _ flow.StreamMark, g flow.Gain) {
		told++
		if of != one || g.Lost[flow.DroppedQueue] != 6 {
			t.Errorf("domain %d loses %v", of.Key.Domain, g.Lost)
		}
	})
	if told != 1 || len(s.Marks()) != 1 {
		t.Errorf("%d streams told, %d marks: a stream without datagrams has no mark", told, len(s.Marks()))
	}
	s.Commit()
	if one.Lost.Sum() != 6 || two.Lost.Sum() != 3 {
		t.Errorf("behind the marks: %d and %d", one.Lost.Sum(), two.Lost.Sum())
	}
	again := batch(one)
	again.TakeLoss([]flow.Loss{{Stream: two, Why: flow.DroppedQueue, Records: 1}})
	if lost := again.Drop(flow.DroppedQueue, nil); len(lost) != 2 {
		t.Errorf("what went with a batch that is dropped goes on: %v", lost)
	}
}
