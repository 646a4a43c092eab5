package document

import (
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink/member"
)

// AppendSession appends the document of a session of the batch; its id is [AppendSessionID]. It allocates nothing but what dst needs to grow.
func (e *Encoder) AppendSession(dst []byte, b *flow.SessionBatch, s *flow.Session) []byte {
	dst = member.Time(dst, `{"@timestamp":`, s.End)
	dst = append(AppendSessionID(append(dst, `,"event.id":"`...), s), '"')
	dst = member.Time(dst, `,"event.start":`, s.Start)
	dst = member.Time(dst, `,"event.end":`, s.End)
	dst = member.Time(dst, `,"session.start":`, s.Start)
	dst = member.Uint(dst, `,"event.duration":`, uint64(max(s.Duration(), 0)))
	dst = append(append(dst, `,"event.type":`...), sessionType(s)...)
	for i := range sides {
		dst = sides[i].append(dst, b, s)
	}
	dst = appendSessionNetwork(dst, b, s)
	dst = appendSessionState(dst, s)
	dst = appendEndpoints(dst, sessionTuple(s))
	return e.finish(dst, Session)
}

// AppendSessionID appends the id of the document of a session: its own, and how often it was told of before.
func AppendSessionID(dst []byte, s *flow.Session) []byte {
	return strconv.AppendUint(append(s.ID.AppendTo(dst), '-'), uint64(s.Told), 10)
}

func sessionType(s *flow.Session) string {
	if s.Open {
		return `["connection"]`
	}
	return `["connection","end"]`
}

// side is one side of a session with the keys of its fields: it is told of as client or server and as source or destination.
type side struct {
	of                                                                                               func(*flow.Session) *flow.SessionSide
	ip, port, bytes, packets, sameIP, samePort, sameBytes, samePackets, natIP, natPort, asn, country string
	groups, flags                                                                                    string
}

var sides = [2]side{
	sideOf("client", "source", func(s *flow.Session) *flow.SessionSide { return &s.Client }),
	sideOf("server", "destination", func(s *flow.Session) *flow.SessionSide { return &s.Server }),
}

func sideOf(role, end string, of func(*flow.Session) *flow.SessionSide) side {
	key := func(parts ...string) string { return `,"` + strings.Join(parts, ".") + `":` }
	return side{
		of: of, ip: key(role, "ip"), port: key(role, "port"), bytes: key(role, "bytes"), packets: key(role, "packets"),
		sameIP: key(end, "ip"), samePort: key(end, "port"), sameBytes: key(end, "bytes"), samePackets: key(end, "packets"),
		natIP: key(end, "nat.ip"), natPort: key(end, "nat.port"), asn: key(end, "as.number"), country: key(end, "geo.country_iso_code"),
		groups: key("weir", end, "group"), flags: key("weir", role, "tcp.flags"),
	}
}

func (k *side) append(dst []byte, b *flow.SessionBatch, s *flow.Session) []byte {
	e := k.of(s)
	dst = member.Addr(dst, k.ip, e.IP)
	dst = member.Addr(dst, k.sameIP, e.IP)
	if s.HasPorts() {
		dst = member.Uint(dst, k.port, uint64(e.Port))
		dst = member.Uint(dst, k.samePort, uint64(e.Port))
	}
	dst = member.Uint(dst, k.bytes, e.Bytes)
	dst = member.Uint(dst, k.sameBytes, e.Bytes)
	dst = member.Uint(dst, k.packets, e.Packets)
	dst = member.Uint(dst, k.samePackets, e.Packets)
	if !e.NAT.IsZero() {
		dst = member.Addr(dst, k.natIP, e.NAT)
	}
	if e.NATPort != 0 {
		dst = member.Uint(dst, k.natPort, uint64(e.NATPort))
	}
	if e.ASN != 0 {
		dst = member.Uint(dst, k.asn, uint64(e.ASN))
	}
	if c := e.Country; isLetter(c[0]) && isLetter(c[1]) {
		dst = append(append(append(append(dst, k.country...), '"'), c[:]...), '"')
	}
	dst = member.Members(dst, k.groups, b.Symbols.Text(e.Groups))
	if s.HasTCPFlags() {
		dst = member.Flags(dst, k.flags, e.TCPFlags)
	}
	return dst
}

func isLetter(c byte) bool { return c >= 'A' && c <= 'Z' }

func appendSessionNetwork(dst []byte, b *flow.SessionBatch, s *flow.Session) []byte {
	dst = member.Uint(dst, `,"network.iana_number":`, uint64(s.Transport))
	dst = member.Text(dst, `,"network.transport":`, flow.TransportName(s.Transport))
	dst = member.Uint(dst, `,"network.bytes":`, flow.SaturatingSum(s.Client.Bytes, s.Server.Bytes))
	dst = member.Uint(dst, `,"network.packets":`, flow.SaturatingSum(s.Client.Packets, s.Server.Packets))
	dst = member.Text(dst, `,"network.protocol":`, b.Symbols.Text(s.Service))
	dst = member.Text(dst, `,"network.application":`, b.Symbols.Text(s.Application))
	dst = member.Text(dst, `,"network.direction":`, s.Direction.String())
	if s.HasTCPFlags() {
		dst = member.Flags(dst, `,"weir.tcp.flags":`, s.Flags())
		dst = member.Uint(dst, `,"weir.tcp.flags_bits":`, uint64(s.Flags()))
	}
	if s.HasICMP() {
		dst = member.Uint(dst, `,"weir.icmp.type":`, uint64(s.ICMPType))
		dst = member.Uint(dst, `,"weir.icmp.code":`, uint64(s.ICMPCode))
	}
	for i, a := range s.SeenBy() {
		key := `,`
		if i == 0 {
			key = `,"observer.ip":[`
		}
		dst = member.Addr(dst, key, a)
	}
	if s.ExporterCount > 0 {
		dst = append(dst, ']')
	}
	return dst
}

func appendSessionState(dst []byte, s *flow.Session) []byte {
	dst = append(s.ID.AppendTo(append(dst, `,"weir.session.id":"`...)), '"')
	dst = member.Uint(dst, `,"weir.session.told":`, uint64(s.Told))
	dst = member.Bool(dst, `,"weir.session.open":`, s.Open)
	if s.Truncated {
		dst = member.Bool(dst, `,"weir.session.truncated":`, true)
	}
	dst = member.Uint(dst, `,"weir.session.records":`, uint64(s.Records))
	dst = member.Uint(dst, `,"weir.session.copies":`, uint64(s.Copies))
	if s.Born != 0 {
		dst = member.Time(dst, `,"weir.session.born":`, s.Born)
	}
	dst = member.Float(dst, `,"weir.direction.confidence":`, s.Confidence)
	dst = member.Text(dst, `,"weir.tcp.state":`, s.State.String())
	if s.SamplingInterval != 0 {
		dst = member.Float(dst, `,"weir.sampling.interval":`, s.SamplingInterval)
	}
	return dst
}

func sessionTuple(s *flow.Session) tuple {
	t := tuple{
		source: s.Client.IP, destination: s.Server.IP, hasSource: true, hasDestination: true,
		sourcePort: s.Client.Port, destinationPort: s.Server.Port, hasPorts: s.HasPorts(), protocol: s.Transport, hasProtocol: true,
	}
	if s.HasICMP() {
		t.sourcePort, t.destinationPort, t.hasPorts = uint16(s.ICMPType), uint16(s.ICMPCode), true
	}
	return t
}
