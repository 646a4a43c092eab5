package enrich

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// serviceTable is the built-in table: a line a service with its name, its ports and its transport protocols.
//
//go:embed services.txt
var serviceTable string

// IANA protocol numbers that have ports.
const (
	tcp  = 6
	udp  = 17
	sctp = 132
)

// portNames are the names of all ports of a transport protocol; 0 is none.
type portNames [1 << 16]flow.Symbol

// services names the service of a record by its ports.
type services struct {
	tcp, udp, sctp portNames
}

func (s *services) table(protocol uint8) *portNames {
	switch protocol {
	case tcp:
		return &s.tcp
	case udp:
		return &s.udp
	case sctp:
		return &s.sctp
	}
	return nil
}

// ephemeral is the first port that systems give to clients: Linux starts at 32768, others at 49152 (RFC 6335, 6).
const ephemeral = 32768

// of returns the name of the record's service, or 0. Of two ports that have a name the lower one is the service: clients take
// high ports. A name above the ephemeral ports counts only where the other port is as high.
func (s *services) of(r *flow.Record) flow.Symbol {
	if !r.Present.Has(flow.HasProtocol | flow.HasSourcePort | flow.HasDestinationPort) {
		return 0
	}
	names := s.table(r.IPProtocol)
	if names == nil {
		return 0
	}
	low, high := r.Source.Port, r.Destination.Port
	if low > high {
		low, high = high, low
	}
	if name := names[low]; name != 0 {
		return name
	}
	if high >= ephemeral && low < ephemeral {
		return 0
	}
	return names[high]
}

func newServices(overrides []Service, symbols *flow.Symbols) (*services, error) {
	s := &services{}
	for line := range strings.Lines(serviceTable) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if err := s.addLine(line, symbols); err != nil {
			return nil, fmt.Errorf("enrich: services.txt: %q: %w", line, err)
		}
	}
	for _, o := range overrides {
		transports := []string{o.Transport}
		if o.Transport == "" {
			transports = []string{"tcp", "udp", "sctp"}
		}
		if err := s.add(o.Name, o.Ports, transports, symbols); err != nil {
			return nil, fmt.Errorf("enrich: service %q: %w", o.Name, err)
		}
	}
	return s, nil
}

// addLine takes a line of the table: name, ports separated by commas, transports separated by commas.
func (s *services) addLine(line string, symbols *flow.Symbols) error {
	words := strings.Fields(line)
	if len(words) != 3 {
		return fmt.Errorf("%d words, want 3", len(words))
	}
	for text := range strings.SplitSeq(words[1], ",") {
		r, err := parseRange(text)
		if err != nil {
			return err
		}
		if err := s.add(words[0], r, strings.Split(words[2], ","), symbols); err != nil {
			return err
		}
	}
	return nil
}

func parseRange(text string) (PortRange, error) {
	first, last, ok := strings.Cut(text, "-")
	if !ok {
		last = first
	}
	lo, err := strconv.ParseUint(first, 10, 16)
	if err != nil {
		return PortRange{}, err
	}
	hi, err := strconv.ParseUint(last, 10, 16)
	return PortRange{First: uint16(lo), Last: uint16(hi)}, err
}

func (s *services) add(name string, r PortRange, transports []string, symbols *flow.Symbols) error {
	symbol := symbols.Intern(name)
	for _, t := range transports {
		number, ok := flow.TransportNumber(t)
		names := s.table(number)
		if !ok || names == nil {
			return fmt.Errorf("transport %q has no ports: want tcp, udp or sctp", t)
		}
		for port := int(r.First); port <= int(r.Last); port++ {
			names[port] = symbol
		}
	}
	return nil
}
