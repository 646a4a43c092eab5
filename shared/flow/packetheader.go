package flow

// PacketHeader is the start of a sampled packet as an exporter sent it. Data aliases the datagram.
type PacketHeader struct {
	At                  int64 // received: ns since the Unix epoch
	Exporter            Addr
	Source, Destination Addr
	Link                uint32 // what Data begins with: header_protocol of sFlow v5 (1 Ethernet, 11 IPv4, 12 IPv6, 13 MPLS)
	Length              uint32 // of the packet on the wire as far as Data could hold it: without what was stripped, bytes
	Data                []byte
}
