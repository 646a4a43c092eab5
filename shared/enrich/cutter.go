package enrich

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/weirflow/weir/shared/flow"
)

// cutter cuts addresses into ranges.
type cutter struct {
	cfg     Config
	symbols *flow.Symbols
	known   map[string]*place // by members: see key
}

// span is a range with its place; it reaches to the next one's start.
type span struct {
	start words
	place *place
}

// edge is where a prefix of a member begins or ends.
type edge struct {
	at     words
	member int // 0: inside; i: group i-1
	change int // +1 or -1
}

func (c *cutter) ranges(v6 bool) []span {
	edges := c.edges(v6)
	active := make([]int, 1+len(c.cfg.Groups)) // how many prefixes of each member hold the current address
	var on []int                               // members with active > 0, in order
	spans := []span{{place: c.place(nil)}}
	for i := 0; i < len(edges); {
		at := edges[i].at
		for ; i < len(edges) && edges[i].at == at; i++ {
			on = toggle(on, active, edges[i])
		}
		last, p := &spans[len(spans)-1], c.place(on)
		switch {
		case last.start == at:
			last.place = p
		case last.place != p:
			spans = append(spans, span{start: at, place: p})
		}
	}
	return spans
}

func toggle(on, active []int, e edge) []int {
	active[e.member] += e.change
	i, found := slices.BinarySearch(on, e.member)
	switch {
	case active[e.member] > 0 && !found:
		return slices.Insert(on, i, e.member)
	case active[e.member] == 0 && found:
		return slices.Delete(on, i, i+1)
	}
	return on
}

func (c *cutter) edges(v6 bool) (edges []edge) {
	add := func(member int, prefixes []netip.Prefix) {
		for _, p := range prefixes {
			p = unmapped(p)
			if p.Addr().Is6() != v6 {
				continue
			}
			first, next, more := bounds(p)
			edges = append(edges, edge{first, member, 1})
			if more {
				edges = append(edges, edge{next, member, -1})
			}
		}
	}
	add(0, c.cfg.Inside)
	for i, g := range c.cfg.Groups {
		if len(g.Prefixes) == 0 {
			g.Prefixes = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
		}
		add(i+1, g.Prefixes)
	}
	slices.SortFunc(edges, func(a, b edge) int {
		switch {
		case a.at.less(b.at):
			return -1
		case b.at.less(a.at):
			return 1
		}
		return 0
	})
	return edges
}

// unmapped makes a prefix of IPv4-mapped addresses one of IPv4.
func unmapped(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p
}

// bounds returns the first address of a prefix and the first behind it, if there is one. IPv4 addresses are in the lower word.
func bounds(p netip.Prefix) (first, next words, more bool) {
	if p.Addr().Is4() {
		a := p.Masked().Addr().As4()
		v := uint64(binary.BigEndian.Uint32(a[:]))
		end := v + 1<<(32-p.Bits())
		return words{0, v}, words{0, end}, end <= 1<<32-1
	}
	a := p.Masked().Addr().As16()
	first = words{binary.BigEndian.Uint64(a[:8]), binary.BigEndian.Uint64(a[8:])}
	next = first
	if n := p.Bits(); n <= 64 {
		next.lo = 0
		next.hi += 1 << (64 - n) // n is 0: shifted out, and all is in it
		return first, next, n > 0 && next.hi > first.hi
	}
	next.lo += 1 << (128 - p.Bits())
	if next.lo < first.lo {
		next.hi++
	}
	return first, next, next != words{}
}

// place returns the place of the members given by number, the same for the same members.
func (c *cutter) place(on []int) *place {
	key := make([]byte, 0, 4*len(on))
	members := make([]*Group, 0, len(on))
	for _, m := range on {
		key = binary.BigEndian.AppendUint32(key, uint32(m))
		if m > 0 {
			members = append(members, &c.cfg.Groups[m-1])
		}
	}
	p := c.known[string(key)]
	if p == nil {
		p = newPlace(len(on) > 0 && on[0] == 0, members, c.symbols)
		c.known[string(key)] = p
	}
	return p
}
