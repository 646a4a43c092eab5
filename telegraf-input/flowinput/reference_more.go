package flowinput

func interfaceDoc() MeasurementDoc {
	var fields []FieldDoc
	for _, d := range [2][2]string{{"in_", "in"}, {"out_", "out"}} {
		fields = append(fields, passedDocs(d[0], "went "+d[1])...)
	}
	return MeasurementDoc{
		"weir_interface", "With `interfaces`: what passed an interface in a minute, by flows and, where the exporter tells or is asked, by its own counters. " +
			"The points of a minute add up, but for the fields from `seconds` on, which come with the first point alone.",
		interfaceTags("ifIndex."), append(fields,
			FieldDoc{"seconds", typeFloat, "s", "Of the minute that lie between samples of counters; 60 of flows."},
			FieldDoc{"speed", typeInt, "bit/s", "Speed, where known."}, FieldDoc{"in_use", typeFloat, "", "Share of the speed that was used, 0 to 1."},
			FieldDoc{"out_use", typeFloat, "", "Share of the speed that was used."}, FieldDoc{"alias", typeText, "", "ifAlias."},
			FieldDoc{"admin_up", typeBool, "", "Whether it is meant to be up."}, FieldDoc{"oper_up", typeBool, "", "Whether it is."},
		),
	}
}

func interfaceTags(index string) []TagDoc {
	return []TagDoc{
		{"exporter", "Address of the exporter."}, {"index", index}, {"interface", "Name, where known."}, {"source", "`flows`, `sflow` or `snmp`."},
	}
}

func passedDocs(prefix, went string) []FieldDoc {
	return []FieldDoc{
		{prefix + "bytes", typeFloat, "bytes", "What " + went + ", scaled and spread over the time of each flow."},
		{prefix + "framing_bytes", typeFloat, "bytes", "What the link adds to flows that count IP packets, estimated."},
		{prefix + "packets", typeFloat, "packets", "Packets."}, {prefix + "multicast", typeFloat, "packets", "Of those to several; by counters alone."},
		{prefix + "broadcast", typeFloat, "packets", "Of those to all; by counters alone."},
		{prefix + "discards", typeFloat, "packets", "Discarded; by counters alone."}, {prefix + "errors", typeFloat, "packets", "With errors; by counters alone."},
	}
}

func vlanDoc() MeasurementDoc {
	return MeasurementDoc{"weir_vlan", "With `interfaces`: what passed a VLAN of a switch in a minute, by sFlow.", interfaceTags("VLAN id."), append(passedDocs("in_", "passed"), FieldDoc{"seconds", typeFloat, "s", "As of `weir_interface`."})}
}

func processorDoc() MeasurementDoc {
	return MeasurementDoc{
		"weir_processor", "With `interfaces`: what an exporter says of its processors in a minute, by sFlow.", interfaceTags("Number of the processor."),
		[]FieldDoc{
			{"load_5s", typeFloat, "", "Mean of the load over 5 seconds, 0 to 1."}, {"load_5s_peak", typeFloat, "", "The greatest of them."},
			{"load_1m", typeFloat, "", "Load over a minute."}, {"load_5m", typeFloat, "", "Load over five minutes."},
			{"memory", typeFloat, "bytes", "Memory in all."}, {"memory_free", typeFloat, "bytes", "Free memory, the least told."},
		},
	}
}

func flowDoc() MeasurementDoc {
	var fields []FieldDoc
	for _, end := range [2][2]string{{"src", "source"}, {"dst", "destination"}} {
		p, of := end[0], " of the "+end[1]+"."
		fields = append(fields,
			FieldDoc{p, typeText, "", "Address" + of}, FieldDoc{p + "_port", typeInt, "", "Port" + of}, FieldDoc{p + "_as", typeInt, "", "AS number" + of},
			FieldDoc{p + "_country", typeText, "", "Country" + of}, FieldDoc{p + "_group", typeText, "", "Traffic groups" + of},
			FieldDoc{p + "_nat", typeText, "", "Translated address" + of}, FieldDoc{p + "_nat_port", typeInt, "", "Translated port" + of},
		)
	}
	return MeasurementDoc{
		nameFlow, "With `flows`: a flow record. The time is the flow's end in milliseconds, with a running number behind, as stores keep one point of a series and time.",
		[]TagDoc{
			{"direction", "As of `weir_traffic`."}, {"export_protocol", "`netflow5`, `netflow9`, `ipfix` or `sflow5`."},
			{"exporter", "Address of the exporter."}, {"protocol", "Transport protocol."},
		}, append(fields, flowFieldDocs...),
	}
}

var flowFieldDocs = []FieldDoc{
	{"start", typeInt, "ns", "First packet, since 1970, corrected."}, {"end", typeInt, "ns", "Last packet."},
	{"bytes", typeInt, "bytes", "Both directions, scaled."}, {"packets", typeInt, "packets", "Likewise."},
	{"raw_bytes", typeInt, "bytes", "As exported."}, {"raw_packets", typeInt, "packets", "Likewise."},
	{"reverse_bytes", typeInt, "bytes", "Of those from the destination, of a record of both directions."}, {"reverse_packets", typeInt, "packets", "Likewise."},
	{"sampling_interval", typeFloat, "", "N of 1:N."}, {"tcp_flags", typeInt, "", "Flags of all packets, as bits: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, ..."},
	{"icmp_type", typeInt, "", "Type."}, {"icmp_code", typeInt, "", "Code."}, {"tos", typeInt, "", "Type of service, or traffic class."},
	{"domain", typeInt, "", "Observation domain."}, {"in_if", typeInt, "", "ifIndex where it came in."}, {"out_if", typeInt, "", "ifIndex where it went out."},
	{"in_interface", typeText, "", "Name, where known."}, {"out_interface", typeText, "", "Name, where known."}, {"vlan", typeInt, "", "VLAN id."},
	{"next_hop", typeText, "", "Address of the next router."}, {"firewall_event", typeInt, "", "IPFIX element 233."},
	{"forwarding_status", typeInt, "", "IPFIX element 89."}, {"service", typeText, "", "Service by port."}, {"application", typeText, "", "As the exporter names it."},
}

func netflowDoc() MeasurementDoc {
	return MeasurementDoc{
		nameNetflow, "With `flows` and `format = \"netflow\"`: a flow record as Telegraf's `inputs.netflow` names it. Counters are as exported.",
		[]TagDoc{{"source", "Address of the exporter."}, {"version", "`NetFlowV5`, `NetFlowV9`, `IPFIX` or `sFlowV5`."}}, netflowFieldDocs,
	}
}

var netflowFieldDocs = []FieldDoc{
	{"src", typeText, "", "Address of the source."}, {"dst", typeText, "", "Address of the destination."}, {"ip_version", typeText, "", "`IPv4` or `IPv6`."},
	{"src_port", typeUint, "", "Port of the source."}, {"dst_port", typeUint, "", "Port of the destination."}, {"protocol", typeText, "", "Transport protocol."},
	{"tcp_flags", typeText, "", "Flags as letters, CWR first, a dot for those not set."}, {"icmp_type", typeUint, "", "Type."}, {"icmp_code", typeUint, "", "Code."},
	{"src_tos", typeText, "", "Type of service, hexadecimal."}, {"in_bytes", typeUint, "bytes", "From the source, as exported."},
	{"in_packets", typeUint, "packets", "Likewise."}, {"rev_in_bytes", typeUint, "bytes", "From the destination, of a record of both directions."},
	{"rev_in_packets", typeUint, "packets", "Likewise."}, {"flow_start_ms", typeUint, "ms", "First packet, since 1970."}, {"flow_end_ms", typeUint, "ms", "Last packet."},
	{"bytes", typeUint, "bytes", "Both directions, scaled; not of `inputs.netflow`."}, {"packets", typeUint, "packets", "Likewise."},
	{"sampling", typeFloat, "", "N of 1:N; not of `inputs.netflow`."}, {"in_snmp", typeUint, "", "ifIndex where it came in."}, {"out_snmp", typeUint, "", "ifIndex where it went out."},
	{"bgp_src_as", typeUint, "", "AS number of the source."}, {"bgp_dst_as", typeUint, "", "AS number of the destination."}, {"next_hop", typeText, "", "Address of the next router."},
	{"vlan_src", typeUint, "", "VLAN id."}, {"vlan_dst", typeUint, "", "VLAN id behind the exporter."}, {"in_src_mac", typeText, "", "Hardware address."},
	{"in_dst_mac", typeText, "", "Hardware address."}, {"interface", typeText, "", "Name of the interface where it came in."}, {"app_name", typeText, "", "Application."},
	{"app_id", typeText, "", "Application, hexadecimal."}, {"xlat_src", typeText, "", "Translated address."}, {"xlat_dst", typeText, "", "Translated address."},
	{"xlat_src_port", typeUint, "", "Translated port."}, {"xlat_dst_port", typeUint, "", "Translated port."}, {"flow_end_reason", typeText, "", "Why the flow ended."},
	{"fw_event", typeText, "", "What a firewall did."}, {"fwd_status", typeText, "", "`forwarded`, `dropped`, `consumed` or `unknown`."}, {"ttl", typeUint, "", "Time to live."},
	{"flows", typeUint, "", "Element 3."}, {"src_mask", typeUint, "bits", "Length of the prefix."}, {"dst_mask", typeUint, "bits", "Length of the prefix."},
	{"min_packet_len", typeUint, "bytes", "Shortest packet."}, {"max_packet_len", typeUint, "bytes", "Longest packet."}, {"flow_sampler_id", typeUint, "", "Sampler."},
	{"min_ttl", typeUint, "", "Least time to live."}, {"max_ttl", typeUint, "", "Greatest."}, {"flow_id", typeUint, "", "Element 148."},
	{"in_vrf_id", typeUint, "", "VRF where it came in."}, {"out_vrf_id", typeUint, "", "VRF where it went out."},
}

func inputDoc() MeasurementDoc {
	return MeasurementDoc{nameInput, "The input itself: counters since the start, and how full its tables are.", nil, []FieldDoc{
		{"datagrams", typeInt, "datagrams", "Taken from the UDP sockets."}, {"kernel_drops", typeInt, "datagrams", "Lost in the kernel for want of socket buffer (Linux)."},
		{"truncated", typeInt, "datagrams", "Longer than the buffer."}, {"dropped_batches", typeInt, "batches", "Batches of up to 2,048 records for which a queue had no room."},
		{"records", typeInt, "records", "Summed up."}, {"left_out_copies", typeInt, "records", "Other exporters' copies of a flow."},
		{"left_out_set_aside", typeInt, "records", "Records that cannot be true."}, {"late_records", typeInt, "records", "Later than `lateness`: in no sum."},
		{"late_bytes", typeInt, "bytes", "In them."}, {"future_records", typeInt, "records", "Ended too far ahead: in no sum."},
		{"no_room_records", typeInt, "records", "In no sum for want of memory."}, {"untold_records", typeInt, "records", "Summed, but the sums found no room in `buffer` in time."},
		{"series", typeInt, "series", "Combinations of tags of `weir_traffic`."}, {"series_limit", typeInt, "series", "`max_series`."},
		{"series_other_records", typeInt, "records", "Summed as `other` for it."}, {"hosts", typeInt, "hosts", "Hosts with a series `weir_host`."},
		{"hosts_limit", typeInt, "hosts", "`max_hosts`."}, {"hosts_other", typeInt, "hosts", "Times that a top host became `other` for it."},
		{"interfaces", typeInt, "series", "Interfaces, VLANs and processors by source that have a series: as many as `in_interface` may have values."},
		{"interface_minutes_left_out", typeInt, "", "Minutes of those beyond the limit, as often as they were measured."},
		{"interface_minutes_late", typeInt, "", "Minutes that changed later than `lateness`."},
		{"points", typeInt, "points", "Given to Telegraf."}, {"dropped_points", typeInt, "points", "For which `buffer` had no room."},
		{"dropped_flows", typeInt, "points", "Single flows for which it had none."},
	}}
}

func inputTagDoc() MeasurementDoc {
	return MeasurementDoc{nameTag, "How many values each tag of `weir_traffic` has.", []TagDoc{{"tag", "Name of the tag."}}, []FieldDoc{
		{"values", typeInt, "values", "Values that have a series of their own."}, {"limit", typeInt, "values", "How many may have."},
		{"other_records", typeInt, "records", "Summed as `other`."},
	}}
}
