package pipeline

import (
	"net"
	"net/netip"
	"strconv"
)

// own tells whether datagrams are received at an address: to forward there would send them round without end.
func (r *Receivers) own(at netip.AddrPort) bool {
	for _, a := range r.cfg.Listen {
		host, port, err := net.SplitHostPort(a)
		if err != nil || port != strconv.Itoa(int(at.Port())) {
			continue
		}
		if ip, err := netip.ParseAddr(host); err == nil && !ip.IsUnspecified() {
			if ip.Unmap() == at.Addr() {
				return true
			}
			continue
		}
		if at.Addr().IsLoopback() || at.Addr().IsUnspecified() || thisMachine(at.Addr()) {
			return true
		}
	}
	return false
}

// thisMachine tells whether an address is one of this machine's.
func thisMachine(a netip.Addr) bool {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, each := range list {
		if n, ok := each.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(n.IP); ok && ip.Unmap() == a {
				return true
			}
		}
	}
	return false
}
