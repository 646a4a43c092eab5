package forward

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
)

// DefaultQueue is how many bytes wait for a target at most; sending takes as much again.
const DefaultQueue = 4 << 20

// Config says where datagrams go.
type Config struct {
	Targets []Target
}

// Target is a collector that gets copies.
type Target struct {
	To        string         // HOST:PORT
	Exporters []netip.Prefix // only datagrams of these; empty: all
	Ports     []uint16       // only what was received on these ports; empty: all
	Proxy     bool           // a PROXY protocol header (version 2) with the exporter's address goes in front
	Spoof     bool           // sent with the exporter's own address; needs a raw socket (Linux, CAP_NET_RAW) and IPv4
	Queue     int            // bytes; 0: [DefaultQueue]
}

// Deps is what a [Forwarder] needs from outside.
type Deps struct {
	// Now is the wall clock in nanoseconds since the Unix epoch. Required.
	Now func() int64
	// Resolve finds the addresses of a host name; nil: the system's resolver.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Own, where set, tells addresses at which this program receives itself: they are not sent to, for datagrams would go round.
	Own func(at netip.AddrPort) bool
	Log *slog.Logger // nil: none
}

func (t Target) check() error {
	host, port, err := net.SplitHostPort(t.To)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	switch {
	case err != nil:
		return fmt.Errorf("target %q: want HOST:PORT: %w", t.To, err)
	case host == "" || port == "0":
		return fmt.Errorf("target %q: want a host and a port", t.To)
	case t.Proxy && t.Spoof:
		return fmt.Errorf("target %q: with the exporter's own address no PROXY protocol header is needed", t.To)
	case t.Queue < 0:
		return fmt.Errorf("target %q: the queue is below 0", t.To)
	}
	if a, err := netip.ParseAddr(host); err == nil && t.Spoof && !a.Unmap().Is4() {
		return fmt.Errorf("target %q: only IPv4 targets can be sent to with the exporters' addresses", t.To)
	}
	for _, p := range t.Exporters {
		if !p.IsValid() {
			return errors.New("list of exporters holds an invalid prefix")
		}
	}
	return nil
}
