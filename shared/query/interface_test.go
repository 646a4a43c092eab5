package query

import (
	"math"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
)

var eight = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// of is a minute of interface 3 after eight o'clock, with rates in and out in Mbit/s.
func of(source interfaces.Source, minute int, in, out float64) *interfaces.Minute {
	side := func(rate float64) interfaces.Amounts {
		return interfaces.Amounts{Octets: rate * 1e6 / 8 * 60, Unicast: rate * 100, Multicast: 0, Broadcast: 0, Discards: 1, Errors: 2}
	}
	m := &interfaces.Minute{
		Exporter: flow.AddrFrom4(0xc0000201), Index: 3, At: eight.Add(time.Duration(minute) * time.Minute).UnixNano(), Source: source, Seconds: 60,
		In: side(in), Out: side(out), Name: "ge-0/0/3", Alias: "uplink", Speed: 100e6, Admin: flow.StatusUp, Oper: flow.StatusUp,
	}
	if source == interfaces.Flows {
		m.Late = 130
		for _, a := range []*interfaces.Amounts{&m.In, &m.Out} {
			a.Discards, a.Errors = interfaces.Unknown, interfaces.Unknown
			a.Framing = a.Octets * 0.02
			a.Octets -= a.Framing
		}
	}
	return m
}

// answer is the only interface of the answer to a question.
func answer(t *testing.T, q InterfaceQuestion, list ...*interfaces.Minute) Interface {
	t.Helper()
	sums, err := NewInterfaceSums(q)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		sums.Add(m)
	}
	got := sums.Answer()
	if len(got) != 1 {
		t.Fatalf("%d interfaces", len(got))
	}
	return got[0]
}

func is(t *testing.T, name string, got *float64, want float64) {
	t.Helper()
	if got == nil || math.Abs(*got-want) > 1e-9*math.Max(1, math.Abs(want)) {
		shown := math.NaN()
		if got != nil {
			shown = *got
		}
		t.Errorf("%s is %v, want %v", name, shown, want)
	}
}

// TestInterfaceSums: rates of 1 to 40 Mbit/s, one a minute.
func TestInterfaceSums(t *testing.T) {
	var list []*interfaces.Minute
	for i := range 40 {
		list = append(list, of(interfaces.SNMP, i, float64(i+1), 5))
	}
	i := answer(t, InterfaceQuestion{}, list...)
	is(t, "now", i.In.Now, 40e6)
	is(t, "average", i.In.Avg, 20.5e6)
	is(t, "peak", i.In.Peak, 40e6)
	is(t, "95 %", i.In.P95, 38e6)
	is(t, "share", i.In.Share, 0.205)
	is(t, "peak share", i.In.PeakUse, 0.4)
	is(t, "out", i.Out.Peak, 5e6)
	is(t, "errors", i.In.Errors, 80)
	is(t, "discards", i.Out.Discards, 40)
	is(t, "packets", i.Out.Packets, 40*500)
	if i.Source != "snmp" || i.Oper != "up" || i.Covered != 2400 || !i.First.Equal(eight) || !i.Last.Equal(eight.Add(40*time.Minute)) || i.In.Flow.Bytes > 0 {
		t.Errorf("%+v", i)
	}
	five := answer(t, InterfaceQuestion{Interval: 300, Points: true}, list...)
	is(t, "peak of five minutes", five.In.Peak, 38e6)
	if len(five.Points) != 8 {
		t.Fatalf("%d points", len(five.Points))
	}
	is(t, "the first point", five.Points[0].In.BPS, 3e6)
	is(t, "its errors", five.Points[0].In.Errors, 10)
}

// TestFlowsBesideCounters: flows show 3 % less than the counters; the last minutes, whose records have not all come, are left out.
func TestFlowsBesideCounters(t *testing.T) {
	var list []*interfaces.Minute
	for i := range 20 {
		list = append(list, of(interfaces.SFlow, i, 10, 20))
		factor := 0.97
		if i == 0 || i >= 17 { // still coming, or from before
			factor = 0.1
		}
		list = append(list, of(interfaces.Flows, i, 10*factor, 20*factor))
	}
	i := answer(t, InterfaceQuestion{}, list...)
	is(t, "difference in", i.In.Flow.Difference, -0.03)
	is(t, "difference out", i.Out.Flow.Difference, -0.03)
	is(t, "rate by flows", i.Out.Flow.BPS, 20e6*0.97)
	if i.In.Flow.Compared != 16 {
		t.Errorf("%d minutes compared", i.In.Flow.Compared)
	}
	if i.Source != "sflow" {
		t.Errorf("by %q", i.Source)
	}
}

func TestWhoseCounters(t *testing.T) {
	list := []*interfaces.Minute{of(interfaces.SFlow, 0, 1, 1), of(interfaces.SNMP, 0, 2, 2), of(interfaces.SFlow, 1, 1, 1)}
	for source, want := range map[string]float64{"": 1e6, "sflow": 1e6, "snmp": 2e6} {
		i := answer(t, InterfaceQuestion{Source: source}, list...)
		is(t, "by "+source, i.In.Avg, want)
	}
	i := answer(t, InterfaceQuestion{Source: "snmp"}, of(interfaces.SFlow, 0, 1, 1))
	if i.In.Avg != nil || i.Source != "" {
		t.Errorf("%+v", i)
	}
	i = answer(t, InterfaceQuestion{}, of(interfaces.Flows, 0, 1, 1), of(interfaces.Flows, 1, 1, 1), of(interfaces.Flows, 2, 1, 1), of(interfaces.Flows, 3, 1, 1),
		of(interfaces.Flows, 4, 1, 1))
	is(t, "flows alone", i.In.Flow.BPS, 1e6)
	if i.In.Avg != nil || i.In.Flow.Difference != nil {
		t.Errorf("%+v", i)
	}
}

func TestNameFilter(t *testing.T) {
	for pattern, want := range map[string]bool{
		"": true, "ge-0/0/3": true, "GE-0/0/3": true, "ge-*": true, "*3": true, "uplink": true, "up": false, "ge-0/0/?": false, "ge-0/0/[3]": false, "xe-*": false, "*": true,
	} {
		sums, err := NewInterfaceSums(InterfaceQuestion{Name: pattern})
		if err != nil {
			t.Fatal(err)
		}
		sums.Add(of(interfaces.SNMP, 0, 1, 1))
		if got := len(sums.Answer()) == 1; got != want {
			t.Errorf("%q: %v", pattern, got)
		}
	}
}

// TestPartlyCovered: rates of bins that are less than half covered are not shown, but count on average.
func TestPartlyCovered(t *testing.T) {
	short := of(interfaces.SNMP, 1, 30, 1)
	short.Seconds = 20
	i := answer(t, InterfaceQuestion{}, of(interfaces.SNMP, 0, 10, 1), short)
	is(t, "peak", i.In.Peak, 10e6)
	is(t, "average", i.In.Avg, (10+30)*60e6/80)
}

// TestErrorOfSampling: what sampling leaves uncertain stands beside the difference, of directions without flows, too.
func TestErrorOfSampling(t *testing.T) {
	sampled := func(variance float64) (list []*interfaces.Minute) {
		for i := range 8 {
			m := of(interfaces.Flows, i, 8, 0)
			m.In.Framing, m.In.Octets, m.In.Variance, m.Out.Variance = 0, 1e6, variance, variance
			if variance > 0 {
				m.Out = interfaces.Amounts{}
			}
			list = append(list, of(interfaces.SFlow, i, 8, 8), m)
		}
		return list
	}
	i := answer(t, InterfaceQuestion{}, sampled(2.5e8)...)
	n := float64(i.In.Flow.Compared)
	is(t, "error in", i.In.Flow.Error, 1.96*math.Sqrt(2.5e8*n)/(1e6*n))
	is(t, "error of no flows", i.Out.Flow.Error, 1.96*math.Sqrt(250*60e6*n)/(60e6*n))
	i = answer(t, InterfaceQuestion{}, sampled(0)...)
	is(t, "error of whole flows", i.In.Flow.Error, 0)
	i = answer(t, InterfaceQuestion{}, sampled(interfaces.Unknown)...)
	if i.In.Flow.Error != nil || i.In.Flow.Difference == nil || i.Out.Flow.Error != nil {
		t.Errorf("of an earlier version: %+v", i.In.Flow)
	}
}

// TestOtherKinds: VLANs and processors are asked for by their kind, and are not mixed up with interfaces of the same number.
func TestOtherKinds(t *testing.T) {
	var list []*interfaces.Minute
	for i := range 3 {
		port, vlan := of(interfaces.SFlow, i, 1, 1), of(interfaces.SFlow, i, 2, 2)
		port.Ethernet = &interfaces.EthernetErrors{FCS: 4, Alignment: interfaces.Unknown}
		vlan.Kind, vlan.Name, vlan.Out = interfaces.KindVLAN, "", untold()
		cpu := &interfaces.Minute{Exporter: port.Exporter, Kind: interfaces.KindProcessor, Index: 3, At: port.At, Source: interfaces.SFlow, Seconds: 60, In: untold(), Out: untold()}
		load := interfaces.Gauge{Mean: float64(i) / 10, Peak: float64(i) / 5}
		none := interfaces.Gauge{Mean: interfaces.Unknown, Peak: interfaces.Unknown}
		cpu.Gauges = &interfaces.Gauges{Samples: float64(i + 1), Load5s: load, Load1m: load, Load5m: none, Memory: 1000, FreeMemory: float64(500 + i)}
		list = append(list, port, vlan, cpu)
	}
	port := answer(t, InterfaceQuestion{}, list...)
	is(t, "port", port.In.Avg, 1e6)
	is(t, "FCS errors", port.Ethernet.FCS, 12)
	if port.Kind != "interface" || port.Ethernet.Alignment != nil || port.Use != nil {
		t.Errorf("%+v", port)
	}
	vlan := answer(t, InterfaceQuestion{Kind: "vlan"}, list...)
	is(t, "VLAN", vlan.In.Avg, 2e6)
	is(t, "unicast", vlan.In.Unicast, 600)
	if vlan.Kind != "vlan" || vlan.Out.Bytes != nil || vlan.Ethernet != nil || vlan.Index != 3 || vlan.Source != "sflow" {
		t.Errorf("%+v", vlan)
	}
	cpu := answer(t, InterfaceQuestion{Kind: "processor", Points: true, Interval: 60}, list...)
	is(t, "load now", cpu.Use.Load5s.Now, 0.2)
	is(t, "average", cpu.Use.Load1m.Avg, (0*1+0.1*2+0.2*3)/6.0)
	is(t, "peak", cpu.Use.Load5s.Peak, 0.4)
	is(t, "free", cpu.Use.FreeMemory, 502)
	is(t, "least free", cpu.Use.LeastFree, 500)
	is(t, "a point", cpu.Points[1].Use.Load5s.Avg, 0.1)
	if cpu.Kind != "processor" || cpu.Use.Load5m.Now != nil || cpu.In.Avg != nil {
		t.Errorf("%+v", cpu)
	}
	if list[2].Gauges.Samples != 1 || list[0].Ethernet.FCS != 4 {
		t.Error("the minutes were changed")
	}
}
