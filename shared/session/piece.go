package session

import "github.com/weirflow/weir/shared/flow"

// hint is what a record itself says about who opened the session.
type hint uint8

const (
	hintNone     hint = iota
	hintSource        // biflowDirection says: the source
	hintDest          // biflowDirection says: the destination
	hintBiflow        // a record of both directions, which exporters write from the side of the initiator
	hintQuery         // an ICMP query
	hintReply         // an ICMP reply
	hintSynOnly       // SYN without ACK
	hintSynAck        // one packet, SYN and ACK: an answer
	hintNegative      // an ICMP error
)

// piece is what a session takes from a record. It is kept small, as many are held.
type piece struct {
	from, to       flow.Addr
	start, end     int64
	bytes, packets [2]uint64 // forward, reverse
	hash           uint64    // of the key
	order          uint64    // by the record's identity: settles ties
	asn            [2]uint32
	groups         [2]flow.Symbol
	service, app   flow.Symbol
	interval       float32
	uncertainty    uint32 // ms, rounded up
	nat            uint32 // number of the addresses after translation; 0: not translated
	fromPort       uint16
	toPort         uint16
	point          uint16 // exporter and side of metering
	country        [2][2]byte
	flags          [2]uint8
	icmp           [2]uint8 // type, code
	proto          uint8
	direction      flow.Direction
	hint           hint
	reverse        bool // a biflow with traffic both ways
}

// nat are the endpoints of a piece after translation; what is not translated is as before.
type nat struct{ from, to endpoint }

func (p *piece) ends() (from, to endpoint) {
	return endpoint{p.from, p.fromPort}, endpoint{p.to, p.toPort}
}

// Elements that say more about a record than its fields do.
const (
	elementTCPFlags        = 6
	elementFlowDirection   = 61
	elementBiflowDirection = 239
	reversePEN             = 29305 // RFC 5103, 6.1
)

// asides are the elements of a record that matter here.
type asides struct {
	biflowDirection uint8
	reverseFlags    uint8
	egress          bool // metered where the packets leave the exporter
}

func readAsides(list []byte) (a asides) {
	for {
		e, rest, ok := flow.NextElement(list)
		if !ok {
			return a
		}
		list = rest
		if len(e.Value) == 0 || e.Kind != flow.ElementUint {
			continue
		}
		last := e.Value[len(e.Value)-1]
		switch {
		case e.PEN == reversePEN && e.ID == elementTCPFlags:
			a.reverseFlags = last
		case e.PEN != 0:
		case e.ID == elementFlowDirection:
			a.egress = last == 1
		case e.ID == elementBiflowDirection:
			a.biflowDirection = last
		}
	}
}

// fill takes a record over. Its times are set right where the start lies behind the end.
func (t *Table) fill(p *piece, b *flow.Batch, r *flow.Record) {
	var a asides
	if r.ElementsLen > 0 {
		a = readAsides(b.ElementsOf(r))
	}
	*p = piece{
		from: r.Source.IP, to: r.Destination.IP, fromPort: r.Source.Port, toPort: r.Destination.Port,
		start: min(r.Start, r.End), end: r.End, order: orderOf(&r.ID),
		bytes: [2]uint64{r.Source.Bytes, r.Destination.Bytes}, packets: [2]uint64{r.Source.Packets, r.Destination.Packets},
		interval: float32(r.SamplingInterval), service: r.Service, app: r.Application, direction: r.Direction,
		asn: [2]uint32{r.Source.ASN, r.Destination.ASN}, groups: [2]flow.Symbol{r.Source.Groups, r.Destination.Groups},
		country: [2][2]byte{r.Source.Country, r.Destination.Country}, proto: r.IPProtocol, point: t.points.of(r.Exporter, a.egress),
	}
	if r.Start == 0 {
		p.start = r.End
	}
	if r.Present.Has(flow.HasClock) {
		p.uncertainty = uint32(min(max(r.ClockUncertainty+999_999, 0)/1_000_000, 1<<31))
	}
	if r.Present.Has(flow.HasTCPFlags) && r.IPProtocol == protoTCP {
		p.flags = [2]uint8{uint8(r.TCPFlags), a.reverseFlags}
	}
	p.reverse = r.Destination.Bytes > 0 || r.Destination.Packets > 0
	p.fillICMP(r)
	p.fillHint(r, a.biflowDirection)
	from, to := p.ends()
	k, _ := keyOf(from, to, p.proto)
	p.hash = k.hash(t.seed)
	if after, ok := translated(p, r); ok {
		// Every piece can have one: there are as many.
		p.nat = t.held.nats.take()
		*t.held.nats.at(p.nat) = after
	}
}

// translated returns the endpoints after NAT, and whether they are others than before.
func translated(p *piece, r *flow.Record) (nat, bool) {
	from, to := p.ends()
	after := nat{from, to}
	if !r.Source.NAT.IsUnspecified() {
		after.from.ip = r.Source.NAT
	}
	if !r.Destination.NAT.IsUnspecified() {
		after.to.ip = r.Destination.NAT
	}
	if p.proto == protoICMP || p.proto == protoICMPv6 {
		return after, after != nat{from, to}
	}
	if r.Present.Has(flow.HasSourceNATPort) && r.Source.NATPort != 0 {
		after.from.port = r.Source.NATPort
	}
	if r.Present.Has(flow.HasDestinationNATPort) && r.Destination.NATPort != 0 {
		after.to.port = r.Destination.NATPort
	}
	return after, after != nat{from, to}
}

// fillICMP puts the class of the message where other protocols have ports. NetFlow v5 has the type in the destination port.
func (p *piece) fillICMP(r *flow.Record) {
	if p.proto != protoICMP && p.proto != protoICMPv6 {
		return
	}
	switch {
	case r.Present.Has(flow.HasICMP):
		p.icmp = [2]uint8{r.ICMPType, r.ICMPCode}
	case p.toPort != 0:
		p.icmp = [2]uint8{uint8(p.toPort >> 8), uint8(p.toPort)}
	}
	class, role := icmpClass(p.proto, p.icmp[0])
	p.fromPort, p.toPort = class, class
	switch role {
	case icmpQuery:
		p.hint = hintQuery
	case icmpReply:
		p.hint = hintReply
	case icmpFailure:
		p.hint = hintNegative
	}
}

func (p *piece) fillHint(r *flow.Record, biflowDirection uint8) {
	const initiator, reverseInitiator = 1, 2 // RFC 5103, 6.3
	f := p.flags[0]
	switch {
	case biflowDirection == initiator:
		p.hint = hintSource
	case biflowDirection == reverseInitiator:
		p.hint = hintDest
	case p.hint != hintNone:
	case r.Present.Has(flow.HasReverseBytes) || r.Present.Has(flow.HasReversePackets):
		p.hint = hintBiflow
	case f&(flow.SYN|flow.ACK) == flow.SYN:
		p.hint = hintSynOnly
	case f&(flow.SYN|flow.ACK) == flow.SYN|flow.ACK && r.RawPackets == 1:
		p.hint = hintSynAck
	}
}

// orderOf makes a number of a record's identity.
func orderOf(id *flow.EventID) uint64 {
	return mix(id.Datagram.Hi ^ mix(id.Datagram.Lo^uint64(id.Set)<<32^uint64(id.Record)))
}

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// points numbers the points of observation: an exporter, with its ingress or its egress metering.
type points struct {
	numbers map[flow.Addr]uint16
	list    []flow.Addr
	last    flow.Addr
	lastNo  uint16
}

// maxPoints is how many exporters are told apart; all further ones count as one.
const maxPoints = 1 << 15

func newPoints() points { return points{numbers: map[flow.Addr]uint16{}, list: make([]flow.Addr, 1)} }

// of returns the number of a point, never 0: twice that of the exporter, and 1 for egress.
func (x *points) of(exporter flow.Addr, egress bool) uint16 {
	if x.lastNo == 0 || exporter != x.last {
		x.last, x.lastNo = exporter, x.number(exporter)
	}
	if egress {
		return 2*x.lastNo + 1
	}
	return 2 * x.lastNo
}

func (x *points) number(exporter flow.Addr) uint16 {
	n, ok := x.numbers[exporter]
	switch {
	case ok:
		return n
	case len(x.list) == maxPoints:
		return maxPoints - 1
	}
	n = uint16(len(x.list))
	x.list = append(x.list, exporter)
	x.numbers[exporter] = n
	return n
}

// exporter returns the exporter of a point.
func (x *points) exporter(point uint16) flow.Addr { return x.list[point/2] }
