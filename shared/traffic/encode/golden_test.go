package encode

import (
	"encoding/hex"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden datagrams")

var (
	testBoot = time.UnixMilli(1772406000000).UTC()
	testNow  = testBoot.Add(time.Hour + 250*time.Millisecond)
)

// goldenFlows are a TCP flow, an ICMP unreachable with a 32-bit AS number, and
// an IPv6 flow cut by the active timeout.
func goldenFlows() []Flow {
	at := func(ms int) time.Time { return testNow.Add(-time.Duration(ms) * time.Millisecond) }
	inside, outside := netip.MustParseAddr("10.20.0.5"), netip.MustParseAddr("203.0.113.9")
	return []Flow{
		{
			Src: inside, Dst: outside, NextHop: netip.MustParseAddr("198.51.100.254"),
			SrcPort: 51108, DstPort: 443, Protocol: TCP, TCPFlags: SYN | ACK | PSH | FIN, TOS: 0x28, In: 2, Out: 1,
			Packets: 7, Bytes: 1673, Start: at(2500), End: at(1300), DstAS: 64522, SrcMask: 24, DstMask: 16, EndReason: EndSeen,
		}, {
			Src: outside, Dst: inside, Protocol: ICMP, ICMPType: 3, ICMPCode: 1, In: 1, Out: 2,
			Packets: 1, Bytes: 84, Start: at(900), End: at(900), SrcAS: 4200001000, SrcMask: 16, DstMask: 24, EndReason: EndIdle,
		}, {
			Src: netip.MustParseAddr("2001:db8:1::9"), Dst: netip.MustParseAddr("fd20::5"),
			SrcPort: 443, DstPort: 50000, Protocol: UDP, In: 1, Out: 2,
			Packets: 3, Bytes: 3600, Start: at(60000), End: at(10), SrcAS: 64513, SrcMask: 48, DstMask: 64, EndReason: EndActive,
		},
	}
}

// TestGolden compares the first datagram of a sampling device to bytes that were
// put together field by field outside this package.
func TestGolden(t *testing.T) {
	for _, p := range []Protocol{NetFlow5, NetFlow9, IPFIX} {
		t.Run(p.String(), func(t *testing.T) {
			e, err := New(Config{
				Protocol: p, Domain: 0x0102, Boot: testBoot, Sampling: 100,
				Interfaces: []Interface{{Index: 1, Name: "uplink"}, {Index: 2, Name: "office"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			flows := goldenFlows()
			if !p.IPv6() {
				flows = flows[:2]
			}
			got, used, err := e.Next(nil, testNow, flows)
			if err != nil || used != len(flows) {
				t.Fatalf("%d of %d flows, %v", used, len(flows), err)
			}
			compareGolden(t, p.String()+".hex", got)
		})
	}
}

func compareGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	var lines strings.Builder
	for b := got; len(b) > 0; b = b[min(32, len(b)):] {
		lines.WriteString(hex.EncodeToString(b[:min(32, len(b))]) + "\n")
	}
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(lines.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), lines.String()); diff != "" {
		t.Errorf("datagram differs (-want +got):\n%s", diff)
	}
}
