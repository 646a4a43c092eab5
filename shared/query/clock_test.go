package query_test

import (
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

func address(text string) flow.Addr { return flow.AddrFromNetip(netip.MustParseAddr(text)) }

// clocks are exporters with clocks of all kinds.
func clocks() []query.Exporter {
	list := []query.Exporter{
		{IP: "192.0.2.1", Clock: query.ClockOf(flow.ClockState{Status: flow.ClockGood, Datagrams: 9, TimesError: 45 * time.Millisecond, Uncertainty: 50 * time.Millisecond, Corrected: true, Offset: -37 * time.Second})},
		{IP: "192.0.2.2", Clock: query.ClockOf(flow.ClockState{Status: flow.ClockGood, Datagrams: 9, TimesError: 60 * time.Millisecond})},
		{IP: "192.0.2.3", Clock: query.ClockOf(flow.ClockState{Status: flow.ClockGood, Reason: flow.ClockDelay, Datagrams: 9, TimesError: 1040 * time.Millisecond})},
		{IP: "192.0.2.4", Clock: query.ClockOf(flow.ClockState{Status: flow.ClockUnknown, Reason: flow.ClockFew, Datagrams: 1, TimesError: flow.UnknownError})},
		{IP: "192.0.2.5"},
	}
	return list
}

// TestAddClocks: what comes 200 ms after the session before it, by the exporters that saw both.
func TestAddClocks(t *testing.T) {
	for _, c := range []struct {
		name        string
		first, then []string
		apart       time.Duration
		uncertainty int64 // ms; -1: not known
		doubt       bool
	}{
		{"two good clocks", []string{"192.0.2.1"}, []string{"192.0.2.2"}, 200 * time.Millisecond, 60, false},
		{"two good clocks, closer than their errors", []string{"192.0.2.1"}, []string{"192.0.2.2"}, 100 * time.Millisecond, 60, true},
		{"one clock", []string{"192.0.2.1"}, []string{"192.0.2.1"}, 2 * time.Millisecond, 45, false},
		{"one clock, at once", []string{"192.0.2.1"}, []string{"192.0.2.1"}, 0, 45, true},
		{"one sFlow agent", []string{"192.0.2.3"}, []string{"192.0.2.3"}, 200 * time.Millisecond, 1040, true},
		{"sFlow and a good clock", []string{"192.0.2.3"}, []string{"192.0.2.1"}, 200 * time.Millisecond, 45, true},
		{"sFlow, seconds apart", []string{"192.0.2.3"}, []string{"192.0.2.3"}, 3 * time.Second, 1040, false},
		{"both saw it", []string{"192.0.2.1"}, []string{"192.0.2.1", "192.0.2.3"}, 200 * time.Millisecond, 1040, true},
		{"nothing is known of one", []string{"192.0.2.1"}, []string{"192.0.2.4"}, time.Millisecond, -1, false},
		{"one of two is not known", []string{"192.0.2.1"}, []string{"192.0.2.1", "192.0.2.5"}, time.Millisecond, -1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			list := make([]flow.Session, 2)
			for i, seen := range [][]string{c.first, c.then} {
				list[i].Start = 1772409600e9 + int64(i)*int64(c.apart)
				for _, ip := range seen {
					list[i].Exporters[list[i].ExporterCount] = address(ip)
					list[i].ExporterCount++
				}
			}
			query.AddClocks(list, clocks())
			s := &list[1]
			if s.HasClock != (c.uncertainty >= 0) || s.HasClock && int64(s.StartUncertainty) != c.uncertainty {
				t.Errorf("known %t, %d ms", s.HasClock, s.StartUncertainty)
			}
			if s.OrderInDoubt != c.doubt || list[0].OrderInDoubt {
				t.Errorf("in doubt %t, want %t", s.OrderInDoubt, c.doubt)
			}
			var back flow.Session
			if err := json.Unmarshal(s.AppendJSON(nil), &back); err == nil && (back.HasClock != s.HasClock || back.StartUncertainty != s.StartUncertainty || back.OrderInDoubt != s.OrderInDoubt) {
				t.Errorf("read back: %+v", back)
			}
		})
	}
}

func TestClockOf(t *testing.T) {
	if c := query.ClockOf(flow.ClockState{}); c != nil {
		t.Errorf("of nothing: %+v", c)
	}
	text, err := json.Marshal(clocks()[0].Clock)
	const want = `{"status":"good","corrected":true,"offset_ms":-37000,"uncertainty_ms":50,"times_uncertainty_ms":45,"drift_ppm":0,"steps":0}`
	if err != nil || string(text) != want {
		t.Errorf("%s, %v", text, err)
	}
}
