package encode

// Sample is what an sFlow agent tells of one of its data sources: a sampled packet, or the counters of an interface.
type Sample struct {
	Source   uint32 // ifIndex of the data source
	Rate     uint32 // N of 1:N
	Pool     uint32 // packets that could have been sampled so far, modulo 2^32
	Drops    uint32 // samples that were lost for want of resources so far
	Packet   Packet
	Counters *Counters // where set, this is a counter sample and Packet does not count
}

// Counters are those of an interface since the agent started (RFC 2863); octets are those of whole frames.
type Counters struct {
	Interface Interface
	In, Out   Traffic
}

// Traffic is what passed an interface in one direction. Packets are sent modulo 2^32.
type Traffic struct{ Octets, Unicast, Multicast, Broadcast, Discards, Errors uint64 }
