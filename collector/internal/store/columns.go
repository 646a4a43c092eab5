package store

// Column is a column of the hot files and of the sealed files.
type Column struct {
	Name  string
	Type  string // DuckDB's name of the type
	Field string // canonical name of the field that it holds, or helps to hold
	Doc   string
}

// Columns returns the columns in their order. Absent values are NULL. The names are the canonical ones with "_" for ".";
// what one column cannot hold has several, told apart by a suffix:
//
//   - an address is two big-endian numbers, _hi and _lo (IPv4 is mapped: hi is 0, lo is 0xffff00000000 + the address);
//   - a time is cut to milliseconds, with the nanoseconds beyond them in _sub, which is NULL where they are 0;
//   - event.id is the datagram's hash, dg_hi and dg_lo, the set's number and the record's, set_no and rec_no.
//
// Two counters are stored only where they differ from what follows from others: see [SourceBytes] and [RawBytes].
func Columns() []Column {
	var all []Column
	for _, group := range [][]Column{identityColumns(), endpointColumns("source"), endpointColumns("destination"), networkColumns(), weirColumns()} {
		all = append(all, group...)
	}
	return all
}

func identityColumns() []Column {
	return []Column{
		{"dg_hi", "UBIGINT", "event.id", "upper half of the datagram's hash"},
		{"dg_lo", "UBIGINT", "event.id", "lower half of the datagram's hash"},
		{"set_no", "USMALLINT", "event.id", "number of the set in the datagram"},
		{"rec_no", "UINTEGER", "event.id", "number of the record in the set"},
		{"event_end", "TIMESTAMP", "event.end", "last packet, also @timestamp, to the millisecond; UTC"},
		{"event_end_sub", "UINTEGER", "event.end", "nanoseconds beyond event_end; NULL: 0"},
		{"event_start", "TIMESTAMP", "event.start", "first packet, to the millisecond; UTC"},
		{"event_start_sub", "UINTEGER", "event.start", "nanoseconds beyond event_start; NULL: 0"},
		{"event_created", "TIMESTAMP_NS", "event.created", "received; UTC"},
		{"observer_ip_hi", "UBIGINT", "observer.ip", "exporter"},
		{"observer_ip_lo", "UBIGINT", "observer.ip", ""},
		{"weir_domain", "UINTEGER", "weir.domain", "observation domain"},
		{"weir_protocol", "VARCHAR", "weir.protocol", "export protocol"},
	}
}

func endpointColumns(side string) []Column {
	counters := "bytes sent by the " + side + ", scaled"
	if side == "source" {
		counters = "NULL: network_bytes less destination_bytes; stored only where it differs"
	}
	return []Column{
		{side + "_ip_hi", "UBIGINT", side + ".ip", "address"},
		{side + "_ip_lo", "UBIGINT", side + ".ip", ""},
		{side + "_port", "USMALLINT", side + ".port", ""},
		{side + "_mac", "UBIGINT", side + ".mac", "48 bits as a number"},
		{side + "_as_number", "UINTEGER", side + ".as.number", ""},
		{side + "_geo_country_iso_code", "VARCHAR", side + ".geo.country_iso_code", ""},
		{side + "_nat_ip_hi", "UBIGINT", side + ".nat.ip", "address after translation"},
		{side + "_nat_ip_lo", "UBIGINT", side + ".nat.ip", ""},
		{side + "_nat_port", "USMALLINT", side + ".nat.port", ""},
		{side + "_bytes", "UBIGINT", side + ".bytes", counters},
		{side + "_packets", "UBIGINT", side + ".packets", "as " + side + "_bytes"},
		{"weir_" + side + "_group", "VARCHAR", "weir." + side + ".group", "traffic groups, joined by ','"},
	}
}

func networkColumns() []Column {
	return []Column{
		{"network_iana_number", "UTINYINT", "network.iana_number", "IP protocol"},
		{"network_protocol", "VARCHAR", "network.protocol", "service by port"},
		{"network_bytes", "UBIGINT", "network.bytes", "both directions, scaled"},
		{"network_packets", "UBIGINT", "network.packets", "both directions, scaled"},
		{"network_direction", "VARCHAR", "network.direction", ""},
		{"network_vlan_id", "USMALLINT", "network.vlan.id", ""},
		{"network_application", "VARCHAR", "network.application", ""},
		{"observer_ingress_interface_id", "UINTEGER", "observer.ingress.interface.id", ""},
		{"observer_ingress_interface_name", "VARCHAR", "observer.ingress.interface.name", ""},
		{"observer_egress_interface_id", "UINTEGER", "observer.egress.interface.id", ""},
		{"observer_egress_interface_name", "VARCHAR", "observer.egress.interface.name", ""},
	}
}

func weirColumns() []Column {
	return []Column{
		{"weir_raw_bytes", "UBIGINT", "weir.raw.bytes", "NULL: equal to network_bytes; stored only where it differs"},
		{"weir_raw_packets", "UBIGINT", "weir.raw.packets", "as weir_raw_bytes"},
		{"weir_sampling_interval", "DOUBLE", "weir.sampling.interval", "N of 1:N"},
		{"weir_sampling_source", "VARCHAR", "weir.sampling.source", ""},
		{"weir_tcp_flags_bits", "USMALLINT", "weir.tcp.flags_bits", "FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128"},
		{"weir_icmp_type", "UTINYINT", "weir.icmp.type", ""},
		{"weir_icmp_code", "UTINYINT", "weir.icmp.code", ""},
		{"weir_ip_tos", "UTINYINT", "weir.ip.tos", ""},
		{"weir_ip_ttl", "UTINYINT", "weir.ip.ttl", ""},
		{"weir_mpls_labels", "VARCHAR", "weir.mpls.labels", "labels in decimal, joined by ','; also in weir_elements"},
		{"weir_next_hop_ip_hi", "UBIGINT", "weir.next_hop.ip", ""},
		{"weir_next_hop_ip_lo", "UBIGINT", "weir.next_hop.ip", ""},
		{"weir_end_reason", "VARCHAR", "weir.end_reason", ""},
		{"weir_forwarding_status", "UTINYINT", "weir.forwarding_status", ""},
		{"weir_firewall_event", "VARCHAR", "weir.firewall_event", ""},
		{"dup_hi", "UBIGINT", "weir.duplicate_of", "as dg_hi, of the record of which this is a copy"},
		{"dup_lo", "UBIGINT", "weir.duplicate_of", ""},
		{"dup_set", "USMALLINT", "weir.duplicate_of", ""},
		{"dup_rec", "UINTEGER", "weir.duplicate_of", ""},
		{"weir_invalid", "VARCHAR", "weir.invalid", "why the record is impossible; NULL: it is not"},
		{"weir_clock_offset_ms", "BIGINT", "weir.clock.offset_ms", ""},
		{"weir_clock_uncertainty_ms", "UBIGINT", "weir.clock.uncertainty_ms", ""},
		{"weir_elements", "BLOB", "weir.elements", "elements without a field: PEN (4 bytes), id (2), kind (1), length (2), value; repeated"},
	}
}

// Expressions for the counters that are stored only where they differ from what follows from others: the source's counters are
// the sum less the reverse direction, the raw ones equal the scaled ones without sampling. (least keeps the subtraction above 0
// where a stored value wins, should the database evaluate both.)
const (
	SourceBytes   = "coalesce(source_bytes, network_bytes - least(network_bytes, coalesce(destination_bytes, 0)))"
	SourcePackets = "coalesce(source_packets, network_packets - least(network_packets, coalesce(destination_packets, 0)))"
	RawBytes      = "coalesce(weir_raw_bytes, network_bytes)"
	RawPackets    = "coalesce(weir_raw_packets, network_packets)"
)
