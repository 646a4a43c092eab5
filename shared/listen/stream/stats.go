package stream

import (
	"maps"
	"net/netip"
	"sync"
)

// Why connections are refused or closed, as in [Stats].
const (
	RefusedNotAllowed = "not_allowed"   // not on the allow-list
	RefusedLimit      = "limit"         // as many connections as may be are open
	RefusedSource     = "address_limit" // as many as may be from one address are open

	ClosedByExporter = "exporter"  // between two messages
	ClosedCut        = "cut_short" // by the exporter or the network within a message
	ClosedIdle       = "idle"      // no message within the idle timeout
	ClosedSlow       = "slow"      // a message, or the exchange before the first, did not come to an end
	ClosedFraming    = "framing"   // not IPFIX: another version, or a length that cannot be
	ClosedTLS        = "tls"       // no agreement on TLS, or no valid certificate
	ClosedProxy      = "proxy_header"
	ClosedStopped    = "stopped"
)

// Stats is the account of an address. Counters start at 0 with [Listener.Start] and only grow:
//
//	Accepted = Open + the sum of Refused + the sum of Closed
type Stats struct {
	Address  netip.AddrPort
	TLS      bool
	Accepted uint64
	Open     int
	Refused  map[string]uint64 // connections, by reason
	Closed   map[string]uint64 // connections, by reason
	Messages uint64            // handed over
	Bytes    uint64            // in them
}

// account counts for one address.
type account struct {
	mu    sync.Mutex
	stats Stats
}

func (a *account) change(f func(s *Stats)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f(&a.stats)
}

func (a *account) copy() Stats {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.stats
	s.Refused, s.Closed = maps.Clone(s.Refused), maps.Clone(s.Closed)
	return s
}
