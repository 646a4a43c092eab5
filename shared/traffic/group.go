package traffic

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Group is a named part of the inside, as weir.yaml names it.
type Group struct {
	Name  string
	CIDRs []netip.Prefix
	Ports []uint16 // empty: all
}

func inside() []netip.Prefix { return prefixes(insideV4, publicV4, insideV6) }

// groups are the traffic groups of the world.
func (w *world) groups() []Group {
	resolvers := Group{Name: "resolvers", Ports: []uint16{53}}
	for _, a := range w.resolvers {
		resolvers.CIDRs = append(resolvers.CIDRs, netip.PrefixFrom(a, a.BitLen()))
	}
	return []Group{
		{Name: "workstations", CIDRs: prefixes(workstationsLow, workstationsHigh, insideV6)},
		{Name: "servers", CIDRs: prefixes(serversV4)},
		{Name: "dmz", CIDRs: prefixes(publicV4)},
		{Name: "External Servers", CIDRs: prefixes(publicV4)},
		resolvers,
	}
}

// Role is what some hosts do that looks like an attack where nobody knows them.
type Role struct {
	Name  string
	Hosts []netip.Addr
}

// roles are the hosts that ordinary traffic gives a role.
func (w *world) roles() []Role {
	return []Role{
		{"resolver", w.resolvers},
		{"time", w.timeServers},
		{"scanner", addrs(insideServer(75))},
		{"management", addrs(w.manager)},
		{"mail", addrs(w.mail, publicServer(26))},
		{"backup", addrs(w.backup, insideServer(73))},
		{"automation", addrs(insideServer(80), insideServer(81))},
	}
}

// Policy is a rule of the network's owner, in the words of weir.yaml.
type Policy struct {
	Name     string `yaml:"-"`
	Title    string `yaml:"title"`
	Filter   string `yaml:"filter"`
	Limit    string `yaml:"limit"`
	Severity string `yaml:"severity"`
}

// policies are those that entries of policy.violation break.
func policies() []Policy {
	return []Policy{{
		Name: "large-upload", Title: "More than 10 MB outbound in a single session of an external server",
		Filter: `weir.source.group : "External Servers" and network.direction : outbound`, Limit: "bytes_out > 10MB", Severity: "high",
	}}
}

// darkSpace is inside and has no hosts, however many there are.
func darkSpace() []netip.Prefix { return prefixes("10.30.0.0/16") }

func prefixes(texts ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, t := range texts {
		out = append(out, netip.MustParsePrefix(t)) // constants of this package
	}
	return out
}

// groupYAML is a group in the schema of weir.yaml.
type groupYAML struct {
	CIDRs []netip.Prefix `yaml:"cidrs"`
	Ports []uint16       `yaml:"ports,omitempty"`
}

// unnamedRole is what some hosts do for which weir.yaml needs no role: nothing about it is suspicious.
const unnamedRole = "time"

// configYAML renders the weir.yaml that goes with a generated capture.
func configYAML(res *Result) ([]byte, error) {
	doc := struct {
		Inside   []netip.Prefix          `yaml:"inside"`
		Groups   map[string]groupYAML    `yaml:"groups"`
		Roles    map[string][]netip.Addr `yaml:"roles"`
		Policies map[string]Policy       `yaml:"policies"`
		Detect   map[string]string       `yaml:"detect"`
	}{res.Inside, map[string]groupYAML{}, map[string][]netip.Addr{}, map[string]Policy{}, map[string]string{"sessions": "on"}}
	for _, g := range res.Groups {
		doc.Groups[g.Name] = groupYAML{g.CIDRs, g.Ports}
	}
	var b bytes.Buffer
	b.WriteString("# The network of the generated traffic beside this file.\n")
	for _, role := range res.Roles {
		if role.Name == unnamedRole {
			fmt.Fprintf(&b, "# Role %s: %s\n", role.Name, joined(role.Hosts))
			continue
		}
		doc.Roles[role.Name] = role.Hosts
	}
	fmt.Fprintf(&b, "# Dark space: %s\n", joined(res.Dark))
	for _, p := range policies() {
		doc.Policies[p.Name] = p
	}
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("weir.yaml: %w", err)
	}
	return b.Bytes(), nil
}

// joined lists addresses or prefixes.
func joined[T fmt.Stringer](items []T) string {
	var names []string
	for _, item := range items {
		names = append(names, item.String())
	}
	return strings.Join(names, ", ")
}
