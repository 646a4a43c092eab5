package behavior

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/detect/sampling"
	"github.com/weirflow/weir/shared/flow"
)

// TestEveryDetectorHasItsSight: the table of sampling has a row for each.
func TestEveryDetectorHasItsSight(t *testing.T) {
	for _, name := range Detectors() {
		if sampling.Of(name, sampling.Beyond).State == sampling.Full {
			t.Errorf("%s is not in the table of sampling", name)
		}
	}
}

// sampledAct makes an act one of a session sampled 1:n of which so many packets of the client were seen.
func sampledAct(a act, n float64, seen uint64) act {
	a.sampling = n
	a.bytes = a.bytes / max(1, a.packets) * seen * uint64(n)
	a.packets = seen * uint64(n)
	return a
}

// guessedSampled is what 1:n leaves of connections of 15 packets, one every so often: pieces with the SYN, and without.
func guessedSampled(connections int, n float64, every time.Duration, a act) (list []act) {
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range connections {
		a.at, a.clientPort = time.Duration(i)*every, uint16(20_000+i%40_000)
		syn, rest := rng.Float64() < 1/n, uint64(0)
		for range 14 {
			if rng.Float64() < 1/n {
				rest++
			}
		}
		b := a
		b.sampling, b.flags, b.state, b.confidence = n, flow.ACK|flow.PSH, flow.StateUNI, 0.6
		if syn {
			b.flags, b.confidence, rest = b.flags|flow.SYN, 0.95, rest+1
			if rest == 1 {
				b.flags, b.state = flow.SYN, flow.StateS0
			}
		}
		if rest > 0 {
			b.packets, b.bytes = rest*uint64(n), rest*uint64(n)*160
			list = append(list, b)
		}
	}
	return list
}

// TestSampled: each detector at the classes of sampling (docs/sampling.md).
func TestSampled(t *testing.T) {
	const in, out, internal = flow.Inbound, flow.Outbound, flow.Internal
	probe := act{client: "10.1.0.5", port: 22, state: flow.StateS0, direction: internal}
	refused := act{client: "10.1.0.5", server: "10.2.0.9", state: flow.StateREJ, direction: internal}
	attempt := act{client: "203.0.113.9", server: "10.2.0.9", port: 22, direction: in}
	upload := act{client: "10.1.0.5", server: "198.51.100.7", port: 443, state: flow.StateEST, direction: out, packets: 1, bytes: 1500, lasts: 5 * time.Minute, service: 1}
	login := act{client: "203.0.113.9", server: "10.2.0.9", port: 22, state: flow.StateEST, direction: in, packets: 1, bytes: 100, lasts: time.Hour}
	at := func(n float64, list []act) []act {
		for i := range list {
			list[i].sampling = n
		}
		return list
	}
	unknown := func(list []act) []act {
		for i := range list {
			list[i].unknown = true
		}
		return list
	}
	inside := change(attempt, func(a *act) { a.client, a.direction = "10.1.0.6", internal })
	database := change(attempt, func(a *act) { a.port = 3306 })
	none := map[string]string{}
	one := func(detector, label string) map[string]string { return map[string]string{detector: label} }

	for _, c := range []struct {
		name string
		acts []act
		want map[string]string
	}{
		{"ten targets at 1:10", at(10, hosts(10, time.Second, probe)), one(horizontalName, "medium")},
		{"nine are too few", at(10, hosts(9, time.Second, probe)), none},
		{"many targets leave no doubt", at(100, hosts(150, time.Second, probe)), one(horizontalName, "high")},
		{"above 1:1000 scans are evidence", at(4096, hosts(150, time.Second, probe)), one(horizontalName, "info")},
		{"where the interval is not known, too", unknown(hosts(150, time.Second, probe)), one(horizontalName, "info")},
		{"connections seen in their midst answer for a host", midst(hosts(60, time.Second, probe), 3), none},
		{"25 ports at 1:10", at(10, ports(30, refused)), one(verticalName, "medium")},
		{"twenty are too few", at(10, ports(20, refused)), none},
		{"vertical scans are not told beyond 1:10", at(11, ports(300, refused)), none},
		{"a block at 1:10", at(10, block(8, 8, refused)), one(blockName, "medium")},
		{"a block at 1:100, ten hosts and ten ports", at(100, block(12, 12, refused)), one(blockName, "high")},
		{"blocks are not told beyond 1:100", at(101, scattered(300, refused)), none},
		{"answers are no backscatter when sampled", at(2, backscattered(30)), none},

		{"guessing at 1:10, ten a minute", guessedSampled(400, 10, 6*time.Second, attempt), one("brute.ssh", "low")},
		{"one a minute is as often as programs ask", guessedSampled(400, 10, time.Minute, attempt), none},
		{"guessing at 1:2", guessedSampled(200, 2, 10*time.Second, attempt), one("brute.ssh", "low")},
		{"at 1:50, two a second", guessedSampled(4000, 50, 500*time.Millisecond, attempt), one("brute.ssh", "low")},
		{"at 1:100, too few", guessedSampled(1000, 100, time.Second, attempt), none},
		{"at 1:1000, fifty a second", guessedSampled(90_000, 1000, 20*time.Millisecond, attempt), one("brute.ssh", "low")},
		{"at 1:1000, five a second", guessedSampled(9000, 1000, 200*time.Millisecond, attempt), none},
		{"above 1:1000 never", guessedSampled(90_000, 1024, time.Millisecond, attempt), none},
		{"jobs from inside, four a minute", guessedSampled(700, 10, 15*time.Second, inside), none},
		{"guessing from inside, thirty a minute", guessedSampled(700, 10, 2*time.Second, inside), one("brute.ssh", "low")},
		{"databases are asked often", guessedSampled(400, 10, 6*time.Second, database), none},
		{"a dead server gets SYNs alone", at(10, times(400, time.Second, change(attempt, func(a *act) { a.state, a.flags, a.packets, a.bytes = flow.StateS0, flow.SYN, 10, 600 }))), none},
		{"sessions of people have more packets", at(10, times(400, time.Second, change(attempt, func(a *act) {
			a.state, a.flags, a.packets, a.bytes = flow.StateUNI, flow.SYN|flow.ACK|flow.PSH, 3000, 300_000
		}))), none},

		{"an upload at 1:10", []act{sampledAct(upload, 10, 8000)}, one(exfilName, "medium")},
		{"an upload at 1:1000, 160 MB", []act{sampledAct(upload, 1000, 107)}, one(exfilName, "medium")},
		{"140 MB are too few there", []act{sampledAct(upload, 1000, 93)}, none},
		{"by SSH, 120 MB at 1:500", []act{sampledAct(change(upload, func(a *act) { a.port = 22 }), 500, 160)}, none},
		{"900 MB at 1:4096", []act{sampledAct(upload, 4096, 146)}, none},
		{"1.2 GB at 1:4096", []act{sampledAct(upload, 4096, 200)}, one(exfilName, "high")},

		{"a login with 60 packets among the samples", []act{sampledAct(login, 10, 60)}, one(newLoginName, "info")},
		{"with as many as a failed one has", []act{sampledAct(login, 10, 51)}, none},
		{"never more than information", []act{sampledAct(login, 10, 60), sampledAct(change(login, func(a *act) { a.client, a.at = "203.0.113.10", 30*time.Hour }), 10, 60)}, one(newLoginName, "infoinfo")},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := play(t, c.acts)
			if d := cmp.Diff(c.want, labels(found)); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
			for detector, list := range found {
				if !strings.HasPrefix(list[0].Sampling, "Sampled 1:") && !strings.HasPrefix(list[0].Sampling, "The sampling interval is not known") {
					t.Errorf("%s says nothing of sampling: %q", detector, list[0].Sampling)
				}
			}
		})
	}
}

// midst lets every nth act be one that is seen in its midst, and samples all.
func midst(list []act, nth int) []act {
	for i := range list {
		list[i].sampling = 100
		if i%nth == 0 {
			list[i].state, list[i].flags, list[i].confidence = flow.StateMID, flow.ACK, 0.55
		}
	}
	return list
}

// scattered is one port each of many hosts.
func scattered(n int, a act) (list []act) {
	for i := range n {
		a.server, a.port, a.at = fmt.Sprintf("10.9.%d.%d", i/250, 1+i%250), uint16(2000+i), time.Duration(i)*time.Second
		list = append(list, a)
	}
	return list
}

// TestPeers: file sharing has as many peers that are gone as peers that answer, and does not become a scan however long it goes on.
func TestPeers(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, n := range []float64{1, 10} {
		var list []act
		for i := range 5000 {
			a := act{
				client: "10.1.0.5", server: fmt.Sprintf("198.51.%d.%d", rng.IntN(256), rng.IntN(256)), port: uint16(1025 + rng.IntN(60_000)),
				state: flow.StateEST, direction: flow.Outbound, at: time.Duration(i) * 8 * time.Second, confidence: 0.55, packets: 40, bytes: 20_000, sampling: n,
			}
			switch {
			case rng.IntN(10) < 4:
				a.state, a.confidence = flow.StateS0, 0.95
			case rng.IntN(4) == 0: // taken for the server
				a.client, a.server, a.clientPort, a.port, a.direction = a.server, a.client, a.port, 40_000, flow.Inbound
			}
			list = append(list, a)
		}
		if got := labels(play(t, list)); len(got) > 0 {
			t.Errorf("1:%v: %v", n, got)
		}
	}
}

// TestScanKeepsItsPort: one scan of several ports is one finding, whichever port comes first in the end, and one host's ports are its own.
func TestScanKeepsItsPort(t *testing.T) {
	var list []act
	for i, a := range hosts(240, time.Second, act{client: "10.1.0.5", state: flow.StateS0, direction: flow.Internal}) {
		a.port = [...]uint16{22, 445, 3389}[min(2, i/80)]
		list = append(list, a)
	}
	if got := play(t, list)[horizontalName]; len(got) != 1 {
		t.Errorf("%d findings of a scan of three ports", len(got))
	}
	vertical := ports(200, act{client: "10.1.0.5", server: "10.2.0.9", state: flow.StateREJ, direction: flow.Internal})
	vertical = append(vertical, act{client: "10.1.0.5", server: "198.51.100.1", port: 443, state: flow.StateS0, direction: flow.Outbound, at: 250 * time.Second})
	got := play(t, vertical)[verticalName]
	if len(got) != 1 || got[0].Victims[0] != "10.2.0.9" {
		t.Errorf("%d findings, %v", len(got), got)
	}
}
