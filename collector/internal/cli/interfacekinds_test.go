package cli

import (
	"encoding/binary"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/traffic"
)

// xdr appends 32-bit words, and 64-bit numbers where they are uint64.
func xdr(b []byte, values ...any) []byte {
	for _, v := range values {
		switch v := v.(type) {
		case int:
			b = binary.BigEndian.AppendUint32(b, uint32(v))
		case uint64:
			b = binary.BigEndian.AppendUint64(b, v)
		case []byte:
			b = append(b, v...)
		}
	}
	return b
}

// structure is one of sFlow: format, length, content.
func structure(format int, values ...any) []byte {
	body := xdr(nil, values...)
	return xdr(nil, format, len(body), body)
}

// countersAfter is an sFlow datagram with what a switch counted after some minutes of 6 Mbit/s: an interface with errors, a VLAN and a
// processor (sFlow v5, section 5.3 and the structures if_counters, ethernet_counters, vlan_counters and processor).
func countersAfter(minutes int) []byte {
	n := minutes
	octets := uint64(n) * 45_000_000
	generic := structure(1, 3, 6, uint64(1e9), 1, 3, octets, 60_000*n, 10*n, 5*n, n, 12*n, 0, octets/2, 30_000*n, 0, 0, 0, 3*n, 0)
	ethernet := structure(2, 2*n, 10*n, 0, 0, 0, 9*n, 7*n, 0, 3*n, 0, 0, 0, 0)
	vlan := structure(5, 100, octets*2, 1000*n, 200*n, 30*n, 4*n)
	processor := structure(1001, 1000+1000*n, 2500, math.MaxUint32, uint64(2e9), uint64(1e9)-uint64(n)*1e8)
	sample := func(source int, records ...[]byte) []byte {
		all := []any{n + 1, source, len(records)}
		for _, r := range records {
			all = append(all, r)
		}
		return structure(2, all...)
	}
	agent := netip.MustParseAddr("192.0.2.9").As4()
	return xdr(nil, 5, 1, agent[:], 0, n+1, (3600+60*n)*1000, 3, sample(3, generic, ethernet), sample(1<<24|100, vlan), sample(2<<24|1, processor))
}

// counterCapture is a capture of a switch that sends counters alone, once a minute.
func counterCapture(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sink, err := traffic.NewPcapSink(f)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 11 {
		d := traffic.Datagram{
			Time: time.Date(2026, 3, 2, 8, i, 0, 0, time.UTC), Exporter: netip.MustParseAddrPort("192.0.2.9:50000"), Collector: netip.MustParseAddrPort("192.0.2.1:6343"),
			Payload: countersAfter(i),
		}
		if err := sink.WriteDatagram(d); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCountersAlone: a store of counters alone shows interfaces with Ethernet's errors, VLANs and processors of the last hour before its
// newest minute; a second replay changes nothing.
func TestCountersAlone(t *testing.T) {
	dir := t.TempDir()
	data, capture := filepath.Join(dir, "data"), filepath.Join(dir, "counters.pcap")
	counterCapture(t, capture)
	must(t, "replay", capture, "--data", data)
	all := func() string {
		text := ""
		for _, flag := range []string{"--limit=9", "--vlans", "--processors"} {
			text += must(t, "interfaces", "--data", data, flag, "--format", "json")
		}
		return text
	}
	once := all()
	must(t, "replay", capture, "--data", data)
	if twice := all(); twice != once {
		t.Errorf("replayed again:\n%s\nbefore:\n%s", twice, once)
	}
	for _, c := range []struct {
		args string
		want []string
	}{
		{"", []string{"6.00 Mbit/s", "3.00 Mbit/s", "120 (100 FCS, 20 alignment)", "30 (70 late collisions, 30 internal)"}},
		{"--vlans", []string{"VLAN", "192.0.2.9  100   12.0 Mbit/s", "900 MB  10000    2000       300        40"}},
		{"--vlans --interval=5m", []string{"2026-03-02 08:05:00  12.0 Mbit/s  20 packet/s  1000       150        20"}},
		{"--processors", []string{"192.0.2.9  1          110.0 %  60.0 %   110.0 %  25.0 %  25.0 %   25.0 %  -      -        -     2.00 GB"}},
		{"--processors --interval=1m --index=1", []string{"2026-03-02 08:03:00  40.0 %   40.0 %   25.0 %"}},
		{"--processors --index=2", []string{"no processors in this time"}},
	} {
		text := must(t, append([]string{"interfaces", "--data", data}, strings.Fields(c.args)...)...)
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", c.args, want, text)
			}
		}
	}
	list := jsonOf[[]query.Interface](t, must(t, "interfaces", "--data", data, "--format", "json", "--interval", "1m"))
	if len(list) != 1 || len(list[0].Points) != 10 || *list[0].Points[4].Ethernet.FCS != 10 || *list[0].Ethernet.LateCollisions != 70 {
		t.Errorf("%d interfaces: %+v", len(list), list)
	}
}

// TestDifferenceCell: a difference within what sampling leaves uncertain is not shown as if it said something.
func TestDifferenceCell(t *testing.T) {
	of := func(v float64) *float64 { return &v }
	for want, s := range map[string]query.FlowSum{
		"-":                           {},
		"+87.0 %":                     {Difference: of(0.87)}, // written by an earlier version
		"-1.0 %":                      {Difference: of(-0.01), Error: of(0)},
		"+1.2 % ±2.0 %":               {Difference: of(0.012), Error: of(0.02)},
		"+1.2 % ±10.0 %":              {Difference: of(0.012), Error: of(0.0999)},
		"- (too few sampled: ±69 %)":  {Difference: of(0.87), Error: of(0.69)},
		"- (too few sampled: ±196 %)": {Difference: of(-1), Error: of(1.96)},
	} {
		if got := differenceCell(&s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
