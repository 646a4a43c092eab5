package detect

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

var floodFrom, floodTo = t0 + secs(300), t0 + secs(480)

// usual is an exporter that has seen everyday traffic for a quarter of an hour.
func usual() *exporter {
	return newExporter(60, 15).see(background(t0, t0+secs(900))...)
}

// TestEveryServiceIsFound: at 1.5 times its threshold with packets of the least size expected, and no other reflection.
func TestEveryServiceIsFound(t *testing.T) {
	list, err := parseServices(serviceTable)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		t.Run(s.name, func(t *testing.T) {
			flood := reflectionOf(0, 60, 1.5*s.bps, 1.05*max(64, s.bpp), floodFrom, floodTo)
			for i := range flood {
				flood[i].protocol, flood[i].dport = s.protocol, 0
				if len(s.ports) > 0 {
					flood[i].sport, flood[i].dport = s.ports[len(s.ports)-1], 40000
				}
			}
			alerts := (&play{}).run(t, usual().see(flood...))
			for _, a := range alerts {
				if a.Detector != volumetricName && a.Detector != reflectionPrefix+s.name {
					t.Errorf("also raised: %s", a.Detector)
				}
			}
			a := find(t, alerts, reflectionPrefix+s.name)
			if a.Victims[0] != "10.0.0.5" || a.Severity < 50 || a.Confidence != 1 || a.ActorsTotal != 60 || len(a.Actors) != 60 {
				t.Errorf("%+v", a)
			}
			if a.Start != utc(floodFrom) || a.End == nil || !a.End.Equal(utc(floodTo)) || a.State != flow.AlertEnded {
				t.Errorf("%s from %v to %v", a.State, a.Start, a.End)
			}
			if !strings.Contains(a.Title, s.title+" reflection flood on 10.0.0.5: ") {
				t.Error(a.Title)
			}
		})
	}
}

func TestReflectionConditions(t *testing.T) {
	dns := func(n int, mbps, size float64) []traffic {
		return reflectionOf(53, n, mbps*1e6, size, floodFrom, floodTo)
	}
	for _, c := range []struct {
		name  string
		flood []traffic
		cfg   Config
		one   bool
		want  string
	}{
		{name: "under the threshold", flood: dns(100, 45, 1200)},
		{name: "over the threshold", flood: dns(100, 55, 1200), want: "dos.reflection.dns"},
		{name: "small packets are no answers to ANY", flood: dns(100, 60, 300)},
		{name: "nine sources", flood: dns(9, 60, 1200)},
		{name: "ten sources", flood: dns(10, 60, 1200), want: "dos.reflection.dns"},
		{name: "the ISP profile takes ten times as much", flood: dns(100, 400, 1200), cfg: Config{Profile: ISP}},
		{name: "the ISP profile at ten times as much", flood: dns(100, 600, 1200), cfg: Config{Profile: ISP}, want: "dos.reflection.dns"},
		{name: "a threshold of one's own", flood: dns(100, 8, 1200), cfg: Config{ServiceBPS: map[string]float64{"dns": 5e6}}, want: "dos.reflection.dns"},
		{name: "answers that were asked for", flood: withRequests(dns(100, 90, 1200), 1)},
		{name: "a third asked for is not enough to hide behind", flood: withRequests(dns(100, 90, 1200), 6), want: "dos.reflection.dns"},
		{name: "LDAP by smaller packets than CLDAP", flood: reflectionOf(389, 40, 10e6, 700, floodFrom, floodTo), want: "dos.reflection.ldap"},
		{name: "CLDAP", flood: reflectionOf(389, 40, 10e6, 1400, floodFrom, floodTo), want: "dos.reflection.cldap"},
		{name: "an unlisted port", flood: reflectionOf(9999, 60, 30e6, 900, floodFrom, floodTo), want: "dos.reflection.unknown"},
		{name: "an unlisted port from 49 sources", flood: reflectionOf(9999, 49, 30e6, 900, floodFrom, floodTo)},
		{name: "an unlisted port with small packets", flood: reflectionOf(9999, 60, 30e6, 150, floodFrom, floodTo)},
		{name: "fragments without ports are not a port", flood: reflectionOf(0, 60, 60e6, 1400, floodFrom, floodTo)},
		{name: "one direction only: CLDAP has no proper use", flood: reflectionOf(389, 40, 10e6, 1400, floodFrom, floodTo), one: true, want: "dos.reflection.cldap"},
		{name: "one direction only: QUIC cannot be judged", flood: reflectionOf(443, 100, 150e6, 1200, floodFrom, floodTo), one: true},
		{name: "one direction only: unlisted ports cannot be judged", flood: reflectionOf(9999, 60, 30e6, 900, floodFrom, floodTo), one: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newExporter(60, 15)
			x.oneWay = c.one
			alerts := (&play{cfg: c.cfg}).run(t, x.see(background(t0, t0+secs(900))...).see(c.flood...))
			got := ""
			for _, a := range alerts {
				if strings.HasPrefix(a.Detector, reflectionPrefix) {
					got += a.Detector
				}
			}
			if got != c.want {
				t.Errorf("raised %q, want %q", got, c.want)
			}
		})
	}
}

// withRequests adds the victim's requests for the traffic of every n-th sender.
func withRequests(answers []traffic, n int) (both []traffic) {
	for i, a := range answers {
		if i%n == 0 {
			q := a
			q.src, q.dst, q.sport, q.dport, q.bps, q.size = a.dst, a.src, a.dport, a.sport, a.bps/20, 70
			both = append(both, q)
		}
		both = append(both, a)
	}
	return both
}

// TestRequestsThatComeLate: whichever of request and answer is exported first, and however long the exchange has lasted.
func TestRequestsThatComeLate(t *testing.T) {
	for _, late := range []float64{-5, 0.5, 8} {
		for _, active := range []float64{60, 300, 1800} {
			answers := reflectionOf(443, 40, 300e6, 1200, floodFrom, floodTo+secs(120))
			requests := withRequests(answers, 1)
			x, y := newExporter(active, 15).see(background(t0, t0+secs(900))...), newExporter(active, 15)
			for i := 0; i < len(requests); i += 2 {
				y.see(requests[i])
				x.see(requests[i+1])
			}
			for i := range y.records {
				y.records[i].Created += secs(late)
				y.records[i].exported += secs(late)
			}
			for _, a := range (&play{}).run(t, x, y) {
				if a.Severity >= 40 {
					t.Errorf("requests %v s late, active timeout %v s: %s [%d]", late, active, a.Title, a.Severity)
				}
			}
		}
	}
}

func TestDisabled(t *testing.T) {
	x := usual().see(reflectionOf(53, 100, 190e6, 1300, floodFrom, floodTo)...).see(reflectionOf(389, 100, 190e6, 1300, floodFrom, floodTo)...)
	for _, c := range []struct {
		off  []string
		want string
	}{
		{nil, "dos.reflection.cldap dos.reflection.dns dos.volumetric.host"},
		{[]string{"dos.reflection.dns"}, "dos.reflection.cldap dos.volumetric.host"},
		{[]string{"dos.reflection.cldap"}, "dos.reflection.dns dos.reflection.ldap dos.volumetric.host"},
		{[]string{"dos.reflection.*"}, "dos.volumetric.host"},
		{[]string{"dos.volumetric.host", "dos.reflection.*dap"}, ""},
		{[]string{"dos.*"}, " "},
	} {
		p := &play{cfg: Config{Disabled: c.off}}
		if c.want == "" {
			if _, err := New(p.cfg, Deps{Symbols: flow.NewSymbols()}); err == nil {
				t.Errorf("%v: accepted", c.off)
			}
			continue
		}
		var names []string
		for _, a := range p.run(t, x) {
			names = append(names, a.Detector)
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != strings.TrimSpace(c.want) {
			t.Errorf("without %v: %s", c.off, got)
		}
	}
}

func TestOneDirectionIsSaid(t *testing.T) {
	x := newExporter(60, 15)
	x.oneWay = true
	x.see(background(t0, t0+secs(900))...)
	cldap := find(t, (&play{}).run(t, x.see(reflectionOf(389, 40, 60e6, 1400, floodFrom, floodTo)...)), "dos.reflection.cldap")
	if cldap.Confidence != 0.6 || cldap.Severity < 50 || !strings.Contains(cldap.Sampling, "does not report both directions") {
		t.Errorf("confidence %v, severity %d, %q", cldap.Confidence, cldap.Severity, cldap.Sampling)
	}
	dns := find(t, (&play{}).run(t, x.see(reflectionOf(53, 40, 90e6, 1400, floodFrom, floodTo)...)), "dos.reflection.dns")
	if dns.SeverityLabel != "low" {
		t.Errorf("a resolver would look the same, but severity is %d", dns.Severity)
	}
}

// TestReflectionAlert holds every field of one alert.
func TestReflectionAlert(t *testing.T) {
	symbols := flow.NewSymbols()
	p := &play{symbols: symbols}
	x := usual().see(reflectionOf(53, 200, 412e6, 1400, floodFrom, floodTo)...)
	p.make(t)
	groups, wan := p.symbols.InternList([]string{"servers", "web"}), p.symbols.Intern("wan0")
	for i := range x.records {
		if x.records[i].Destination.IP == victim {
			x.records[i].Destination.Groups = groups
			x.records[i].InIfName = wan
		}
	}
	a := find(t, p.run(t, x), "dos.reflection.dns")
	got := fmt.Sprintf("%s|%v|%v|%v|%v|%v|%v|%v|%v", a.Key, a.Groups, *a.Service, flow.Measure{Name: a.Measured.Name, Value: math.Round(a.Measured.Value / 1e6), Unit: "M" + a.Measured.Unit}, a.Threshold, a.Techniques, a.Evidence.Filter, a.Exporters, a.Interfaces)
	want := "10.0.0.5|udp/53|[servers web]|{udp 53}|{bps 412 Mbit/s}|5e+07|[{T1498 Network Denial of Service} {T1498.002 Reflection Amplification}]" +
		"|destination.ip : 10.0.0.5 and source.port : 53 and network.transport : udp|[192.0.2.1]|[{192.0.2.1 3 wan0}]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	v := a.DoS.Vectors[0]
	if v.Name != "dns" || v.Waves != 1 || v.PeakBPS < 411e6 || v.PeakBPS > 413e6 || a.DoS.PeakPPS < 36_000 || a.DoS.SourcesTotal != a.ActorsTotal {
		t.Errorf("dos: %+v", a.DoS)
	}
	if len(a.Actors) != 100 || a.ActorsTotal < 180 || a.ActorsTotal > 220 || a.Baseline != nil || a.Sampling != "" || a.Confidence != 1 {
		t.Errorf("%d actors of %d, baseline %v, sampling %q, confidence %v", len(a.Actors), a.ActorsTotal, a.Baseline, a.Sampling, a.Confidence)
	}
	if want := "DNS reflection flood on 10.0.0.5: 412 Mbit/s from " + plural(a.ActorsTotal, "source"); a.Title != want {
		t.Errorf("title %q, want %q", a.Title, want)
	}
}

// TestEvidenceSelectsTheVictimsRecords: all of the attack's, and none of another host's.
func TestEvidenceSelectsTheVictimsRecords(t *testing.T) {
	x := usual().see(reflectionOf(123, 200, 40e6, 468, floodFrom+secs(3), floodTo-secs(4))...)
	for _, a := range (&play{}).run(t, x) {
		in := 0
		node, err := filter.Parse(a.Evidence.Filter, flow.NewRegistry())
		if err != nil {
			t.Fatal(err)
		}
		match := filter.Predicate(node)
		for i := range x.records {
			r := &x.records[i].Record
			if r.Destination.IP != victim && match(nil, r) {
				t.Fatalf("%s selects a record to %s", a.Evidence.Filter, r.Destination.IP)
			}
			attack := r.Destination.IP == victim && r.Source.Port == 123
			at := utc(r.End)
			selected := match(nil, r) && !at.Before(a.Evidence.From) && at.Before(a.Evidence.To)
			if attack && !selected {
				t.Fatalf("a record of the attack ends at %v, not selected by %+v", at, a.Evidence)
			} else if attack {
				in++
			}
		}
		if in == 0 {
			t.Error("nothing selected")
		}
	}
}

func TestVictimWithIPv6(t *testing.T) {
	v6 := addr("fd00::5")
	flood := reflectionOf(53, 100, 90e6, 1200, floodFrom, floodTo)
	for i := range flood {
		flood[i].dst = v6
	}
	x := usual().see(flood...)
	for i := range x.records {
		if x.records[i].Destination.IP == v6 {
			x.records[i].Direction = flow.Inbound
		}
	}
	a := find(t, (&play{}).run(t, x), "dos.reflection.dns")
	if want := `destination.ip : "fd00::5" and source.port : 53 and network.transport : udp`; a.Evidence.Filter != want {
		t.Error(a.Evidence.Filter)
	}
	if _, err := filter.Parse(a.Evidence.Filter, flow.NewRegistry()); err != nil {
		t.Error(err)
	}
}
