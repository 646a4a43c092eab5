package flow

// Presence says which optional attributes of a [Record] hold a value; a zero attribute without its bit is absent, not 0.
// Addresses of the next hop and of NAT, MACs, AS numbers, countries and symbols need no bit: their zero value means absent.
type Presence uint64

// Attributes with a presence bit.
const (
	HasSourceIP Presence = 1 << iota
	HasDestinationIP
	HasSourcePort
	HasDestinationPort
	HasSourceNATPort
	HasDestinationNATPort
	HasProtocol     // Record.IPProtocol
	HasBytes        // Source.Bytes: an exporter may leave counters out (events of firewalls)
	HasPackets      // Source.Packets
	HasReverseBytes // Destination.Bytes: biflows (RFC 5103) and responder counters
	HasReversePackets
	HasTCPFlags
	HasICMP // ICMPType and ICMPCode
	HasToS
	HasTTL
	HasVLAN
	HasInIf
	HasOutIf
	HasMPLS // labels are elements 0/70 to 0/79 in the side buffer
	HasEndReason
	HasForwardingStatus
	HasFirewallEvent
	HasStart       // Start is absolute
	HasEnd         // End is absolute
	HasFirstUptime // FirstUptime holds the start on the exporter's uptime clock
	HasLastUptime
	HasClock // ClockOffset and ClockUncertainty
	HasDuplicateOf
	HasElements // the record has entries in the side buffer
	// HasHeaderTimes says that Start or End were told as a difference to the header's export time.
	HasHeaderTimes
)

// Has tells whether all bits of p are set.
func (p Presence) Has(bits Presence) bool { return p&bits == bits }

// Endpoint is one side of a flow as exported: source or destination.
type Endpoint struct {
	IP      Addr
	NAT     Addr // address after translation; zero = absent
	Bytes   uint64
	Packets uint64
	ASN     uint32 // 0 = unknown
	Groups  Symbol // traffic groups: a list symbol (see Symbols.List)
	Port    uint16
	NATPort uint16
	Country [2]byte // ISO 3166-1 alpha-2; zero = unknown
	MAC     MAC
}

// DatagramID is a 128-bit hash of exporter, domain and the whole datagram; it does not depend on the time of receipt.
type DatagramID struct{ Hi, Lo uint64 }

// EventID identifies a record: the datagram's hash, the number of the set in it and of the record in the set.
type EventID struct {
	Datagram DatagramID
	Record   uint32
	Set      uint16
}

// Record is one exported flow record (or sampled packet), normalized. It has no pointers: names are symbols of the batch's
// table, elements without a canonical name are in the batch's side buffer. Times are nanoseconds since the Unix epoch, UTC.
//
// Decoders fill the raw counters into Source (forward) and Destination (reverse); normalize scales them in place and fills
// RawBytes, RawPackets, Bytes and Packets.
type Record struct {
	Present Presence
	ID      EventID

	Start   int64 // first packet
	End     int64 // last packet; this is @timestamp
	Created int64 // received

	Exporter    Addr
	Source      Endpoint
	Destination Endpoint
	NextHop     Addr // zero = absent

	Bytes      uint64 // both directions, scaled by the sampling interval
	Packets    uint64
	RawBytes   uint64 // both directions, as exported
	RawPackets uint64

	SamplingInterval float64 // 1:N, 0 = not yet decided (normalize decides)
	ClockOffset      int64   // ns that were added to the exporter's times
	ClockUncertainty int64   // ns
	DuplicateOf      EventID

	Domain      uint32
	InIf        uint32 // ifIndex
	OutIf       uint32
	InIfName    Symbol
	OutIfName   Symbol
	Application Symbol
	Service     Symbol // network.protocol: service by port
	FirstUptime uint32 // ms of exporter uptime, where times are relative
	LastUptime  uint32

	ElementsOff uint32 // the record's part of Batch.Elements
	ElementsLen uint32
	Meta        uint32 // index into Batch.Datagrams

	TCPFlags         uint16
	VLAN             uint16
	Protocol         Protocol
	SamplingSource   SamplingSource
	Direction        Direction
	Invalid          Reason // 0 = valid; else why the record is set aside
	IPProtocol       uint8
	ICMPType         uint8
	ICMPCode         uint8
	ToS              uint8
	TTL              uint8
	EndReason        uint8 // IE 136
	ForwardingStatus uint8 // IE 89
	FirewallEvent    uint8 // IE 233
}

// ExporterTimes returns start and end as the exporter's clock told them, before they were corrected: what weir decode shows.
func (r *Record) ExporterTimes() (start, end int64) {
	if !r.Present.Has(HasClock) {
		return r.Start, r.End
	}
	return r.Start - r.ClockOffset, r.End - r.ClockOffset
}
