package enrich

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"sort"

	"github.com/weirflow/weir/shared/flow"
)

// RoleSet is what a host is for, a bit a role; a host may be several things.
type RoleSet uint16

// Roles.
const (
	Resolver   RoleSet = 1 << iota // DNS resolver
	Scanner                        // scanner of the network's owner
	Mail                           // mail server
	Backup                         // backup server or its target
	CDN                            // cache or front end of a content network
	NAT                            // address that many hosts share
	JumpHost                       // host that administrators log in from
	Tester                         // load generator, test system
	Management                     // network management: polls devices and looks for new ones
	Automation                     // runs commands and jobs on many hosts: configuration management, builds, monitoring by login
)

var roleNames = [...]string{"resolver", "scanner", "mail", "backup", "cdn", "nat", "jump_host", "tester", "management", "automation"}

// ParseRole returns the role of a name as it is in weir.yaml.
func ParseRole(name string) (RoleSet, bool) {
	i := slices.Index(roleNames[:], name)
	return 1 << max(i, 0), i >= 0
}

// Has tells whether all of the roles given are in the set.
func (s RoleSet) Has(roles RoleSet) bool { return s&roles == roles }

// Names returns the names of the roles of the set, in the order of their bits.
func (s RoleSet) Names() []string {
	var names []string
	for i, name := range roleNames {
		if s&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// RoleOf says which addresses have a role.
type RoleOf struct {
	Role     RoleSet
	Prefixes []netip.Prefix
}

// Roles tells the roles of addresses. It never changes after [NewRoles]; nil knows of none.
type Roles struct {
	starts []flow.Addr // of ranges without holes, in order; the first is ::
	sets   []RoleSet
}

// NewRoles makes the table. A role may be given several times, and prefixes may overlap: an address has the roles of all that hold it.
func NewRoles(list []RoleOf) (*Roles, error) {
	edges, n := []roleEdge{{}}, 0
	for _, of := range list {
		if of.Role == 0 || of.Role >= 1<<len(roleNames) {
			return nil, fmt.Errorf("enrich: role %#x: no such role", uint16(of.Role))
		}
		if err := checkPrefixes(of.Prefixes); err != nil {
			return nil, fmt.Errorf("enrich: roles %v: %w", of.Role.Names(), err)
		}
		if n += len(of.Prefixes); n > MaxPrefixes {
			return nil, fmt.Errorf("enrich: more than %d prefixes of roles", MaxPrefixes)
		}
		for _, p := range of.Prefixes {
			first, next, bounded := roleBounds(p)
			edges = append(edges, roleEdge{first, of.Role, 1})
			if bounded {
				edges = append(edges, roleEdge{next, of.Role, -1})
			}
		}
	}
	slices.SortStableFunc(edges, func(a, b roleEdge) int { return bytes.Compare(a.at[:], b.at[:]) })
	r, open := &Roles{}, [len(roleNames)]int{}
	for i, e := range edges {
		set := RoleSet(0)
		for bit := range open {
			if e.role&(1<<bit) != 0 {
				open[bit] += e.by
			}
			if open[bit] > 0 {
				set |= 1 << bit
			}
		}
		if i+1 < len(edges) && edges[i+1].at == e.at {
			continue
		}
		r.starts, r.sets = append(r.starts, e.at), append(r.sets, set)
	}
	return r, nil
}

// roleEdge is where a prefix begins or where it is over.
type roleEdge struct {
	at   flow.Addr
	role RoleSet
	by   int
}

// roleBounds returns the first address of a prefix and the one after its last; bounded is false where there is none after.
func roleBounds(p netip.Prefix) (first, next flow.Addr, bounded bool) {
	p = p.Masked()
	first = flow.AddrFromNetip(p.Addr())
	bits := p.Bits()
	if p.Addr().Is4() {
		bits += 96
	}
	next = first
	for i := range next {
		if keep := bits - 8*i; keep < 8 {
			next[i] |= 0xff >> max(keep, 0)
		}
	}
	for i := len(next) - 1; i >= 0; i-- {
		if next[i]++; next[i] != 0 {
			return first, next, true
		}
	}
	return first, next, false
}

// Of returns the roles of an address. It allocates nothing.
func (r *Roles) Of(a flow.Addr) RoleSet {
	if r == nil {
		return 0
	}
	i := sort.Search(len(r.starts), func(i int) bool { return bytes.Compare(r.starts[i][:], a[:]) > 0 })
	return r.sets[i-1]
}
