package flow

import "strings"

type sessionGetter = func(dst []Value, symbols *Symbols, s *Session) []Value

// sessionValues says what the fields hold on sessions: those of records that make sense there (source is the client, destination
// the server), and those that only sessions have. Filters, grouping and stores go by it.
var sessionValues = map[string]sessionGetter{
	timestampName: sessionValue(func(s *Session) Value { return Time(s.End) }), endName: sessionValue(func(s *Session) Value { return Time(s.End) }),
	"event.start": sessionValue(func(s *Session) Value { return Time(s.Start) }), "session.start": sessionValue(func(s *Session) Value { return Time(s.Start) }),
	"event.duration": sessionValue(func(s *Session) Value { return Uint(uint64(max(s.Duration(), 0))) }),

	"client.ip": sideIP(client), "client.port": sidePort(client), "client.bytes": sideBytes(client), "client.packets": sidePackets(client),
	"source.ip": sideIP(client), "source.port": sidePort(client), "source.bytes": sideBytes(client), "source.packets": sidePackets(client),
	"source.nat.ip": sideNAT(client), "source.nat.port": sideNATPort(client), "source.as.number": sideASN(client),
	"source.geo.country_iso_code": sideCountry(client), "weir.source.group": sideGroups(client), "weir.client.tcp.flags": sideFlags(client),

	"server.ip": sideIP(server), "server.port": sidePort(server), "server.bytes": sideBytes(server), "server.packets": sidePackets(server),
	"destination.ip": sideIP(server), "destination.port": sidePort(server), "destination.bytes": sideBytes(server), "destination.packets": sidePackets(server),
	"destination.nat.ip": sideNAT(server), "destination.nat.port": sideNATPort(server), "destination.as.number": sideASN(server),
	"destination.geo.country_iso_code": sideCountry(server), "weir.destination.group": sideGroups(server), "weir.server.tcp.flags": sideFlags(server),

	"network.iana_number": sessionValue(func(s *Session) Value { return Uint(uint64(s.Transport)) }),
	transportName:         sessionValue(func(s *Session) Value { return Keyword(TransportName(s.Transport)) }),
	"network.bytes":       sessionValue(func(s *Session) Value { return Uint(SaturatingSum(s.Client.Bytes, s.Server.Bytes)) }),
	"network.packets":     sessionValue(func(s *Session) Value { return Uint(SaturatingSum(s.Client.Packets, s.Server.Packets)) }),
	"network.protocol":    sessionSymbol(func(s *Session) Symbol { return s.Service }),
	"network.application": sessionSymbol(func(s *Session) Symbol { return s.Application }),
	"network.direction":   sessionValueIf((*Session).hasDirection, func(s *Session) Value { return Keyword(s.Direction.String()) }),

	"weir.sampling.interval":    sessionValueIf((*Session).hasSampling, func(s *Session) Value { return Float(s.SamplingInterval) }),
	"weir.direction.confidence": sessionValue(func(s *Session) Value { return Float(s.Confidence) }),
	"weir.tcp.state":            sessionValueIf((*Session).hasState, func(s *Session) Value { return Keyword(s.State.String()) }),
	flagsName:                   sessionFlags((*Session).Flags),
	"weir.tcp.flags_bits":       sessionValueIf((*Session).HasTCPFlags, func(s *Session) Value { return Uint(uint64(s.Flags())) }),
	"weir.icmp.type":            sessionValueIf((*Session).HasICMP, func(s *Session) Value { return Uint(uint64(s.ICMPType)) }),
	"weir.icmp.code":            sessionValueIf((*Session).HasICMP, func(s *Session) Value { return Uint(uint64(s.ICMPCode)) }),

	"observer.ip": func(dst []Value, _ *Symbols, s *Session) []Value {
		for _, a := range s.SeenBy() {
			dst = append(dst, IP(a))
		}
		return dst
	},
	"related.ip": func(dst []Value, _ *Symbols, s *Session) []Value {
		return append(dst, IP(s.Client.IP), IP(s.Server.IP))
	},
	"related.port": func(dst []Value, _ *Symbols, s *Session) []Value {
		if !s.HasPorts() {
			return dst
		}
		return append(dst, Uint(uint64(s.Client.Port)), Uint(uint64(s.Server.Port)))
	},
}

// Protocols whose sessions have other fields than the rest (IANA numbers).
const (
	protocolICMP   = 1
	protocolTCP    = 6
	protocolICMPv6 = 58
)

// HasICMP tells whether the session has ICMPType and ICMPCode.
func (s *Session) HasICMP() bool { return s.Transport == protocolICMP || s.Transport == protocolICMPv6 }

// HasPorts tells whether the sides have ports: those of TCP always do, those of ICMP never, those of other protocols where either
// is not 0.
func (s *Session) HasPorts() bool {
	return s.Transport == protocolTCP || !s.HasICMP() && (s.Client.Port != 0 || s.Server.Port != 0)
}

// HasTCPFlags tells whether the flags of the sides mean something.
func (s *Session) HasTCPFlags() bool { return s.Transport == protocolTCP }

func (s *Session) hasDirection() bool { return s.Direction != DirectionUnknown }
func (s *Session) hasSampling() bool  { return s.SamplingInterval != 0 }
func (s *Session) hasState() bool     { return s.State != StateNone }

func sessionValue(value func(*Session) Value) sessionGetter {
	return func(dst []Value, _ *Symbols, s *Session) []Value { return append(dst, value(s)) }
}

func sessionValueIf(has func(*Session) bool, value func(*Session) Value) sessionGetter {
	return func(dst []Value, _ *Symbols, s *Session) []Value {
		if !has(s) {
			return dst
		}
		return append(dst, value(s))
	}
}

func sessionSymbol(at func(*Session) Symbol) sessionGetter {
	return func(dst []Value, symbols *Symbols, s *Session) []Value {
		if text := symbols.Text(at(s)); text != "" {
			return append(dst, Keyword(text))
		}
		return dst
	}
}

func sessionFlags(at func(*Session) uint16) sessionGetter {
	return func(dst []Value, _ *Symbols, s *Session) []Value {
		if !s.HasTCPFlags() {
			return dst
		}
		for i, name := range tcpFlagNames {
			if at(s)&(1<<i) != 0 {
				dst = append(dst, Keyword(name))
			}
		}
		return dst
	}
}

type sideAccess func(*Session) *SessionSide

func client(s *Session) *SessionSide { return &s.Client }
func server(s *Session) *SessionSide { return &s.Server }

func sideIP(at sideAccess) sessionGetter {
	return sessionValue(func(s *Session) Value { return IP(at(s).IP) })
}

func sidePort(at sideAccess) sessionGetter {
	return sessionValueIf((*Session).HasPorts, func(s *Session) Value { return Uint(uint64(at(s).Port)) })
}

func sideBytes(at sideAccess) sessionGetter {
	return sessionValue(func(s *Session) Value { return Uint(at(s).Bytes) })
}

func sidePackets(at sideAccess) sessionGetter {
	return sessionValue(func(s *Session) Value { return Uint(at(s).Packets) })
}

func sideNAT(at sideAccess) sessionGetter {
	return sessionValueIf(func(s *Session) bool { return !at(s).NAT.IsZero() }, func(s *Session) Value { return IP(at(s).NAT) })
}

func sideNATPort(at sideAccess) sessionGetter {
	return sessionValueIf(func(s *Session) bool { return at(s).NATPort != 0 }, func(s *Session) Value { return Uint(uint64(at(s).NATPort)) })
}

func sideASN(at sideAccess) sessionGetter {
	return sessionValueIf(func(s *Session) bool { return at(s).ASN != 0 }, func(s *Session) Value { return Uint(uint64(at(s).ASN)) })
}

func sideCountry(at sideAccess) sessionGetter {
	return func(dst []Value, _ *Symbols, s *Session) []Value {
		if name := countryName(at(s).Country); name != "" {
			return append(dst, Keyword(name))
		}
		return dst
	}
}

func sideGroups(at sideAccess) sessionGetter {
	return func(dst []Value, symbols *Symbols, s *Session) []Value {
		list := symbols.Text(at(s).Groups)
		if list == "" {
			return dst
		}
		name, rest, more := strings.Cut(list, ListSeparator)
		for dst = append(dst, Keyword(name)); more; dst = append(dst, Keyword(name)) {
			name, rest, more = strings.Cut(rest, ListSeparator)
		}
		return dst
	}
}

func sideFlags(at sideAccess) sessionGetter {
	return sessionFlags(func(s *Session) uint16 { return at(s).TCPFlags })
}

// countryNames holds all codes of two letters, so that showing one does not allocate.
var countryNames = allCountryNames()

func allCountryNames() string {
	var b strings.Builder
	for first := byte('A'); first <= 'Z'; first++ {
		for second := byte('A'); second <= 'Z'; second++ {
			b.WriteByte(first)
			b.WriteByte(second)
		}
	}
	return b.String()
}

// countryName returns the code as text, "" where it is none.
func countryName(code [2]byte) string {
	if !upper(code[0]) || !upper(code[1]) {
		return ""
	}
	at := 2 * (int(code[0]-'A')*26 + int(code[1]-'A'))
	return countryNames[at : at+2]
}
