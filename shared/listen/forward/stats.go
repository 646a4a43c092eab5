package forward

// Why datagrams for a target are dropped, as in [Stats].
const (
	DroppedQueue      = "queue_full" // more came than could be sent
	DroppedUnresolved = "unresolved" // the queue ran full while the target's name had no address
	DroppedLength     = "too_long"   // longer than a datagram may be with its header, or than a spoofed packet on this network
	DroppedNetwork    = "network"    // the system could not send it
	DroppedFamily     = "not_ipv4"   // an IPv6 address cannot be spoofed
	DroppedStopped    = "stopped"    // it still waited when the program ended
)

// Stats is the account of a target. Counters start at 0 with [Forwarder.Start] and only grow:
//
//	Taken = Sent + the sum of Dropped + Waiting
//
// but for what is being sent just now.
type Stats struct {
	Target   string            // HOST:PORT as configured
	Taken    uint64            // datagrams for the target
	Sent     uint64            // handed to the network
	Bytes    uint64            // of payload in them, as received
	Waiting  int               // in the queue
	Resolved bool              // the target's address is known
	Dropped  map[string]uint64 // by reason
	// Refusals counts the times that the target's host said that nothing listens there.
	Refusals uint64
	// ResolveErrors counts failed look-ups of the target's name.
	ResolveErrors uint64
}
