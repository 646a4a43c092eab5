package cim

import (
	"slices"
	"strings"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// cimFields are those that CIM's model Network_Traffic has, made of others.
func cimFields(kind Kind) []Field {
	list := []Field{
		{Name: "action", Type: typeString, CIM: true, Values: []string{actionFlow, actionAllowed, actionBlocked, actionTeardown}, Doc: "What became of the traffic: flow where the exporter only saw it.", Example: "flow"},
		{Name: "src", Type: typeString, CIM: true, Doc: "Address of the source, of a session of the client; its hardware address where it has no other.", Example: "10.1.2.3"},
		{Name: "dest", Type: typeString, CIM: true, Doc: "Address of the destination, of a session of the server; its hardware address where it has no other.", Example: "192.0.2.80"},
		{Name: "dvc", Type: typeAddress, CIM: true, Doc: "Exporter; of a session the first.", Example: "192.0.2.1"},
		{Name: "protocol", Type: typeString, CIM: true, Values: []string{"ip", "icmp"}, Doc: "Network protocol.", Example: "ip"},
		{Name: "protocol_version", Type: typeString, CIM: true, Values: []string{"ipv4", "ipv6"}, Doc: "Version of IP.", Example: "ipv4"},
		{Name: "src_zone", Type: typeString, CIM: true, Doc: "First traffic group of the source, where both sides have one.", Example: "clients"},
		{Name: "dest_zone", Type: typeString, CIM: true, Doc: "First traffic group of the destination, where both sides have one.", Example: "servers"},
	}
	if kind != Session {
		list = append(list, Field{Name: "duration", Type: typeNumber, Unit: "s", CIM: true, Doc: "From first to last packet.", Example: "1.25"})
	}
	return list
}

// ownFields are those that are neither CIM's nor the registry's, and the halves of fields whose other values CIM does not have.
func ownFields(kind Kind) []Field {
	list := []Field{
		{Name: ownDirection, Type: typeString, Values: []string{"internal", "external"}, Doc: "Direction, where it is neither inbound nor outbound.", Example: "internal", Registry: []string{directionField}},
		{Name: ownFlags, Type: typeString, List: true, Values: []string{"ECE", "CWR"}, Doc: "TCP flags of explicit congestion notification.", Example: "ECE", Registry: []string{flagsField}},
	}
	switch kind {
	case Traffic:
		list = append(list, Field{Name: "weir.aggregate.records", Type: typeNumber, Doc: "Records that are summed.", Example: "17"})
	case Session:
		list = append(list, sessionOwnFields()...)
	}
	return list
}

// Names of fields that are told in two: CIM's values under CIM's name, others under one of Weir's.
const (
	directionField = "network.direction"
	flagsField     = "weir.tcp.flags"
	serviceField   = "network.protocol"
	ownDirection   = filter.SplunkOtherDirection
	ownFlags       = filter.SplunkOtherFlags
)

// notInSums are the fields of records that sums do not have: they differ within them. Copies of records are summed apart, and a sum names the record that
// its first one is a copy of.
var notInSums = map[string]bool{
	"source.mac": true, "destination.mac": true, "source.nat.ip": true, "source.nat.port": true, "destination.nat.ip": true, "destination.nat.port": true,
	"weir.ip.tos": true, "weir.ip.ttl": true, "weir.mpls.labels": true, "weir.next_hop.ip": true, "weir.end_reason": true, "weir.forwarding_status": true,
	"weir.clock.offset_ms": true, "weir.clock.uncertainty_ms": true, "weir.elements": true,
}

// isIn tells whether events of the kind have a field of the registry.
func isIn(kind Kind, f *flow.Field) bool {
	switch {
	case f.Name == "related.ip" || f.Name == "related.port":
		return false
	case kind == Session:
		return f.OfSession != nil
	}
	return f.Get != nil && (kind == Flow || !notInSums[f.Name])
}

// cimNames are CIM's fields by which the registry's are called.
var cimNames = []string{
	"flow_id", "duration", "dvc_ip", "src_interface", "dest_interface", "transport", "app", "direction", "vlan", "bytes", "packets", "tcp_flag",
	"icmp_type", "icmp_code", "tos", "ttl", "bytes_in", "bytes_out", "packets_in", "packets_out", "src_ip", "dest_ip", "src_port", "dest_port",
	"src_mac", "dest_mac", "src_translated_ip", "dest_translated_ip", "src_translated_port", "dest_translated_port",
}

func ofRegistry(kind Kind, f *flow.Field, name string) Field {
	out := Field{
		Name: name, Type: typeOf(f), Unit: f.Unit, CIM: slices.Contains(cimNames, name), Doc: f.Doc, Example: f.Example, Values: f.Values,
		List: f.List || kind == Session && f.Name == "observer.ip", Registry: []string{f.Name},
	}
	switch f.Kind {
	case flow.KindTime:
		out.Example = "1772439240.5"
	case flow.KindMAC:
		out.Example = "00:1b:44:11:3a:b7"
	case flow.KindIP:
		out.Example, _, _ = strings.Cut(f.Example, "/")
	}
	switch f.Name {
	case directionField:
		out.Values = []string{"inbound", "outbound"}
	case flagsField:
		out.Values = []string{"FIN", "SYN", "RST", "PSH", "ACK", "URG"}
	case serviceField:
		out.Doc = "Service by port; \"" + filter.SplunkUnknown + "\" where there is none."
	case "network.transport":
		out.Doc = "Transport by keyword, protocols without one by number; ICMPv6 is icmp, with protocol_version ipv6."
	case "event.duration":
		out.Unit, out.Example = "s", "60"
	}
	return out
}

func typeOf(f *flow.Field) string {
	switch f.Kind {
	case flow.KindUint, flow.KindInt, flow.KindFloat:
		return typeNumber
	case flow.KindIP:
		return typeAddress
	case flow.KindMAC:
		return typeMAC
	case flow.KindTime:
		return typeTime
	case flow.KindObject:
		return typeObject
	}
	return typeString
}
