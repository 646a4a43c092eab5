package config

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxName is the most bytes of a name.
const maxName = 64

// Characters of names.
const (
	lowerCase = "abcdefghijklmnopqrstuvwxyz"
	upperCase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits    = "0123456789"
)

// firstOutside returns where the first character of s is that is not in set, or -1.
func firstOutside(s, set string) int {
	return strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune(set, r) })
}

// groupName checks the name of a group: it must be able to stand in a list and in a filter.
func (d *decoder) groupName(n *yaml.Node) bool {
	bad := firstOutside(n.Value, lowerCase+upperCase+digits+"_.- ")
	switch {
	case n.Value == "" || len(n.Value) > maxName:
		d.fail(n, "names have 1 to %d characters", maxName)
	case bad >= 0:
		d.fail(n, "name %q: %q is not among letters, digits, space and _ . -", n.Value, string([]rune(n.Value[bad:])[:1]))
	case strings.TrimSpace(n.Value) != n.Value:
		d.fail(n, "name %q starts or ends with a space", n.Value)
	default:
		return true
	}
	return false
}

func (d *decoder) groups(n *yaml.Node, c *Config) {
	d.pairs(n, func(name, value *yaml.Node) {
		g, faults := Group{Name: name.Value}, len(d.errs)
		d.groupName(name)
		d.mapping(value, groupKeys(&g))
		if len(d.errs) == faults && len(g.CIDRs) == 0 && len(g.Ports) == 0 {
			d.fail(name, "group %q takes everything: give it cidrs or ports", g.Name)
		}
		c.Groups = append(c.Groups, g)
	})
}

func (d *decoder) exporters(n *yaml.Node, c *Config) {
	d.pairs(n, func(name, value *yaml.Node) {
		e, match := Exporter{}, *name
		match.Tag = "!!str"
		p, ok := d.prefix(&match)
		d.mapping(value, exporterKeys(&e))
		for _, other := range c.Exporters {
			if ok && other.Match == p {
				d.fail(name, "exporter %s is given twice", p)
				return
			}
		}
		if ok && e.SNMP != nil && e.SNMP.Address != "" && !p.IsSingleIP() {
			d.fail(name, "snmp.address is of one exporter, and %s is of several", p)
		}
		if ok {
			e.Match = p
			c.Exporters = append(c.Exporters, e)
		}
	})
}

func (d *decoder) services(n *yaml.Node, c *Config) {
	d.pairs(n, func(name, value *yaml.Node) {
		s, faults := Service{Name: name.Value}, len(d.errs)
		d.groupName(name)
		d.mapping(value, serviceKeys(&s))
		if len(d.errs) == faults && s.Port == (PortRange{}) {
			d.fail(name, "service %q has no port", s.Name)
		}
		c.Services = append(c.Services, s)
	})
}

// detectors reads names like dos.reflection.dns, or dos.reflection.* for all below.
func (d *decoder) detectors(n *yaml.Node, at *[]string) {
	d.list(n, "detectors", func(item *yaml.Node) {
		s, ok := d.text(item, "a detector")
		if !ok {
			return
		}
		stem := strings.TrimSuffix(s, ".*")
		if firstOutside(stem, lowerCase+digits+"._-") >= 0 || stem == "" {
			d.fail(item, "%q is not the name of a detector: want one like dos.volumetric.host or dos.reflection.*", s)
			return
		}
		*at = append(*at, s)
	})
}
