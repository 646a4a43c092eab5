package interfaces

import (
	"math"

	"github.com/weirflow/weir/shared/flow"
)

// Source says what a series is made of.
type Source uint8

// Sources of series; those of counters are the numbers of [flow.InterfaceSource].
const (
	Flows Source = 0
	SFlow        = Source(flow.InterfaceSFlow)
	SNMP         = Source(flow.InterfaceSNMP)
)

// Kind says what a series is of.
type Kind uint8

// Kinds of series.
const (
	KindInterface Kind = iota // an interface
	KindVLAN                  // a VLAN of a switch; what passes it has no direction, and is in Minute.In
	KindProcessor             // a processor: it has Gauges alone
)

// numKinds is how many there are.
const numKinds = 3

// String returns "interface", "vlan" or "processor".
func (k Kind) String() string {
	switch k {
	case KindVLAN:
		return "vlan"
	case KindProcessor:
		return "processor"
	}
	return "interface"
}

// ParseKind is the inverse of [Kind.String]; "" is an interface.
func ParseKind(text string) (Kind, bool) {
	for k := range Kind(numKinds) {
		if k.String() == text {
			return k, true
		}
	}
	return KindInterface, text == ""
}

// numSources is how many there are.
const numSources = 3

// String returns "flows", "sflow" or "snmp".
func (s Source) String() string {
	if s == Flows {
		return "flows"
	}
	return flow.InterfaceSource(s).String()
}

// ParseSource is the inverse of [Source.String].
func ParseSource(text string) (Source, bool) {
	for s := range Source(numSources) {
		if s.String() == text {
			return s, true
		}
	}
	return 0, false
}

// Unknown is an amount that a source does not tell.
const Unknown = -1

// Amounts is what passed an interface in one direction within some time. They are no whole numbers: what two samples of counters
// differ by is spread evenly over the time between them.
type Amounts struct {
	Octets    float64 // counters: frames on the link; flows: as the records say
	Framing   float64 // flows: what the link adds to records that count IP packets; counters: 0
	Unicast   float64 // packets; of flows all of them
	Multicast float64
	Broadcast float64
	Discards  float64
	Errors    float64
	// Variance is how uncertain sampling leaves Octets and Framing together: the square of their standard error, in octets². Flows alone
	// have it; 0 where all packets are seen.
	Variance float64
}

// Packets returns the packets of all kinds, or Unknown.
func (a *Amounts) Packets() float64 {
	if a.Unicast < 0 {
		return Unknown
	}
	return a.Unicast + max(a.Multicast, 0) + max(a.Broadcast, 0)
}

// Error returns by which part of them Octets and Framing together are uncertain for sampling, in 95 of 100 cases: about 1.96/√c of c sampled
// packets, more where their sizes differ. It is 0 where all packets are seen, or none, and Unknown where Variance is.
func (a *Amounts) Error() float64 {
	all := max(a.Octets, 0) + a.Framing
	switch {
	case a.Variance < 0:
		return Unknown
	case all <= 0:
		return 0
	}
	return 1.96 * math.Sqrt(a.Variance) / all
}

// SureError is the greatest [Amounts.Error] of flows that conclusions are drawn from; of packets of one size 400 make it.
const SureError = 0.1

// list returns the amounts in the order of their declaration.
func (a *Amounts) list() [8]*float64 {
	return [8]*float64{&a.Octets, &a.Framing, &a.Unicast, &a.Multicast, &a.Broadcast, &a.Discards, &a.Errors, &a.Variance}
}

// Add adds b. What one of both does not tell counts as nothing; what neither does stays unknown.
func (a *Amounts) Add(b *Amounts) {
	to, from := a.list(), b.list()
	for i := range to {
		*to[i] = plus(*to[i], *from[i])
	}
}

// part returns the share of each amount.
func (a Amounts) part(share float64) Amounts {
	for _, v := range a.list() {
		if *v > 0 {
			*v *= share
		}
	}
	return a
}

// nothing are amounts of which none is told.
func nothing() Amounts {
	return Amounts{Octets: Unknown, Unicast: Unknown, Multicast: Unknown, Broadcast: Unknown, Discards: Unknown, Errors: Unknown}
}

// Minute is what passed an interface or VLAN, or what a processor said, in a minute by one source. Of those of the same thing, minute,
// source and run the latest counts; those of different runs add up.
type Minute struct {
	Exporter flow.Addr
	Kind     Kind
	Index    uint32 // ifIndex; number of a VLAN; data source of a processor
	At       int64  // start of the minute, ns since the Unix epoch
	Source   Source
	Run      uint64  // the process that counted, or the captures that were replayed
	Seconds  float64 // of the minute that lie between samples; of flows and processors 60
	// Late is after how many seconds a flow's record has come of late, at most, counted from the flow's start; 0 of counters.
	Late        float64
	In, Out     Amounts
	Name, Alias string
	Speed       uint64 // bit/s; 0 unknown
	Admin, Oper flow.InterfaceStatus
	Ethernet    *EthernetErrors // of an interface; nil where they are not told
	Gauges      *Gauges         // of a processor; nil of all else
}
