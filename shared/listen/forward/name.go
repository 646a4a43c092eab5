package forward

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// name is where a target is, as configured, and when to look it up again.
type name struct {
	deps  Deps
	host  string
	port  uint16
	addr  netip.Addr // of a host that is an address
	known bool
	due   int64 // when to look it up again, ns
	retry time.Duration
}

// newName takes HOST:PORT that has been checked.
func newName(to string, deps Deps) name {
	host, port, _ := net.SplitHostPort(to)
	number, _ := strconv.ParseUint(port, 10, 16)
	n := name{deps: deps, host: host, port: uint16(number), retry: firstRetry}
	if a, err := netip.ParseAddr(host); err == nil {
		n.addr = a.Unmap()
	}
	return n
}

// fresh tells whether the address is known and need not be looked up now.
func (n *name) fresh(now int64) bool { return (n.known && n.addr.IsValid()) || now < n.due }

// resolve returns the address; of several the first, IPv4 before IPv6.
func (n *name) resolve(ctx context.Context) (netip.AddrPort, error) {
	if n.addr.IsValid() {
		n.known = true
		return netip.AddrPortFrom(n.addr, n.port), nil
	}
	list, err := n.deps.Resolve(ctx, n.host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if len(list) == 0 {
		return netip.AddrPort{}, fmt.Errorf("%s has no address", n.host)
	}
	first := max(slices.IndexFunc(list, func(a netip.Addr) bool { return a.Unmap().Is4() }), 0)
	n.known, n.retry = true, firstRetry
	n.due = n.deps.Now() + int64(resolveEvery)
	return netip.AddrPortFrom(list[first].Unmap(), n.port), nil
}

// failed sets when to try again.
func (n *name) failed(now int64) {
	n.known = false
	n.due = now + int64(n.retry)
	n.retry = min(2*n.retry, lastRetry)
}

// again tells when it is time to look up; never for an address.
func (n *name) again(now int64) <-chan time.Time {
	if n.known && n.addr.IsValid() {
		return nil
	}
	return time.After(max(time.Duration(n.due-now), 0))
}
