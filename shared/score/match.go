package score

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// matcher is a truth entry prepared for comparisons.
type matcher struct {
	*Truth
	actors, victims hosts
}

// hosts are the addresses and prefixes of a list.
type hosts struct {
	addresses map[netip.Addr]bool
	prefixes  []netip.Prefix
}

func hostsOf(lists ...[]string) hosts {
	h := hosts{addresses: map[netip.Addr]bool{}}
	for _, list := range lists {
		for _, text := range list {
			if a, err := netip.ParseAddr(text); err == nil {
				h.addresses[a] = true
			} else if p, err := netip.ParsePrefix(text); err == nil {
				h.prefixes = append(h.prefixes, p)
			}
		}
	}
	return h
}

// shares tells whether two lists have a host in common: the same address, or an address in a prefix that is at most four times as
// large as the list that the address is in.
func (h *hosts) shares(o *hosts) bool {
	for a := range o.addresses {
		if h.addresses[a] {
			return true
		}
	}
	return h.covers(o) || o.covers(h)
}

func (h *hosts) covers(o *hosts) bool {
	const most = 4
	for _, p := range h.prefixes {
		if slices.Contains(o.prefixes, p) {
			return true
		}
		if bits := p.Addr().BitLen() - p.Bits(); bits > 30 || 1<<bits > most*max(1, len(o.addresses)) {
			continue
		}
		for a := range o.addresses {
			if p.Contains(a) {
				return true
			}
		}
	}
	return false
}

// overlap tells whether an alert and an entry are of the same time, give or take a margin.
func overlap(a *flow.Alert, t *Truth, margin time.Duration) bool {
	end := a.Last
	if a.End != nil {
		end = *a.End
	}
	return !a.Start.After(t.End.Add(margin)) && !end.Before(t.Start.Add(-margin))
}

// family is the first part of a detector's name.
func family(detector string) string {
	name, _, _ := strings.Cut(detector, ".")
	return name
}

// Detectors that are parent and child of each other though their families differ: a login from a new address after guessing, and
// a policy about what another detector finds by itself.
var kin = [][2]string{
	{"brute.success", "behav.new_login"}, {"exfil.session", "policy.violation"},
}

func related(a, b string) bool {
	if family(a) == family(b) {
		return true
	}
	for _, pair := range kin {
		if (a == pair[0] && b == pair[1]) || (a == pair[1] && b == pair[0]) {
			return true
		}
	}
	return false
}
