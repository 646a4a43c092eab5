package health_test

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// headerSize is that of NetFlow v9 (RFC 3954, 5.1).
const headerSize = 20

// without takes sets out of a NetFlow v9 datagram.
func without(ids ...uint16) func(int, []byte) []byte {
	return func(_ int, d []byte) []byte {
		out := slices.Clone(d[:headerSize])
		for rest := d[headerSize:]; len(rest) >= 4; {
			n := int(binary.BigEndian.Uint16(rest[2:]))
			if !slices.Contains(ids, binary.BigEndian.Uint16(rest)) {
				out = append(out, rest[:n]...)
			}
			rest = rest[n:]
		}
		return out
	}
}

// short is the layout of another vendor: the fields of NetFlow v5, with the same template id.
var short = encode.Layout{{ID: 8, Len: 4}, {ID: 12, Len: 4}, {ID: 10, Len: 2}, {ID: 14, Len: 2}, {ID: 2, Len: 4}, {ID: 1, Len: 4}, {ID: 22, Len: 4}, {ID: 21, Len: 4}, {ID: 7, Len: 2}, {ID: 11, Len: 2}, {ID: 6, Len: 1}, {ID: 4, Len: 1}}

// officeRate is about what comes in at the office's interface 1, in bit/s with 18 bytes of framing a packet: twelve long connections of
// 4 MiB a minute, and eight connections a second of 19.5 packets and 1200 bytes each.
const officeRate = 8 * (12*(4<<20+4000*18)/60 + 8*19.5*(1200+18))

// counting returns samples of an interface that carries a rate in bit/s, with a speed in bit/s.
func counting(index uint32, rate float64, speed uint64) func(time.Time) flow.InterfaceSample {
	return func(at time.Time) flow.InterfaceSample {
		octets := uint64(rate / 8 * at.Sub(begin).Seconds())
		c := flow.InterfaceCounters{Octets: 1e9 + octets, Unicast: 1e6 + octets/800}
		return flow.InterfaceSample{
			Exporter: flow.AddrFromNetip(addr(192, 0, 2, 1)), Index: index, Source: flow.InterfaceSFlow, At: at.UnixNano(), Speed: speed,
			OctetBits: 64, PacketBits: 32, In: c, Out: c,
		}
	}
}

// broken are the exporters, each with what is wrong with it.
var broken = []struct {
	name     string
	exporter simulated
	last     time.Duration // 0: two minutes
	want     []string
}{
	{name: "healthy", exporter: simulated{}},
	{name: "healthy for an hour", exporter: simulated{}, last: time.Hour},
	{name: "healthy NetFlow v5", exporter: simulated{config: encode.Config{Protocol: encode.NetFlow5}}},
	{name: "healthy IPFIX", exporter: simulated{config: encode.Config{Protocol: encode.IPFIX}}},
	{name: "healthy, sampled 1:100", exporter: simulated{config: encode.Config{Sampling: 100}}},
	{
		name: "active timeout 1800 s", exporter: simulated{active: 1800 * time.Second}, last: 35 * time.Minute,
		want: []string{"active_timeout"},
	},
	{
		name: "active timeout 1800 s, IPFIX with end reasons", exporter: simulated{active: 1800 * time.Second, config: encode.Config{Protocol: encode.IPFIX}}, last: 35 * time.Minute,
		want: []string{"active_timeout"},
	},
	{name: "no templates", exporter: simulated{mangle: without(0, 1)}, want: []string{"no_template"}},
	{name: "wrong clock", exporter: simulated{skew: -90 * time.Second}, want: []string{"clock_offset"}},
	{name: "clock ahead", exporter: simulated{skew: 7 * time.Second}, want: []string{"clock_offset"}},
	{name: "unknown sampling", exporter: simulated{config: encode.Config{Sampling: 100}, mangle: without(1, 258)}, want: []string{"sampling_unknown"}},
	{name: "lost flags", exporter: simulated{change: func(f *encode.Flow) int { f.TCPFlags = 0; return 1 }}, want: []string{"flags_missing"}},
	{
		name: "loss 5 %", want: []string{"loss"},
		exporter: simulated{mangle: func(n int, d []byte) []byte {
			if n%20 == 7 {
				return nil
			}
			return d
		}},
	},
	{name: "double metering", exporter: simulated{change: func(*encode.Flow) int { return 2 }}, want: []string{"double_metering"}},
	{
		name: "one direction only", want: []string{"one_direction"},
		exporter: simulated{change: func(f *encode.Flow) int {
			if f.In == 2 {
				return 1
			}
			return 0
		}},
	},
	{name: "restart every minute", exporter: simulated{restart: time.Minute, config: encode.Config{Boot: begin.Add(-10 * time.Second)}}, want: []string{"restarting"}},
	{
		name: "two devices behind one address and domain", exporter: simulated{second: &encode.Config{
			Protocol: encode.NetFlow9, Boot: begin.Add(-9 * time.Hour), V4: short, TemplateRefresh: 30 * time.Second,
		}, config: encode.Config{TemplateRefresh: 30 * time.Second}}, want: []string{"template_clash"},
	},
	{
		name: "wrong interface speed", want: []string{"interface_speed"},
		exporter: simulated{samples: counting(9, 100e6, 10e6)},
	},
	{
		name: "counters of the interface say a tenth of the flows", last: 8 * time.Minute, want: []string{"sampling_mismatch"},
		exporter: simulated{config: encode.Config{Sampling: 10}, samples: counting(1, officeRate, 1e9)},
	},
	{name: "counters and flows agree", last: 8 * time.Minute, exporter: simulated{samples: counting(1, officeRate, 1e9)}},
	{
		name: "sampling changes", last: 4 * time.Minute, want: []string{"sampling_changed"},
		exporter: simulated{config: encode.Config{Sampling: 100}, restart: 90 * time.Second, resample: 1000, quietRestart: true},
	},
	{name: "right interface speed", exporter: simulated{samples: counting(9, 100e6, 1e9)}},
	{
		name: "frozen sysUptime in the header", want: []string{"uptime_frozen"},
		exporter: simulated{mangle: func(_ int, d []byte) []byte {
			binary.BigEndian.PutUint32(d[4:], 4711)
			return d
		}},
	},
	{
		name: "frozen sysUptime", want: []string{"uptime_frozen"},
		exporter: simulated{
			change: func(f *encode.Flow) int { f.Start, f.End = begin, begin; return 1 },
			mangle: func(_ int, d []byte) []byte {
				binary.BigEndian.PutUint32(d[4:], uint32(72*time.Hour/time.Millisecond))
				return d
			},
		},
	},
}

// TestBroken: each exporter's fault, and nothing else, is named in time.
func TestBroken(t *testing.T) {
	for _, c := range broken {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, health.Config{}, health.Deps{})
			if c.last == 0 {
				c.last = 2 * time.Minute
			}
			l.run(c.exporter, c.last)
			if got, texts := l.faults(); !slices.Equal(got, c.want) {
				t.Errorf("faults %v %q, want %v", got, texts, c.want)
			}
		})
	}
}
