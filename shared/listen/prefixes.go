package listen

import "net/netip"

// Prefixes is a list of networks whose IPv4 ones hold addresses as they are in a [Datagram].
type Prefixes []netip.Prefix

// NewPrefixes returns the list with prefixes of IPv4-mapped addresses as IPv4, since sources are unmapped.
func NewPrefixes(list []netip.Prefix) (all Prefixes) {
	for _, p := range list {
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		all = append(all, p.Masked())
	}
	return all
}

// Contain tells whether one of them holds the address.
func (l Prefixes) Contain(a netip.Addr) bool {
	for _, p := range l {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
