package traffic

import (
	"fmt"
	"hash/fnv"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// party sums up the records of one host, both ways.
type party struct {
	start, end    int64
	records       int
	asked, failed int             // TCP connections it opens; those of SYNs alone
	peers         map[string]bool // whom it opens them to
	up, down      uint64
}

// TestToughTruth: what entries of ordinary traffic say happens between their
// times on the wire, and the hosts that do nothing else do it exactly then.
func TestToughTruth(t *testing.T) {
	cfg := testConfig("walkthrough", 31, encode.IPFIX)
	cfg.Scale = 0.02
	hosts := map[string]*party{}
	res, _ := generate(t, cfg, func(s *seen) {
		of(hosts, s.Src.String()).sends(s)
		of(hosts, s.Dst.String()).gets(s)
	})
	entries := map[string]Truth{}
	for _, e := range res.Truth {
		if entries[e.ID].ID != "" {
			t.Errorf("two entries %s", e.ID)
		}
		if entries[e.ID] = e; e.Step == 0 {
			checkTough(t, e, hosts)
		}
	}
	if len(entries) < 24 {
		t.Errorf("%d entries", len(entries))
	}
	user, mail := hosts[entries["p2p-user"].Actors[0]], hosts[entries["dead-mx"].Actors[0]]
	if share := float64(user.failed) / float64(user.asked); share < 0.25 || share > 0.55 || len(user.peers) < 20 {
		t.Errorf("P2P user: %.2f of %d connections fail, %d peers", share, user.asked, len(user.peers))
	}
	if share := float64(mail.failed) / float64(mail.asked); share < 0.06 || share > 0.14 || mail.asked < 5000 {
		t.Errorf("mail server: %.2f of %d connections fail", share, mail.asked)
	}
	if up := hosts[entries["cloud-backup"].Actors[0]]; up.up < 2e9 || up.up < 4*up.down {
		t.Errorf("backup of %d bytes, %d back", up.up, up.down)
	}
	if robot := hosts[entries["password-rotation"].Actors[0]]; robot.asked < 1300 || len(robot.peers) != 1 {
		t.Errorf("robot logs in %d times at %d hosts", robot.asked, len(robot.peers))
	}
}

func of(hosts map[string]*party, name string) *party {
	if hosts[name] == nil {
		hosts[name] = &party{start: math.MaxInt64, peers: map[string]bool{}}
	}
	return hosts[name]
}

func (p *party) both(s *seen) {
	p.start, p.end = min(p.start, s.start), max(p.end, s.end)
	p.records++
}

func (p *party) sends(s *seen) {
	p.both(s)
	p.up += s.Bytes
	if s.Flags&(encode.SYN|encode.ACK) == encode.SYN || s.Flags&encode.SYN != 0 && s.SrcPort > s.DstPort {
		p.asked++
		p.peers[s.Dst.String()] = true
		if s.Flags == encode.SYN {
			p.failed++
		}
	}
}

func (p *party) gets(s *seen) {
	p.both(s)
	p.down += s.Bytes
}

func checkTough(t *testing.T, e Truth, hosts map[string]*party) {
	t.Helper()
	if e.Kind == KindAttack || e.MustDetectBy != 0 || e.Start.UnixMilli() > e.End.UnixMilli() {
		t.Errorf("%s: %+v", e.ID, e)
	}
	for _, name := range slices.Concat(e.Actors, e.Victims) {
		p := hosts[name]
		if p == nil || p.end < e.Start.UnixMilli() || p.start > e.End.UnixMilli() {
			t.Errorf("%s: %s is not there", e.ID, name)
			continue
		}
		// Servers are also scanned and looked for, and victims have other visitors.
		shared := strings.HasPrefix(name, "10.16.0.") || len(e.Actors) == 0 || name != e.Actors[0]
		if exact := p.start == e.Start.UnixMilli() && p.end == e.End.UnixMilli(); !shared && !exact {
			t.Errorf("%s: %s is there from %d to %d, truth says %d to %d", e.ID, name, p.start, p.end, e.Start.UnixMilli(), e.End.UnixMilli())
		}
	}
}

// TestAttacksLeaveBackground: without its attacks a scenario has the same other
// records to the last byte.
func TestAttacksLeaveBackground(t *testing.T) {
	cfg := testConfig("walkthrough", 5, encode.NetFlow9)
	cfg.Scale = 0.02
	p, err := planWalkthrough(newWorld(cfg))
	if err != nil {
		t.Fatal(err)
	}
	hosts := map[string]bool{}
	for _, e := range p.truth {
		if e.Step > 0 {
			hosts[e.Actors[0]] = true
		}
	}
	lines := func(attacks int) []string {
		var all []string
		c := newCollector(t, cfg, func(s *seen) {
			if !hosts[s.Src.String()] && !hosts[s.Dst.String()] {
				all = append(all, fmt.Sprint(s.Src, s.Dst, s.SrcPort, s.DstPort, s.Flags, s.Packets, s.Bytes, s.start, s.end))
			}
		})
		g := newGenerator(cfg, c)
		p, err := planWalkthrough(g.w)
		if err != nil {
			t.Fatal(err)
		}
		p.sources = p.sources[:len(p.sources)-6+attacks]
		if g.devices, err = newDevices(cfg); err == nil {
			err = g.play(t.Context(), p)
		}
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(all)
		return all
	}
	with, without := lines(6), lines(0)
	if len(with) < 100_000 || !slices.Equal(with, without) {
		t.Errorf("%d other records with the attacks, %d without", len(with), len(without))
	}
}

// TestEffectsRepeat: a scenario with every fault of exporters is the same
// twice, and another with another seed.
func TestEffectsRepeat(t *testing.T) {
	sum := func(seed uint64) uint64 {
		cfg := testConfig("walkthrough", seed, encode.IPFIX)
		cfg.Scale, cfg.Effects = 0.01, Effects{true, true, true, true, true, true}
		h := fnv.New64a()
		if _, err := Generate(t.Context(), cfg, SinkFunc(func(d Datagram) error {
			fmt.Fprint(h, d.Time.UnixNano(), d.Exporter)
			_, _ = h.Write(d.Payload) // never fails
			return nil
		})); err != nil {
			t.Fatal(err)
		}
		return h.Sum64()
	}
	if a, b, c := sum(1), sum(1), sum(2); a != b || a == c {
		t.Errorf("seed 1: %x and %x, seed 2: %x", a, b, c)
	}
}

// TestNoAllocationPerRecord: what generating a long scan costs in memory does not
// grow with its records.
func TestNoAllocationPerRecord(t *testing.T) {
	cfg := testConfig("walkthrough", 1, encode.NetFlow9)
	cfg.Scale, cfg.Hosts = 0.1, 1
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	res, err := Generate(t.Context(), cfg, SinkFunc(func(Datagram) error { return nil }))
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if each := float64(after.Mallocs-before.Mallocs) / float64(res.Records); each > 0.05 {
		t.Errorf("%.2f allocations a record of %d", each, res.Records)
	}
}
