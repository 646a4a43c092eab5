package interfaces

import "github.com/weirflow/weir/shared/flow"

// Source says what a series is made of.
type Source uint8

// Sources of series; those of counters are the numbers of [flow.InterfaceSource].
const (
	Flows Source = 0
	SFlow        = Source(flow.InterfaceSFlow)
	SNMP         = Source(flow.InterfaceSNMP)
)

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
}

// Packets returns the packets of all kinds, or Unknown.
func (a *Amounts) Packets() float64 {
	if a.Unicast < 0 {
		return Unknown
	}
	return a.Unicast + max(a.Multicast, 0) + max(a.Broadcast, 0)
}

// list returns the amounts in the order of their declaration.
func (a *Amounts) list() [7]*float64 {
	return [7]*float64{&a.Octets, &a.Framing, &a.Unicast, &a.Multicast, &a.Broadcast, &a.Discards, &a.Errors}
}

// Add adds b. What one of both does not tell counts as nothing; what neither does stays unknown.
func (a *Amounts) Add(b *Amounts) {
	to, from := a.list(), b.list()
	for i := range to {
		switch {
		case *from[i] < 0:
		case *to[i] < 0:
			*to[i] = *from[i]
		default:
			*to[i] += *from[i]
		}
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

// Minute is what passed an interface in a minute by one source. Of those of the same interface, minute, source and run the
// latest counts; those of different runs add up.
type Minute struct {
	Exporter flow.Addr
	Index    uint32 // ifIndex
	At       int64  // start of the minute, ns since the Unix epoch
	Source   Source
	Run      uint64  // the process that counted, or the captures that were replayed
	Seconds  float64 // of the minute that lie between samples; of flows 60
	// Late is after how many seconds a flow's record has come of late, at most, counted from the flow's start; 0 of counters.
	Late        float64
	In, Out     Amounts
	Name, Alias string
	Speed       uint64 // bit/s; 0 unknown
	Admin, Oper flow.InterfaceStatus
}
