package enrich

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

func TestService(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Services = []Service{
		{Name: "billing", Ports: PortRange{7443, 7443}, Transport: "tcp"},
		{Name: "media", Ports: PortRange{30000, 30999}, Transport: "udp"},
		{Name: "shell", Ports: PortRange{22, 22}}, // instead of the built-in name
	}
	e, symbols := build(t, cfg)
	for _, c := range []struct {
		name                string
		protocol            uint8
		source, destination uint16
		want                string
	}{
		{"request", udp, 50123, 53, "dns"},
		{"answer", udp, 53, 50123, "dns"},
		{"both have a name: the lower port", tcp, 3389, 443, "https"},
		{"UDP 443 is QUIC", udp, 50123, 443, "quic"},
		{"UDP 389 is CLDAP", udp, 389, 40000, "cldap"},
		{"TCP 389 is LDAP", tcp, 40000, 389, "ldap"},
		{"both ports equal", udp, 123, 123, "ntp"},
		{"no name", tcp, 50123, 12345, ""},
		{"a client's port is no service", tcp, 12345, 44818, ""},
		{"high service, higher client", tcp, 50123, 44818, "ethernet-ip"},
		{"high service on both sides", udp, 47808, 47808, "bacnet"},
		{"configured port", tcp, 50123, 7443, "billing"},
		{"configured for TCP only", udp, 50123, 7443, ""},
		{"configured range", udp, 30999, 30005, "media"},
		{"configured instead of built in", tcp, 22, 50123, "shell"},
		{"SCTP", 132, 38412, 38412, "ngap"},
		{"no ports in ICMP", 1, 0, 53, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := record(symbols, func(r *flow.Record) {
				r.Present = flow.HasProtocol | flow.HasSourcePort | flow.HasDestinationPort
				r.IPProtocol, r.Source.Port, r.Destination.Port = c.protocol, c.source, c.destination
			})
			if e.Batch(b); symbols.Text(b.Records[0].Service) != c.want {
				t.Errorf("service %q, want %q", symbols.Text(b.Records[0].Service), c.want)
			}
		})
	}
}

func TestServiceOfRecordStays(t *testing.T) {
	e, symbols := build(t, DefaultConfig())
	b := record(symbols, func(r *flow.Record) {
		r.Present = flow.HasProtocol | flow.HasSourcePort | flow.HasDestinationPort
		r.IPProtocol, r.Destination.Port, r.Service = tcp, 443, symbols.Intern("given")
	})
	if e.Batch(b); symbols.Text(b.Records[0].Service) != "given" {
		t.Error("the record's own service is overwritten")
	}
}

// TestServiceTable: each port has one name, and names are plain.
func TestServiceTable(t *testing.T) {
	seen, names := map[string]string{}, map[string]bool{}
	for line := range strings.Lines(serviceTable) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if words[0] != strings.ToLower(words[0]) || strings.Contains(words[0], flow.ListSeparator) {
			t.Errorf("name %q", words[0])
		}
		names[words[0]] = true
		for text := range strings.SplitSeq(words[1], ",") {
			r, err := parseRange(text)
			if err != nil || r.Last < r.First {
				t.Fatalf("%q: %v", line, err)
			}
			for port := int(r.First); port <= int(r.Last); port++ {
				for transport := range strings.SplitSeq(words[2], ",") {
					key := fmt.Sprint(transport, port)
					if old, ok := seen[key]; ok {
						t.Errorf("%s port %d is %s and %s", transport, port, old, words[0])
					}
					seen[key] = words[0]
				}
			}
		}
	}
	if len(names) < 300 {
		t.Errorf("%d names", len(names))
	}
}
