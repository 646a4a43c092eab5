package filter_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

var update = flag.Bool("update", false, "write golden files anew")

// constructs has a filter for each construct of the language and each thing that a translation can trip over; sessions tells filters
// on sessions.
var constructs = []struct {
	name     string
	text     string
	sessions bool
}{
	{"everything", "", false},
	{"nothing", "not *", false},
	{"and, a list, not", "source.ip : 10.0.0.0/8 and destination.port : (22 or 3389) and not network.transport : udp", false},
	{"or inside and", "(source.port : 1 or source.port : 2) and source.port : 3", false},
	{"and inside or", "source.port : 1 and source.port : 2 or source.port : 3", false},
	{"not of a group", "not (source.port : 1 and (source.port : 2 or not source.port : 3))", false},
	{"only nots", "not source.port : 1 and not destination.port : *", false},
	{"exists", "source.nat.ip : *", false},
	{"either side exists", "not related.port : *", false},
	{"elements", "weir.elements : * and source.port : 1", false},
	{"either address", "related.ip : 203.0.113.7", false},
	{"either port, ordered", "related.port >= 1024", false},
	{"addresses and prefixes", `source.ip : (10.0.0.1 or 10.0.0.2 or 192.0.2.0/24 or "2001:db8::/32" or "::1")`, false},
	{"all of IPv4", "source.ip : 0.0.0.0/0", false},
	{"all addresses", "source.ip : ::/0", false},
	{"a prefix of IPv6 that holds IPv4", "source.ip : ::/16", false},
	{"a span of addresses", "source.ip >= 10.0.0.10 and source.ip <= 10.0.0.19 and source.port : 1", false},
	{"an empty span of addresses", "source.ip > 10.0.0.10 and source.ip < 10.0.0.5", false},
	{"addresses above", `destination.ip > "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffc"`, false},
	{"addresses above one of IPv4", "source.ip >= 255.255.255.250", false},
	{"either address below one of IPv4, beside a text", "related.ip < 0.0.0.3 or network.application : x", false},
	{"addresses above one of IPv4, beside a text", "source.ip > 255.255.255.250 or network.application : x", false},
	{"either address below", `related.ip <= "::3"`, false},
	{"number", "network.bytes : 1000000", false},
	{"numbers ordered", "network.bytes >= 1000000 and network.packets < 10 and weir.icmp.type <= 8 and weir.ip.ttl > 64", false},
	{"number beyond a long", "network.bytes : 18446744073709551615 or network.bytes > 18446744073709551614 or network.bytes <= 18446744073709551615", false},
	{"a side's counter", "source.bytes > 5 and destination.packets : 3", false},
	{"number kept as text", "network.iana_number : 6 or network.vlan.id : (1 or 2)", false},
	{"number kept as text, ordered", "network.vlan.id >= 100 and observer.ingress.interface.id < 1000 and observer.egress.interface.id > 9 and network.iana_number <= 17", false},
	{"signed", "weir.clock.offset_ms < -1000", false},
	{"fraction", "weir.sampling.interval : (1 or 2.5)", false},
	{"list of numbers", "weir.mpls.labels : 16 and weir.mpls.labels > 1000", false},
	{"time", `event.start >= "2026-03-02T08:15:00Z" and @timestamp < "2026-03-02T08:20:00.000000001Z" and event.end : "2026-03-02T08:15:00.5Z"`, false},
	{"hardware address", "source.mac : 00-1B-44-11-3A-B7", false},
	{"ICMP alone", "network.transport : icmp", false},
	{"ICMPv6 alone", "network.transport : ipv6-icmp and not network.transport : (ipv6-icmp or tcp)", false},
	{"ICMP of both", "network.transport : *icmp", false},
	{"a service that is known", "network.protocol : * and network.protocol : dns", false},
	{"a service by pattern", "network.protocol : un*", false},
	{"directions that CIM has, or not", "network.direction : (inbound or internal) or network.direction : external or network.direction : *bound", false},
	{"flags that CIM has, or not", "weir.tcp.flags : (SYN or ECE) and not weir.tcp.flags : CWR and weir.tcp.flags : *", false},
	{"protocols by name", "network.transport : (udp or 99) and network.transport : ipv6*", false},
	{"known values", "network.direction : inbound and weir.firewall_event : (denied or de*)", false},
	{"flags", "weir.tcp.flags : (SYN and not (ACK or RST))", false},
	{"country and AS", "source.geo.country_iso_code : (CH or D*) and not destination.as.number : 64500", false},
	{"identity", "event.id : 0123456789abcdef0123456789abcdef-1-2 and not weir.duplicate_of : *", false},
	{"text", "network.protocol : dns", false},
	{"texts and wildcards", "network.application : (ms-teams or zoom or web* or *rtc or a*b*c)", false},
	{"groups", "weir.source.group : (users and not guests) and not weir.destination.group : serv*", false},
	{"text with marks", `observer.ingress.interface.name : "ge-0/0/1.5" and observer.egress.interface.name : Gi1/0/*`, false},
	{"text that needs quotes", `network.application : ("a \"b\" \\ c" or "50%_x" or "größe" or "*" or "a?b" or "$x|[y]")`, false},
	{"wildcards beside marks", `network.application : (\*x* or a\ b* or c\\d* or *.x+y or f?*g)`, false},
	{"text beside what search can say", "network.protocol : (dns or ntp) and source.port : 53 or weir.source.group : servers and not (network.application : x or destination.port : 1)", false},
	{"absent text", `network.application : ""`, false},
	{"session", "client.ip : 10.1.2.3 and server.port : 22 and client.bytes > 1000 and server.packets < 5 and weir.direction.confidence >= 0.85", true},
	{"states and flags of the sides", "weir.tcp.state : (S0 or REJ) and weir.client.tcp.flags : SYN and not weir.server.tcp.flags : *", true},
	{"duration", "event.duration > 3600000000000 or event.duration : 500000001", true},
	{"exporters", "observer.ip : 192.0.2.1 and observer.ip > 192.0.2.250 and observer.ip <= 192.0.2.251", true},
	{"start of a session", `session.start < "2026-03-02T00:00:00Z"`, true},
}

// translated calls with each construct and its tree.
func translated(t *testing.T, with func(name string, n filter.Node)) {
	t.Helper()
	reg := flow.NewRegistry()
	for _, c := range constructs {
		parse := filter.Parse
		if c.sessions {
			parse = filter.ParseSession
		}
		n, err := parse(c.text, reg)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		with(c.name, n)
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) == got {
		return
	}
	wants, gots := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range gots {
		if i >= len(wants) || wants[i] != gots[i] {
			t.Fatalf("%s, line %d: %.500q; go test ./shared/filter -run Golden -update writes it anew", file, i+1, gots[i])
		}
	}
	t.Fatalf("%s has more lines", file)
}

func TestElasticGolden(t *testing.T) {
	var b strings.Builder
	used := map[string]bool{}
	translated(t, func(name string, n filter.Node) {
		q := filter.Elastic(n)
		noteMembers(reflect.ValueOf(q), used)
		text, err := json.MarshalIndent(q, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "# %s\n%s\n%s\n\n", name, n, text)
	})
	golden(t, "testdata/elastic.txt", b.String())
	for _, part := range []any{filter.ElasticQuery{}, filter.ElasticBool{}, filter.ElasticExists{}, filter.ElasticSpan{}} {
		for f := range reflect.TypeOf(part).NumField() {
			if name := reflect.TypeOf(part).Name() + "." + reflect.TypeOf(part).Field(f).Name; !used[name] {
				t.Errorf("no construct gives %s", name)
			}
		}
	}
}

// noteMembers notes which members of the query's types are set.
func noteMembers(v reflect.Value, used map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			noteMembers(v.Elem(), used)
		}
	case reflect.Slice:
		for i := range v.Len() {
			noteMembers(v.Index(i), used)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			noteMembers(v.MapIndex(key), used)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Field(i).IsZero() {
				used[v.Type().Name()+"."+v.Type().Field(i).Name] = true
				noteMembers(v.Field(i), used)
			}
		}
	}
}

func TestSPLGolden(t *testing.T) {
	var b strings.Builder
	translated(t, func(name string, n filter.Node) { fmt.Fprintf(&b, "# %s\n%s\n%s\n\n", name, n, filter.SPL(n)) })
	golden(t, "testdata/spl.txt", b.String())
}

// TestConstructsHaveKindsAndOperators: the golden files show how each kind of field is asked for, and each operator.
func TestConstructsHaveKindsAndOperators(t *testing.T) {
	missing := map[string]bool{}
	for kind := flow.KindUint; kind <= flow.KindObject; kind++ {
		missing[kind.String()] = true
	}
	for _, op := range []string{" : ", " > ", " >= ", " < ", " <= "} {
		missing[op] = true
	}
	reg := flow.NewRegistry()
	translated(t, func(_ string, n filter.Node) {
		for _, name := range filter.Fields(n) {
			delete(missing, reg.Lookup(name).Kind.String())
		}
		for op := range missing {
			if strings.Contains(n.String(), op) {
				delete(missing, op)
			}
		}
	})
	if len(missing) > 0 {
		t.Errorf("no construct has %v", missing)
	}
}
