package clock_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/clock"
	"github.com/weirflow/weir/shared/flow"
)

func newClocks(t testing.TB) *clock.Clocks {
	t.Helper()
	c, err := clock.New(clock.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTry(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 1))
		for _, x := range []*simulated{
			newSimulated(r, flow.NetFlow9, 1, 37*time.Second, 80), newSimulated(r, flow.NetFlow9, 2, -700*time.Millisecond, 0), newSimulated(r, flow.NetFlow9, 3, 0, 20),
			newSimulated(r, flow.IPFIX, 1, 37*time.Second, 80), newSimulated(r, flow.IPFIX, 2, -700*time.Millisecond, 0), newSimulated(r, flow.IPFIX, 3, 0, 20),
			newSimulated(r, flow.NetFlow5, 1, 37*time.Second, 80), newSimulated(r, flow.NetFlow5, 2, -700*time.Millisecond, 0), newSimulated(r, flow.NetFlow5, 3, 0, 20),
		} {
			c := newClocks(t)
			at := start
			var worst, worstEarly, over int64
			var n, first int
			for at < start+int64(40*time.Minute) {
				at += int64(time.Second)/2 + r.Int64N(1e9)
				d := x.datagram(at)
				k := c.Observe(d)
				p, e := x.place(d, k, at-5e9)
				off := p - (at - 5e9)
				if at > start+int64(5*time.Minute) {
					n++
					worst = max(worst, max(off, -off))
					if max(off, -off) > e {
						over++
					}
					if first == 0 {
						first = 1
						worstEarly = off
					}
				}
			}
			s, _ := c.State(flow.StreamKey{Exporter: flow.AddrFrom4(10<<24|uint32(x.address)), Protocol: x.protocol})
			t.Logf("%d %v %v ppm %g least %v queue %v: worst %v at5 %v over %d/%d state %+v", seed, x.protocol, x.offset, x.ppm, x.least, x.queue, time.Duration(worst), time.Duration(worstEarly), over, n, s)
		}
	}
}
