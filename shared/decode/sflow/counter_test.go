package sflow_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/decode/sflow"
	"github.com/weirflow/weir/shared/flow"
)

// counterSample is of source 7, number 1.
func counterSample(records ...[]byte) []byte {
	parts := []any{1, 7, len(records)}
	for _, r := range records {
		parts = append(parts, r)
	}
	return block(2, parts...)
}

// long is a 64-bit number of a small value.
func long(v int) []byte { return words(v>>32, v) }

const unknown = 0xffffffff

var generic = block(1, 7, 6, long(10_000_000_000), 1, 3, long(1<<40), 2, 3, 4, 5, 6, 0, long(9), 10, unknown, unknown, 13, 14, 2)

func TestInterfaceCounters(t *testing.T) {
	ethernet := block(2, 1, 2, 3, 4, unknown, 6, 7, 8, 9, 10, 11, 12, 13)
	name := block(1005, 4, []byte("eth0"))
	want := flow.InterfaceSample{
		Exporter: facts.Exporter, Domain: 3, Index: 7, Source: flow.InterfaceSFlow, At: facts.Received, Speed: 10_000_000_000, Type: 6,
		Admin: flow.StatusUp, Oper: flow.StatusUp, OctetBits: 64, PacketBits: 32,
		In:          flow.InterfaceCounters{Octets: 1 << 40, Unicast: 2, Multicast: 3, Broadcast: 4, Discards: 5, Errors: 6},
		Out:         flow.InterfaceCounters{Octets: 9, Unicast: 10, Multicast: flow.NoCounter, Broadcast: flow.NoCounter, Discards: 13, Errors: 14},
		HasEthernet: true,
		Ethernet: flow.EthernetCounters{
			AlignmentErrors: 1, FCSErrors: 2, SingleCollisions: 3, MultipleCollisions: 4, SQETestErrors: flow.NoCounter, DeferredTransmissions: 6,
			LateCollisions: 7, ExcessiveCollisions: 8, InternalTransmitErrors: 9, CarrierSenseErrors: 10, FramesTooLong: 11, InternalReceiveErrors: 12, SymbolErrors: 13,
		},
	}
	expanded := block(4, 1, 0, 7, 3, generic, ethernet, name)
	for form, payload := range map[string][]byte{"normal": counterSample(name, ethernet, generic), "expanded": expanded} {
		res := decode(datagram(payload))
		res.check(t, 0, 1, nil)
		if len(res.batch.Interfaces) != 1 {
			t.Fatalf("%s: %d interface samples", form, len(res.batch.Interfaces))
		}
		got := res.batch.Interfaces[0]
		if text := res.batch.Symbols.Text(got.Name); text != "eth0" {
			t.Errorf("%s: name %q", form, text)
		}
		got.Name = 0
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", form, d)
		}
	}
}

func TestInterfaceStatus(t *testing.T) {
	for status, want := range [4][2]flow.InterfaceStatus{
		{flow.StatusDown, flow.StatusDown}, {flow.StatusUp, flow.StatusDown}, {flow.StatusDown, flow.StatusUp}, {flow.StatusUp, flow.StatusUp},
	} {
		res := decode(datagram(counterSample(block(1, 7, 6, words(unknown, unknown), 1, status, long(0), 0, 0, 0, 0, 0, 0, long(0), 0, 0, 0, 0, 0, 0))))
		if got := res.batch.Interfaces[0]; got.Admin != want[0] || got.Oper != want[1] || got.Speed != 0 {
			t.Errorf("status %d: admin %d, oper %d, speed %d", status, got.Admin, got.Oper, got.Speed)
		}
	}
}

func TestVLANAndProcessorCounters(t *testing.T) {
	res := decode(datagram(
		block(4, 1, 1, 100, 1, block(5, 100, long(1<<33), 2, 3, 4, unknown)),
		block(2, 1, 2<<24|5, 1, block(1001, 150, 9_999, unknown, long(1<<34), long(1<<30))),
		counterSample(block(5, 0, long(1), 2, 3, 4, 5)), // no VLAN has id 0
	))
	res.check(t, 0, 3, nil)
	vlan := []flow.VLANSample{{Exporter: facts.Exporter, Domain: 3, VLAN: 100, At: facts.Received, Octets: 1 << 33, Unicast: 2, Multicast: 3, Broadcast: 4, Discards: flow.NoCounter}}
	if d := cmp.Diff(vlan, res.batch.VLANs); d != "" {
		t.Errorf("VLANs (-want +got):\n%s", d)
	}
	processor := []flow.ProcessorSample{{
		Exporter: facts.Exporter, Domain: 3, Class: 2, Index: 5, At: facts.Received, Load5s: 150, Load1m: 9999, Load5m: flow.UnknownLoad, TotalMemory: 1 << 34, FreeMemory: 1 << 30,
	}}
	if d := cmp.Diff(processor, res.batch.Processors); d != "" {
		t.Errorf("processors (-want +got):\n%s", d)
	}
	if len(res.batch.Interfaces) != 0 {
		t.Errorf("%d interfaces", len(res.batch.Interfaces))
	}
	res.batch.Reset()
	if len(res.batch.VLANs)+len(res.batch.Processors) != 0 {
		t.Error("a batch that was reset keeps samples")
	}
}

// TestBrokenCounters: a record that is cut short costs itself, one that is not known nothing.
func TestBrokenCounters(t *testing.T) {
	for name, c := range map[string]struct {
		sample     []byte
		interfaces int
		counters   uint64
		errs       map[string]uint64
	}{
		"unknown records":        {counterSample(block(2203, 1), generic, block(4300<<12|1, 2)), 1, 1, nil},
		"generic cut short":      {counterSample(block(1, 7, 6), block(2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)), 1, 1, map[string]uint64{"sample": 1}},
		"VLAN cut short":         {counterSample(block(5, 7, 6)), 0, 1, map[string]uint64{"sample": 1}},
		"processor cut short":    {counterSample(block(1001, 7, 6)), 0, 1, map[string]uint64{"sample": 1}},
		"Ethernet cut short":     {counterSample(block(2, 7, 6), generic), 1, 1, map[string]uint64{"sample": 1}},
		"name longer than it is": {counterSample(block(1005, 255, []byte("eth0")), generic), 1, 1, map[string]uint64{"sample": 1}},
		"record beyond":          {counterSample(words(1, 400, 1)), 0, 1, map[string]uint64{"sample": 1}},
		"sample cut short":       {block(2, 1, 2), 0, 0, map[string]uint64{"sample": 1}},
		"no interface":           {block(4, 1, 2, 7, 1, block(2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)), 0, 1, nil},
		"more claimed than held": {block(2, 1, 7, math.MaxInt32, generic), 1, 1, map[string]uint64{"sample": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			res := decode(datagram(c.sample))
			res.check(t, 0, c.counters, c.errs)
			if n := len(res.batch.Interfaces); n != c.interfaces {
				t.Errorf("%d interface samples, want %d", n, c.interfaces)
			}
		})
	}
}

// TestCountersTellTheBoot: samples of interfaces and VLANs say since when counters can have grown.
func TestCountersTellTheBoot(t *testing.T) {
	stream, batch := &flow.Stream{}, flow.NewBatch(1, flow.NewSymbols())
	d := facts
	d.Stream, d.Uptime, d.HasUptime = stream, 1000, true
	batch.Datagrams = append(batch.Datagrams, d)
	payload := datagram(counterSample(generic), block(2, 1, 1<<24|100, 1, block(5, 100, long(1), 2, 3, 4, 5)))
	if err := sflow.NewSession(sflow.DefaultLimits(), stream, batch.Symbols).Decode(payload, batch, 0); err != nil {
		t.Fatal(err)
	}
	want := facts.Received - 1e9
	if len(batch.Interfaces) != 1 || len(batch.VLANs) != 1 || batch.Interfaces[0].Boot != want || batch.VLANs[0].Boot != want {
		t.Errorf("%+v\n%+v", batch.Interfaces, batch.VLANs)
	}
}
