package history

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/flow"
)

// Group is the traffic group of 250 servers that questions about a group are asked of.
const Group = "servers"

// groups are the traffic groups of the inside hosts, 10.20.0.0 to 10.20.19.255: the servers, and sites of three networks each.
func groups() []enrich.Group {
	list := []enrich.Group{{Name: Group, Prefixes: []netip.Prefix{network(0)}}}
	for n := 1; n < 20; n++ {
		if n%3 == 1 {
			list = append(list, enrich.Group{Name: fmt.Sprintf("site-%d", len(list))})
		}
		g := &list[len(list)-1]
		g.Prefixes = append(g.Prefixes, network(n))
	}
	return list
}

func network(n int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 20, byte(n), 0}), 24)
}

// Settings is the part of weir.yaml by which a collector sees traffic as the history does.
func Settings() string {
	var b strings.Builder
	b.WriteString("inside: [10.0.0.0/8]\ngroups:\n")
	for _, g := range groups() {
		var cidrs []string
		for _, p := range g.Prefixes {
			cidrs = append(cidrs, p.String())
		}
		fmt.Fprintf(&b, "  %s: {cidrs: [%s]}\n", g.Name, strings.Join(cidrs, ", "))
	}
	return b.String()
}

// names fills in what exporters, SNMP and files of countries would tell: names of interfaces, and countries by AS number.
type names struct {
	interfaces [interfaces + 1]flow.Symbol
	countries  [][2]byte
}

func newNames(symbols *flow.Symbols) *names {
	n := &names{}
	for i := 1; i <= interfaces; i++ {
		n.interfaces[i] = symbols.Intern(fmt.Sprintf("ge-0/0/%d", i-1))
	}
	for code := range strings.FieldsSeq("US DE GB FR NL CH AT SE PL IT ES CZ RO UA TR BR AR MX CA JP KR CN IN SG AU ZA NG EG IL FI") {
		n.countries = append(n.countries, [2]byte{code[0], code[1]})
	}
	return n
}

// Batch implements [enrich.InterfaceNames].
func (n *names) Batch(b *flow.Batch) {
	for i := range b.Records {
		r := &b.Records[i]
		r.InIfName, r.OutIfName = n.interfaces[r.InIf%(interfaces+1)], n.interfaces[r.OutIf%(interfaces+1)]
		n.country(&r.Source)
		n.country(&r.Destination)
	}
}

func (n *names) country(e *flow.Endpoint) {
	if e.ASN != 0 {
		e.Country = n.countries[e.ASN%uint32(len(n.countries))]
	}
}
