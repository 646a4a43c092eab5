package cim

import (
	"strings"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink/member"
)

// Values of action.
const (
	actionFlow     = "flow"
	actionAllowed  = "allowed"
	actionBlocked  = "blocked"
	actionTeardown = "teardown"
)

// Firewall events (IE 233), forwarding status (IE 89) and IP protocols.
const (
	firewallCreated, firewallDeleted, firewallDenied = 1, 2, 3
	statusDropped, statusConsumed                    = 128, 192
	protocolICMP, protocolICMPv6                     = 1, 58
)

// AppendFlow appends the event of a record of the batch. It allocates nothing but what dst needs to grow.
func (e *Encoder) AppendFlow(dst []byte, b *flow.Batch, r *flow.Record) []byte {
	return e.finish(e.appendRecord(dst, Flow, b, r), Flow)
}

// AppendTraffic appends the event of a record that is the sum of a number of records.
func (e *Encoder) AppendTraffic(dst []byte, b *flow.Batch, r *flow.Record, records uint64) []byte {
	dst = e.appendRecord(dst, Traffic, b, r)
	return e.finish(member.Uint(dst, `,"weir.aggregate.records":`, records), Traffic)
}

// FlowTime returns the _time of a record's event, ns since the Unix epoch.
func FlowTime(r *flow.Record) int64 {
	if r.End == 0 {
		return r.Created
	}
	return r.End
}

func (e *Encoder) appendRecord(dst []byte, kind Kind, b *flow.Batch, r *flow.Record) []byte {
	dst = appendTimestamp(dst, FlowTime(r))
	dst = member.Text(dst, `,"action":`, actionOf(r))
	dst = appendParty(dst, `,"src":`, &r.Source, r.Present.Has(flow.HasSourceIP))
	dst = appendParty(dst, `,"dest":`, &r.Destination, r.Present.Has(flow.HasDestinationIP))
	dst = member.Addr(dst, `,"dvc":`, r.Exporter)
	if r.Present.Has(flow.HasProtocol) {
		dst = appendProtocol(dst, r.IPProtocol)
	}
	if r.Present.Has(flow.HasSourceIP | flow.HasDestinationIP) {
		dst = appendVersion(dst, r.Source.IP, r.Destination.IP)
	}
	if d := r.End - r.Start; r.Present.Has(flow.HasStart|flow.HasEnd) && d >= 0 {
		dst = member.Seconds(dst, `,"duration":`, d)
	}
	dst = appendZones(dst, b.Symbols, r.Source.Groups, r.Destination.Groups)
	scratch := e.values.Get().(*[]flow.Value)
	for i := range e.rows[kind] {
		w := &e.rows[kind][i]
		if w.write != nil {
			dst = w.write(dst, b, r)
			continue
		}
		values := w.field.Get((*scratch)[:0], b, r)
		*scratch = values[:0]
		dst = appendValues(dst, w.key, w.field, w.field.List, values)
	}
	e.values.Put(scratch)
	return dst
}

// actionOf tells what became of the traffic.
func actionOf(r *flow.Record) string {
	if r.Present.Has(flow.HasFirewallEvent) {
		switch r.FirewallEvent {
		case firewallCreated:
			return actionAllowed
		case firewallDeleted:
			return actionTeardown
		case firewallDenied:
			return actionBlocked
		}
	}
	if r.Present.Has(flow.HasForwardingStatus) && r.ForwardingStatus >= statusDropped && r.ForwardingStatus < statusConsumed {
		return actionBlocked
	}
	return actionFlow
}

func appendParty(dst []byte, key string, side *flow.Endpoint, hasIP bool) []byte {
	switch {
	case hasIP:
		return member.Addr(dst, key, side.IP)
	case !side.MAC.IsZero():
		return appendMAC(append(dst, key...), side.MAC)
	}
	return member.Text(dst, key, filter.SplunkUnknown)
}

func isICMP(number uint8) bool { return number == protocolICMP || number == protocolICMPv6 }

func appendProtocol(dst []byte, number uint8) []byte {
	if isICMP(number) {
		return append(dst, `,"protocol":"icmp"`...)
	}
	return append(dst, `,"protocol":"ip"`...)
}

// transportName is the registry's, but for ICMPv6, which CIM tells from ICMP by the version of IP.
func transportName(number uint8) string {
	if number == protocolICMPv6 {
		number = protocolICMP
	}
	return flow.TransportName(number)
}

func appendVersion(dst []byte, source, destination flow.Addr) []byte {
	switch {
	case source.Is4() && destination.Is4():
		return append(dst, `,"protocol_version":"ipv4"`...)
	case !source.Is4() && !destination.Is4():
		return append(dst, `,"protocol_version":"ipv6"`...)
	}
	return dst
}

// appendZones appends the first groups of both sides, where both have one: CIM has zones in pairs.
func appendZones(dst []byte, symbols *flow.Symbols, source, destination flow.Symbol) []byte {
	if source == 0 || destination == 0 {
		return dst
	}
	src, _, _ := strings.Cut(symbols.Text(source), flow.ListSeparator)
	dest, _, _ := strings.Cut(symbols.Text(destination), flow.ListSeparator)
	return member.Text(member.Text(dst, `,"src_zone":`, src), `,"dest_zone":`, dest)
}

// special are the fields of records that are not written by the kind of their values.
var special = map[string]func(dst []byte, b *flow.Batch, r *flow.Record) []byte{
	"event.id": func(dst []byte, _ *flow.Batch, r *flow.Record) []byte {
		return append(r.ID.AppendTo(append(dst, `,"flow_id":"`...)), '"')
	},
	"weir.duplicate_of": func(dst []byte, _ *flow.Batch, r *flow.Record) []byte {
		if !r.Present.Has(flow.HasDuplicateOf) {
			return dst
		}
		return append(r.DuplicateOf.AppendTo(append(dst, `,"weir.duplicate_of":"`...)), '"')
	},
	"source.geo.country_iso_code": func(dst []byte, _ *flow.Batch, r *flow.Record) []byte {
		return appendCountry(dst, `,"source.geo.country_iso_code":"`, r.Source.Country)
	},
	"destination.geo.country_iso_code": func(dst []byte, _ *flow.Batch, r *flow.Record) []byte {
		return appendCountry(dst, `,"destination.geo.country_iso_code":"`, r.Destination.Country)
	},
	"network.transport": func(dst []byte, _ *flow.Batch, r *flow.Record) []byte {
		if !r.Present.Has(flow.HasProtocol) {
			return dst
		}
		return member.Text(dst, `,"transport":`, transportName(r.IPProtocol))
	},
	"source.bytes": func(dst []byte, _ *flow.Batch, r *flow.Record) []byte {
		return appendOut(dst, `,"bytes_out":`, r.Source.Bytes, r.Present.Has(flow.HasBytes|flow.HasReverseBytes))
	},
	"source.packets": func(dst []byte, _ *flow.Batch, r *flow.Record) []byte {
		return appendOut(dst, `,"packets_out":`, r.Source.Packets, r.Present.Has(flow.HasPackets|flow.HasReversePackets))
	},
	serviceField: func(dst []byte, b *flow.Batch, r *flow.Record) []byte {
		return appendApp(dst, b.Symbols.Text(r.Service))
	},
	directionField: func(dst []byte, _ *flow.Batch, r *flow.Record) []byte { return appendDirection(dst, r.Direction) },
	flagsField: func(dst []byte, _ *flow.Batch, r *flow.Record) []byte {
		if !r.Present.Has(flow.HasTCPFlags) {
			return dst
		}
		return appendFlags(dst, r.TCPFlags)
	},
	"weir.elements": func(dst []byte, b *flow.Batch, r *flow.Record) []byte {
		return flow.AppendElementsJSON(dst, `,"weir.elements":`, b, r)
	},
}

// appendOut appends a counter of the source where the destination has one, too: CIM has both or neither, and else it is the total.
func appendOut(dst []byte, key string, n uint64, both bool) []byte {
	if !both {
		return dst
	}
	return member.Uint(dst, key, n)
}

func appendApp(dst []byte, service string) []byte {
	if service == "" {
		service = filter.SplunkUnknown
	}
	return member.Text(dst, `,"app":`, service)
}

func appendCountry(dst []byte, key string, code [2]byte) []byte {
	if !isLetter(code[0]) || !isLetter(code[1]) {
		return dst
	}
	return append(append(append(dst, key...), code[:]...), '"')
}

func isLetter(c byte) bool { return c >= 'A' && c <= 'Z' }

// appendDirection appends CIM's directions under its name, and others under one of Weir's.
func appendDirection(dst []byte, d flow.Direction) []byte {
	switch d {
	case flow.DirectionUnknown:
		return dst
	case flow.Inbound, flow.Outbound:
		return member.Text(dst, `,"direction":`, d.String())
	}
	return member.Text(dst, `,"`+ownDirection+`":`, d.String())
}

// ecnFlags are those that CIM has no value for.
const ecnFlags = flow.ECE | flow.CWR

// appendFlags appends CIM's flags under its name, and those of congestion notification under one of Weir's.
func appendFlags(dst []byte, flags uint16) []byte {
	dst = member.Flags(dst, `,"tcp_flag":`, flags&^ecnFlags)
	return member.Flags(dst, `,"`+ownFlags+`":`, flags&ecnFlags)
}
