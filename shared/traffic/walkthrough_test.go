package traffic

import (
	"fmt"
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// told is what an entry of truth comes to on the wire: the records between its
// two sides on its port.
type told struct {
	start, end     int64
	peers          map[netip.Addr]uint64 // packets by the other side
	answered       map[netip.Addr]bool
	ports          map[uint16]uint64 // bytes by the client's port
	cells          map[[2]int]int    // client's records by packets and quarter octave of bytes
	records, bytes uint64            // of the client
}

func newTold() *told {
	return &told{
		start: math.MaxInt64, peers: map[netip.Addr]uint64{}, answered: map[netip.Addr]bool{},
		ports: map[uint16]uint64{}, cells: map[[2]int]int{},
	}
}

func (n *told) up(s *seen) {
	n.start, n.end = min(n.start, s.start), max(n.end, s.end)
	n.peers[s.Dst] += s.Packets
	n.ports[s.SrcPort] += s.Bytes
	n.cells[[2]int{int(s.Packets), int(4 * math.Log2(float64(s.Bytes)))}]++
	n.records++
	n.bytes += s.Bytes
}

func (n *told) down(s *seen) {
	n.start, n.end = min(n.start, s.start), max(n.end, s.end)
	n.answered[s.Src] = true
}

// modal is the share of the client's records that the fullest cell holds.
func (n *told) modal() float64 {
	most := 0
	for _, c := range n.cells {
		most = max(most, c)
	}
	return float64(most) / float64(n.records)
}

// tale sorts the SSH records of the walk-through by who starts them.
type tale struct {
	intruder, entry, second, cloud netip.Addr
	login                          uint16 // port of the session outside the band
	steps                          [7]*told
}

func (w *tale) add(s *seen) {
	switch {
	case s.DstPort == 22 && w.step(s.Src, s.Dst, s.SrcPort, s.start) > 0:
		w.steps[w.step(s.Src, s.Dst, s.SrcPort, s.start)].up(s)
	case s.SrcPort == 22 && w.step(s.Dst, s.Src, s.DstPort, s.start) > 0:
		w.steps[w.step(s.Dst, s.Src, s.DstPort, s.start)].down(s)
	}
}

func (w *tale) step(client, server netip.Addr, port uint16, at int64) int {
	late := time.UnixMilli(at).UTC().Hour()*60+time.UnixMilli(at).UTC().Minute() >= 17*60+30
	switch {
	case client == w.intruder && server == w.entry && port == w.login:
		return 2
	case client == w.intruder && server == w.entry:
		return 1
	case client == w.entry && server == w.second && late:
		return 4
	case client == w.entry && isInside(server):
		return 3
	case client == w.second && server == w.cloud:
		return 6
	case client == w.second && !isInside(server):
		return 5
	}
	return 0
}

// TestWalkthroughTruth recounts every step of the story from the datagrams.
func TestWalkthroughTruth(t *testing.T) {
	for seed, scale := range map[uint64]float64{21: 0.06, 22: 0.05, 23: 0.1} {
		p := []encode.Protocol{encode.NetFlow5, encode.NetFlow9, encode.IPFIX}[seed%3]
		t.Run(fmt.Sprintf("seed %d %s scale %g", seed, p, scale), func(t *testing.T) {
			cfg := testConfig("walkthrough", seed, p)
			cfg.Scale = scale
			var ssh []*seen
			res, _ := generate(t, cfg, func(s *seen) {
				if s.Protocol == encode.TCP && (s.SrcPort == 22 || s.DstPort == 22) {
					s.Raw = nil
					ssh = append(ssh, s)
				}
			})
			steps := stepsOf(t, res.Truth)
			w := tale{
				intruder: addrOf(steps[1].Actors), entry: addrOf(steps[1].Victims),
				second: addrOf(steps[4].Victims), cloud: addrOf(steps[6].Victims), login: loginPort(ssh, steps[2]),
			}
			for i := range w.steps {
				w.steps[i] = newTold()
			}
			for _, s := range ssh {
				w.add(s)
			}
			w.check(t, steps, scale)
		})
	}
}

func addrOf(list []string) netip.Addr { return netip.MustParseAddr(list[0]) }

func stepsOf(t *testing.T, truth []Truth) map[int]Truth {
	t.Helper()
	steps, want := map[int]Truth{}, []string{"", "brute.ssh", "brute.success", "scan.horizontal", "lateral.chain", "scan.horizontal", "exfil.session"}
	broken := 0
	for _, e := range truth {
		switch {
		case e.Detector == "policy.violation" && e.Step == 6:
			broken++
		case e.Step > 0:
			steps[e.Step] = e
		}
	}
	if broken != 1 {
		t.Errorf("%d entries say that the policy is broken", broken)
	}
	for i := 1; i < len(want); i++ {
		if steps[i].Detector != want[i] || (steps[i].Kind == KindAttack) != (i != 4) || steps[i].Service.Port != 22 {
			t.Fatalf("step %d: %+v", i, steps[i])
		}
	}
	return steps
}

// loginPort finds the session with the most bytes from the guesser to the guessed.
func loginPort(ssh []*seen, login Truth) uint16 {
	sizes, most := map[uint16]uint64{}, uint16(0)
	for _, s := range ssh {
		if s.Src.String() == login.Actors[0] && s.Dst.String() == login.Victims[0] {
			if sizes[s.SrcPort] += s.Bytes; sizes[s.SrcPort] > sizes[most] {
				most = s.SrcPort
			}
		}
	}
	return most
}

func (w *tale) check(t *testing.T, steps map[int]Truth, scale float64) {
	t.Helper()
	for i := 1; i <= 6; i++ {
		n := w.steps[i]
		if n.start != steps[i].Start.UnixMilli() || n.end != steps[i].End.UnixMilli() {
			t.Errorf("step %d: packets from %d to %d, truth says %d to %d", i, n.start, n.end, steps[i].Start.UnixMilli(), steps[i].End.UnixMilli())
		}
	}
	guess, login := w.steps[1], w.steps[2]
	if float64(guess.records) < 9100*scale || guess.modal() < 0.7 {
		t.Errorf("%d guesses, modal share %.2f", guess.records, guess.modal())
	}
	for cell := range guess.cells {
		if cell[0] < 11 || cell[0] > 30 || cell[1] < 40 || cell[1] > 49 { // 1,000 to 5,000 bytes
			t.Errorf("a guess of %d packets in cell %d", cell[0], cell[1])
		}
	}
	if login.bytes < 12*guess.bytes/guess.records || hourOf(login.end) < 17.75 || hourOf(guess.end) > 17.25 {
		t.Errorf("login of %d bytes until %.2f h, guesses until %.2f h", login.bytes, hourOf(login.end), hourOf(guess.end))
	}
	w.checkScans(t, scale)
	hop, out := w.steps[4], w.steps[6]
	if len(hop.ports) != 3 || hourOf(hop.start) < 17.5 || hourOf(hop.end) > 17.75 {
		t.Errorf("%d sessions to the second server from %.2f h to %.2f h", len(hop.ports), hourOf(hop.start), hourOf(hop.end))
	}
	if len(out.ports) != 1 || out.bytes < 400e6 || out.bytes > 450e6 || out.records < 3 {
		t.Errorf("%d bytes out in %d sessions, %d records", out.bytes, len(out.ports), out.records)
	}
}

func (w *tale) checkScans(t *testing.T, scale float64) {
	t.Helper()
	look, sweep := w.steps[3], w.steps[5]
	if n := float64(len(look.peers)); n < 1900*scale || n > 2150*scale || look.peers[w.second] == 0 {
		t.Errorf("the entry scans %v hosts", n)
	}
	n := float64(len(sweep.peers))
	if n < 500_000*scale || n > 520_000*scale || math.Abs(float64(len(sweep.answered))/n-0.02) > 0.005 {
		t.Errorf("the second server scans %v hosts, %d answer", n, len(sweep.answered))
	}
	if each := float64(sweep.records) / n; each < 11.5 || each > 12 {
		t.Errorf("%.1f flows a target", each)
	}
	// 18.5 M packets in less than 5 h at full size: about 1,030 a second.
	var packets uint64
	for _, p := range sweep.peers {
		packets += p
	}
	if rate := float64(packets) / float64(sweep.end-sweep.start) * 1000; rate < 980 || rate > 1080 {
		t.Errorf("%.0f packets a second", rate)
	}
}

func hourOf(ms int64) float64 { return float64(ms%86_400_000) / 3_600_000 }

// TestWalkthroughDay: the story plays in the first evening that leaves four
// hours before it, wherever the scenario starts.
func TestWalkthroughDay(t *testing.T) {
	for start, want := range map[string]string{
		"2026-03-02T00:00:00Z": "2026-03-02", "2026-03-02T13:15:00Z": "2026-03-02", "2026-03-02T13:16:00Z": "2026-03-03",
	} {
		cfg := testConfig("walkthrough", 3, encode.NetFlow9)
		cfg.Start, _ = time.Parse(time.RFC3339, start)
		cfg.Scale = 0.01
		p, err := planWalkthrough(newWorld(cfg))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range p.truth {
			if got := e.Start.Format(time.DateOnly); e.Step > 0 && got != want {
				t.Errorf("from %s step %d is on %s", start, e.Step, got)
			}
		}
	}
}
