package clock_test

import (
	"fmt"
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

// worst is what a run of datagrams brought, from five minutes on.
type worst struct {
	corrected, own time.Duration // error of corrected times, and by how much others are off what the exporter's clock says
	beyond, total  int           // times off by more than their uncertainty says
}

// run sends datagrams every half to one and a half seconds for a while; each tells of something that happened five seconds before.
func run(c *clock.Clocks, x *simulated, length time.Duration) (w worst) {
	for at := start; at < start+int64(length); at += int64(time.Second)/2 + x.r.Int64N(1e9) {
		d := x.datagram(at)
		k := c.Observe(d)
		if at < start+int64(5*time.Minute) {
			continue
		}
		event := at - 5e9
		placed, uncertain := x.place(d, k, event)
		off := placed - event
		w.total++
		if max(off, -off) > uncertain {
			w.beyond++
		}
		w.corrected = max(w.corrected, time.Duration(max(off, -off)))
		byExporter := placed - x.clock(event)
		w.own = max(w.own, time.Duration(max(byExporter, -byExporter)))
	}
	return w
}

func key(x *simulated) flow.StreamKey {
	return flow.StreamKey{Exporter: flow.AddrFrom4(10<<24 | uint32(x.address)), Protocol: x.protocol}
}

// TestWrongClocks: from five minutes on, times of exporters with wrong clocks are right, whatever the network does to their datagrams.
// NetFlow's uptimes are milliseconds and never set; IPFIX tells of its clock in whole seconds alone.
func TestWrongClocks(t *testing.T) {
	for protocol, limit := range map[flow.Protocol]time.Duration{
		flow.NetFlow5: 60 * time.Millisecond, flow.NetFlow9: 60 * time.Millisecond, flow.IPFIX: 150 * time.Millisecond,
	} {
		for _, wrong := range []struct {
			offset time.Duration
			ppm    float64
		}{{37 * time.Second, 80}, {-700 * time.Millisecond, 0}, {700 * time.Millisecond, -30}, {-48 * time.Hour, 50}, {90 * time.Second, -80}} {
			for seed := range uint64(12) {
				x := newSimulated(rand.New(rand.NewPCG(seed, 1)), protocol, 1, wrong.offset, wrong.ppm)
				c := newClocks(t)
				w := run(c, x, 45*time.Minute)
				name := fmt.Sprintf("%s %s %g ppm, seed %d", protocol, wrong.offset, wrong.ppm, seed)
				if w.corrected > limit {
					t.Errorf("%s: off by up to %s", name, w.corrected)
				}
				if w.beyond*20 > w.total {
					t.Errorf("%s: %d of %d times are off by more than their uncertainty", name, w.beyond, w.total)
				}
				s, ok := c.State(key(x))
				if !ok || s.Status != flow.ClockGood || !s.Corrected {
					t.Errorf("%s: %+v", name, s)
				}
				if off := s.DriftPPM - wrong.ppm; protocol != flow.IPFIX && (off > 5 || off < -5) {
					t.Errorf("%s: drift %g ppm", name, s.DriftPPM)
				}
			}
		}
	}
}

// TestRightClocks: exporters with a right clock keep their own times; only what NetFlow v9's header leaves out is added.
func TestRightClocks(t *testing.T) {
	for _, protocol := range []flow.Protocol{flow.NetFlow5, flow.NetFlow9, flow.IPFIX} {
		for seed := range uint64(12) {
			x := newSimulated(rand.New(rand.NewPCG(seed, 2)), protocol, 1, 60*time.Millisecond, 5)
			c := newClocks(t)
			w := run(c, x, 45*time.Minute)
			limit := 2 * time.Millisecond // uptime and wall clock are cut to ms
			if protocol == flow.NetFlow9 {
				limit = 30 * time.Millisecond // 300 headers of whole seconds
			}
			if s, _ := c.State(key(x)); w.own > limit || s.Corrected || s.Status != flow.ClockGood {
				t.Errorf("%s, seed %d: %s off the exporter's clock, %+v", protocol, seed, w.own, s)
			}
			if w.beyond*20 > w.total {
				t.Errorf("%s, seed %d: %d of %d times are off by more than their uncertainty", protocol, seed, w.beyond, w.total)
			}
		}
	}
}

// TestFirstDatagramAhead: no delay makes a datagram come before it was sent, so a clock far ahead is known at once.
func TestFirstDatagramAhead(t *testing.T) {
	x := newSimulated(rand.New(rand.NewPCG(1, 3)), flow.NetFlow9, 1, 37*time.Second, 80)
	c := newClocks(t)
	d := x.datagram(start)
	placed, _ := x.place(d, c.Observe(d), start-5e9)
	if off := time.Duration(placed - (start - 5e9)); off < -time.Second || off > 2*time.Second {
		t.Errorf("off by %s", off)
	}
}

// TestLaboratory: with the export time for the time of receipt there is no offset to be seen, and none is made up.
func TestLaboratory(t *testing.T) {
	for _, protocol := range []flow.Protocol{flow.NetFlow5, flow.NetFlow9, flow.IPFIX} {
		x := newSimulated(rand.New(rand.NewPCG(1, 4)), protocol, 1, 37*time.Second, 80)
		c := newClocks(t)
		for at := start; at < start+int64(20*time.Minute); at += 7e8 {
			d := x.datagram(at)
			d.Received = d.Exported
			k := c.Observe(d)
			if k.Wall != 0 || k.WallError != flow.UnknownError || k.Receipt || k.Uptime < 0 || k.Uptime > 1e9 || protocol != flow.NetFlow9 && k.Uptime != 0 {
				t.Fatalf("%s: %+v", protocol, k)
			}
		}
		if s, _ := c.State(key(x)); s.Status != flow.ClockUnknown || s.Corrected {
			t.Errorf("%s: %+v", protocol, s)
		}
	}
}
