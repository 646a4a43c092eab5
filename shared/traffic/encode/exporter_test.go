package encode

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/traffic/internal/readback"
)

func newTest(t *testing.T, c Config) *Exporter {
	t.Helper()
	if c.Boot.IsZero() {
		c.Boot = testBoot
	}
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// manyFlows alternates IPv4 and, where asked for, IPv6.
func manyFlows(n int, v6 bool) []Flow {
	flows := make([]Flow, n)
	for i := range flows {
		flows[i] = Flow{
			Src: netip.AddrFrom4([4]byte{10, 20, byte(i >> 8), byte(i)}), Dst: netip.MustParseAddr("203.0.113.9"),
			SrcPort: uint16(i), DstPort: 53, Protocol: UDP, Packets: 1, Bytes: uint64(60 + i), Start: testNow, End: testNow,
		}
		if v6 && i%2 == 1 {
			flows[i].Src, flows[i].Dst = netip.MustParseAddr("fd20::1"), netip.MustParseAddr("2001:db8::1")
		}
	}
	return flows
}

// readAll reads datagrams back and fails on anything that does not add up.
func readAll(t *testing.T, payloads [][]byte) []readback.Datagram {
	t.Helper()
	r := readback.NewReader()
	var out []readback.Datagram
	for i, p := range payloads {
		d, err := r.Read(p)
		if err != nil {
			t.Fatalf("datagram %d: %v", i, err)
		}
		out = append(out, d)
	}
	return out
}

// TestSequenceUnits: v5 counts flows, v9 datagrams, IPFIX data records including
// options data; all of them wrap at 2^32.
func TestSequenceUnits(t *testing.T) {
	tests := map[Protocol]func(d readback.Datagram) uint32{
		NetFlow5: func(d readback.Datagram) uint32 { return uint32(len(d.Records)) },
		NetFlow9: func(readback.Datagram) uint32 { return 1 },
		IPFIX:    func(d readback.Datagram) uint32 { return uint32(len(d.Records) + len(d.Options)) },
	}
	for p, count := range tests {
		for name, first := range map[string]uint32{"from zero": 0, "over the wrap": 1<<32 - 3} {
			t.Run(p.String()+" "+name, func(t *testing.T) {
				e := newTest(t, Config{Protocol: p, Sampling: 10, TemplateEvery: 3, Interfaces: []Interface{{Index: 1, Name: "one"}, {Index: 2, Name: "two"}}})
				e.SetSequence(first)
				payloads, err := e.Datagrams(testNow, manyFlows(300, p.IPv6()))
				if err != nil {
					t.Fatal(err)
				}
				want, records := first, 0
				for i, d := range readAll(t, payloads) {
					if d.Header.Sequence != want {
						t.Fatalf("datagram %d has sequence %d, want %d", i, d.Header.Sequence, want)
					}
					want += count(d)
					records += len(d.Records)
				}
				if records != 300 || e.Sequence() != want {
					t.Errorf("%d records, next sequence %d: want 300 and %d", records, e.Sequence(), want)
				}
			})
		}
	}
}

// TestNothingLost: bytes and packets come back whole, no datagram is too long,
// and no more records than allowed share one.
func TestNothingLost(t *testing.T) {
	for _, p := range []Protocol{NetFlow5, NetFlow9, IPFIX} {
		for _, limit := range []int{512, 1472, 9000} {
			e := newTest(t, Config{Protocol: p, MaxPayload: limit})
			flows := manyFlows(500, p.IPv6())
			payloads, err := e.Datagrams(testNow, flows)
			if err != nil {
				t.Fatal(err)
			}
			var bytes uint64
			for _, d := range readAll(t, payloads) {
				if len(d.Records) > e.MaxRecords() {
					t.Errorf("%s: %d records in a datagram", p, len(d.Records))
				}
				for _, r := range d.Records {
					bytes += r.Bytes
				}
			}
			for _, b := range payloads {
				if len(b) > limit {
					t.Errorf("%s: datagram of %d bytes, limit %d", p, len(b), limit)
				}
			}
			if want := uint64(500*60 + 499*500/2); bytes != want {
				t.Errorf("%s limit %d: %d bytes, want %d", p, limit, bytes, want)
			}
		}
	}
}

// TestFullFrame: 24 IPv4 records of NetFlow v9 share an Ethernet frame.
func TestFullFrame(t *testing.T) {
	e := newTest(t, Config{Protocol: NetFlow9})
	if _, _, err := e.Next(nil, testNow, nil); err != nil {
		t.Fatal(err)
	}
	d, used, err := e.Next(nil, testNow, manyFlows(30, false))
	if err != nil || used != 24 || len(d) != 20+4+24*60 {
		t.Errorf("%d records in %d bytes, %v", used, len(d), err)
	}
}

// TestTemplateRefresh: templates come first, then after the interval or count.
func TestTemplateRefresh(t *testing.T) {
	for _, p := range []Protocol{NetFlow9, IPFIX} {
		e := newTest(t, Config{Protocol: p, TemplateRefresh: time.Minute, TemplateEvery: 4})
		var with []int
		r := readback.NewReader()
		for i := range 12 {
			now := testNow.Add(time.Duration(i) * 20 * time.Second)
			if i >= 6 {
				now = testNow.Add(100*time.Second + time.Duration(i)*time.Millisecond)
			}
			b, _, err := e.Next(nil, now, manyFlows(1, false))
			if err != nil {
				t.Fatal(err)
			}
			d, err := r.Read(b)
			if err != nil {
				t.Fatal(err)
			}
			if d.Templates > 0 {
				with = append(with, i)
			}
		}
		// By time at 3 (60 s after 0), by count at 7 and 11.
		if len(with) != 4 || with[0] != 0 || with[1] != 3 || with[2] != 7 || with[3] != 11 {
			t.Errorf("%s: templates in datagrams %v, want 0 3 7 11", p, with)
		}
	}
}

// TestSamplingAnnounced: v5 in 14 bits of the header; v9 and IPFIX by options
// data that the records' sampler or selector id points to.
func TestSamplingAnnounced(t *testing.T) {
	for _, p := range []Protocol{NetFlow5, NetFlow9, IPFIX} {
		e := newTest(t, Config{Protocol: p, Sampling: 1000})
		payloads, err := e.Datagrams(testNow, manyFlows(3, false))
		if err != nil {
			t.Fatal(err)
		}
		d := readAll(t, payloads)[0]
		switch p {
		case NetFlow5:
			if d.Header.Sampling&0x3fff != 1000 || d.Header.Sampling>>14 != 1 {
				t.Errorf("v5 header says %#x", d.Header.Sampling)
			}
		case NetFlow9:
			o := d.Options[0]
			if o.Uint(50) != 1000 || o.Uint(48) != d.Records[0].Uint(48) || o.Uint(48) == 0 {
				t.Errorf("v9 options %v, record %v", o.Raw, d.Records[0].Raw)
			}
		case IPFIX:
			o := d.Options[0]
			if n := o.Uint(305) + o.Uint(306); n != 1000 || o.Uint(302) != d.Records[0].Uint(302) || o.Uint(302) == 0 {
				t.Errorf("IPFIX options %v, record %v", o.Raw, d.Records[0].Raw)
			}
		}
	}
}

// TestUptimeWrap: sysUptime, First and Last count modulo 2^32 ms, also where a
// flow began before the wrap and its datagram leaves after it.
func TestUptimeWrap(t *testing.T) {
	const period = 1 << 32 // ms
	for _, p := range []Protocol{NetFlow5, NetFlow9} {
		e := newTest(t, Config{Protocol: p, Boot: testNow.Add(-(period + 500) * time.Millisecond)})
		f := manyFlows(1, false)
		f[0].Start, f[0].End = testNow.Add(-2*time.Second), testNow.Add(-100*time.Millisecond)
		payloads, err := e.Datagrams(testNow, f)
		if err != nil {
			t.Fatal(err)
		}
		d := readAll(t, payloads)[0]
		if d.Header.Uptime != 500 || d.Records[0].First != period-1500 || d.Records[0].Last != 400 {
			t.Errorf("%s: uptime %d, first %d, last %d", p, d.Header.Uptime, d.Records[0].First, d.Records[0].Last)
		}
	}
}

// TestRange: what a record cannot say is refused with ErrRange, nothing is sent
// and no sequence number is used.
func TestRange(t *testing.T) {
	v4, v6 := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("fd20::1")
	tests := []struct {
		name     string
		protocol Protocol
		change   func(f *Flow)
	}{
		{"v5 byte counter", NetFlow5, func(f *Flow) { f.Bytes = 1 << 32 }},
		{"v5 interface", NetFlow5, func(f *Flow) { f.In = 1 << 16 }},
		{"v5 IPv6", NetFlow5, func(f *Flow) { f.Src, f.Dst = v6, v6 }},
		{"v9 packet counter", NetFlow9, func(f *Flow) { f.Packets = 1 << 32 }},
		{"mixed families", IPFIX, func(f *Flow) { f.Src, f.Dst = v4, v6 }},
		{"no address", IPFIX, func(f *Flow) { f.Src = netip.Addr{} }},
		{"mapped address", NetFlow9, func(f *Flow) { f.Src, f.Dst = netip.MustParseAddr("::ffff:1.2.3.4"), v6 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newTest(t, Config{Protocol: tt.protocol})
			f := manyFlows(2, false)
			tt.change(&f[1])
			d, used, err := e.Next(nil, testNow, f)
			if !errors.Is(err, ErrRange) || len(d) != 0 || used != 0 || e.Sequence() != 0 {
				t.Errorf("%d bytes, %d used, sequence %d, error %v", len(d), used, e.Sequence(), err)
			}
			if _, used, err := e.Next(nil, testNow, f[:1]); err != nil || used != 1 {
				t.Errorf("after the error: %d used, %v", used, err)
			}
		})
	}
}

// TestASTrans: a 32-bit AS number in 16 bits is AS_TRANS (RFC 6793).
func TestASTrans(t *testing.T) {
	f := manyFlows(1, false)
	f[0].SrcAS, f[0].DstAS = 4200000001, 65000
	v4, _ := DefaultLayouts(NetFlow9)
	for i := range v4 {
		if v4[i].ID == 16 || v4[i].ID == 17 {
			v4[i].Len = 2
		}
	}
	for _, c := range []Config{{Protocol: NetFlow5}, {Protocol: NetFlow9, V4: v4}} {
		payloads, err := newTest(t, c).Datagrams(testNow, f)
		if err != nil {
			t.Fatal(err)
		}
		r := readAll(t, payloads)[0].Records[0]
		if r.Uint(16) != 23456 || r.Uint(17) != 65000 {
			t.Errorf("%s: AS %d and %d", c.Protocol, r.Uint(16), r.Uint(17))
		}
	}
}

// TestNewRefuses: what could never be written is refused at once.
func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]Config{
		"no protocol":       {},
		"tiny payload":      {Protocol: IPFIX, MaxPayload: 100},
		"v5 interval":       {Protocol: NetFlow5, Sampling: 1 << 14},
		"v5 records":        {Protocol: NetFlow5, MaxRecords: 31},
		"unknown element":   {Protocol: IPFIX, V4: Layout{{9999, 4}}},
		"wrong length":      {Protocol: IPFIX, V4: Layout{{8, 3}}},
		"zero-size element": {Protocol: NetFlow9, V6: Layout{{27, 0}}},
		"empty layout":      {Protocol: NetFlow9, V4: Layout{}},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestReducedSize: counters are written with any length an exporter may choose.
func TestReducedSize(t *testing.T) {
	for _, n := range []uint16{1, 2, 3, 5, 8} {
		e := newTest(t, Config{Protocol: IPFIX, V4: Layout{{8, 4}, {12, 4}, {1, n}, {58, 2}, {60, 1}}})
		f := manyFlows(1, false)
		f[0].Bytes, f[0].VLAN = 200, 77
		payloads, err := e.Datagrams(testNow, f)
		if err != nil {
			t.Fatal(err)
		}
		if r := readAll(t, payloads)[0].Records[0]; r.Bytes != 200 || r.Uint(58) != 77 || r.Uint(60) != 4 {
			t.Errorf("length %d: %d bytes, VLAN %d, version %d", n, r.Bytes, r.Uint(58), r.Uint(60))
		}
	}
}

func BenchmarkNext(b *testing.B) {
	for _, p := range []Protocol{NetFlow5, NetFlow9, IPFIX} {
		b.Run(p.String(), func(b *testing.B) {
			e, err := New(Config{Protocol: p, Boot: testBoot})
			if err != nil {
				b.Fatal(err)
			}
			flows, buf, n := manyFlows(24, false), []byte(nil), 0
			for b.Loop() {
				d, used, err := e.Next(buf[:0], testNow, flows)
				if err != nil {
					b.Fatal(err)
				}
				buf = d
				n += used
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/record")
		})
	}
}
