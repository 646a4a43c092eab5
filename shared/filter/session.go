package filter

import "github.com/weirflow/weir/shared/flow"

// ParseSession reads a filter on sessions: it may use the fields that only sessions have, and those of records that say something
// about a session. Source is the client, destination the server, and counters are those of the whole session. Errors are *[Error].
func ParseSession(text string, reg *flow.Registry) (Node, error) {
	return (&parser{scanner: scanner{text: text}, reg: reg, sessions: true}).all()
}

// recordFields are the fields of records that a session has, too.
var recordFields = map[string]bool{
	"@timestamp": true, "event.start": true, "event.end": true,
	"source.ip": true, "source.port": true, "source.as.number": true, "source.geo.country_iso_code": true,
	"source.bytes": true, "source.packets": true, "weir.source.group": true,
	"destination.ip": true, "destination.port": true, "destination.as.number": true, "destination.geo.country_iso_code": true,
	"destination.bytes": true, "destination.packets": true, "weir.destination.group": true,
	"network.iana_number": true, "network.transport": true, "network.protocol": true, "network.bytes": true, "network.packets": true,
	"network.direction": true, "network.application": true, "observer.ip": true, "weir.sampling.interval": true,
	"weir.tcp.flags": true, "weir.tcp.flags_bits": true, "weir.icmp.type": true, "weir.icmp.code": true,
	"related.ip": true, "related.port": true,
}

func onSessions(f *flow.Field) bool { return f.Scope == flow.ScopeSession || recordFields[f.Name] }

// SessionView shows a session to a [SessionMatch], as a record and as what it is. One view serves any number of matches, one
// goroutine at a time.
type SessionView struct {
	batch   flow.Batch
	record  flow.Record
	session *flow.Session
}

// NewSessionView returns a view of sessions whose symbols are of the table.
func NewSessionView(symbols *flow.Symbols) *SessionView {
	return &SessionView{batch: flow.Batch{Symbols: symbols}}
}

// Set shows s from now on; the view keeps s, not a copy of it. It allocates nothing.
func (v *SessionView) Set(s *flow.Session) {
	v.session = s
	r := &v.record
	r.Present = flow.HasSourceIP | flow.HasDestinationIP | flow.HasProtocol | flow.HasStart | flow.HasEnd | flow.HasBytes | flow.HasPackets |
		flow.HasReverseBytes | flow.HasReversePackets
	r.Start, r.End = s.Start, s.End
	setEndpoint(&r.Source, &s.Client)
	setEndpoint(&r.Destination, &s.Server)
	r.Bytes = flow.SaturatingSum(s.Client.Bytes, s.Server.Bytes)
	r.Packets = flow.SaturatingSum(s.Client.Packets, s.Server.Packets)
	r.SamplingInterval, r.Service, r.Application, r.Direction = s.SamplingInterval, s.Service, s.Application, s.Direction
	r.IPProtocol, r.TCPFlags, r.ICMPType, r.ICMPCode = s.Transport, s.Flags(), s.ICMPType, s.ICMPCode
	switch s.Transport {
	case protocolTCP:
		r.Present |= flow.HasTCPFlags | flow.HasSourcePort | flow.HasDestinationPort
	case protocolICMP, protocolICMPv6:
		r.Present |= flow.HasICMP
	default:
		if s.Client.Port != 0 || s.Server.Port != 0 {
			r.Present |= flow.HasSourcePort | flow.HasDestinationPort
		}
	}
}

// Protocols whose sessions have other fields than the rest (IANA numbers).
const (
	protocolICMP   = 1
	protocolTCP    = 6
	protocolICMPv6 = 58
)

func setEndpoint(e *flow.Endpoint, s *flow.SessionSide) {
	e.IP, e.Port, e.Bytes, e.Packets, e.ASN, e.Groups, e.Country = s.IP, s.Port, s.Bytes, s.Packets, s.ASN, s.Groups, s.Country
}

// SessionMatch tells whether the session shown by a view matches. It allocates nothing.
type SessionMatch func(v *SessionView) bool

// SessionPredicate compiles a filter made by [ParseSession].
func SessionPredicate(n Node) SessionMatch {
	switch n := n.(type) {
	case And:
		list := compiledSession(n)
		return func(v *SessionView) bool {
			for _, m := range list {
				if !m(v) {
					return false
				}
			}
			return true
		}
	case Or:
		list := compiledSession(n)
		return func(v *SessionView) bool {
			for _, m := range list {
				if m(v) {
					return true
				}
			}
			return false
		}
	case Not:
		of := SessionPredicate(n.Of)
		return func(v *SessionView) bool { return !of(v) }
	case Compare:
		if visit, ok := sessionFields[n.Field.Name]; ok {
			good := func(value flow.Value) bool { return compareValue(n, value) }
			return func(v *SessionView) bool { return visit(v.session, good) }
		}
	case Exists:
		if visit, ok := sessionFields[n.Field.Name]; ok {
			good := func(flow.Value) bool { return true }
			return func(v *SessionView) bool { return visit(v.session, good) }
		}
	}
	record := Predicate(n)
	return func(v *SessionView) bool { return record(&v.batch, &v.record) }
}

func compiledSession(nodes []Node) []SessionMatch {
	list := make([]SessionMatch, len(nodes))
	for i, n := range nodes {
		list[i] = SessionPredicate(n)
	}
	return list
}

// anyValue calls good with the values of a field until one is.
type anyValue func(s *flow.Session, good func(flow.Value) bool) bool

// sessionFields are the fields that are not those of the record that the view makes.
var sessionFields = map[string]anyValue{
	"session.start":  one(func(s *flow.Session) flow.Value { return flow.Time(s.Start) }),
	"event.duration": one(func(s *flow.Session) flow.Value { return flow.Uint(uint64(max(s.Duration(), 0))) }),
	"client.ip":      one(func(s *flow.Session) flow.Value { return flow.IP(s.Client.IP) }),
	"client.port":    port(func(s *flow.Session) uint16 { return s.Client.Port }),
	"client.bytes":   one(func(s *flow.Session) flow.Value { return flow.Uint(s.Client.Bytes) }),
	"client.packets": one(func(s *flow.Session) flow.Value { return flow.Uint(s.Client.Packets) }),
	"server.ip":      one(func(s *flow.Session) flow.Value { return flow.IP(s.Server.IP) }),
	"server.port":    port(func(s *flow.Session) uint16 { return s.Server.Port }),
	"server.bytes":   one(func(s *flow.Session) flow.Value { return flow.Uint(s.Server.Bytes) }),
	"server.packets": one(func(s *flow.Session) flow.Value { return flow.Uint(s.Server.Packets) }),
	"weir.tcp.state": func(s *flow.Session, good func(flow.Value) bool) bool {
		return s.State != flow.StateNone && good(flow.Keyword(s.State.String()))
	},
	"weir.direction.confidence": one(func(s *flow.Session) flow.Value { return flow.Float(s.Confidence) }),
	"weir.client.tcp.flags":     flags(func(s *flow.Session) uint16 { return s.Client.TCPFlags }),
	"weir.server.tcp.flags":     flags(func(s *flow.Session) uint16 { return s.Server.TCPFlags }),
	"observer.ip": func(s *flow.Session, good func(flow.Value) bool) bool {
		for _, a := range s.SeenBy() {
			if good(flow.IP(a)) {
				return true
			}
		}
		return false
	},
}

func one(value func(*flow.Session) flow.Value) anyValue {
	return func(s *flow.Session, good func(flow.Value) bool) bool { return good(value(s)) }
}

func port(at func(*flow.Session) uint16) anyValue {
	return func(s *flow.Session, good func(flow.Value) bool) bool {
		if s.Transport == protocolICMP || s.Transport == protocolICMPv6 {
			return false
		}
		return good(flow.Uint(uint64(at(s))))
	}
}

func flags(at func(*flow.Session) uint16) anyValue {
	return func(s *flow.Session, good func(flow.Value) bool) bool {
		if s.Transport != protocolTCP {
			return false
		}
		for bit, name := range flow.TCPFlagNames() {
			if at(s)&(1<<bit) != 0 && good(flow.Keyword(name)) {
				return true
			}
		}
		return false
	}
}
