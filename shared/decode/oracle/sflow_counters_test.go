package oracle

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	decoder "github.com/netsampler/goflow2/v2/decoders/sflow"

	"github.com/weirflow/weir/shared/decode/sflow"
	"github.com/weirflow/weir/shared/flow"
)

// TestSFlowCounterValues compares the counters of interfaces with what goflow2 reads.
func TestSFlowCounterValues(t *testing.T) {
	for _, c := range captures(t) {
		if c.sflowCounters == 0 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			compared := 0
			for n, d := range c.datagrams(t) {
				if len(d.payload) < 4 || binary.BigEndian.Uint32(d.payload) != 5 {
					continue
				}
				want := goflowCounters(t, d.payload)
				if diff := cmp.Diff(want, weirCounters(d.payload)); diff != "" {
					t.Errorf("datagram %d (-goflow2 +weir):\n%s", n, diff)
				}
				compared += len(want)
			}
			t.Logf("%d interfaces", compared)
		})
	}
}

func weirCounters(payload []byte) (rows []string) {
	b := flow.NewBatch(16, flow.NewSymbols())
	b.Datagrams = append(b.Datagrams, flow.Datagram{})
	_ = sflow.NewSession(sflow.DefaultLimits(), &flow.Stream{}, b.Symbols).Decode(payload, b, 0) // faults are the other tests' business
	for _, s := range b.Interfaces {
		rows = append(rows, fmt.Sprint(s.Index, s.Type, s.Speed, s.Admin, s.Oper, s.In, s.Out, s.Ethernet))
	}
	return rows
}

func goflowCounters(t *testing.T, payload []byte) (rows []string) {
	var p decoder.Packet
	if err := decoder.DecodeMessageVersion(bytes.NewBuffer(payload), &p); err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Samples {
		sample, ok := s.(decoder.CounterSample)
		if !ok {
			continue
		}
		var ethernet flow.EthernetCounters
		var generic *decoder.IfCounters
		for _, r := range sample.Records {
			switch data := r.Data.(type) {
			case decoder.IfCounters:
				generic = &data
			case decoder.EthernetCounters:
				ethernet = flow.EthernetCounters{
					AlignmentErrors: word(data.Dot3StatsAlignmentErrors), FCSErrors: word(data.Dot3StatsFCSErrors), SingleCollisions: word(data.Dot3StatsSingleCollisionFrames),
					MultipleCollisions: word(data.Dot3StatsMultipleCollisionFrames), SQETestErrors: word(data.Dot3StatsSQETestErrors),
					DeferredTransmissions: word(data.Dot3StatsDeferredTransmissions), LateCollisions: word(data.Dot3StatsLateCollisions),
					ExcessiveCollisions: word(data.Dot3StatsExcessiveCollisions), InternalTransmitErrors: word(data.Dot3StatsInternalMacTransmitErrors),
					CarrierSenseErrors: word(data.Dot3StatsCarrierSenseErrors), FramesTooLong: word(data.Dot3StatsFrameTooLongs),
					InternalReceiveErrors: word(data.Dot3StatsInternalMacReceiveErrors), SymbolErrors: word(data.Dot3StatsSymbolErrors),
				}
			}
		}
		if generic != nil {
			rows = append(rows, goflowInterface(generic, ethernet))
		}
	}
	return rows
}

func goflowInterface(g *decoder.IfCounters, ethernet flow.EthernetCounters) string {
	status := func(bit uint32) flow.InterfaceStatus {
		if g.IfStatus&bit != 0 {
			return flow.StatusUp
		}
		return flow.StatusDown
	}
	in := flow.InterfaceCounters{
		Octets: g.IfInOctets, Unicast: word(g.IfInUcastPkts), Multicast: word(g.IfInMulticastPkts), Broadcast: word(g.IfInBroadcastPkts),
		Discards: word(g.IfInDiscards), Errors: word(g.IfInErrors),
	}
	out := flow.InterfaceCounters{
		Octets: g.IfOutOctets, Unicast: word(g.IfOutUcastPkts), Multicast: word(g.IfOutMulticastPkts), Broadcast: word(g.IfOutBroadcastPkts),
		Discards: word(g.IfOutDiscards), Errors: word(g.IfOutErrors),
	}
	return fmt.Sprint(g.IfIndex, g.IfType, g.IfSpeed, status(1), status(2), in, out, ethernet)
}

// word is a counter of 32 bits; all ones is unknown.
func word(v uint32) uint64 {
	if v == 1<<32-1 {
		return flow.NoCounter
	}
	return uint64(v)
}
