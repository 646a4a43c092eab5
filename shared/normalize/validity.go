package normalize

import (
	"math/bits"

	"github.com/weirflow/weir/shared/flow"
)

// maxPacket is the most bytes of an IP packet: an IPv6 header and a payload of 16-bit length (RFC 8200, 3). Jumbograms (RFC 2675)
// are not seen outside of laboratories.
const maxPacket = 40 + 65535

// judge returns why the record cannot be true, or ReasonNone. timed says that both times came from the exporter. That a record is
// old is no fault: captures are replayed years later.
func (n *Normalizer) judge(r *flow.Record, timed bool) flow.Reason {
	duration := r.End - r.Start
	switch {
	case duration < 0:
		return flow.InvalidEndBeforeStart
	case r.End-r.Created > int64(n.cfg.MaxFuture):
		return flow.InvalidFuture
	case duration > int64(n.cfg.MaxDuration) && !r.Present.Has(flow.HasFirewallEvent):
		return flow.InvalidDuration
	case nowhere(r):
		return flow.InvalidAddress
	}
	return n.judgeCounters(r, duration, timed)
}

func (n *Normalizer) judgeCounters(r *flow.Record, duration int64, timed bool) flow.Reason {
	if !r.Present.Has(flow.HasBytes | flow.HasPackets) {
		return flow.ReasonNone
	}
	switch {
	case r.RawPackets == 0 && r.RawBytes > 0:
		return flow.InvalidNoPackets
	case tooLarge(r.RawBytes, r.RawPackets):
		return flow.InvalidPacketSize
	case timed && float64(r.RawBytes)*8 > n.cfg.MaxRate*max(float64(duration)/1e9, 1):
		// A second is the coarsest clock among exporters, and unscaled bytes are what the link carried at the least.
		return flow.InvalidRate
	}
	return flow.ReasonNone
}

// tooLarge tells whether the mean packet is larger than IP allows.
func tooLarge(bytes, packets uint64) bool {
	hi, most := bits.Mul64(packets, maxPacket)
	return hi == 0 && bytes > most
}

// nowhere tells whether both addresses were exported and both are unspecified: an empty slot of a datagram.
func nowhere(r *flow.Record) bool {
	return r.Present.Has(flow.HasSourceIP|flow.HasDestinationIP) && r.Source.IP.IsUnspecified() && r.Destination.IP.IsUnspecified()
}
