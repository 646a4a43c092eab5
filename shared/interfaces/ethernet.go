package interfaces

import "github.com/weirflow/weir/shared/flow"

// EthernetErrors are the frames that an Ethernet interface had trouble with within some time (RFC 3635, dot3StatsTable); what it does
// not tell is [Unknown]. The first four are of frames that came in, the others of those that went out, but for Symbol.
type EthernetErrors struct {
	Alignment        float64 // no whole number of bytes
	FCS              float64 // wrong check sequence: a bad cable, transceiver or connector, mostly
	TooLong          float64 // longer than the greatest frame: MTUs that do not match
	InternalReceive  float64 // the interface's own
	Collisions       float64 // frames that went out after one or more: usual at half duplex
	LateCollisions   float64 // too late, or given up after too many: two ends that disagree about duplex
	Carrier          float64 // carrier lost while sending
	InternalTransmit float64
	Symbol           float64 // invalid symbols on the wire
}

// List returns the errors in the order of their declaration.
func (e *EthernetErrors) List() [9]*float64 {
	return [9]*float64{
		&e.Alignment, &e.FCS, &e.TooLong, &e.InternalReceive, &e.Collisions, &e.LateCollisions, &e.Carrier, &e.InternalTransmit, &e.Symbol,
	}
}

// NoEthernet are errors of which none is told.
func NoEthernet() (e EthernetErrors) {
	for _, v := range e.List() {
		*v = Unknown
	}
	return e
}

// Add adds b, as [Amounts.Add] does.
func (e *EthernetErrors) Add(b *EthernetErrors) {
	to, from := e.List(), b.List()
	for i := range to {
		*to[i] = plus(*to[i], *from[i])
	}
}

// part returns the share of each.
func (e EthernetErrors) part(share float64) EthernetErrors {
	for _, v := range e.List() {
		if *v > 0 {
			*v *= share
		}
	}
	return e
}

// ethernetBetween returns what two samples differ by. A counter that fell was cleared, and its errors since are not known: as a wrap,
// errors in the billions, it would be the rarer thing.
func ethernetBetween(a, b *flow.EthernetCounters) EthernetErrors {
	return EthernetErrors{
		Alignment: since(a.AlignmentErrors, b.AlignmentErrors), FCS: since(a.FCSErrors, b.FCSErrors), TooLong: since(a.FramesTooLong, b.FramesTooLong),
		InternalReceive:  since(a.InternalReceiveErrors, b.InternalReceiveErrors),
		Collisions:       plus(since(a.SingleCollisions, b.SingleCollisions), since(a.MultipleCollisions, b.MultipleCollisions)),
		LateCollisions:   plus(since(a.LateCollisions, b.LateCollisions), since(a.ExcessiveCollisions, b.ExcessiveCollisions)),
		Carrier:          since(a.CarrierSenseErrors, b.CarrierSenseErrors),
		InternalTransmit: since(a.InternalTransmitErrors, b.InternalTransmitErrors), Symbol: since(a.SymbolErrors, b.SymbolErrors),
	}
}

func since(was, is uint64) float64 {
	if was == flow.NoCounter || is == flow.NoCounter || is < was {
		return Unknown
	}
	return float64(is - was)
}

// plus adds amounts: what one of both does not tell counts as nothing; what neither does stays unknown.
func plus(a, b float64) float64 {
	switch {
	case b < 0:
		return a
	case a < 0:
		return b
	}
	return a + b
}
