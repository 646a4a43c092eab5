package config

import (
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/weirflow/weir/shared/policy"
)

// key is a row of the schema.
type key struct {
	name string
	kind string // what values look like, for the reference
	def  string // the default, for the reference
	doc  string
	keys []key // of a mapping; where named is set, of each of its values
	// named says what the keys of a mapping are that the user chooses.
	named string
	read  func(d *decoder, n *yaml.Node) // nil: a mapping of keys
}

// schema returns the rows of the whole file; reading them fills c.
func schema(c *Config) []key {
	return append(networkKeys(c), []key{
		{name: "services", doc: "Names of services by port, besides and instead of the built-in ones (`network.protocol`).", named: "name", keys: serviceKeys(&Service{}),
			read: func(d *decoder, n *yaml.Node) { d.services(n, c) }},
		{name: "geo", doc: "Country and AS number of public addresses (`source.geo.country_iso_code`, `source.as.number`), from files in MaxMind's DB format: [country-asn.md](country-asn.md).", keys: geoKeys(&c.Geo)},
		{name: "detect", doc: "What is detected.", keys: detectKeys(&c.Detect)},
		{name: "roles", doc: "What hosts are for: detectors know what is proper for them. A host may have several roles.", keys: roleKeys(c)},
		{name: "policies", named: "name", doc: "What is not allowed: see [policies.md](policies.md).", keys: policyKeys(&policy.Policy{}, &policyNodes{}),
			read: func(d *decoder, n *yaml.Node) { d.policies(n, c) }},
		{name: "outputs", named: "name", doc: "Who is told of alerts, and Splunk of flows: see [outputs.md](outputs.md) and [splunk-hec.md](splunk-hec.md).", keys: outputKeys(&Output{}),
			read: func(d *decoder, n *yaml.Node) { d.outputs(n, c) }},
		{name: "pivots", doc: "Links into other tools that alerts carry: see [pivots.md](pivots.md).", keys: pivotKeys(&c.Pivots),
			read: func(d *decoder, n *yaml.Node) { d.pivots(n, &c.Pivots) }},
		{name: "elastic", doc: "Elasticsearch or OpenSearch, where flows, sessions and alerts go: see [elastic.md](elastic.md).", keys: elasticKeys(&c.Elastic),
			read: func(d *decoder, n *yaml.Node) { d.elastic(n, &c.Elastic) }},
		{name: "store", doc: "Bounds of the embedded store.", keys: storeKeys(&c.Store)},
		{name: "sflow", doc: "Headers of packets that sFlow samples are kept in memory, and around alerts on disk: see [headers.md](headers.md).", keys: sflowKeys(&c.SFlow)},
		{name: "receive", doc: "Sizes of what is between the sockets and the store.", keys: receiveKeys(&c.Receive)},
		{name: "log", doc: "What is logged, on stderr.", keys: logKeys(&c.Log)},
	}...)
}

func networkKeys(c *Config) []key {
	return []key{
		{name: "listen", kind: "list of addresses, or keys", def: `[":2055", ":4739", ":6343"]`, keys: listenKeys(c, &yaml.Node{}),
			doc:  "Where flow exports are received: the list of `listen.addresses`, or keys. See [receiving.md](receiving.md).",
			read: func(d *decoder, n *yaml.Node) { d.listen(n, c) }},
		{name: "data", kind: "folder", def: "weir-data", doc: "Where records, templates and alerts are kept. `--data` overrides it.",
			read: func(d *decoder, n *yaml.Node) {
				if s, ok := d.text(n, "a folder"); ok {
					c.Data = s
				}
			}},
		{name: "api", doc: "Questions and metrics over HTTP: see [api.md](api.md).", keys: apiKeys(&c.API), read: func(d *decoder, n *yaml.Node) { d.api(n, &c.API) }},
		{name: "inside", kind: "list of CIDRs", def: "RFC 1918 and fc00::/7", doc: "Your networks. They decide `network.direction` and which hosts are watched for attacks.",
			read: func(d *decoder, n *yaml.Node) { d.prefixes(n, &c.Inside); c.InsideGiven = true }},
		{name: "groups", named: "name", keys: groupKeys(&Group{}),
			doc:  "Traffic groups (`weir.source.group`, `weir.destination.group`). An address can be in several. Names are of letters, digits, space and `_ . -`.",
			read: func(d *decoder, n *yaml.Node) { d.groups(n, c) }},
		{name: "exporters", named: "address or CIDR", keys: exporterKeys(&Exporter{}),
			doc:  "What is known of exporters. Where several CIDRs hold an exporter, the longest counts.",
			read: func(d *decoder, n *yaml.Node) { d.exporters(n, c) }},
		{name: "allow_exporters", kind: "list of CIDRs", def: "all", doc: "Exporters whose datagrams are taken; those of others are refused and counted.",
			read: func(d *decoder, n *yaml.Node) { d.prefixes(n, &c.AllowExporters) }},
	}
}

func groupKeys(g *Group) []key {
	return []key{
		{name: "cidrs", kind: "list of CIDRs", def: "all addresses", doc: "Addresses of the group.", read: func(d *decoder, n *yaml.Node) { d.prefixes(n, &g.CIDRs) }},
		{name: "ports", kind: "list of ports and ranges", def: "all ports", doc: "Only endpoints with such a port are in the group.",
			read: func(d *decoder, n *yaml.Node) {
				d.list(n, "ports", func(item *yaml.Node) {
					if r, ok := d.ports(item); ok {
						g.Ports = append(g.Ports, r)
					}
				})
			}},
	}
}

func serviceKeys(s *Service) []key {
	return []key{
		{name: "port", kind: "port or range", doc: "Port of the service. Required.",
			read: func(d *decoder, n *yaml.Node) {
				if r, ok := d.ports(n); ok {
					s.Port = r
				}
			}},
		{name: "transport", kind: "`tcp`, `udp` or `sctp`", def: "all of them", doc: "Transport protocol.",
			read: func(d *decoder, n *yaml.Node) { d.oneOf(n, &s.Transport, "tcp", "udp", "sctp") }},
	}
}

func geoKeys(c *Geo) []key {
	return []key{
		{name: "country", kind: "file or `off`", def: "off", doc: "File with countries. A new one is taken within seconds, without a restart.",
			read: func(d *decoder, n *yaml.Node) { d.fileOrOff(n, &c.Country) }},
		{name: "asn", kind: "file or `off`", def: "off", doc: "File with AS numbers. An AS number that the exporter tells wins.",
			read: func(d *decoder, n *yaml.Node) { d.fileOrOff(n, &c.ASN) }},
	}
}

func detectKeys(c *Detect) []key {
	floor := func(name, unit string, at *float64) key {
		return key{name: name, kind: "rate", def: "the profile's", doc: unit + " towards one address.", read: func(d *decoder, n *yaml.Node) { d.rate(n, at) }}
	}
	return []key{
		{name: "profile", kind: "`enterprise` or `isp`", def: "enterprise", doc: "Which floors are used: for a company's border (100 Mbit/s, 5,000 packets/s) or a provider's (1 Gbit/s, 20,000 packets/s).",
			read: func(d *decoder, n *yaml.Node) { d.oneOf(n, &c.Profile, "enterprise", "isp") }},
		{name: "sessions", kind: "`on` or `off`", def: "on", doc: "Whether records are stitched to sessions, other exporters' copies counted once, and scans, password guessing, large transfers and first logins looked for. `policies` turn it on, too. See [benchmarks.md](benchmarks.md) for what it costs.",
			read: func(d *decoder, n *yaml.Node) { d.oneOf(n, &c.Sessions, "on", "off") }},
		{name: "disabled", kind: "list of detectors", def: "none", doc: "Detectors that do not run; `dos.reflection.*` is all below it.",
			read: func(d *decoder, n *yaml.Node) { d.detectors(n, &c.Disabled) }},
		{name: "memory", kind: "size", def: "the packaging's", doc: "What the tables of the detectors may take, about, when they are full; they start small. At their caps they keep the heaviest and latest, and count what they leave out. 900MiB by default, in Telegraf's input 256MiB.",
			read: func(d *decoder, n *yaml.Node) { d.size(n, &c.Memory, 64<<20, 1<<40) }},
		{name: "floors", doc: "Rates under which a flood is none, instead of the profile's.", keys: []key{
			floor("bps", "Bits per second", &c.Floors.BPS),
			floor("pps", "Packets per second", &c.Floors.PPS),
			floor("fps", "New flows per second", &c.Floors.FPS),
		}},
	}
}

func storeKeys(c *Store) []key {
	return []key{
		{name: "memory_limit", kind: "size", def: "256MiB", doc: "What DuckDB may use for its buffers; more spills to disk.", read: func(d *decoder, n *yaml.Node) { d.size(n, &c.MemoryLimit, 64<<20, 1<<40) }},
		{name: "retention", kind: "duration", def: "0", doc: "How long records are kept after they were stored; 0 keeps them until you delete them.",
			read: func(d *decoder, n *yaml.Node) { d.duration(n, &c.Retention, 0, 100*365*24*time.Hour) }},
		{name: "retention_size", kind: "size, 0 or `off`", def: "off", doc: "What the store may take on disk: beyond it the oldest records and sessions are deleted. See [store.md](store.md#retention).",
			read: func(d *decoder, n *yaml.Node) { d.sizeOrOff(n, &c.RetentionSize, 256<<20, 1<<50) }},
		{name: "keep_free", kind: "percentage", def: "0%", doc: "How much of the disk stays free, whoever fills it: the oldest records and sessions are deleted for it.",
			read: func(d *decoder, n *yaml.Node) { d.percentage(n, &c.KeepFree, 0.9) }},
		{name: "seal_rows", kind: "number", def: "8388608", doc: "Rows at which a table is sealed into a Parquet file before its hour is over.",
			read: func(d *decoder, n *yaml.Node) {
				if v, ok := d.integer(n, 1000, 1<<32); ok {
					c.SealRows = v
				}
			}},
		{name: "commit_every", kind: "duration", def: "700ms", doc: "The longest that a record waits for its commit.", read: func(d *decoder, n *yaml.Node) { d.duration(n, &c.CommitEvery, 50*time.Millisecond, time.Minute) }},
	}
}

func sflowKeys(c *SFlow) []key {
	return []key{
		{name: "headers", kind: "size, 0 or `off`", def: "64MiB", doc: "Memory for the latest headers, about 190 bytes each. Taken as headers come.", read: func(d *decoder, n *yaml.Node) { d.sizeOrOff(n, &c.Headers, 2<<20, 16<<30) }},
		{name: "before", kind: "duration", def: "1m", doc: "How long before the start of an alert headers of its hosts are saved, as far as memory goes back.",
			read: func(d *decoder, n *yaml.Node) { d.duration(n, &c.Before, time.Second, 24*time.Hour) }},
		{name: "after", kind: "duration", def: "30s", doc: "How long after it was raised.",
			read: func(d *decoder, n *yaml.Node) { d.duration(n, &c.After, time.Second, time.Hour) }},
		{name: "file_size", kind: "size", def: "4MiB", doc: "The most that is saved of an alert; packets beyond it are counted.", read: func(d *decoder, n *yaml.Node) { d.size(n, &c.FileSize, 64<<10, 1<<30) }},
		{name: "files", kind: "number", def: "1000", doc: "Alerts of which headers are kept on disk; the oldest go.",
			read: func(d *decoder, n *yaml.Node) {
				if v, ok := d.integer(n, 1, 100_000); ok {
					c.Files = int(v)
				}
			}},
	}
}

func receiveKeys(c *Receive) []key {
	return []key{
		{name: "workers", kind: "number", def: "0", doc: "Sockets and threads an address; 0 is one a CPU, at most 8.", read: func(d *decoder, n *yaml.Node) { d.count(n, &c.Workers, 64) }},
		{name: "buffer", kind: "size", def: "8MiB", doc: "Kernel buffer a socket. The kernel grants at most net.core.rmem_max.", read: func(d *decoder, n *yaml.Node) { d.size(n, &c.Buffer, 64<<10, 1<<30) }},
		{name: "queue", kind: "number", def: "64", doc: "Batches of up to 2,048 records that may wait before the detectors, and again before the store; about 1 MB each.",
			read: func(d *decoder, n *yaml.Node) {
				if v, ok := d.integer(n, 1, 4096); ok {
					c.Queue = int(v)
				}
			}},
	}
}

func logKeys(c *Log) []key {
	return []key{
		{name: "level", kind: "`debug`, `info`, `warn` or `error`", def: "info", doc: "The least that is logged.", read: func(d *decoder, n *yaml.Node) { d.oneOf(n, &c.Level, "debug", "info", "warn", "error") }},
		{name: "format", kind: "`text` or `json`", def: "text", doc: "Form of the lines.", read: func(d *decoder, n *yaml.Node) { d.oneOf(n, &c.Format, "text", "json") }},
	}
}
