package flow

import "strconv"

// Protocol is the export protocol that a record came by.
type Protocol uint8

// Export protocols. FromJSONL marks records read from canonical JSON lines that do not name theirs.
const (
	ProtocolUnknown Protocol = iota
	NetFlow5
	NetFlow9
	IPFIX
	SFlow5
	NetFlow1
	NetFlow7
)

var protocolNames = [...]string{"", "netflow5", "netflow9", "ipfix", "sflow5", "netflow1", "netflow7"}

// String returns the name used in weir.protocol.
func (p Protocol) String() string { return nameOf(protocolNames[:], uint8(p)) }

// ParseProtocol is the inverse of [Protocol.String].
func ParseProtocol(s string) (Protocol, bool) {
	n, ok := numberOf(protocolNames[:], s)
	return Protocol(n), ok
}

// SamplingSource says where a record's sampling interval was learned.
type SamplingSource uint8

// Sources of the sampling interval, in the order in which they win. SamplingAssumed is 1:1 for want of any information;
// SamplingUnknown is a record that names a sampler which was never described.
const (
	SamplingNone SamplingSource = iota
	SamplingOverride
	SamplingOptions
	SamplingHeader
	SamplingAssumed
	SamplingUnknown
)

var samplingNames = [...]string{"", "override", "options", "header", "assumed", "unknown"}

// String returns the name used in weir.sampling.source.
func (s SamplingSource) String() string { return nameOf(samplingNames[:], uint8(s)) }

// ParseSamplingSource is the inverse of [SamplingSource.String].
func ParseSamplingSource(s string) (SamplingSource, bool) {
	n, ok := numberOf(samplingNames[:], s)
	return SamplingSource(n), ok
}

// Direction is the direction of a flow seen from the networks configured as inside (ECS network.direction).
type Direction uint8

// Directions: inside to inside is internal, outside to outside external.
const (
	DirectionUnknown Direction = iota
	Inbound
	Outbound
	Internal
	External
)

var directionNames = [...]string{"", "inbound", "outbound", "internal", "external"}

// String returns the ECS name.
func (d Direction) String() string { return nameOf(directionNames[:], uint8(d)) }

// ParseDirection is the inverse of [Direction.String].
func ParseDirection(s string) (Direction, bool) {
	n, ok := numberOf(directionNames[:], s)
	return Direction(n), ok
}

// Bits of TCPFlags (RFC 9293, 3.1; IPFIX IE 6).
const (
	FIN = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

var tcpFlagNames = [...]string{"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"}

// TCPFlagBit returns the bit of a flag's name ("SYN"), 0 for no such name.
func TCPFlagBit(name string) uint16 {
	n, ok := numberOf(tcpFlagNames[:], name)
	if !ok {
		return 0
	}
	return 1 << n
}

// TCPFlagNames returns the names of the flags in bit order (FIN first).
func TCPFlagNames() []string { return append([]string(nil), tcpFlagNames[:]...) }

var endReasonNames = [...]string{"", "idle_timeout", "active_timeout", "end_of_flow", "forced_end", "lack_of_resources"}

var firewallEventNames = [...]string{"ignore", "created", "deleted", "denied", "alert", "update"}

// transportKeywords holds the IANA protocol numbers that have a keyword in network.transport; others are shown as their number.
var transportKeywords = map[uint8]string{
	1: "icmp", 2: "igmp", 4: "ipip", 6: "tcp", 17: "udp", 41: "ipv6", 47: "gre", 50: "esp", 51: "ah",
	58: "ipv6-icmp", 88: "eigrp", 89: "ospf", 103: "pim", 112: "vrrp", 115: "l2tp", 132: "sctp", 136: "udplite",
}

// TransportName returns the keyword of an IANA protocol number, or the number as text.
func TransportName(number uint8) string {
	return transportNames[number]
}

// TransportNumber is the inverse of [TransportName].
func TransportNumber(s string) (uint8, bool) {
	for n, name := range transportKeywords {
		if name == s {
			return n, true
		}
	}
	n, err := strconv.ParseUint(s, 10, 8)
	return uint8(n), err == nil
}

func nameOf(names []string, n uint8) string {
	if int(n) < len(names) {
		return names[n]
	}
	return decimals[n]
}

// decimals holds the numbers without a name as text, and transportNames all protocol numbers, so that showing them does not
// allocate.
var (
	decimals       = makeDecimals(nil)
	transportNames = makeDecimals(transportKeywords)
)

func makeDecimals(named map[uint8]string) (table [256]string) {
	for i := range table {
		table[i] = strconv.Itoa(i)
	}
	for n, name := range named {
		table[n] = name
	}
	return table
}

func numberOf(names []string, s string) (uint8, bool) {
	for i, name := range names {
		if name == s && s != "" {
			return uint8(i), true
		}
	}
	return 0, false
}

// enumNumber reads a keyword or, for values without one, a number.
func enumNumber(names []string, s string) (uint8, bool) {
	if n, ok := numberOf(names, s); ok {
		return n, true
	}
	n, err := strconv.ParseUint(s, 10, 8)
	return uint8(n), err == nil
}
