package flow

func weirFields() []Field {
	return append(append(samplingFields(), headerFields()...), qualityFields()...)
}

func samplingFields() []Field {
	rawBytes, setRawBytes := uintField(func(r *Record) *uint64 { return &r.RawBytes }, HasBytes)
	rawPackets, setRawPackets := uintField(func(r *Record) *uint64 { return &r.RawPackets }, HasPackets)
	source, setSource := enumField(func(r *Record) *uint8 { return (*uint8)(&r.SamplingSource) }, samplingNames[:], 0)
	return []Field{
		field(Field{Name: "weir.raw.bytes", Kind: KindUint, Unit: "bytes", Doc: "Bytes in both directions as exported.", Example: "1500"}, rawBytes, setRawBytes),
		field(Field{Name: "weir.raw.packets", Kind: KindUint, Unit: "packets", Doc: "Packets in both directions as exported.", Example: "3"}, rawPackets, setRawPackets),
		field(Field{Name: "weir.sampling.interval", Kind: KindFloat, Doc: "Sampling interval N of 1:N.", Example: "1000"}, getSampling, setSampling),
		field(Field{Name: "weir.sampling.source", Kind: KindKeyword, Values: samplingNames[1:], Doc: "Where the sampling interval was learned; assumed is 1 for want of information.", Example: "options"}, source, setSource),
	}
}

func headerFields() []Field {
	bits, setBits := uintField(func(r *Record) *uint16 { return &r.TCPFlags }, HasTCPFlags)
	icmpType, setICMPType := uintField(func(r *Record) *uint8 { return &r.ICMPType }, HasICMP)
	icmpCode, setICMPCode := uintField(func(r *Record) *uint8 { return &r.ICMPCode }, HasICMP)
	tos, setToS := uintField(func(r *Record) *uint8 { return &r.ToS }, HasToS)
	ttl, setTTL := uintField(func(r *Record) *uint8 { return &r.TTL }, HasTTL)
	hop, setHop := addrField(func(r *Record) *Addr { return &r.NextHop }, 0)
	return []Field{
		field(Field{Name: flagsName, Kind: KindKeyword, List: true, Virtual: true, Values: tcpFlagNames[:], Doc: "TCP flags seen in any packet of the flow.", Example: "SYN"}, getTCPFlags, setTCPFlag),
		field(Field{Name: "weir.tcp.flags_bits", Kind: KindUint, Doc: "TCP flags as a number: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128.", Example: "18"}, bits, setBits),
		field(Field{Name: "weir.icmp.type", Kind: KindUint, Doc: "ICMP or ICMPv6 type.", Example: "8"}, icmpType, setICMPType),
		field(Field{Name: "weir.icmp.code", Kind: KindUint, Doc: "ICMP or ICMPv6 code.", Example: "0"}, icmpCode, setICMPCode),
		field(Field{Name: "weir.ip.tos", Kind: KindUint, Doc: "Type of service or traffic class: DSCP in the upper six bits.", Example: "184"}, tos, setToS),
		field(Field{Name: "weir.ip.ttl", Kind: KindUint, Doc: "Time to live or hop limit (the least, where several are exported).", Example: "64"}, ttl, setTTL),
		field(Field{Name: "weir.mpls.labels", Kind: KindUint, List: true, Doc: "MPLS labels, top of the stack first.", Example: "16004"}, getMPLS, setMPLS),
		field(Field{Name: "weir.next_hop.ip", Kind: KindIP, Doc: "Next hop of the route; absent where the exporter sends an unspecified address.", Example: "192.0.2.254"}, hop, setHop),
	}
}

func qualityFields() []Field {
	end, setEnd := enumField(func(r *Record) *uint8 { return &r.EndReason }, endReasonNames[:], HasEndReason)
	status, setStatus := uintField(func(r *Record) *uint8 { return &r.ForwardingStatus }, HasForwardingStatus)
	event, setEvent := enumField(func(r *Record) *uint8 { return &r.FirewallEvent }, firewallEventNames[:], HasFirewallEvent)
	invalid, setInvalid := enumField(func(r *Record) *uint8 { return (*uint8)(&r.Invalid) }, reasonNames[:], 0)
	offset, setOffset := milliField(func(r *Record) *int64 { return &r.ClockOffset }, Int)
	uncertain, setUncertain := milliField(func(r *Record) *int64 { return &r.ClockUncertainty }, func(v int64) Value { return Uint(uint64(v)) })
	return []Field{
		field(Field{Name: "weir.end_reason", Kind: KindKeyword, Values: endReasonNames[1:], Doc: "Why the exporter ended the record (IE 136).", Example: "active_timeout"}, end, setEnd),
		field(Field{Name: "weir.forwarding_status", Kind: KindUint, Doc: "Forwarding status (IE 89): 64 to 127 forwarded, 128 to 191 dropped, 192 and more consumed.", Example: "64"}, status, setStatus),
		field(Field{Name: "weir.firewall_event", Kind: KindKeyword, Values: firewallEventNames[:], Doc: "Firewall event (IE 233).", Example: "denied"}, event, setEvent),
		field(Field{Name: "weir.duplicate_of", Kind: KindKeyword, Doc: "event.id of the record of which this is another exporter's copy.", Example: `"0f3c...-1-7"`, text: appendDuplicateOf}, getDuplicateOf, setDuplicateOf),
		field(Field{Name: "weir.invalid", Kind: KindKeyword, Values: invalidNames(), Doc: "Why the record is impossible and left out of sums.", Example: "end_before_start"}, invalid, setInvalid),
		field(Field{Name: "weir.clock.offset_ms", Kind: KindInt, Unit: "ms", Doc: "What was added to the exporter's times.", Example: "-2500"}, offset, setOffset),
		field(Field{Name: "weir.clock.uncertainty_ms", Kind: KindUint, Unit: "ms", Doc: "How far the times may still be off.", Example: "30"}, uncertain, setUncertain),
		field(Field{Name: "weir.elements", Kind: KindObject, Doc: `Elements without a canonical name, "pen/id" to value.`, Example: "*"}, getElements, nil),
	}
}

func invalidNames() []string {
	return reasonNames[InvalidEndBeforeStart : InvalidAddress+1]
}

func virtualFields() []Field {
	return []Field{
		field(Field{Name: "related.ip", Kind: KindIP, List: true, Virtual: true, ECS: true, Doc: "Address of either side.", Example: "203.0.113.7"}, getRelatedIP, nil),
		field(Field{Name: "related.port", Kind: KindUint, List: true, Virtual: true, Doc: "Port of either side.", Example: "53"}, getRelatedPort, nil),
	}
}

func sessionFields() []Field {
	const s = ScopeSession
	return []Field{
		{Name: "session.start", Kind: KindTime, Scope: s, Doc: "First packet of the session.", Example: `"2026-03-02T08:14:00Z"`},
		{Name: "client.ip", Kind: KindIP, ECS: true, Scope: s, Doc: "Address of the side that opened the session.", Example: "10.0.0.0/8"},
		{Name: "client.port", Kind: KindUint, ECS: true, Scope: s, Doc: "Port of the side that opened the session.", Example: "50123"},
		{Name: "client.bytes", Kind: KindUint, ECS: true, Scope: s, Unit: "bytes", Doc: "Bytes from client to server.", Example: "1500"},
		{Name: "client.packets", Kind: KindUint, ECS: true, Scope: s, Unit: "packets", Doc: "Packets from client to server.", Example: "3"},
		{Name: "server.ip", Kind: KindIP, ECS: true, Scope: s, Doc: "Address of the side that was called.", Example: "10.0.0.0/8"},
		{Name: "server.port", Kind: KindUint, ECS: true, Scope: s, Doc: "Port of the side that was called.", Example: "22"},
		{Name: "server.bytes", Kind: KindUint, ECS: true, Scope: s, Unit: "bytes", Doc: "Bytes from server to client.", Example: "1500"},
		{Name: "server.packets", Kind: KindUint, ECS: true, Scope: s, Unit: "packets", Doc: "Packets from server to client.", Example: "3"},
		{Name: "weir.client.tcp.flags", Kind: KindKeyword, List: true, Scope: s, Values: tcpFlagNames[:], Doc: "TCP flags of the client's packets.", Example: "SYN"},
		{Name: "weir.server.tcp.flags", Kind: KindKeyword, List: true, Scope: s, Values: tcpFlagNames[:], Doc: "TCP flags of the server's packets.", Example: "ACK"},
		{Name: "weir.tcp.state", Kind: KindKeyword, Scope: s, Values: []string{"S0", "REJ", "EST0", "EST", "UNI", "MID", "BSC", "Q", "QR"}, Doc: "Connection state; Q and QR are UDP without and with a reply.", Example: "EST"},
		{Name: "weir.direction.confidence", Kind: KindFloat, Scope: s, Doc: "How sure it is who opened the session, 0 to 1.", Example: "0.95"},
		{Name: "event.duration", Kind: KindUint, ECS: true, Scope: s, Unit: "ns", Doc: "Length of the session.", Example: "60000000000"},
	}
}
