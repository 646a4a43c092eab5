package flow

// The registry: one row a field. Docs, filter, stores and mappings are driven by these rows; a test at each edge proves that
// every row is mapped or left out for a stated reason.

// timestampName is the field that equals event.end.
const timestampName = "@timestamp"

func identityFields() []Field {
	end, setEnd := timeField(func(r *Record) *int64 { return &r.End })
	start, setStart := timeField(func(r *Record) *int64 { return &r.Start })
	created, setCreated := timeField(func(r *Record) *int64 { return &r.Created })
	return []Field{
		field(Field{Name: timestampName, Kind: KindTime, ECS: true, Virtual: true, Doc: "Time of the record: equal to event.end.", Example: `"2026-03-02T08:15:00Z"`}, end, nil),
		field(Field{Name: "event.id", Kind: KindKeyword, ECS: true, Doc: "Identity: hash of the datagram, number of the set in it, number of the record in the set.", Example: `"0f3c...-1-7"`, text: appendEventID}, getEventID, setEventID),
		field(Field{Name: "event.start", Kind: KindTime, ECS: true, Doc: "First packet of the flow, corrected.", Example: `"2026-03-02T08:14:00Z"`}, start, setStart),
		field(Field{Name: endName, Kind: KindTime, ECS: true, Doc: "Last packet of the flow, corrected.", Example: `"2026-03-02T08:15:00Z"`}, end, setEnd),
		field(Field{Name: "event.created", Kind: KindTime, ECS: true, Doc: "When the datagram was received.", Example: `"2026-03-02T08:15:01Z"`}, created, setCreated),
	}
}

func endpointFields(side string) []Field {
	at := func(r *Record) *Endpoint { return &r.Source }
	ip, port, natPort := HasSourceIP, HasSourcePort, HasSourceNATPort
	if side == "destination" {
		at = func(r *Record) *Endpoint { return &r.Destination }
		ip, port, natPort = HasDestinationIP, HasDestinationPort, HasDestinationNATPort
	}
	bytes, packets := getSourceBytes, getSourcePackets
	setBytes, setPackets := setSourceBytes, setSourcePackets
	if side == "destination" {
		bytes, setBytes = uintField(func(r *Record) *uint64 { return &r.Destination.Bytes }, HasReverseBytes)
		packets, setPackets = uintField(func(r *Record) *uint64 { return &r.Destination.Packets }, HasReversePackets)
	}
	addr, setAddr := addrField(func(r *Record) *Addr { return &at(r).IP }, ip)
	portGet, portSet := uintField(func(r *Record) *uint16 { return &at(r).Port }, port)
	mac, setMAC := macField(func(r *Record) *MAC { return &at(r).MAC })
	asn, setASN := uintField(func(r *Record) *uint32 { return &at(r).ASN }, 0)
	nat, setNAT := addrField(func(r *Record) *Addr { return &at(r).NAT }, 0)
	np, setNP := uintField(func(r *Record) *uint16 { return &at(r).NATPort }, natPort)
	country, countryText, setCountry := countryField(func(r *Record) *[2]byte { return &at(r).Country })
	groups, setGroups := listField(func(r *Record) *Symbol { return &at(r).Groups })
	return []Field{
		field(Field{Name: side + ".ip", Kind: KindIP, ECS: true, Doc: "Address of the " + side + ", as exported.", Example: "10.0.0.0/8"}, addr, setAddr),
		field(Field{Name: side + ".port", Kind: KindUint, ECS: true, Doc: "Port of the " + side + ".", Example: "443"}, portGet, portSet),
		field(Field{Name: side + ".mac", Kind: KindMAC, ECS: true, Doc: "Hardware address of the " + side + ".", Example: `"00-1B-44-11-3A-B7"`}, mac, setMAC),
		field(Field{Name: side + ".as.number", Kind: KindUint, ECS: true, Doc: "Autonomous system of the " + side + ".", Example: "64500"}, asn, setASN),
		field(Field{Name: side + ".geo.country_iso_code", Kind: KindKeyword, ECS: true, Doc: "Country of the " + side + ", ISO 3166-1 alpha-2.", Example: "CH", text: countryText}, country, setCountry),
		field(Field{Name: side + ".nat.ip", Kind: KindIP, ECS: true, Doc: "Address of the " + side + " after translation.", Example: "198.51.100.7"}, nat, setNAT),
		field(Field{Name: side + ".nat.port", Kind: KindUint, ECS: true, Doc: "Port of the " + side + " after translation.", Example: "40001"}, np, setNP),
		field(Field{Name: side + ".bytes", Kind: KindUint, ECS: true, Unit: "bytes", Doc: "Bytes sent by the " + side + ", scaled" + reverseNote(side) + ".", Example: "1500"}, bytes, setBytes),
		field(Field{Name: side + ".packets", Kind: KindUint, ECS: true, Unit: "packets", Doc: "Packets sent by the " + side + ", scaled" + reverseNote(side) + ".", Example: "3"}, packets, setPackets),
		field(Field{Name: "weir." + side + ".group", Kind: KindKeyword, List: true, Doc: "Traffic groups that the " + side + " is in.", Example: "servers"}, groups, setGroups),
	}
}

func reverseNote(side string) string {
	if side == "destination" {
		return " (biflows only)"
	}
	return ""
}

func networkFields() []Field {
	number, setNumber := uintField(func(r *Record) *uint8 { return &r.IPProtocol }, HasProtocol)
	service, setService := symbolField(func(r *Record) *Symbol { return &r.Service })
	bytes, setBytes := uintField(func(r *Record) *uint64 { return &r.Bytes }, HasBytes)
	packets, setPackets := uintField(func(r *Record) *uint64 { return &r.Packets }, HasPackets)
	direction, setDirection := enumField(func(r *Record) *uint8 { return (*uint8)(&r.Direction) }, directionNames[:], 0)
	vlan, setVLAN := uintField(func(r *Record) *uint16 { return &r.VLAN }, HasVLAN)
	app, setApp := symbolField(func(r *Record) *Symbol { return &r.Application })
	return []Field{
		field(Field{Name: "network.iana_number", Kind: KindUint, ECS: true, Doc: "IP protocol number.", Example: "6"}, number, setNumber),
		field(Field{Name: transportName, Kind: KindKeyword, ECS: true, Virtual: true, Doc: "IP protocol by keyword; protocols without one by number.", Example: "udp"}, getTransport, setTransport),
		field(Field{Name: "network.protocol", Kind: KindKeyword, ECS: true, Doc: "Service by port.", Example: "dns"}, service, setService),
		field(Field{Name: "network.bytes", Kind: KindUint, ECS: true, Unit: "bytes", Doc: "Bytes in both directions, scaled by the sampling interval.", Example: "1000000"}, bytes, setBytes),
		field(Field{Name: "network.packets", Kind: KindUint, ECS: true, Unit: "packets", Doc: "Packets in both directions, scaled by the sampling interval.", Example: "1000"}, packets, setPackets),
		field(Field{Name: "network.direction", Kind: KindKeyword, ECS: true, Values: directionNames[1:], Doc: "Direction seen from the inside networks.", Example: "inbound"}, direction, setDirection),
		field(Field{Name: "network.vlan.id", Kind: KindUint, ECS: true, Doc: "VLAN id.", Example: "100"}, vlan, setVLAN),
		field(Field{Name: "network.application", Kind: KindKeyword, ECS: true, Doc: "Application as the exporter names it.", Example: `"ms-teams"`}, app, setApp),
	}
}

func observerFields() []Field {
	exporter, setExporter := addrField(func(r *Record) *Addr { return &r.Exporter }, 0)
	protocol, setProtocol := enumField(func(r *Record) *uint8 { return (*uint8)(&r.Protocol) }, protocolNames[:], 0)
	in, setIn := uintField(func(r *Record) *uint32 { return &r.InIf }, HasInIf)
	out, setOut := uintField(func(r *Record) *uint32 { return &r.OutIf }, HasOutIf)
	inName, setInName := symbolField(func(r *Record) *Symbol { return &r.InIfName })
	outName, setOutName := symbolField(func(r *Record) *Symbol { return &r.OutIfName })
	return []Field{
		field(Field{Name: "observer.ip", Kind: KindIP, ECS: true, Doc: "Exporter that sent the record.", Example: "192.0.2.1"}, exporter, setExporter),
		field(Field{Name: "weir.protocol", Kind: KindKeyword, Values: protocolNames[1:], Doc: "Export protocol.", Example: "netflow9"}, protocol, setProtocol),
		field(Field{Name: "weir.domain", Kind: KindUint, Doc: "Observation domain: source id, domain id or sub-agent.", Example: "1"}, getDomain, setDomain),
		field(Field{Name: "observer.ingress.interface.id", Kind: KindUint, ECS: true, Doc: "ifIndex of the interface where the flow came in.", Example: "3"}, in, setIn),
		field(Field{Name: "observer.ingress.interface.name", Kind: KindKeyword, ECS: true, Doc: "Name of the interface where the flow came in.", Example: `"ge-0/0/1"`}, inName, setInName),
		field(Field{Name: "observer.egress.interface.id", Kind: KindUint, ECS: true, Doc: "ifIndex of the interface where the flow went out; 0 where it was dropped or meant the exporter.", Example: "4"}, out, setOut),
		field(Field{Name: "observer.egress.interface.name", Kind: KindKeyword, ECS: true, Doc: "Name of the interface where the flow went out.", Example: `"ge-0/0/2"`}, outName, setOutName),
	}
}
