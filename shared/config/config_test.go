package config

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

var compare = cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })

func TestEmptyIsDefault(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "groups:\nexporters:\nstore:\n"} {
		c, err := Parse("weir.yaml", []byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(Default(), c, compare); diff != "" {
			t.Errorf("%q (-default +got):\n%s", text, diff)
		}
	}
}

func TestExampleLoads(t *testing.T) {
	c, err := Parse("weir.example.yaml", []byte(Example))
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Streams, want.Proxies, want.Forward = exampleStreams, prefixes("192.0.2.250/32"), exampleForward
	want.Groups = []Group{
		{Name: "servers", CIDRs: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("2001:db8:1::/48")}},
		{Name: "web", CIDRs: []netip.Prefix{netip.MustParsePrefix("10.1.80.0/24")}, Ports: []PortRange{{80, 80}, {443, 443}, {8000, 8999}}},
	}
	want.InsideGiven = true
	want.Exporters = []Exporter{
		{Match: netip.MustParsePrefix("192.0.2.1/32"), Name: "border-1", Sampling: 1000, Domains: []Domain{{256, 100}}, Interfaces: exampleInterfaces, SNMP: exampleSNMP(true)},
		{Match: netip.MustParsePrefix("198.51.100.0/24"), Name: "branch offices", Sampling: 2.5, Split: "port", Firewall: Firewall{"delta", "total"}, SNMP: exampleSNMP(false)},
	}
	want.AllowExporters = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24")}
	want.Services = []Service{{"billing", PortRange{7443, 7443}, "tcp"}, {"media", PortRange{30000, 30999}, "udp"}}
	want.Detect = Detect{Profile: "enterprise", Sessions: "on", Disabled: []string{"dos.reflection.dns"}, Floors: Floors{BPS: 100e6, PPS: 5000, FPS: 3500}, Memory: 2 << 30}
	want.Roles, want.Policies = exampleRoles, examplePolicies()
	want.Outputs, want.Pivots, want.Elastic = exampleOutputs, examplePivots, exampleElastic()
	want.Store.Retention = 90 * 24 * time.Hour
	want.Store.RetentionSize, want.Store.KeepFree = 200e9, 0.05
	if diff := cmp.Diff(want, c, compare); diff != "" {
		t.Errorf("example (-want +got):\n%s", diff)
	}
}

// TestExampleCoversEveryKey: every key of the schema is in the example.
func TestExampleCoversEveryKey(t *testing.T) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(Example), &doc); err != nil {
		t.Fatal(err)
	}
	present := map[string]bool{}
	gather(doc.Content[0], "", present)
	c := Default()
	walk(schema(&c), "", func(path string, _ key) {
		if !present[path] {
			t.Errorf("the example has no %s", path)
		}
	})
}

// gather notes the paths of all keys below n; keys of the user's choosing are noted as NAME.
func gather(n *yaml.Node, path string, present map[string]bool) {
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			gather(item, path, present)
		}
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		for _, name := range []string{n.Content[i].Value, "NAME"} {
			present[path+name] = true
			gather(n.Content[i+1], path+name+".", present)
		}
	}
}

// walk calls each with every key of the schema and its path.
func walk(keys []key, path string, each func(path string, k key)) {
	for _, k := range keys {
		each(path+k.name, k)
		below := path + k.name + "."
		if k.named != "" {
			below += "NAME."
		}
		walk(k.keys, below, each)
	}
}

func TestValues(t *testing.T) {
	for _, c := range []struct {
		name, text string
		change     func(*Config)
	}{
		{"single addresses are prefixes", "inside: [192.0.2.1, 2001:db8::1]", func(c *Config) {
			c.InsideGiven = true
			c.Inside = []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("2001:db8::1/128")}
		}},
		{"an empty list is one", "inside: []", func(c *Config) { c.Inside, c.InsideGiven = []netip.Prefix{}, true }},
		{"mapped prefixes are IPv4", "inside: ['::ffff:10.0.0.0/104']", func(c *Config) { c.Inside, c.InsideGiven = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, true }},
		{"API off", "api: {listen: off}", func(c *Config) { c.API.Listen = "" }},
		{"API on IPv6", "api: {listen: '[::1]:8474'}", func(c *Config) { c.API.Listen = "[::1]:8474" }},
		{"bounds of the store", "store: {retention_size: 1.5TB, keep_free: 12.5%}", func(c *Config) { c.Store.RetentionSize, c.Store.KeepFree = 1.5e12, 0.125 }},
		{"no bounds of the store", "store: {retention_size: off, keep_free: 0}", func(*Config) {}},
		{"API for others", "api: {listen: ':8474', auth: required, tls: {cert: a.pem, key: a.key, client_ca: b.pem}, hosts: [Weir.example.net]}", func(c *Config) {
			c.API.Listen, c.API.Auth, c.API.Hosts = ":8474", "required", []string{"weir.example.net"}
			c.API.TLS = APITLS{"a.pem", "a.key", "b.pem"}
		}},
		{"API in clear", "api: {listen: '0.0.0.0:8474', plain: allowed}", func(c *Config) { c.API.Listen, c.API.Plain = "0.0.0.0:8474", "allowed" }},
		{"API without a bound of cost", "api: {limits: {budget: 0, timeout: 5s, concurrent: 2, per_token: 1, body: 2KiB}}", func(c *Config) {
			c.API.Limits = APILimits{Timeout: 5 * time.Second, Concurrent: 2, PerToken: 1, Body: 2 << 10}
		}},
		{"sampling of 2.5", "exporters: {192.0.2.1: {sampling: 2.5}}", func(c *Config) {
			c.Exporters = []Exporter{{Match: netip.MustParsePrefix("192.0.2.1/32"), Sampling: 2.5}}
		}},
		{"run length", "exporters: {192.0.2.1: {sampling: {interval: 10, run_length: 3}}}", func(c *Config) {
			c.Exporters = []Exporter{{Match: netip.MustParsePrefix("192.0.2.1/32"), Sampling: 2.5}}
		}},
		{"devices behind an address", "exporters: {192.0.2.1: {split: port, firewall: {updates: total}}}", func(c *Config) {
			c.Exporters = []Exporter{{Match: netip.MustParsePrefix("192.0.2.1/32"), Split: "port", Firewall: Firewall{Updates: "total"}}}
		}},
		{"an IPv6 exporter", "exporters:\n  2001:db8::1: {name: six}\n", func(c *Config) {
			c.Exporters = []Exporter{{Match: netip.MustParsePrefix("2001:db8::1/128"), Name: "six"}}
		}},
		{"sizes", "store: {memory_limit: 1.5 GiB}\nreceive: {buffer: 1000000}", func(c *Config) {
			c.Store.MemoryLimit, c.Receive.Buffer = 3<<29, 1e6
		}},
		{"durations", "store: {retention: 2w, commit_every: 0.2s}", func(c *Config) {
			c.Store.Retention, c.Store.CommitEvery = 14*24*time.Hour, 200*time.Millisecond
		}},
		{"keep all", "store: {retention: 0}", func(c *Config) { c.Store.Retention = 0 }},
		{"rates", "detect: {profile: isp, floors: {bps: 1.5G, pps: 20000}}", func(c *Config) {
			c.Detect.Profile, c.Detect.Floors = "isp", Floors{BPS: 1.5e9, PPS: 20000}
		}},
		{"detectors below a name", "detect: {disabled: [dos.reflection.*, dos.reflection.ws-discovery]}", func(c *Config) {
			c.Detect.Disabled = []string{"dos.reflection.*", "dos.reflection.ws-discovery"}
		}},
		{"files of countries and AS numbers", "geo: {country: /geo/c.mmdb, asn: a.mmdb}", func(c *Config) { c.Geo = Geo{Country: "/geo/c.mmdb", ASN: "a.mmdb"} }},
		{"one file alone, the other off", "geo: {country: off, asn: a.mmdb}", func(c *Config) { c.Geo.ASN = "a.mmdb" }},
		{"a group by ports alone", "groups: {dns: {ports: ['53', 5353-5355]}}", func(c *Config) {
			c.Groups = []Group{{Name: "dns", Ports: []PortRange{{53, 53}, {5353, 5355}}}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := Default()
			c.change(&want)
			got, err := Parse("weir.yaml", []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, compare); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string // line:column: text
	}{
		{"every error at once, in order", "lisen: [':2055']\nstore:\n  retention: 90\n  memory_limt: 1GiB\nlog: {level: loud}\n", []string{
			`1:1: unknown key "lisen": did you mean "listen"?`,
			`3:14: found the number 90 where a duration like 700ms, 12h or 90d belongs`,
			`4:3: unknown key "memory_limt": did you mean "memory_limit"?`,
			`5:14: found the text "loud": want one of debug, info, warn, error`,
		}},
		{"size of no store", "store: {retention_size: 1KB}", []string{"1:25: 1KB is out of range: want 262144KiB to 1048576GiB"}},
		{"all free", "store: {keep_free: 95%}", []string{"1:20: 95% is out of range: want 0% to 90%"}},
		{"free without sign", "store: {keep_free: 5}", []string{`1:20: found the number 5 where a percentage like 5% belongs`}},
		{"unknown key that is like none", "store: {xyzzy: 1}", []string{`1:9: unknown key "xyzzy": known here are memory_limit, retention, retention_size, keep_free, seal_rows, commit_every`}},
		{"near word", "detect: {profile: enterprisee}", []string{`1:19: "enterprisee" is not one of enterprise, isp: did you mean "enterprise"?`}},
		{"swapped letters", "ispide: []\ninsdie: []", []string{`1:1: unknown key "ispide": did you mean "inside"?`, `2:1: unknown key "insdie": did you mean "inside"?`}},
		{"a text where a list belongs", "listen: ':2055'", []string{`1:9: found the text ":2055" where a list of addresses belongs: write [] for none, and leave the key out for the default`}},
		{"a list where keys belong", "groups: [10.0.0.0/8]", []string{`1:9: found a list where keys with values belong`}},
		{"a list as the file", "- a", []string{`1:1: found a list where keys with values belong`}},
		{"a text as the file", "hello", []string{`1:1: found the text "hello" where keys with values belong`}},
		{"nothing where a value belongs", "data:", []string{`1:6: found nothing where a folder belongs`}},
		{"nothing where a file belongs", "geo: {asn: }", []string{`1:12: found nothing where a file, or off, belongs`}},
		{"a number where a text belongs", "exporters: {192.0.2.1: {name: 7}}", []string{`1:31: found the number 7 where a name belongs: put it in quotes if it is meant`}},
		{"a port alone", "listen: [2055]", []string{`1:10: found the number 2055 where an address like ":2055" belongs: put it in quotes if it is meant`}},
		{"no port", "listen: [localhost]", []string{`1:10: "localhost" is not HOST:PORT: want an address like ":2055"`}},
		{"port too large", "listen: [':65536']", []string{`1:10: ":65536" is not HOST:PORT: want an address like ":2055"`}},
		{"API in clear beyond loopback", "api: {listen: '192.0.2.1:8474'}", []string{"1:6: other machines reach api.listen 192.0.2.1:8474, and tokens would pass in clear: give it api.tls: {cert: FILE, key: FILE}, or write api.plain: allowed where a proxy in front does TLS"}},
		{"API's certificate without a key", "api: {tls: {cert: a.pem}}", []string{"1:6: api.tls needs a certificate and its key: tls: {cert: FILE, key: FILE}"}},
		{"API's clients without a certificate of its own", "api: {tls: {client_ca: a.pem}}", []string{"1:6: api.tls.client_ca is of no use without a certificate: tls: {cert: FILE, key: FILE, client_ca: FILE}"}},
		{"API's host with a port", "api: {hosts: ['a.example:80']}", []string{`1:15: "a.example:80" is not the name of a host: leave the port out`}},
		{"listed twice", "listen: [':1', ':1']", []string{`1:16: address ":1" is listed twice`}},
		{"no address", "listen: []", []string{`1:9: no address to listen on: leave the key out for the default`}},
		{"bad CIDR", "inside: [10.0.0.0/33, 10.0.0/8]", []string{
			`1:10: "10.0.0.0/33" is not an address or CIDR: want something like 10.0.0.0/8 or 2001:db8::/32`,
			`1:23: "10.0.0/8" is not an address or CIDR: want something like 10.0.0.0/8 or 2001:db8::/32`,
		}},
		{"CIDR with host bits", "inside: [10.1.2.3/8]", []string{`1:10: "10.1.2.3/8" has bits beyond its length: did you mean "10.0.0.0/8"?`}},
		{"address with a zone", "inside: ['fe80::1%eth0']", []string{`1:10: "fe80::1%eth0" is not an address or CIDR: want something like 10.0.0.0/8 or 2001:db8::/32`}},
		{"group's name with a comma", `groups: {"a,b": {cidrs: [10.0.0.0/8]}}`, []string{`1:10: name "a,b": "," is not among letters, digits, space and _ . -`}},
		{"group's name with an umlaut", `groups: {"ä": {cidrs: [10.0.0.0/8]}}`, []string{`1:10: name "ä": "ä" is not among letters, digits, space and _ . -`}},
		{"group's name ends in a space", `groups: {"a ": {cidrs: [10.0.0.0/8]}}`, []string{`1:10: name "a " starts or ends with a space`}},
		{"group of everything", "groups: {all: {}}", []string{`1:10: group "all" takes everything: give it cidrs or ports`}},
		{"ports", "groups: {a: {ports: [http, 70000, 9-8, [1]]}}", []string{
			`1:22: found the text "http" where a port like 443 or a range like 8000-8999 belongs`,
			`1:28: found the number 70000 where a port like 443 or a range like 8000-8999 belongs`,
			`1:35: the range 9-8 ends before it starts`,
			`1:40: found a list where a port like 443 or a range like 8000-8999 belongs`,
		}},
		{"key given twice", "data: a\ndata: b", []string{`2:1: key "data" is given twice, first in line 1`}},
		{"exporter given twice in other words", "exporters:\n  192.0.2.1: {}\n  192.0.2.1/32: {}", []string{`3:3: exporter 192.0.2.1/32 is given twice`}},
		{"sampling of 0", "exporters: {192.0.2.1: {sampling: 0}}", []string{`1:35: sampling 1:0 is out of range: want 1 to 4294967296`}},
		{"sampling in words", "exporters: {192.0.2.1: {sampling: '1:100'}}", []string{`1:35: found the text "1:100" where the N of a sampling 1:N belongs`}},
		{"run length without interval", "exporters: {192.0.2.1: {sampling: {run_length: 3}}}", []string{`1:35: sampling has no interval`}},
		{"run length beyond the interval", "exporters: {192.0.2.1: {sampling: {interval: 3, run_length: 3}}}", []string{`1:35: a run length of 3 takes more packets than the 3 of the interval`}},
		{"domain", "exporters: {192.0.2.1: {domains: {x: {sampling: 5}}}}", []string{`1:35: found the text "x" where a whole number belongs`}},
		{"service without a port", "services: {a: {transport: tcp}}", []string{`1:12: service "a" has no port`}},
		{"detector's name", "detect: {disabled: [DOS, '*']}", []string{
			`1:21: "DOS" is not the name of a detector: want one like dos.volumetric.host or dos.reflection.*`,
			`1:26: "*" is not the name of a detector: want one like dos.volumetric.host or dos.reflection.*`,
		}},
		{"out of range", "receive: {workers: 65, queue: 0, buffer: 1TiB}\nstore: {commit_every: 1h}", []string{
			`1:20: 65 is out of range: want 0 to 64`,
			`1:31: 0 is out of range: want 1 to 4096`,
			`1:42: 1TiB is out of range: want 64KiB to 1GiB`,
			`2:23: 1h is out of range: want 50ms to 1m0s`,
		}},
		{"a whole number", "receive: {workers: 1.5}", []string{`1:20: found the number 1.5 where a whole number belongs`}},
		{"negative", "detect: {floors: {bps: -1}}", []string{`1:24: found the number -1 where a rate like 100M (k, M, G and T are powers of 1000) belongs`}},
		{"alias", "inside: &a [10.0.0.0/8]\nallow_exporters: *a", []string{`2:18: found an alias (they are not supported) where a list of addresses and CIDRs belongs: write [] for none, and leave the key out for the default`}},
		{"merge key", "a: &a {data: x}\n<<: *a", []string{
			`1:1: unknown key "a": known here are listen, data, api, inside, groups, exporters, allow_exporters, services, geo, detect, roles, policies, outputs, pivots, elastic, store, sflow, receive, log`,
			`2:1: found a merge key (they are not supported) where a key belongs`,
		}},
		{"second document", "data: a\n---\ndata: b", []string{`2:1: a second document: put all into one, without ---`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("f", []byte(c.text))
			var errs Errors
			if !errors.As(err, &errs) {
				t.Fatalf("error %v", err)
			}
			got := strings.Split(strings.ReplaceAll(errs.Error(), "f:", ""), "\n")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSyntax: what is not YAML has at least a line.
func TestSyntax(t *testing.T) {
	for text, line := range map[string]int{
		"data: a\ninside: [10.0.0.0/8\nlog: {}\n": 2, // the list that does not end
		"data: a\napi:\n  listen: b\n data: c\n":  4,
		"data: a\ndata: b: c\n":                   2,
		"data: a\n\tinside: []\n":                 2,
	} {
		_, err := Parse("weir.yaml", []byte(text))
		var errs Errors
		if !errors.As(err, &errs) || len(errs) != 1 || errs[0].Line != line || !strings.HasPrefix(errs[0].Text, "not YAML: ") {
			t.Errorf("%q: error %v, want one in line %d", text, err, line)
		}
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.yaml")
	if err := os.WriteFile(path, []byte("data: here"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := Load(path); err != nil || c.Data != "here" {
		t.Errorf("%v %v", c, err)
	}
	if _, err := Load(path + ".missing"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Example)
	f.Add("a: &a [*a]")
	f.Add("groups: {a: {ports: [1-2, {}, null]}}")
	f.Add("policies: {a: {filter: 'client.ip : 10.0.0.0/8', limit: (bytes > 1 and pps >= 2k) or duration > 1h, by: pair, window: 1h}}")
	f.Add("policies: {a: {limit: 'bytes > ', schedule: {days: [fri-mon, x], hours: 25:00-1:00, zone: Nowhere}}}")
	f.Add("exporters: {? [a] : b, 192.0.2.1: {domains: {1: {sampling: .nan}}}}")
	f.Fuzz(func(t *testing.T, text string) {
		_, err := Parse("f", []byte(text))
		var errs Errors
		if err != nil && (!errors.As(err, &errs) || len(errs) == 0 || errs.Error() == "") {
			t.Errorf("error %v", err)
		}
	})
}
