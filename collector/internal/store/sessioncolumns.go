package store

import "fmt"

// SessionColumns returns the columns of the tables and sealed files of sessions, in their order, by the rules of [Columns]. A session
// told of while it was open has a row each time; of the rows with its id_hi that with the greatest told counts. A row without id_hi
// is all there is of a session.
func SessionColumns() []Column {
	var all []Column
	for _, group := range [][]Column{sessionTimeColumns(), sideColumns("client", "source"), sideColumns("server", "destination"), sessionColumns(), exporterColumns()} {
		all = append(all, group...)
	}
	return all
}

func sessionTimeColumns() []Column {
	return []Column{
		{"id_hi", "UBIGINT", "", "upper half of the session's id; NULL: it was told of once"},
		{"told", "UINTEGER", "", "how often the session had been told of before; NULL: never"},
		{"event_end", "TIMESTAMP", "event.end", "last packet, also @timestamp, to the millisecond; UTC"},
		{"event_end_sub", "UINTEGER", "event.end", "nanoseconds beyond event_end; NULL: 0"},
		{"event_start", "TIMESTAMP", "session.start", "first packet, also event.start, to the millisecond; UTC"},
		{"event_start_sub", "UINTEGER", "session.start", "nanoseconds beyond event_start; NULL: 0"},
		{"born", "BIGINT", "", "start of the piece that it was made from, part of its id, in ns since the Unix epoch; NULL: its start"},
	}
}

func sideColumns(side, source string) []Column {
	return []Column{
		{side + "_ip_hi", "UBIGINT", side + ".ip", "also " + source + ".ip"},
		{side + "_ip_lo", "UBIGINT", side + ".ip", ""},
		{side + "_port", "USMALLINT", side + ".port", "0 where the protocol has none"},
		{side + "_bytes", "UBIGINT", side + ".bytes", "bytes sent by the " + side + ", scaled"},
		{side + "_packets", "UBIGINT", side + ".packets", ""},
		{side + "_tcp_flags_bits", "USMALLINT", "weir." + side + ".tcp.flags", "as weir_tcp_flags_bits of records; NULL: 0"},
		{source + "_as_number", "UINTEGER", source + ".as.number", "of the " + side},
		{source + "_geo_country_iso_code", "VARCHAR", source + ".geo.country_iso_code", ""},
		{source + "_nat_ip_hi", "UBIGINT", source + ".nat.ip", "the " + side + "'s other address, after translation"},
		{source + "_nat_ip_lo", "UBIGINT", source + ".nat.ip", ""},
		{source + "_nat_port", "USMALLINT", source + ".nat.port", ""},
		{"weir_" + source + "_group", "VARCHAR", "weir." + source + ".group", "traffic groups, joined by ','"},
	}
}

func sessionColumns() []Column {
	return []Column{
		{"network_iana_number", "UTINYINT", "network.iana_number", "IP protocol"},
		{"network_protocol", "VARCHAR", "network.protocol", "service by port"},
		{"network_application", "VARCHAR", "network.application", ""},
		{"network_direction", "VARCHAR", "network.direction", "from client to server"},
		{"weir_icmp_type", "UTINYINT", "weir.icmp.type", "of the first record; NULL: 0"},
		{"weir_icmp_code", "UTINYINT", "weir.icmp.code", "NULL: 0"},
		{"weir_tcp_state", "VARCHAR", "weir.tcp.state", ""},
		{"weir_direction_confidence", "DOUBLE", "weir.direction.confidence", "how sure it is that the client opened the session; NULL: 0"},
		{"weir_sampling_interval", "DOUBLE", "weir.sampling.interval", "the greatest N of its records; NULL: not known"},
		{"session_records", "UINTEGER", "", "records that are summed; NULL: 0"},
		{"session_copies", "UINTEGER", "", "records of other exporters about the same; NULL: 0"},
		{"session_open", "UTINYINT", "", "1: more was to come when this row was written; NULL: no"},
		{"session_truncated", "UTINYINT", "", "1: given up for want of room; NULL: no"},
	}
}

func exporterColumns() (list []Column) {
	for i := range 6 {
		list = append(list,
			Column{fmt.Sprintf("exporter%d_hi", i+1), "UBIGINT", "observer.ip", "an exporter that saw it"},
			Column{fmt.Sprintf("exporter%d_lo", i+1), "UBIGINT", "observer.ip", ""})
	}
	return list
}
