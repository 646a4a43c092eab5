package config

import (
	"math"

	"go.yaml.in/yaml/v3"
)

func exporterKeys(e *Exporter) []key {
	return []key{
		{name: "name", kind: "text", def: "the address", doc: "Name to show.",
			read: func(d *decoder, n *yaml.Node) {
				if s, ok := d.text(n, "a name"); ok {
					e.Name = s
				}
			}},
		samplingKey(&e.Sampling),
		{name: "split", kind: "`address` or `port`", def: "address", doc: "How devices behind these addresses are told apart, where a translator or replicator stands in front of them: `port` by the UDP source port, too. See [exporters.md](exporters.md).",
			read: func(d *decoder, n *yaml.Node) { d.oneOf(n, &e.Split, "address", "port") }},
		{name: "firewall", doc: "What the counters of firewall events (Cisco ASA, IE 231, 232, 298 and 299) mean. See [exporters.md](exporters.md).", keys: []key{
			{name: "updates", kind: "`delta` or `total`", def: "delta", doc: "Whether updates tell what came since the last one or since the connection began.",
				read: func(d *decoder, n *yaml.Node) { d.oneOf(n, &e.Firewall.Updates, "delta", "total") }},
			{name: "teardown", kind: "`delta` or `total`", def: "total", doc: "The same of the event that ends a connection.",
				read: func(d *decoder, n *yaml.Node) { d.oneOf(n, &e.Firewall.Teardown, "delta", "total") }},
		}},
		{name: "domains", named: "number", keys: []key{samplingKey(new(float64))}, doc: "Observation domains (source ids) that sample otherwise.",
			read: func(d *decoder, n *yaml.Node) {
				d.pairs(n, func(name, value *yaml.Node) {
					id, ok := d.integer(name, 0, math.MaxUint32)
					dom := Domain{ID: uint32(id)}
					d.mapping(value, []key{samplingKey(&dom.Sampling)})
					if ok {
						e.Domains = append(e.Domains, dom)
					}
				})
			}},
		{name: "interfaces", named: "ifIndex", keys: interfaceKeys(&Interface{}), doc: "Names and speeds of interfaces, used instead of what the exporter, SNMP or sFlow says. See [interfaces.md](interfaces.md).",
			read: func(d *decoder, n *yaml.Node) { d.interfaces(n, e) }},
		{name: "snmp", doc: "Credentials to ask for interfaces by SNMP. Without them nobody is asked. With a CIDR, exporters in it are asked once they send.", keys: snmpKeys(&SNMP{}),
			read: func(d *decoder, n *yaml.Node) { d.snmp(n, e) }},
	}
}

// samplingKey reads an interval, as a number or by its parts.
func samplingKey(at *float64) key {
	return key{name: "sampling", kind: "number or keys", def: "what the exporter says", doc: "Sampling interval N of 1:N, used instead of what the exporter says.",
		keys: runLengthKeys(new(float64), new(int64)),
		read: func(d *decoder, n *yaml.Node) { d.sampling(n, at) }}
}

// maxRunLength is the most packets that are taken after the one that triggers (Junos: 0 to 20; others may have more).
const maxRunLength = 1 << 20

func runLengthKeys(interval *float64, run *int64) []key {
	return []key{
		{name: "interval", kind: "number", doc: "One packet in so many triggers. Required.", read: func(d *decoder, n *yaml.Node) { d.interval(n, interval) }},
		{name: "run_length", kind: "number", def: "0", doc: "So many packets behind it are taken, too: interval 10 and run length 3 are 4 of 10, so N is 2.5.",
			read: func(d *decoder, n *yaml.Node) {
				if v, ok := d.integer(n, 0, maxRunLength); ok {
					*run = v
				}
			}},
	}
}

func (d *decoder) sampling(n *yaml.Node, at *float64) {
	if n.Kind != yaml.MappingNode {
		d.interval(n, at)
		return
	}
	interval, run, faults := 0.0, int64(0), len(d.errs)
	d.mapping(n, runLengthKeys(&interval, &run))
	switch {
	case len(d.errs) > faults:
	case interval == 0:
		d.fail(n, "sampling has no interval")
	case float64(run+1) > interval:
		d.fail(n, "a run length of %d takes more packets than the %g of the interval", run, interval)
	default:
		*at = interval / float64(run+1)
	}
}
