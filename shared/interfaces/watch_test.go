package interfaces

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// life is minutes of an interface: each says what its counters grow by.
type life struct {
	speed   uint64
	minutes []growth
}

type growth struct {
	share                      float64 // of the speed, inbound
	packets, errors, broadcast uint64  // inbound
	discards                   uint64  // outbound
	for_                       int     // minutes; 0 is 1
}

// live runs a life through a meter, a sample a minute, and returns what it found.
func live(t *testing.T, cfg Config, l life, more int64) *bench {
	t.Helper()
	b := newBench(t, cfg)
	s := at(0, 64, 0, 0)
	s.Speed, s.Name, s.Alias = l.speed, b.symbols.Intern("ge-0/0/1"), b.symbols.Intern("uplink")
	s.In, s.Out = flow.InterfaceCounters{}, flow.InterfaceCounters{}
	b.sample(s)
	speed := float64(l.speed)
	if speed == 0 {
		speed = 1e9
	}
	for _, g := range l.minutes {
		for range max(1, g.for_) {
			s.At += minute
			s.In.Octets += uint64(g.share * speed / 8 * 60)
			s.In.Unicast += g.packets
			s.Out.Unicast += g.packets
			s.In.Errors += g.errors
			s.In.Broadcast += g.broadcast
			s.Out.Discards += g.discards
			b.sample(s)
		}
	}
	b.pass(s.At + more)
	return b
}

func TestUtilization(t *testing.T) {
	for _, c := range []struct {
		name     string
		speed    uint64
		minutes  []growth
		severity int // 0: nothing
		start    int64
	}{
		{"quiet", 1e9, []growth{{share: 0.5, for_: 10}}, 0, 0},
		{"two minutes are not enough", 1e9, []growth{{share: 0.5, for_: 5}, {share: 0.99, for_: 2}, {share: 0.5, for_: 5}}, 0, 0},
		{"three of five", 1e9, []growth{{share: 0.5, for_: 5}, {share: 0.85}, {share: 0.5}, {share: 0.85}, {share: 0.5}, {share: 0.85}}, 30, 5},
		{"three of six", 1e9, []growth{{share: 0.85}, {share: 0.5, for_: 2}, {share: 0.85}, {share: 0.5}, {share: 0.85}}, 0, 0},
		{"just below", 1e9, []growth{{share: 0.7999, for_: 20}}, 0, 0},
		{"at the warning", 1e9, []growth{{share: 0.8001, for_: 3}}, 30, 0},
		{"critical", 1e9, []growth{{share: 0.5, for_: 5}, {share: 0.96, for_: 3}}, 60, 5},
		{"two critical, one above the warning", 1e9, []growth{{share: 0.96, for_: 2}, {share: 0.9}}, 30, 0},
		{"400 Gbit/s", 400e9, []growth{{share: 0.97, for_: 4}}, 60, 0},
		{"speed not known, not learned for a day", 0, []growth{{share: 0.99, for_: 60}}, 0, 0},
		{"speed not known, learned", 0, []growth{{share: 0.5, for_: 1441}, {share: 0.97, for_: 3}}, 30, 1441},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := live(t, Config{}, life{c.speed, c.minutes}, 0)
			if c.severity == 0 {
				if len(b.alerts) != 0 {
					t.Errorf("%+v", b.alerts)
				}
				return
			}
			a, ok := b.alerts["192.0.2.1/1/utilization/in"]
			if !ok || a.Severity != c.severity || a.State != flow.AlertActive || a.Start.UnixNano() != noon+c.start*minute || len(b.alerts) != 1 {
				t.Errorf("%+v", b.alerts)
			}
			if (c.speed == 0) != strings.Contains(a.Title, "its speed is not known") {
				t.Errorf("%q", a.Title)
			}
		})
	}
}

func TestErrorsAndDiscards(t *testing.T) {
	for _, c := range []struct {
		name     string
		g        growth
		key      string
		severity int
	}{
		{"few errors of few packets", growth{packets: 100, errors: 10, for_: 5}, "", 0},
		{"100 errors of a million packets", growth{packets: 200_000, errors: 20, for_: 5}, "errors/in", 30},
		{"100 errors of ten million", growth{packets: 2_000_000, errors: 20, for_: 5}, "", 0},
		{"errors of a thousandth", growth{packets: 200_000, errors: 200, for_: 5}, "errors/in", 60},
		{"discards outbound", growth{packets: 200_000, discards: 20, for_: 5}, "discards/out", 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := live(t, Config{}, life{1e9, []growth{c.g}}, 0)
			if c.key == "" {
				if len(b.alerts) != 0 {
					t.Errorf("%+v", b.alerts)
				}
				return
			}
			if a, ok := b.alerts["192.0.2.1/1/"+c.key]; !ok || a.Severity != c.severity || len(b.alerts) != 1 {
				t.Errorf("%+v", b.alerts)
			}
		})
	}
}

func TestBroadcastStorm(t *testing.T) {
	for _, c := range []struct {
		name    string
		minutes []growth
		found   bool
		usual   bool
	}{
		{"below the floor", []growth{{broadcast: 4000 * 60, for_: 10}}, false, false},
		{"no baseline yet: the floor alone", []growth{{broadcast: 6000 * 60, for_: 3}}, true, false},
		{"usual for this interface", []growth{{broadcast: 2000 * 60, for_: 120}, {broadcast: 6000 * 60, for_: 5}}, false, false},
		{"ten times what is usual", []growth{{broadcast: 100 * 60, for_: 120}, {broadcast: 6000 * 60, for_: 3}}, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := live(t, Config{}, life{1e9, c.minutes}, 0)
			a, ok := b.alerts["192.0.2.1/1/broadcast/in"]
			if ok != c.found || ok && (a.Baseline != nil) != c.usual {
				t.Errorf("%+v", b.alerts)
			}
		})
	}
}

// TestLife: a finding is told when it is raised, gets worse, is over, comes back under its id, and ends.
func TestLife(t *testing.T) {
	b := live(t, Config{}, life{1e9, []growth{
		{share: 0.5, for_: 3}, {share: 0.85, for_: 3}, {share: 0.97, for_: 3}, {share: 0.3, for_: 20}, {share: 0.85, for_: 4}, {share: 0.3, for_: 90},
	}}, 0)
	type step struct {
		state    flow.AlertState
		severity int
	}
	var got []step
	ids := map[string]bool{}
	for _, a := range b.told {
		got = append(got, step{a.State, a.Severity})
		ids[a.ID] = true
	}
	want := []step{
		{flow.AlertActive, 30}, {flow.AlertActive, 60}, {flow.AlertWatching, 60}, {flow.AlertActive, 30}, {flow.AlertWatching, 30}, {flow.AlertEnded, 30},
	}
	if len(got) != len(want) || len(ids) != 1 {
		t.Fatalf("%v, %d ids", got, len(ids))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("step %d: %v, want %v", i, got[i], want[i])
		}
	}
}

// TestAlertText: what an alert says to whoever is woken by it.
func TestAlertText(t *testing.T) {
	b := live(t, Config{}, life{1e9, []growth{{share: 0.97, for_: 3}}}, 0)
	a := b.alerts["192.0.2.1/1/utilization/in"]
	if want := "interface ge-0/0/1 (uplink) of 192.0.2.1: inbound 97 % of 1 Gbit/s used"; a.Title != want {
		t.Errorf("%q", a.Title)
	}
	if m := a.Measured; m.Name != "utilization_in" || m.Unit != "%" || m.Value < 96.9 || m.Value > 97.1 || a.Threshold != 80 {
		t.Errorf("%+v, threshold %v", m, a.Threshold)
	}
	if want := "observer.ip : 192.0.2.1 and observer.ingress.interface.id : 1"; a.Evidence.Filter != want {
		t.Errorf("%q", a.Evidence.Filter)
	}
	if len(a.Interfaces) != 1 || a.Interfaces[0] != (flow.Interface{Exporter: "192.0.2.1", ID: 1, Name: "ge-0/0/1"}) || len(a.Exporters) != 1 {
		t.Errorf("%+v %v", a.Interfaces, a.Exporters)
	}
	again := live(t, Config{}, life{1e9, []growth{{share: 0.97, for_: 3}}}, 0).alerts["192.0.2.1/1/utilization/in"]
	if a.ID == "" || again.ID != a.ID {
		t.Errorf("ids %q and %q", a.ID, again.ID)
	}
}

func TestDisabled(t *testing.T) {
	for _, name := range []string{"infra.interface", "infra.*"} {
		if b := live(t, Config{Disabled: []string{name}}, life{1e9, []growth{{share: 0.97, for_: 5}}}, 0); len(b.alerts) != 0 {
			t.Errorf("%s: %+v", name, b.alerts)
		}
	}
}

// TestRestore: what an earlier process had open goes on under its id.
func TestRestore(t *testing.T) {
	old := live(t, Config{}, life{1e9, []growth{{share: 0.97, for_: 3}}}, 0).alerts["192.0.2.1/1/utilization/in"]
	b := newBench(t, Config{})
	b.m.Restore([]flow.Alert{old})
	s := at(600, 64, 0, 0)
	s.Speed = 1e9
	for range 5 {
		b.sample(s)
		s.At += minute
		s.In.Octets += 122e6 * 60
	}
	if a := b.alerts["192.0.2.1/1/utilization/in"]; a.ID != old.ID || !a.Start.Equal(old.Start) {
		t.Errorf("%+v", a)
	}
}

// TestLapse: what an earlier process had open and is not found again ends.
func TestLapse(t *testing.T) {
	old := live(t, Config{}, life{1e9, []growth{{share: 0.97, for_: 3}}}, 0).alerts["192.0.2.1/1/utilization/in"]
	b := newBench(t, Config{})
	b.m.Restore([]flow.Alert{old})
	b.pass(noon + 30*minute)
	if len(b.alerts) != 0 {
		t.Errorf("%+v", b.alerts)
	}
	b.pass(noon + 80*minute)
	b.pass(noon + 90*minute)
	if a := b.alerts[old.Key]; a.ID != old.ID || a.State != flow.AlertEnded || !a.End.Equal(old.Last) || len(b.told) != 1 {
		t.Errorf("%+v", b.told)
	}
}

// TestOtherSource: counters of a second source are judged only when the first stays away.
func TestOtherSource(t *testing.T) {
	b := newBench(t, Config{})
	snmp, sflow := at(0, 64, 0, 0), at(0, 64, 0, 0)
	snmp.Speed, sflow.Speed, sflow.Source = 1e9, 1e9, flow.InterfaceSFlow
	for i := range 30 {
		b.sample(snmp, sflow)
		if i < 10 {
			snmp.At += minute
		}
		sflow.At += minute
		sflow.In.Octets += 122e6 * 60
		if i == 12 && len(b.alerts) != 0 {
			t.Fatal("both are judged")
		}
	}
	if len(b.alerts) != 1 {
		t.Errorf("%+v", b.alerts)
	}
}
