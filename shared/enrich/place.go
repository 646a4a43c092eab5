package enrich

import (
	"slices"

	"github.com/weirflow/weir/shared/flow"
)

// place is what is known of a range of addresses: whether it is inside, and its groups by port. Many ranges share one place.
type place struct {
	inside bool
	always flow.Symbol // groups whatever the port
	ports  []portRun   // nil where no group of the place asks for ports; else all ports in order, without holes
}

// portRun holds the groups of the ports from first up to the next run's.
type portRun struct {
	first  uint16
	groups flow.Symbol
}

// groups returns the list of groups of an endpoint of the place; without a port only those that ask for none.
func (p *place) groups(port uint16, has bool) flow.Symbol {
	if p.ports == nil || !has {
		return p.always
	}
	lo, hi := 0, len(p.ports) // the run is in [lo, hi)
	for hi-lo > 1 {
		if m := int(uint(lo+hi) >> 1); p.ports[m].first <= port {
			lo = m
		} else {
			hi = m
		}
	}
	return p.ports[lo].groups
}

// newPlace makes the place of the groups given, in the order of the configuration.
func newPlace(inside bool, members []*Group, symbols *flow.Symbols) *place {
	p := &place{inside: inside}
	var always []string
	edges := []int{0}
	for _, g := range members {
		if len(g.Ports) == 0 {
			always = append(always, g.Name)
		}
		for _, r := range g.Ports {
			edges = append(edges, int(r.First), int(r.Last)+1)
		}
	}
	p.always = symbols.InternList(always)
	if len(edges) == 1 {
		return p
	}
	slices.Sort(edges)
	for _, port := range slices.Compact(edges) {
		if port > 65535 {
			break
		}
		groups := symbols.InternList(namesAt(members, uint16(port)))
		if n := len(p.ports); n == 0 || p.ports[n-1].groups != groups {
			p.ports = append(p.ports, portRun{first: uint16(port), groups: groups})
		}
	}
	return p
}

func namesAt(members []*Group, port uint16) (names []string) {
	for _, g := range members {
		if len(g.Ports) == 0 || slices.ContainsFunc(g.Ports, func(r PortRange) bool { return r.First <= port && port <= r.Last }) {
			names = append(names, g.Name)
		}
	}
	return names
}
