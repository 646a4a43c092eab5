package interfaces

import (
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

const noon = int64(1_772_452_800) * second // 2026-03-02T12:00:00Z

// at is a sample of octets in and out, all else standing at 1000.
func at(seconds int64, bits uint8, in, out uint64) flow.InterfaceSample {
	c := flow.InterfaceCounters{Unicast: 1000, Multicast: 1000, Broadcast: 1000, Discards: 1000, Errors: 1000}
	s := flow.InterfaceSample{Index: 1, Source: flow.InterfaceSNMP, At: noon + seconds*second, OctetBits: bits, PacketBits: bits, In: c, Out: c}
	s.In.Octets, s.Out.Octets = in, out
	return s
}

func TestBetween(t *testing.T) {
	const top = 1<<32 - 100
	fallen := at(60, 32, 10, 10)
	fallen.In = flow.InterfaceCounters{Octets: 10, Unicast: 1, Multicast: 1, Broadcast: 1, Discards: 1, Errors: 1}
	fallen.Out = fallen.In
	booted, frozen := at(60, 64, 5000, 5000), at(60, 64, 5000, 5000)
	booted.Boot = noon + 30*second
	frozen.Boot = noon - 3540*second // an hour of uptime, as a minute before
	before := at(0, 64, 1000, 1000)
	before.Boot = noon - 3600*second
	unknown := at(60, 64, 5000, flow.NoCounter)
	for _, c := range []struct {
		name  string
		a, b  flow.InterfaceSample
		speed uint64
		in    float64
		why   fault
	}{
		{"64 bits grow", at(0, 64, 1000, 1000), at(60, 64, 5000, 1000), 1e9, 4000, faultNone},
		{"nothing moved", at(0, 64, 1000, 1000), at(60, 64, 1000, 1000), 1e9, 0, faultNone},
		{"32 bits wrap", at(0, 32, top, 0), at(60, 32, 900, 0), 100e6, 1000, faultNone},
		{"32 bits wrap, speed not known", at(0, 32, top, 0), at(60, 32, 900, 0), 0, 1000, faultNone},
		{"32 bits at 10 Gbit/s wrap every 3.4 s", at(0, 32, 0, 0), at(60, 32, 900, 0), 10e9, Unknown, faultNarrow},
		{"32 bits at 10 Gbit/s asked every 3 s", at(0, 32, 0, 0), at(3, 32, 900, 0), 10e9, 900, faultNone},
		{"a wrap faster than the interface is a reset", at(0, 32, 2e9, 0), at(60, 32, 900, 0), 10e6, Unknown, faultReset},
		{"64 bits do not wrap", at(0, 64, 5000, 0), at(60, 64, 1000, 0), 1e9, Unknown, faultReset},
		{"all fell: a restart, though 32 bits might wrap", at(0, 32, top, 5000), fallen, 0, Unknown, faultReset},
		{"uptime began anew", before, booted, 1e9, Unknown, faultReset},
		{"uptime stands still", before, frozen, 1e9, 4000, faultNone},
		{"samples are missing", at(0, 64, 1000, 1000), at(16*60, 64, 5000, 1000), 1e9, Unknown, faultGap},
		{"not later", at(60, 64, 1000, 1000), at(60, 64, 5000, 1000), 1e9, Unknown, faultOrder},
		{"wider from now on", at(0, 32, 1000, 1000), at(60, 64, 5000, 1000), 1e9, Unknown, faultReset},
		{"a counter that is not told", at(0, 64, 1000, 1000), unknown, 1e9, 4000, faultNone},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, why := between(&c.a, &c.b, c.speed)
			if why != c.why || g.in.Octets != c.in {
				t.Errorf("%v, %q; want %v, %q", g.in.Octets, faultNames[why], c.in, faultNames[c.why])
			}
			if c.b.Out.Octets == flow.NoCounter && g.out.Octets != Unknown {
				t.Errorf("out %v of a counter that is not told", g.out.Octets)
			}
			if c.why == faultNarrow && g.in.Unicast != 0 {
				t.Errorf("packets are known, not %v", g.in.Unicast)
			}
		})
	}
}

// FuzzBetween: whatever counters say, amounts are not negative but where they are unknown.
func FuzzBetween(f *testing.F) {
	f.Add(int64(60), uint64(1000), uint64(5), uint64(1)<<40, uint64(0), true, uint64(1e9))
	f.Add(int64(3), uint64(1<<32-1), uint64(0), uint64(1)<<63, uint64(7), false, uint64(0))
	f.Add(int64(-1), uint64(1<<64-1), uint64(1<<64-2), uint64(0), uint64(1<<64-1), true, uint64(10))
	f.Fuzz(func(t *testing.T, seconds int64, a, b, c, d uint64, wide bool, speed uint64) {
		bits := uint8(32)
		if wide {
			bits = 64
		}
		x, y := at(0, bits, a, b), at(seconds%100_000, bits, c, d)
		x.In.Errors, y.In.Errors = b, c
		g, _ := between(&x, &y, speed)
		for _, side := range []Amounts{g.in, g.out} {
			for _, v := range side.list() {
				if !(*v >= 0 || *v == Unknown) {
					t.Errorf("%+v", side)
				}
			}
		}
	})
}
