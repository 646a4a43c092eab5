package enrich

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/weirflow/weir/shared/enrich/geo"
	"github.com/weirflow/weir/shared/flow"
)

// MaxPrefixes is how many prefixes all groups and the inside networks may have together; the table then takes about 100 MB.
const MaxPrefixes = 1 << 20

// Config says what is known about the network.
type Config struct {
	Inside   []netip.Prefix
	Groups   []Group
	Services []Service // win over the built-in table
}

// Group is a traffic group. An endpoint is in it when its address is in one of the prefixes and its port in one of the ranges; no
// prefixes means all addresses, no ranges all ports.
type Group struct {
	Name     string
	Prefixes []netip.Prefix
	Ports    []PortRange
}

// PortRange holds the ports from First to Last, both included.
type PortRange struct{ First, Last uint16 }

// Service names the ports of a service.
type Service struct {
	Name      string
	Ports     PortRange
	Transport string // "tcp", "udp", "sctp"; "" is all of them
}

// DefaultConfig has the private networks inside: RFC 1918 and the unique local addresses of RFC 4193.
func DefaultConfig() Config {
	return Config{Inside: []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
		netip.MustParsePrefix("fc00::/7"),
	}}
}

// Deps is what an enricher works with. Symbols is required and must be the table of the batches. Geo tells countries and AS
// numbers, nil where none are wanted; who made it starts and stops it. Interfaces names the interfaces of records, nil leaves them
// as the exporter sent them.
type Deps struct {
	Symbols    *flow.Symbols
	Geo        *geo.Locator
	Interfaces InterfaceNames
}

// InterfaceNames fills in the names of the interfaces of a batch's records. It is safe for concurrent use.
type InterfaceNames interface{ Batch(b *flow.Batch) }

func (c Config) check() error {
	n := len(c.Inside)
	for _, g := range c.Groups {
		n += max(len(g.Prefixes), 2)
		if g.Name == "" || strings.Contains(g.Name, flow.ListSeparator) {
			return fmt.Errorf("enrich: group %q: names must not be empty or hold %q", g.Name, flow.ListSeparator)
		}
		if err := checkPorts(g.Ports...); err != nil {
			return fmt.Errorf("enrich: group %q: %w", g.Name, err)
		}
		if err := checkPrefixes(g.Prefixes); err != nil {
			return fmt.Errorf("enrich: group %q: %w", g.Name, err)
		}
	}
	for _, s := range c.Services {
		if err := checkPorts(s.Ports); err != nil || s.Name == "" {
			return fmt.Errorf("enrich: service %q: want a name and ports: %w", s.Name, err)
		}
	}
	if n > MaxPrefixes {
		return fmt.Errorf("enrich: %d prefixes, at most %d", n, MaxPrefixes)
	}
	return checkPrefixes(c.Inside)
}

func checkPorts(ranges ...PortRange) error {
	for _, r := range ranges {
		if r.Last < r.First {
			return fmt.Errorf("ports %d-%d end before they start", r.First, r.Last)
		}
	}
	return nil
}

func checkPrefixes(prefixes []netip.Prefix) error {
	for _, p := range prefixes {
		if !p.IsValid() {
			return errors.New("invalid prefix")
		}
	}
	return nil
}
