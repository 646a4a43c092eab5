package session

import (
	"math"

	"github.com/weirflow/weir/shared/clock"
	"github.com/weirflow/weir/shared/flow"
)

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
	from, to       endpoint
	start, end     int64
	bytes, packets [2]uint64 // forward, reverse
	hash           uint64    // of the key
	order          uint64    // by the record's identity: settles ties
	asn            [2]uint32
	groups         [2]flow.Symbol
	service, app   flow.Symbol
	interval       float32
	jitter         uint32 // how far its times may be off against others of its exporter, ms
	nat            uint32 // number of the addresses after translation; 0: not translated
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

// fill takes a record over. Its times are set right where the start lies behind the end.
func (t *Table) fill(p *piece, b *flow.Batch, r *flow.Record) {
	var a asides
	if r.ElementsLen > 0 {
		a = readAsides(b.ElementsOf(r))
	}
	from, to := endpointOf(&r.Source.IP, r.Source.Port), endpointOf(&r.Destination.IP, r.Destination.Port)
	m := messageOf(r)
	if m.isICMP {
		from.port, to.port = m.class, m.class
	}
	// Field by field: a literal would be made elsewhere and copied.
	p.from, p.to = from, to
	p.start, p.end, p.order = min(r.Start, r.End), r.End, orderOf(&r.ID)
	if r.Start == 0 {
		p.start = r.End
	}
	p.bytes[0], p.bytes[1] = r.Source.Bytes, r.Destination.Bytes
	p.packets[0], p.packets[1] = r.Source.Packets, r.Destination.Packets
	p.asn[0], p.asn[1] = r.Source.ASN, r.Destination.ASN
	p.groups[0], p.groups[1] = r.Source.Groups, r.Destination.Groups
	p.country[0], p.country[1] = r.Source.Country, r.Destination.Country
	p.service, p.app, p.direction = r.Service, r.Application, r.Direction
	p.interval, p.nat = intervalOf(r), 0
	p.jitter = jitterOf(b, r)
	p.point, p.proto, p.icmp = t.points.of(device{r.Exporter, a.port}, a.egress), r.IPProtocol, m.icmp
	p.hint, p.reverse = hintOf(r, a.biflowDirection, m.hint), r.Destination.Bytes|r.Destination.Packets != 0
	p.flags[0], p.flags[1] = 0, 0
	if r.Present.Has(flow.HasTCPFlags) && r.IPProtocol == protoTCP {
		p.flags[0], p.flags[1] = uint8(r.TCPFlags), a.reverseFlags
	}
	k, _ := keyOf(from, to, r.IPProtocol)
	p.hash = k.hash(t.seed)
	if isTranslated(r) {
		t.keepNAT(p, r, nat{from, to})
	}
}

// releaseNAT gives back what keepNAT took.
func (t *Table) releaseNAT(p *piece) {
	if p.nat != 0 {
		t.held.nats.give(p.nat)
	}
}

// secondMs is how far apart, in ms, the errors of two times of an exporter of NetFlow v9 can lie: its headers are cut to seconds.
const secondMs = 1000

// jitterOf returns how far a record's times may be off against others of its exporter, in ms. An offset of the exporter's clock moves
// all its times alike; what is left is what a header of whole seconds brings about, and the times of receipt that samples, and records
// of bad clocks, have. Records read from JSON do not say which of v9's clocks timed them.
func jitterOf(b *flow.Batch, r *flow.Record) uint32 {
	switch {
	case !r.Present.Has(flow.HasClock):
		return 0
	case r.Protocol == flow.SFlow5, r.ClockUncertainty == int64(clock.ReceiptError):
		return uint32(r.ClockUncertainty / 1_000_000)
	case r.Protocol == flow.NetFlow9 && (b.Normalized || r.Present&(flow.HasFirstUptime|flow.HasLastUptime) != 0):
		return secondMs
	}
	return 0
}

// unknownInterval is greater than any other, so that a session of which a part is not known to be whole is not taken for whole.
const unknownInterval = math.MaxFloat32

func intervalOf(r *flow.Record) float32 {
	if r.SamplingSource == flow.SamplingUnknown {
		return unknownInterval
	}
	return float32(r.SamplingInterval)
}

// sampling returns the greatest interval of the records, 0 where one is not known.
func (s *entry) sampling() float64 {
	if s.interval == unknownInterval {
		return 0
	}
	return s.interval
}

func isTranslated(r *flow.Record) bool {
	return !r.Source.NAT.IsZero() || !r.Destination.NAT.IsZero() || r.Present&(flow.HasSourceNATPort|flow.HasDestinationNATPort) != 0
}

// keepNAT keeps the endpoints after translation where they are others than before. Every piece can have them: there are as many.
func (t *Table) keepNAT(p *piece, r *flow.Record, before nat) {
	after := translated(before, r)
	if after == before {
		return
	}
	p.nat = t.held.nats.take()
	*t.held.nats.at(p.nat) = after
}

// translated returns the endpoints after NAT.
func translated(before nat, r *flow.Record) nat {
	after := before
	if !r.Source.NAT.IsUnspecified() {
		after.from = endpointOf(&r.Source.NAT, before.from.port)
	}
	if !r.Destination.NAT.IsUnspecified() {
		after.to = endpointOf(&r.Destination.NAT, before.to.port)
	}
	if r.IPProtocol == protoICMP || r.IPProtocol == protoICMPv6 {
		return after
	}
	if r.Present.Has(flow.HasSourceNATPort) && r.Source.NATPort != 0 {
		after.from.port = r.Source.NATPort
	}
	if r.Present.Has(flow.HasDestinationNATPort) && r.Destination.NATPort != 0 {
		after.to.port = r.Destination.NATPort
	}
	return after
}

// hintOf returns what a record says of who opened the session; icmp is what it says as an ICMP message.
func hintOf(r *flow.Record, biflowDirection uint8, icmp hint) hint {
	const initiator, reverseInitiator = 1, 2 // RFC 5103, 6.3
	switch {
	case biflowDirection == initiator:
		return hintSource
	case biflowDirection == reverseInitiator:
		return hintDest
	case icmp != hintNone:
		return icmp
	case r.Present&(flow.HasReverseBytes|flow.HasReversePackets) != 0:
		return hintBiflow
	case r.IPProtocol != protoTCP || !r.Present.Has(flow.HasTCPFlags):
		return hintNone
	}
	switch f := r.TCPFlags & (flow.SYN | flow.ACK); {
	case f == flow.SYN:
		return hintSynOnly
	case f == flow.SYN|flow.ACK && r.RawPackets == 1:
		return hintSynAck
	}
	return hintNone
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
