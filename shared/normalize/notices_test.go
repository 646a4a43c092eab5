package normalize

import (
	"math"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// TestNoticesOfDroppedPackets: a notice says nothing of the interval that packets are sampled at, and adds nothing to sums.
func TestNoticesOfDroppedPackets(t *testing.T) {
	n, err := New(Config{}, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	stream := &flow.Stream{}
	take := func(counted bool) flow.Record {
		b := flow.NewBatch(1, flow.NewSymbols())
		b.Datagrams = append(b.Datagrams, flow.Datagram{Protocol: flow.SFlow5, Received: 1e18, Stream: stream})
		r := b.Grow()
		r.Protocol, r.Start, r.End, r.Created, r.Present = flow.SFlow5, 1e18, 1e18, 1e18, flow.HasStart|flow.HasEnd
		if counted {
			r.Present |= flow.HasBytes | flow.HasPackets
			r.SamplingInterval, r.SamplingSource, r.Source.Bytes, r.Source.Packets = 512, flow.SamplingHeader, 100, 1
		}
		n.Batch(b)
		return *r
	}
	take(true)
	if r := take(false); r.Bytes != 0 || r.Packets != 0 || r.Invalid != flow.ReasonNone {
		t.Errorf("%d bytes, %d packets, %s", r.Bytes, r.Packets, r.Invalid)
	}
	if got := math.Float64frombits(stream.Sampling.Load()); got != 512 || flow.SamplingSource(stream.SamplingSource.Load()) != flow.SamplingHeader {
		t.Errorf("interval %g after a notice", got)
	}
}
