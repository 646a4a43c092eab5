package enrich

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

func prefixes(texts ...string) (list []netip.Prefix) {
	for _, t := range texts {
		list = append(list, netip.MustParsePrefix(t))
	}
	return list
}

func address(s string) flow.Addr { return flow.AddrFromNetip(netip.MustParseAddr(s)) }

func build(t testing.TB, cfg Config) (*Enricher, *flow.Symbols) {
	t.Helper()
	symbols := flow.NewSymbols()
	e, err := New(cfg, Deps{Symbols: symbols})
	if err != nil {
		t.Fatal(err)
	}
	return e, symbols
}

// record is a record of a batch of its own.
func record(symbols *flow.Symbols, fill func(r *flow.Record)) *flow.Batch {
	b := flow.NewBatch(1, symbols)
	fill(b.Grow())
	return b
}

func TestGroups(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Groups = []Group{
		{Name: "servers", Prefixes: prefixes("10.1.0.0/16", "2001:db8:1::/48")},
		{Name: "web", Prefixes: prefixes("10.1.80.0/24"), Ports: []PortRange{{80, 80}, {443, 443}, {8000, 8999}}},
		{Name: "overlap", Prefixes: prefixes("10.1.80.0/24", "10.1.80.7/32", "10.0.0.0/8")},
		{Name: "dns anywhere", Ports: []PortRange{{53, 53}}},
		{Name: "mapped", Prefixes: prefixes("::ffff:192.0.2.0/120")},
		{Name: "edge", Prefixes: prefixes("255.255.255.255/32", "0.0.0.0/32", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", "2001:db8:2:3:8000::/65")},
	}
	e, symbols := build(t, cfg)
	for _, c := range []struct {
		name, ip string
		port     uint16
		has      bool
		want     string
	}{
		{"one prefix", "10.1.2.3", 22, true, "servers,overlap"},
		{"several groups in the order of the configuration", "10.1.80.9", 443, true, "servers,web,overlap"},
		{"first port of a range", "10.1.80.9", 8000, true, "servers,web,overlap"},
		{"last port of a range", "10.1.80.9", 8999, true, "servers,web,overlap"},
		{"port behind a range", "10.1.80.9", 9000, true, "servers,overlap"},
		{"port 65535", "10.1.80.9", 65535, true, "servers,overlap"},
		{"port 0", "10.1.80.9", 0, true, "servers,overlap"},
		{"no port: only groups that ask for none", "10.1.80.9", 443, false, "servers,overlap"},
		{"two prefixes of one group", "10.1.80.7", 443, true, "servers,web,overlap"},
		{"group by port alone", "198.51.100.1", 53, true, "dns anywhere"},
		{"group by port alone, IPv6", "2001:db8:9::1", 53, true, "dns anywhere"},
		{"IPv6", "2001:db8:1:ffff::1", 1, true, "servers"},
		{"IPv6 beside", "2001:db8:2::1", 1, true, ""},
		{"IPv6 longer than 64 bits, first", "2001:db8:2:3:8000::", 1, true, "edge"},
		{"IPv6 longer than 64 bits, last", "2001:db8:2:3:ffff:ffff:ffff:ffff", 1, true, "edge"},
		{"IPv6 longer than 64 bits, behind", "2001:db8:2:4::", 1, true, ""},
		{"mapped prefix", "192.0.2.77", 1, true, "mapped"},
		{"first IPv4 address", "0.0.0.0", 1, true, "edge"},
		{"last IPv4 address", "255.255.255.255", 1, true, "edge"},
		{"last IPv6 address", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1, true, "edge"},
		{"IPv6 ::", "::", 1, true, ""},
		{"nowhere", "203.0.113.1", 1, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, side := range []string{"source", "destination"} {
				b := record(symbols, func(r *flow.Record) {
					end := &r.Source
					r.Present = flow.HasSourceIP
					if side == "destination" {
						end, r.Present = &r.Destination, flow.HasDestinationIP
					}
					end.IP, end.Port = address(c.ip), c.port
					if c.has {
						r.Present |= flow.HasSourcePort | flow.HasDestinationPort
					}
				})
				e.Batch(b)
				r := &b.Records[0]
				end, other := &r.Source, &r.Destination
				if side == "destination" {
					end, other = other, end
				}
				if got := symbols.Text(end.Groups); got != c.want || other.Groups != 0 {
					t.Errorf("%s: groups %q, want %q", side, got, c.want)
				}
			}
		})
	}
}

func TestGroupsOfRecordStayWithoutConfiguration(t *testing.T) {
	e, symbols := build(t, DefaultConfig())
	b := record(symbols, func(r *flow.Record) {
		r.Present, r.Source.IP, r.Source.Groups = flow.HasSourceIP, address("10.0.0.1"), symbols.Intern("given")
	})
	e.Batch(b)
	if got := symbols.Text(b.Records[0].Source.Groups); got != "given" {
		t.Errorf("groups %q, want those of the record", got)
	}
}

func TestDirection(t *testing.T) {
	e, symbols := build(t, DefaultConfig())
	for _, c := range []struct {
		source, destination string
		want                flow.Direction
	}{
		{"10.0.0.1", "203.0.113.1", flow.Outbound},
		{"203.0.113.1", "172.31.255.255", flow.Inbound},
		{"192.168.0.1", "10.255.255.255", flow.Internal},
		{"203.0.113.1", "172.32.0.0", flow.External},
		{"fd00::1", "2001:db8::1", flow.Outbound},
		{"2001:db8::1", "fdff::1", flow.Inbound},
		{"10.0.0.1", "224.0.0.251", flow.Internal},
		{"10.0.0.1", "255.255.255.255", flow.Internal},
		{"0.0.0.0", "255.255.255.255", flow.External},
		{"203.0.113.1", "224.0.0.5", flow.External},
		{"169.254.3.4", "10.0.0.1", flow.Internal},
		{"fe80::1", "ff02::1", flow.External},
		{"fd00::1", "ff02::fb", flow.Internal},
	} {
		b := record(symbols, func(r *flow.Record) {
			r.Present = flow.HasSourceIP | flow.HasDestinationIP
			r.Source.IP, r.Destination.IP = address(c.source), address(c.destination)
		})
		e.Batch(b)
		if got := b.Records[0].Direction; got != c.want {
			t.Errorf("%s to %s is %s, want %s", c.source, c.destination, got, c.want)
		}
	}
	b := record(symbols, func(r *flow.Record) { r.Present, r.Source.IP = flow.HasSourceIP, address("10.0.0.1") })
	if e.Batch(b); b.Records[0].Direction != flow.DirectionUnknown {
		t.Error("a direction without a destination")
	}
}

// TestDirectionOfTranslated: where packets go is told by the destination after translation, where they come from by the source before.
func TestDirectionOfTranslated(t *testing.T) {
	e, symbols := build(t, DefaultConfig())
	for _, c := range []struct {
		name                             string
		source, after, destination, last string // before and after translation, "" for none
		want                             flow.Direction
	}{
		{"a client's request", "192.168.88.10", "198.51.100.1", "203.0.113.1", "", flow.Outbound},
		{"the answer to it", "203.0.113.1", "", "198.51.100.1", "192.168.88.10", flow.Inbound},
		{"a forwarded port", "203.0.113.1", "", "198.51.100.1", "10.0.0.9", flow.Inbound},
		{"the same through a balancer with an address of its own", "203.0.113.1", "10.0.0.5", "198.51.100.1", "10.0.0.9", flow.Inbound},
		{"the answer to that", "10.0.0.9", "198.51.100.1", "10.0.0.5", "203.0.113.1", flow.Outbound},
		{"a redirected query", "10.1.1.1", "", "203.0.113.53", "10.0.0.53", flow.Internal},
		{"translated to itself", "10.1.1.1", "10.1.1.1", "203.0.113.1", "203.0.113.1", flow.Outbound},
	} {
		b := record(symbols, func(r *flow.Record) {
			r.Present = flow.HasSourceIP | flow.HasDestinationIP
			r.Source.IP, r.Destination.IP = address(c.source), address(c.destination)
			if c.after != "" {
				r.Source.NAT = address(c.after)
			}
			if c.last != "" {
				r.Destination.NAT = address(c.last)
			}
		})
		e.Batch(b)
		if got := b.Records[0].Direction; got != c.want {
			t.Errorf("%s is %s, want %s", c.name, got, c.want)
		}
	}
}

// TestPlacesProperty compares random prefixes with a search through all of them.
func TestPlacesProperty(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 30 {
		cfg := Config{Inside: randomPrefixes(rnd, 20)}
		for i := range 8 {
			cfg.Groups = append(cfg.Groups, Group{Name: fmt.Sprint("g", i), Prefixes: randomPrefixes(rnd, 1+rnd.IntN(30))})
		}
		e, symbols := build(t, cfg)
		for range 2000 {
			ip := randomAddr(rnd)
			inside := slices.ContainsFunc(cfg.Inside, func(p netip.Prefix) bool { return p.Contains(ip) })
			var want []string
			for _, g := range cfg.Groups {
				if slices.ContainsFunc(g.Prefixes, func(p netip.Prefix) bool { return p.Contains(ip) }) {
					want = append(want, g.Name)
				}
			}
			a := flow.AddrFromNetip(ip)
			if got := symbols.Text(e.networks.Load().places.of(a).groups(0, false)); got != strings.Join(want, ",") || e.Inside(a) != inside {
				t.Fatalf("%s: groups %q inside %v, want %q %v\n%+v", ip, got, e.Inside(a), want, inside, cfg)
			}
		}
	}
}

// randomAddr is near others: few different bytes.
func randomAddr(rnd *rand.Rand) netip.Addr {
	pick := func() byte { return []byte{0, 0, 1, 2, 127, 128, 254, 255}[rnd.IntN(8)] }
	if rnd.IntN(2) == 0 {
		return netip.AddrFrom4([4]byte{pick(), pick(), pick(), pick()})
	}
	a := [16]byte{0: pick(), 7: pick(), 8: pick(), 15: pick()}
	if ip := netip.AddrFrom16(a); !ip.Is4In6() {
		return ip
	}
	return netip.IPv6Unspecified()
}

func randomPrefixes(rnd *rand.Rand, n int) (list []netip.Prefix) {
	for range n {
		ip := randomAddr(rnd)
		list = append(list, netip.PrefixFrom(ip, rnd.IntN(ip.BitLen()+1)).Masked())
	}
	return list
}

func TestNewRefuses(t *testing.T) {
	for name, cfg := range map[string]Config{
		"comma in a name":    {Groups: []Group{{Name: "a,b"}}},
		"no name":            {Groups: []Group{{}}},
		"ports upside down":  {Groups: []Group{{Name: "a", Ports: []PortRange{{2, 1}}}}},
		"invalid prefix":     {Inside: []netip.Prefix{{}}},
		"unknown transport":  {Services: []Service{{Name: "a", Transport: "icmp"}}},
		"service of no name": {Services: []Service{{}}},
	} {
		if _, err := New(cfg, Deps{Symbols: flow.NewSymbols()}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := New(DefaultConfig(), Deps{}); err == nil {
		t.Error("no symbols is taken")
	}
}

func TestBatchAllocatesNothing(t *testing.T) {
	e, b := bigBatch(t)
	if n := testing.AllocsPerRun(20, func() { e.Batch(b) }); n != 0 {
		t.Errorf("%v allocations a batch", n)
	}
}

func BenchmarkBatch(b *testing.B) {
	e, batch := bigBatch(b)
	b.ReportAllocs()
	for b.Loop() {
		e.Batch(batch)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(batch.Records)), "ns/record")
}

// bigBatch returns an enricher of 10,000 prefixes and a batch of random records.
func bigBatch(t testing.TB) (*Enricher, *flow.Batch) {
	rnd := rand.New(rand.NewPCG(1, 1))
	cfg := DefaultConfig()
	for i := range 100 {
		g := Group{Name: fmt.Sprint("group", i)}
		for range 100 {
			g.Prefixes = append(g.Prefixes, netip.PrefixFrom(flow.AddrFrom4(rnd.Uint32()).Netip(), 24).Masked())
		}
		cfg.Groups = append(cfg.Groups, g)
	}
	cfg.Groups = append(cfg.Groups, Group{Name: "web", Ports: []PortRange{{80, 80}, {443, 443}}})
	e, symbols := build(t, cfg)
	b := flow.NewBatch(2048, symbols)
	for range 2048 {
		r := b.Grow()
		r.Present = flow.HasSourceIP | flow.HasDestinationIP | flow.HasSourcePort | flow.HasDestinationPort | flow.HasProtocol
		r.Source.IP, r.Destination.IP = flow.AddrFrom4(rnd.Uint32()), flow.AddrFrom4(rnd.Uint32())
		r.Source.Port, r.Destination.Port, r.IPProtocol = uint16(rnd.Uint32()), 443, tcp
	}
	return e, b
}
