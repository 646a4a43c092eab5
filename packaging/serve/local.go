package serve

import (
	"net"
	"net/netip"
	"slices"
	"strings"
)

// Names tells whether a Host header names this machine, or one of the names. On loopback it must: a web page whose name was made to resolve
// to 127.0.0.1 would else have its browser ask in this machine's name.
func Names(host string, names []string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if name == "localhost" {
		return true
	}
	if ip, err := netip.ParseAddr(name); err == nil && ip.IsLoopback() {
		return true
	}
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}
