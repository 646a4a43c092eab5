//go:build cgo

package duckdb

import (
	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
)

// stored is a field as the store keeps it.
type stored struct {
	program
	columns []store.Column // one to four of [store.Columns]
}

// programs returns how all columns of [store.Columns] are filled and loaded, in their order.
func programs() []stored {
	var list []stored
	add := addTo(&list, store.Columns())
	var r flow.Record
	identityPrograms(&r, add)
	endpointPrograms(&r, &r.Source, add)
	endpointPrograms(&r, &r.Destination, add)
	networkPrograms(&r, add)
	weirPrograms(&r, add)
	return list
}

// hotType returns the type of a column in hot files.
func (s *stored) hotType(column int) string {
	if c, ok := s.program.(coded); ok {
		return c.hotType()
	}
	return s.columns[column].Type
}

// codedColumns returns the columns that hold numbers for texts.
func codedColumns(fields []stored) map[string]coded {
	found := map[string]coded{}
	for i := range fields {
		if p, ok := fields[i].program.(coded); ok {
			found[fields[i].columns[0].Name] = p
		}
	}
	return found
}

// adder gives each program the next columns, as many as width says.
type adder = func(width int, list ...program)

func addTo(list *[]stored, columns []store.Column) adder {
	return func(width int, programs ...program) {
		for _, p := range programs {
			*list = append(*list, stored{program: p, columns: columns[:width]})
			columns = columns[width:]
		}
	}
}

func identityPrograms(r *flow.Record, add adder) {
	add(1,
		number[uint64]{off: off(r, &r.ID.Datagram.Hi), always: true},
		number[uint64]{off: off(r, &r.ID.Datagram.Lo), always: true},
		number[uint16]{off: off(r, &r.ID.Set), always: true},
		number[uint32]{off: off(r, &r.ID.Record), always: true})
	add(1,
		instant{off: off(r, &r.End), bit: flow.HasEnd},
		remainder{off: off(r, &r.End)},
		instant{off: off(r, &r.Start), bit: flow.HasStart},
		remainder{off: off(r, &r.Start)})
	add(1, number[int64]{off: off(r, &r.Created)})
	add(2, address{off: off(r, &r.Exporter)})
	add(1,
		number[uint32]{off: off(r, &r.Domain), always: true},
		newEnum("weir.protocol", off(r, &r.Protocol), 0))
}

func endpointPrograms(r *flow.Record, e *flow.Endpoint, add adder) {
	ip, port, natPort := flow.HasSourceIP, flow.HasSourcePort, flow.HasSourceNATPort
	if e == &r.Destination {
		ip, port, natPort = flow.HasDestinationIP, flow.HasDestinationPort, flow.HasDestinationNATPort
	}
	add(2, address{off: off(r, &e.IP), bit: ip})
	add(1,
		number[uint16]{off: off(r, &e.Port), bit: port},
		hardware{off: off(r, &e.MAC)},
		number[uint32]{off: off(r, &e.ASN)},
		country{off: off(r, &e.Country)})
	add(2, address{off: off(r, &e.NAT)})
	add(1, number[uint16]{off: off(r, &e.NATPort), bit: natPort})
	if e == &r.Destination {
		add(1,
			number[uint64]{off: off(r, &e.Bytes), bit: flow.HasReverseBytes},
			number[uint64]{off: off(r, &e.Packets), bit: flow.HasReversePackets})
	} else {
		add(1,
			derived{off: off(r, &e.Bytes), bit: flow.HasBytes, follows: forwardBytes},
			derived{off: off(r, &e.Packets), bit: flow.HasPackets, follows: forwardPackets})
	}
	add(1, symbol{off: off(r, &e.Groups)})
}

func networkPrograms(r *flow.Record, add adder) {
	add(1,
		number[uint8]{off: off(r, &r.IPProtocol), bit: flow.HasProtocol},
		symbol{off: off(r, &r.Service)},
		number[uint64]{off: off(r, &r.Bytes), bit: flow.HasBytes},
		number[uint64]{off: off(r, &r.Packets), bit: flow.HasPackets},
		newEnum("network.direction", off(r, &r.Direction), 0),
		number[uint16]{off: off(r, &r.VLAN), bit: flow.HasVLAN},
		symbol{off: off(r, &r.Application)},
		number[uint32]{off: off(r, &r.InIf), bit: flow.HasInIf},
		symbol{off: off(r, &r.InIfName)},
		number[uint32]{off: off(r, &r.OutIf), bit: flow.HasOutIf},
		symbol{off: off(r, &r.OutIfName)})
}

func weirPrograms(r *flow.Record, add adder) {
	add(1,
		derived{off: off(r, &r.RawBytes), bit: flow.HasBytes, follows: func(r *flow.Record) uint64 { return r.Bytes }},
		derived{off: off(r, &r.RawPackets), bit: flow.HasPackets, follows: func(r *flow.Record) uint64 { return r.Packets }},
		float{off: off(r, &r.SamplingInterval)},
		newEnum("weir.sampling.source", off(r, &r.SamplingSource), 0),
		number[uint16]{off: off(r, &r.TCPFlags), bit: flow.HasTCPFlags},
		number[uint8]{off: off(r, &r.ICMPType), bit: flow.HasICMP},
		number[uint8]{off: off(r, &r.ICMPCode), bit: flow.HasICMP},
		number[uint8]{off: off(r, &r.ToS), bit: flow.HasToS},
		number[uint8]{off: off(r, &r.TTL), bit: flow.HasTTL},
		labels{field: flow.NewRegistry().Lookup("weir.mpls.labels")})
	add(2, address{off: off(r, &r.NextHop)})
	add(1,
		newEnum("weir.end_reason", off(r, &r.EndReason), flow.HasEndReason),
		number[uint8]{off: off(r, &r.ForwardingStatus), bit: flow.HasForwardingStatus},
		newEnum("weir.firewall_event", off(r, &r.FirewallEvent), flow.HasFirewallEvent),
		number[uint64]{off: off(r, &r.DuplicateOf.Datagram.Hi), bit: flow.HasDuplicateOf},
		number[uint64]{off: off(r, &r.DuplicateOf.Datagram.Lo), bit: flow.HasDuplicateOf},
		number[uint16]{off: off(r, &r.DuplicateOf.Set), bit: flow.HasDuplicateOf},
		number[uint32]{off: off(r, &r.DuplicateOf.Record), bit: flow.HasDuplicateOf},
		newEnum("weir.invalid", off(r, &r.Invalid), 0),
		millis{off: off(r, &r.ClockOffset), bit: flow.HasClock},
		millis{off: off(r, &r.ClockUncertainty), bit: flow.HasClock},
		elements{})
}
