package document

import (
	"math"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink/member"
)

// AppendRecord appends the document of a record of the batch; its id is event.id, [flow.Record.ID]. Counters beyond what a long holds are cut
// to that. It allocates nothing but what dst needs to grow.
func (e *Encoder) AppendRecord(dst []byte, b *flow.Batch, r *flow.Record) []byte {
	return e.AppendSum(dst, b, r, 0)
}

// AppendSum appends the document of a record that is the sum of a number of records; 0 is a single one.
func (e *Encoder) AppendSum(dst []byte, b *flow.Batch, r *flow.Record, records uint64) []byte {
	if beyondLong(r) {
		cut := *r
		for _, n := range counters(&cut) {
			*n = min(*n, math.MaxInt64)
		}
		r = &cut
	}
	dst = flow.AppendJSON(dst, e.reg, b, r)
	dst = dst[:len(dst)-1] // its end comes later
	dst = append(append(dst, `,"event.type":`...), flowType(r)...)
	if d := r.End - r.Start; r.Present.Has(flow.HasStart|flow.HasEnd) && d >= 0 {
		dst = member.Uint(dst, `,"event.duration":`, uint64(d))
	}
	if records > 0 {
		dst = member.Uint(dst, `,"weir.aggregate.records":`, records)
	}
	dst = appendEndpoints(dst, tupleOf(r))
	return e.finish(dst, Flow)
}

func beyondLong(r *flow.Record) bool {
	return r.Bytes|r.Packets|r.RawBytes|r.RawPackets|r.Source.Bytes|r.Source.Packets|r.Destination.Bytes|r.Destination.Packets > math.MaxInt64
}

func counters(r *flow.Record) [8]*uint64 {
	return [8]*uint64{&r.Bytes, &r.Packets, &r.RawBytes, &r.RawPackets, &r.Source.Bytes, &r.Source.Packets, &r.Destination.Bytes, &r.Destination.Packets}
}

// Firewall events (IE 233) and forwarding status (IE 89).
const (
	firewallCreated, firewallDeleted, firewallDenied = 1, 2, 3
	statusDropped, statusConsumed                    = 128, 192
)

// flowType returns event.type: connection, and what a firewall or router did with it.
func flowType(r *flow.Record) string {
	if r.Present.Has(flow.HasFirewallEvent) {
		switch r.FirewallEvent {
		case firewallCreated:
			return `["connection","start","allowed"]`
		case firewallDeleted:
			return `["connection","end"]`
		case firewallDenied:
			return `["connection","denied"]`
		}
	}
	if r.Present.Has(flow.HasForwardingStatus) && r.ForwardingStatus >= statusDropped && r.ForwardingStatus < statusConsumed {
		return `["connection","denied"]`
	}
	return `["connection"]`
}

// tuple is what network.type, network.community_id and related.ip are made of.
type tuple struct {
	source, destination         flow.Addr
	hasSource, hasDestination   bool
	sourcePort, destinationPort uint16 // of ICMP type and code
	hasPorts                    bool   // of ICMP: type and code are known
	protocol                    uint8
	hasProtocol                 bool
}

func tupleOf(r *flow.Record) tuple {
	t := tuple{
		source: r.Source.IP, destination: r.Destination.IP, hasSource: r.Present.Has(flow.HasSourceIP), hasDestination: r.Present.Has(flow.HasDestinationIP),
		sourcePort: r.Source.Port, destinationPort: r.Destination.Port, hasPorts: r.Present.Has(flow.HasSourcePort | flow.HasDestinationPort),
		protocol: r.IPProtocol, hasProtocol: r.Present.Has(flow.HasProtocol),
	}
	if t.protocol == protocolICMP || t.protocol == protocolICMPv6 {
		t.sourcePort, t.destinationPort, t.hasPorts = uint16(r.ICMPType), uint16(r.ICMPCode), r.Present.Has(flow.HasICMP)
	}
	return t
}

// appendEndpoints appends what is made of the tuple.
func appendEndpoints(dst []byte, t tuple) []byte {
	if t.hasSource && t.hasDestination {
		if t.source.Is4() && t.destination.Is4() {
			dst = append(dst, `,"network.type":"ipv4"`...)
		} else if !t.source.Is4() && !t.destination.Is4() {
			dst = append(dst, `,"network.type":"ipv6"`...)
		}
		dst = appendCommunityID(dst, t)
	}
	switch {
	case t.hasSource && t.hasDestination && t.source != t.destination:
		dst = member.Addr(dst, `,"related.ip":[`, t.source)
		dst = member.Addr(dst, `,`, t.destination)
	case t.hasSource:
		dst = member.Addr(dst, `,"related.ip":[`, t.source)
	case t.hasDestination:
		dst = member.Addr(dst, `,"related.ip":[`, t.destination)
	default:
		return dst
	}
	return append(dst, ']')
}
