package listen

// CaptureStats counts what a capture file held:
//
//	Packets + Reassembled = Datagrams + Fragments + NotUDP + Truncated + LinkType + Malformed + Filtered
type CaptureStats struct {
	Packets   uint64 // captured packets read
	Datagrams uint64 // given by Next
	Bytes     uint64 // of payload in them

	NotUDP    uint64 // another protocol than UDP over IPv4 or IPv6
	Truncated uint64 // captured short of the datagram's end (snap length)
	LinkType  uint64 // a link layer that is not read
	Malformed uint64 // IP or UDP headers that contradict themselves
	Filtered  uint64 // sent to a port that is not wanted

	Fragments     uint64 // packets that are pieces of a datagram
	Reassembled   uint64 // datagrams put together from them
	FragmentsLost uint64 // pieces, of Fragments, whose datagram was never whole

	// FileTruncated counts files that end within a packet, as captures do whose writer was killed.
	FileTruncated uint64
}

// Skipped returns the counters of packets that gave no datagram, by reason; those that are 0 are left out.
func (s CaptureStats) Skipped() map[string]uint64 {
	m := map[string]uint64{
		"not_udp": s.NotUDP, "truncated": s.Truncated, "link_type": s.LinkType,
		"malformed": s.Malformed, "port": s.Filtered, "fragment": s.FragmentsLost,
	}
	for reason, n := range m {
		if n == 0 {
			delete(m, reason)
		}
	}
	return m
}

// add sums the counters of two files.
func (s CaptureStats) add(o CaptureStats) CaptureStats {
	return CaptureStats{
		Packets: s.Packets + o.Packets, Datagrams: s.Datagrams + o.Datagrams, Bytes: s.Bytes + o.Bytes,
		NotUDP: s.NotUDP + o.NotUDP, Truncated: s.Truncated + o.Truncated, LinkType: s.LinkType + o.LinkType,
		Malformed: s.Malformed + o.Malformed, Filtered: s.Filtered + o.Filtered,
		Fragments: s.Fragments + o.Fragments, Reassembled: s.Reassembled + o.Reassembled, FragmentsLost: s.FragmentsLost + o.FragmentsLost,
		FileTruncated: s.FileTruncated + o.FileTruncated,
	}
}

// verdict says what becomes of a captured packet.
type verdict uint8

const (
	wanted    verdict = iota
	fragment          // kept until its datagram is whole
	notUDP            // another protocol
	truncated         // by the snap length
	linkType          // unknown link layer
	malformed         // headers contradict themselves
	filtered          // by its port
)

func (s *CaptureStats) count(v verdict) {
	switch v {
	case wanted:
		s.Datagrams++
	case fragment: // counted where it is kept
	case notUDP:
		s.NotUDP++
	case truncated:
		s.Truncated++
	case linkType:
		s.LinkType++
	case malformed:
		s.Malformed++
	case filtered:
		s.Filtered++
	}
}
