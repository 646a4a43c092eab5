package clock_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/clock"
	"github.com/weirflow/weir/shared/flow"
)

const minute = int64(time.Minute)

// feed sends a datagram a second from one minute to another and returns the state after it.
func feed(t *testing.T, c *clock.Clocks, x *simulated, from, to int64, each func(at int64, d *flow.Datagram, k flow.ClockCorrection)) flow.ClockState {
	t.Helper()
	for at := start + from*minute; at < start+to*minute; at += 9e8 + x.r.Int64N(2e8) {
		d := x.datagram(at)
		k := c.Observe(d)
		if each != nil {
			each(at, d, k)
		}
	}
	s, ok := c.State(key(x))
	if !ok {
		t.Fatal("not known")
	}
	return s
}

// within fails where times of events five seconds before are off by more than limit.
func within(t *testing.T, x *simulated, limit time.Duration) func(at int64, d *flow.Datagram, k flow.ClockCorrection) {
	return func(at int64, d *flow.Datagram, k flow.ClockCorrection) {
		placed, _ := x.place(d, k, at-5e9)
		if off := time.Duration(placed - (at - 5e9)).Abs(); off > limit {
			t.Errorf("%s after the start: off by %s", time.Duration(at-start), off)
		}
	}
}

func behind(seed uint64, protocol flow.Protocol) *simulated {
	return newSimulated(rand.New(rand.NewPCG(seed, 7)), protocol, 1, -700*time.Millisecond, 20)
}

func TestUptimeWraps(t *testing.T) {
	x, c := behind(1, flow.NetFlow9), newClocks(t)
	x.up = -uint32(x.elapsed(x.boot, start)/1e6) - 8*60_000 // wraps in minute 8
	feed(t, c, x, 0, 6, nil)
	if s := feed(t, c, x, 6, 20, within(t, x, 100*time.Millisecond)); s.Steps != 0 || !s.Corrected {
		t.Errorf("%+v", s)
	}
}

// TestRestart: the estimate begins anew, and is as good again from the first datagrams on.
func TestRestart(t *testing.T) {
	for _, c := range []struct {
		name string
		off  int64 // minutes
		up   int64 // how long it had been up, minutes before minute 10
	}{{"off for a minute", 1, 500}, {"off for longer than it had been up", 9, 10}, {"at once", 0, 500}} {
		t.Run(c.name, func(t *testing.T) {
			x, clocks := behind(2, flow.NetFlow9), newClocks(t)
			x.boot = start + (10-c.up)*minute
			feed(t, clocks, x, 0, 10, nil)
			x.boot = start + (10+c.off)*minute - 40e9 // 40 s until it exports
			x.queue, x.spikes = 5*time.Millisecond, 0
			if s := feed(t, clocks, x, 10+c.off, 20+c.off, within(t, x, 100*time.Millisecond)); s.Steps == 0 || s.Status != flow.ClockGood {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestClockIsSet: somebody sets the exporter's clock. Uptimes are not touched by that; IPFIX has nothing else.
func TestClockIsSet(t *testing.T) {
	for _, protocol := range []flow.Protocol{flow.NetFlow5, flow.NetFlow9} {
		x, c := behind(3, protocol), newClocks(t)
		x.offset = 37 * time.Second
		feed(t, c, x, 0, 10, nil)
		x.offset = 0
		s := feed(t, c, x, 10, 20, within(t, x, 100*time.Millisecond))
		if off := s.Offset.Abs(); off > 100*time.Millisecond {
			t.Errorf("%s: %+v", protocol, s)
		}
	}
	for _, set := range []time.Duration{-20 * time.Second, 50 * time.Second} {
		x, c := behind(4, flow.IPFIX), newClocks(t)
		x.offset = 37 * time.Second
		feed(t, c, x, 0, 10, nil)
		x.offset += set
		feed(t, c, x, 10, 12, nil)
		if s := feed(t, c, x, 12, 20, within(t, x, 500*time.Millisecond)); s.Status != flow.ClockGood || s.Steps == 0 {
			t.Errorf("set by %s: %+v", set, s)
		}
	}
}

func TestBadClocks(t *testing.T) {
	for _, c := range []struct {
		name   string
		reason flow.ClockReason
		bend   func(x *simulated, at int64, d *flow.Datagram)
	}{
		{"uptime stands still", flow.ClockFrozen, func(_ *simulated, _ int64, d *flow.Datagram) { d.Uptime = 4711 }},
		{"clock and uptime run twice as fast", flow.ClockUnsteady, func(x *simulated, at int64, d *flow.Datagram) {
			d.Uptime += uint32((at - start) / 1e6)
			d.Exported += (at - start) / 1e9 * 1e9
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, clocks := behind(5, flow.NetFlow9), newClocks(t)
			x.offset = -time.Hour
			bad := 0
			var s flow.ClockState
			for at := start; at < start+10*minute; at += 1e9 {
				d := x.datagram(at)
				c.bend(x, at, d)
				if k := clocks.Observe(d); k.Receipt {
					if bad++; k.UptimeError != int64(clock.ReceiptError) {
						t.Fatalf("%+v", k)
					}
				}
				s, _ = clocks.State(key(x))
			}
			if bad == 0 {
				t.Errorf("never bad: %+v", s)
			}
			if s.Status == flow.ClockBad && s.Reason != c.reason {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestSlowNetwork: datagrams that come up to ten seconds late, in any order, are no reason to correct a right clock.
func TestSlowNetwork(t *testing.T) {
	for seed := range uint64(10) {
		x := newSimulated(rand.New(rand.NewPCG(seed, 8)), flow.NetFlow9, 1, 0, 0)
		c := newClocks(t)
		var list []*flow.Datagram
		for at := start; at < start+60*minute; at += x.r.Int64N(20e9) {
			d := x.datagram(at)
			d.Received += x.r.Int64N(10e9)
			list = append(list, d)
		}
		sortByReceipt(list)
		for _, d := range list {
			if k := c.Observe(d); k.Receipt || k.Uptime < 0 || k.Uptime > 1e9 {
				t.Fatalf("seed %d: %+v", seed, k)
			}
		}
	}
}

// TestSamples: sFlow tells no time, so that times of receipt are taken, and how far they may be off is said from the first datagram on.
func TestSamples(t *testing.T) {
	x, c := behind(6, flow.SFlow5), newClocks(t)
	s := feed(t, c, x, 0, 10, func(at int64, d *flow.Datagram, k flow.ClockCorrection) {
		late := d.Received - at
		if k.Wall != 0 || k.Receipt || k.WallError < int64(time.Second) || k.WallError > int64(4*time.Second) || k.WallError < late {
			t.Fatalf("%s late: %+v", time.Duration(late), k)
		}
	})
	if s.Status != flow.ClockGood || s.Reason != flow.ClockDelay || s.TimesError < time.Second {
		t.Errorf("%+v", s)
	}
}

// TestSeenBefore: datagrams whose sets waited for a template come again with it, and say nothing new.
func TestSeenBefore(t *testing.T) {
	x, c := behind(7, flow.NetFlow9), newClocks(t)
	old := x.datagram(start)
	c.Observe(old)
	before := feed(t, c, x, 1, 10, nil)
	c.Observe(old)
	if after, _ := c.State(key(x)); after != before {
		t.Errorf("%+v, was %+v", after, before)
	}
}

func TestRoomForClocks(t *testing.T) {
	c, err := clock.New(clock.Config{MaxStreams: 2})
	if err != nil {
		t.Fatal(err)
	}
	send := func(address byte, at int64) flow.ClockCorrection {
		x := newSimulated(rand.New(rand.NewPCG(1, 9)), flow.NetFlow9, address, 37*time.Second, 0)
		return c.Observe(x.datagram(at))
	}
	send(1, start)
	send(2, start+minute)
	if k := send(3, start+2*minute); k != flow.UnknownClock() {
		t.Errorf("no room, but %+v", k)
	}
	if s := c.Stats(); s.Streams != 2 || s.Refused != 1 {
		t.Errorf("%+v", s)
	}
	if k := send(3, start+11*minute); k == flow.UnknownClock() {
		t.Error("no room, though the first has been silent for long")
	}
	if _, err := clock.New(clock.Config{MaxStreams: -1}); err == nil {
		t.Error("a negative number is taken")
	}
}

func TestObserveAllocatesNothing(t *testing.T) {
	x, c := behind(8, flow.NetFlow9), newClocks(t)
	feed(t, c, x, 0, 40, nil)
	at, d := start+40*minute, x.datagram(start)
	if n := testing.AllocsPerRun(1000, func() {
		at += 1e9
		d.Received, d.Exported, d.Uptime = at, x.clock(at)/1e9*1e9, x.uptime(at)
		c.Observe(d)
	}); n != 0 {
		t.Errorf("%g allocations", n)
	}
}
