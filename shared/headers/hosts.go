package headers

import (
	"net/netip"

	"github.com/weirflow/weir/shared/flow"
)

// hosts tells which packets belong to an alert: those between its actors and its victims; where one of the lists does not hold all, those
// of the other alone.
type hosts struct {
	actors, victims set
}

func hostsOf(a *flow.Alert) hosts {
	var h hosts
	if uint64(len(a.Actors)) >= a.ActorsTotal {
		h.actors = newSet(a.Actors)
	}
	if uint64(len(a.Victims)) >= a.VictimsTotal {
		h.victims = newSet(a.Victims)
	}
	if h.actors.empty() && h.victims.empty() {
		h.victims = newSet(a.Victims)
		if h.victims.empty() {
			h.actors = newSet(a.Actors)
		}
	}
	return h
}

func (h *hosts) empty() bool { return h.actors.empty() && h.victims.empty() }

func (h *hosts) has(p *flow.PacketHeader) bool {
	switch {
	case h.victims.empty():
		return h.actors.has(p.Source) || h.actors.has(p.Destination)
	case h.actors.empty():
		return h.victims.has(p.Source) || h.victims.has(p.Destination)
	}
	return h.actors.has(p.Source) && h.victims.has(p.Destination) || h.victims.has(p.Source) && h.actors.has(p.Destination)
}

// set is a number of addresses and prefixes.
type set struct {
	addrs    map[flow.Addr]bool
	prefixes []netip.Prefix
}

// newSet reads texts of addresses and prefixes; others are left out.
func newSet(texts []string) set {
	s := set{addrs: map[flow.Addr]bool{}}
	for _, text := range texts {
		if a, err := netip.ParseAddr(text); err == nil {
			s.addrs[flow.AddrFromNetip(a)] = true
		} else if p, err := netip.ParsePrefix(text); err == nil {
			s.prefixes = append(s.prefixes, p)
		}
	}
	return s
}

func (s *set) empty() bool { return len(s.addrs) == 0 && len(s.prefixes) == 0 }

func (s *set) has(a flow.Addr) bool {
	if s.addrs[a] {
		return true
	}
	if len(s.prefixes) == 0 {
		return false
	}
	ip := a.Netip()
	for _, p := range s.prefixes {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}
