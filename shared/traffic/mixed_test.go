package traffic

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// deed is an entry of truth of the mixed scenario as found on the wire.
type deed struct {
	truth          Truth
	start, end     int64
	records        int
	bytes, packets uint64                  // towards victims for floods, from actors otherwise
	failed         map[netip.AddrPort]bool // whose port did not let a SYN in
	peers          map[netip.Addr]bool
}

// index finds entries by the addresses they have to themselves.
type index struct {
	deeds  []*deed
	byHost map[netip.Addr][]*deed
}

func newIndex(truth []Truth) *index {
	x := &index{byHost: map[netip.Addr][]*deed{}}
	for _, e := range truth {
		if e.Kind == KindBenign || len(e.Actors)+len(e.Victims) == 0 || strings.HasPrefix(e.ID, "noise") {
			continue
		}
		d := &deed{truth: e, start: 1 << 62, failed: map[netip.AddrPort]bool{}, peers: map[netip.Addr]bool{}}
		x.deeds = append(x.deeds, d)
		key := e.Actors
		if strings.HasPrefix(e.Detector, "dos.") {
			key = e.Victims
		}
		host := netip.MustParseAddr(key[0])
		x.byHost[host] = append(x.byHost[host], d)
	}
	return x
}

func (x *index) add(s *seen) {
	for _, d := range x.byHost[s.Src] {
		if !strings.HasPrefix(d.truth.Detector, "dos.") && d.about(s.DstPort, s) {
			d.acts(s)
		}
	}
	for _, d := range x.byHost[s.Dst] {
		switch flood := strings.HasPrefix(d.truth.Detector, "dos."); {
		case flood && d.fromActor(s.Src):
			d.acts(s)
		case !flood && d.about(s.SrcPort, s):
			d.end = max(d.end, s.end)
		}
	}
}

// about reports whether a record belongs to the entry: its time, its port, and
// its victim where that is one.
func (d *deed) about(port uint16, s *seen) bool {
	e := d.truth
	if s.start < e.Start.UnixMilli() || s.end > e.End.UnixMilli() || s.Protocol != encode.TCP {
		return false
	}
	if len(e.Victims) == 1 && s.Src.String() != e.Victims[0] && s.Dst.String() != e.Victims[0] {
		return false
	}
	return e.Service == nil || port == e.Service.Port || e.Detector == "label.backscatter"
}

func (d *deed) fromActor(src netip.Addr) bool {
	if len(d.peers) == 0 {
		for _, a := range d.truth.Actors {
			d.peers[netip.MustParseAddr(a)] = true
		}
	}
	return d.peers[src]
}

func (d *deed) acts(s *seen) {
	d.start, d.end = min(d.start, s.start), max(d.end, s.end)
	d.records++
	d.bytes += s.Bytes
	d.packets += s.Packets
	if s.Flags == encode.SYN {
		d.failed[netip.AddrPortFrom(s.Dst, s.DstPort)] = true
	}
}

// TestMixedTruth recounts the mixed scenario: every attack is above 1.5 times the
// threshold of its detector, the weaker ones are not, and their times are right.
func TestMixedTruth(t *testing.T) {
	cfg := testConfig("mixed", 41, encode.IPFIX)
	cfg.Hosts = 30
	p, err := planMixed(newWorld(cfg))
	if err != nil {
		t.Fatal(err)
	}
	x := newIndex(p.truth)
	res, _ := generate(t, cfg, x.add)
	if res.Records > 2_000_000 || len(res.Truth) != len(p.truth) {
		t.Errorf("%d records, %d entries, planned %d", res.Records, len(res.Truth), len(p.truth))
	}
	strong := map[string]int{}
	for _, d := range x.deeds {
		d.check(t)
		if d.truth.Kind == KindAttack {
			strong[family(d.truth.Detector)]++
		}
		if d.truth.Start.Before(cfg.Start.Add(24 * time.Hour)) {
			t.Errorf("%s is on the first day", d.truth.ID)
		}
	}
	for _, row := range mixedTable() {
		if n := strong[row.name]; n < 10 && row.name != "label.backscatter" {
			t.Errorf("%d attacks of %s", n, row.name)
		}
	}
}

// family joins brute.ssh and brute.rdp, but not brute.success.
func family(detector string) string {
	for _, name := range []string{"brute", "dos.reflection"} {
		if strings.HasPrefix(detector, name+".") && detector != "brute.success" {
			return name
		}
	}
	return detector
}

// check repeats from the specification of the detectors what 1.5 times a
// threshold is: distinct failed targets, bytes, or rates.
func (d *deed) check(t *testing.T) {
	t.Helper()
	e, attack := d.truth, d.truth.Kind == KindAttack
	if d.records == 0 || d.start != e.Start.UnixMilli() || d.end != e.End.UnixMilli() {
		t.Errorf("%s: %d records from %d to %d, truth says %d to %d", e.ID, d.records, d.start, d.end, e.Start.UnixMilli(), e.End.UnixMilli())
		return
	}
	if attack != (e.MustDetectBy > 0) || len(e.Actors) == 0 || len(e.Victims) == 0 {
		t.Errorf("%s: %d actors, %d victims, due after %s", e.ID, len(e.Actors), len(e.Victims), e.MustDetectBy)
	}
	over := func(what string, got, want float64) {
		if attack != (got >= want) {
			t.Errorf("%s (%s): %s %.0f, threshold times 1.5 is %.0f", e.ID, e.Kind, what, got, want)
		}
	}
	seconds := e.End.Sub(e.Start).Seconds()
	switch family(e.Detector) {
	case "exfil.session":
		over("bytes", float64(d.bytes), map[bool]float64{true: 150e6, false: 75e6}[e.Service.Port == 443])
	case "policy.violation":
		over("bytes", float64(d.bytes), 15e6)
	case "brute":
		over("attempts", float64(d.records), 45)
	case "dos.volumetric.host":
		over("share of a threshold", max(float64(d.bytes)*8/seconds/100e6, float64(d.packets)/seconds/5000), 1.5)
	case "scan.horizontal":
		over("hosts", float64(len(d.failed)), map[bool]float64{true: 150, false: 75}[e.Service.Port == 80 || e.Service.Port >= 8000])
	case "scan.vertical":
		over("ports", float64(len(d.failed)), 75)
	case "scan.block":
		over("pairs", float64(len(d.failed)), 150)
	}
}
