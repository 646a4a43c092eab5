package frames

import "strings"

// titles are the names of columns that do not follow from their field's name.
var titles = map[string]string{
	"@timestamp": "Time", "event.start": "Start", "event.end": "End", "event.created": "Received", "event.id": "Record ID",
	"event.duration": "Duration", "session.start": "Start", "observer.ip": "Exporter", "source.ip": "Source", "destination.ip": "Destination",
	"client.ip": "Client", "server.ip": "Server", "related.ip": "Host", "related.port": "Port", "network.iana_number": "Protocol number",
	"network.protocol": "Service", "network.transport": "Protocol", "network.bytes": "Bytes", "network.packets": "Packets",
	"network.direction": "Direction", "network.vlan.id": "VLAN", "network.application": "Application", "weir.protocol": "Export protocol",
	"weir.domain": "Observation domain", "observer.ingress.interface.id": "Ingress ifIndex", "observer.ingress.interface.name": "Ingress interface",
	"observer.egress.interface.id": "Egress ifIndex", "observer.egress.interface.name": "Egress interface", "weir.tcp.flags_bits": "TCP flags (number)",
	"weir.tcp.state": "State", "weir.direction.confidence": "Direction confidence", "weir.mpls.labels": "MPLS labels", "weir.elements": "Other elements",
	"weir.duplicate_of": "Copy of", "weir.invalid": "Set aside because", "weir.raw.bytes": "Bytes as exported", "weir.raw.packets": "Packets as exported",
	"bytes": "Bytes", "packets": "Packets", "flows": "Flows", "sessions": "Sessions", "bps": "Bit rate", "pps": "Packet rate", "out": "Out", "in": "In",
	"severity_label": "Severity", "silent_seconds": "Silent for", "gaps": "Lost before the collector", "dropped": "Dropped by the collector",
	"waiting_sets": "Waiting for a template", "clock_offset_seconds": "Clock off by",
	"earlier": "Earlier", "change": "Change", "share": "Share",
}

// words are words of names that are written in another way than they stand there.
var words = map[string]string{
	"ip": "address", "as": "AS", "geo": "", "country_iso_code": "country", "nat": "NAT", "mac": "MAC", "tcp": "TCP", "icmp": "ICMP",
	"tos": "ToS", "ttl": "TTL", "weir": "", "network": "", "number": "number", "offset_ms": "offset", "uncertainty_ms": "uncertainty",
}

// Title is how people are shown a field or a column: "Source port" for source.port. The name itself stays the frame's, as filters take it.
func Title(name string) string {
	if t, ok := titles[name]; ok {
		return t
	}
	if inner, ok := strings.CutPrefix(name, "distinct("); ok {
		return "Distinct: " + Title(strings.TrimSuffix(inner, ")"))
	}
	if strings.HasPrefix(name, "p") && strings.HasSuffix(name, ")") {
		rank, inner, _ := strings.Cut(strings.TrimSuffix(name, ")"), "(")
		return Title(inner) + ", " + strings.TrimPrefix(rank, "p") + " %"
	}
	var out []string
	for _, part := range strings.Split(name, ".") {
		word, known := words[part]
		if !known {
			word = strings.ReplaceAll(part, "_", " ")
		}
		if word != "" && (word != "address" || len(out) > 0) {
			out = append(out, word)
		}
	}
	text := strings.Join(out, " ")
	if text == "" {
		return name
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
