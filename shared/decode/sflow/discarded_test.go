package sflow_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/decode/sflow"
	"github.com/weirflow/weir/shared/flow"
)

// notice is one of a dropped packet that came in on ifIndex 3 for ifIndex 4.
func notice(number, drops, reason int, records ...[]byte) []byte {
	parts := []any{number, 0, 3, drops, 3, 4, reason, len(records)}
	for _, r := range records {
		parts = append(parts, r)
	}
	return block(5, parts...)
}

// TestDiscardedPacket: a notice is a record of the packet without counters: it does not count for traffic, whatever was sampled beside.
func TestDiscardedPacket(t *testing.T) {
	res := decode(datagram(notice(1, 0, 258, rawHeader(1, frame(0)), block(1036, 7), block(1037, 42, 0, 1), block(1038, 4, []byte("drop")))))
	if res.err != nil || len(res.batch.Records) != 1 || res.stream.DroppedPackets.Load() != 1 || res.stream.FlowSamples.Load() != 0 || res.stream.Records.Load() != 1 {
		t.Fatalf("%d records, %d notices, %d flow samples: %v", len(res.batch.Records), res.stream.DroppedPackets.Load(), res.stream.FlowSamples.Load(), res.err)
	}
	want := flow.Record{
		Present: flow.HasStart | flow.HasEnd | flow.HasInIf | flow.HasOutIf | flow.HasSourceIP | flow.HasDestinationIP | flow.HasSourcePort |
			flow.HasDestinationPort | flow.HasProtocol | flow.HasTCPFlags | flow.HasToS | flow.HasTTL | flow.HasForwardingStatus | flow.HasElements,
		ID:    flow.EventID{Datagram: facts.ID},
		Start: facts.Received, End: facts.Received, Created: facts.Received, Exporter: facts.Exporter, Domain: 3, Protocol: flow.SFlow5,
		InIf: 3, OutIf: 4, IPProtocol: 6, TCPFlags: flow.ACK, TTL: 60, ForwardingStatus: 129,
	}
	want.Source = flow.Endpoint{IP: flow.AddrFrom4(0xc0000201), Port: 50123, MAC: flow.MAC{2, 0, 0, 0, 0, 1}}
	want.Destination = flow.Endpoint{IP: flow.AddrFrom4(0xc6336402), Port: 443, MAC: flow.MAC{2, 0, 0, 0, 0, 2}}
	got := res.batch.Records[0]
	got.ElementsOff, got.ElementsLen = 0, 0
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("record (-want +got):\n%s", d)
	}
	elements := map[uint16][]byte{5: {0, 0, 1, 2}, 312: {0, 0, 5, 0xee}, 1036: {0, 0, 0, 7}, 1037: {0, 0, 0, 42}}
	if d := cmp.Diff(elements, res.elements(0)); d != "" {
		t.Errorf("elements (-want +got):\n%s", d)
	}
}

func TestDiscardReasons(t *testing.T) {
	for reason, want := range map[int]uint8{0: 131, 4: 133, 13: 129, 256: 128, 257: 137, 258: 129, 260: 139, 261: 138, 262: 133, 269: 131, 999: 128} {
		res := decode(datagram(notice(1, 0, reason)))
		if r := res.batch.Records[0]; r.ForwardingStatus != want || r.Present.Has(flow.HasBytes) {
			t.Errorf("reason %d: forwarding status %d, want %d", reason, r.ForwardingStatus, want)
		}
	}
}

// TestNoticesAreNumberedApart: missing notices, and those that the exporter had no resources for, are counted.
func TestNoticesAreNumberedApart(t *testing.T) {
	f := newFeed(sflow.DefaultLimits())
	f.take(t, 0, numbered(3, 10, 0, 0), notice(1, 5, 258))
	f.take(t, 1, numbered(3, 11, 0, 0), notice(4, 8, 258))
	if f.stream.SampleGaps.Load() != 2 || f.stream.SampleDrops.Load() != 3 {
		t.Errorf("%d missing, %d dropped", f.stream.SampleGaps.Load(), f.stream.SampleDrops.Load())
	}
}
