package traffic

import (
	"net/netip"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/traffic/encode"
	"github.com/weirflow/weir/shared/traffic/internal/readback"
)

var benchNow = time.Date(2026, 3, 2, 10, 0, 0, 250e6, time.UTC)

// TestBenchMix reads the mix back: right sequence numbers, 24 records, flows
// that end now and started up to a minute before, sane sizes, many sources.
func TestBenchMix(t *testing.T) {
	for _, p := range []encode.Protocol{encode.NetFlow9, encode.IPFIX} {
		t.Run(p.String(), func(t *testing.T) {
			m, err := NewBenchMix(BenchConfig{Seed: 3, Protocol: p, Exporters: 2})
			if err != nil {
				t.Fatal(err)
			}
			sources, ports := map[netip.Addr]int{}, map[uint16]int{}
			r, next, step := readback.NewReader(), uint32(0), uint32(1)
			if p == encode.IPFIX {
				step = 24
			}
			for i := range 500 {
				now := benchNow.Add(time.Duration(i) * 7 * time.Millisecond)
				d := benchDatagram(t, m, r, i, now)
				if d.Header.Sequence != next || d.Header.Domain != 2 {
					t.Fatalf("datagram %d: sequence %d domain %d, want %d and 2", i, d.Header.Sequence, d.Header.Domain, next)
				}
				switch {
				case d.Templates == 0:
					next += step
				case p == encode.NetFlow9:
					next++
				}
				for _, rec := range d.Records {
					checkBenchRecord(t, d.Header, rec, now)
					sources[rec.Src]++
					ports[rec.DstPort]++
				}
			}
			if len(ports) != 9 || len(sources) < 2000 { // ten services on nine ports: TCP and UDP 443
				t.Errorf("%d ports, %d sources", len(ports), len(sources))
			}
		})
	}
}

// benchDatagram returns datagram i of exporter 1; every 100th has templates.
func benchDatagram(t *testing.T, m *BenchMix, r *readback.Reader, i int, now time.Time) readback.Datagram {
	t.Helper()
	want := 24
	var payload []byte
	var err error
	if i%100 == 0 {
		if payload, err = m.Templates(1, now); err != nil {
			t.Fatal(err)
		}
		want = 0
	} else {
		payload = m.Next(1, now)
	}
	d, err := r.Read(payload)
	if err != nil || len(d.Records) != want || d.Header.Secs != uint32(now.Unix()) {
		t.Fatalf("datagram %d: %d records at %d, %v", i, len(d.Records), d.Header.Secs, err)
	}
	return d
}

func checkBenchRecord(t *testing.T, h readback.Header, r readback.Record, now time.Time) {
	t.Helper()
	length, late := r.EndMs-r.StartMs, now.UnixMilli()-r.EndMs
	if h.Version == 9 {
		length, late = int64(r.Last-r.First), int64(h.Uptime-r.Last)
	}
	if late != 0 || length < 0 || length > 60_000 {
		t.Fatalf("flow of %d ms ends %d ms before export", length, late)
	}
	if len(r.Raw) != 20 || !netip.MustParsePrefix("10.20.0.0/16").Contains(r.Dst) || isInside(r.Src) {
		t.Fatalf("%d fields, %s to %s", len(r.Raw), r.Src, r.Dst)
	}
	if r.Packets == 0 || r.Bytes < 40*r.Packets && r.Packets > 1 || r.Bytes > 1500*r.Packets || r.Bytes > 100e6 || r.Bytes < 40 {
		t.Fatalf("%d bytes in %d packets", r.Bytes, r.Packets)
	}
}

// TestBenchMixBuffers: a datagram stays as it is while the buffers last.
func TestBenchMixBuffers(t *testing.T) {
	m, err := NewBenchMix(BenchConfig{Exporters: 1, Buffers: 3})
	if err != nil {
		t.Fatal(err)
	}
	first := m.Next(0, benchNow)
	before := string(first)
	m.Next(0, benchNow)
	m.Next(0, benchNow)
	if string(first) != before {
		t.Error("a datagram changed while two more were made")
	}
	m.Next(0, benchNow)
	if string(first) == before {
		t.Error("the buffer was not used again")
	}
	if n := testing.AllocsPerRun(100, func() { m.Next(0, benchNow) }); n != 0 {
		t.Errorf("%v allocations a datagram", n)
	}
}

func TestBenchMixRefuses(t *testing.T) {
	for name, c := range map[string]BenchConfig{
		"netflow5": {Protocol: encode.NetFlow5}, "records": {Records: 25}, "exporters": {Exporters: 251}, "buffers": {Buffers: -1},
	} {
		if _, err := NewBenchMix(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func BenchmarkBenchMix(b *testing.B) {
	m, err := NewBenchMix(DefaultBenchConfig())
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		m.Next(n&7, benchNow)
		n++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*24), "ns/record")
}
