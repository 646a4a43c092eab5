package config

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Output is a receiver of alerts.
type Output struct {
	Name string
	Type string // "syslog", "webhook" or "hec"

	MinSeverity int      // 0 to 100
	Detectors   []string // names, "dos.*" is all below; empty: all
	On          []string // "raised", "changed", "ended"; empty: all
	Spool       int64    // bytes of what waits on disk

	Address    string // syslog: HOST:PORT
	Transport  string // syslog: "udp", "tcp" or "tls"
	Format     string // syslog: "json" or "cef"
	Facility   string // syslog
	Hostname   string // syslog; "": the machine's
	MaxMessage int64  // syslog: bytes

	URL     string        // webhook; it may hold secrets
	Headers []Header      // webhook
	Batch   int           // webhook: most alerts a request
	Timeout time.Duration // webhook, hec: of a request

	HEC HEC

	CA, Cert, Key string // files (PEM)
	ServerName    string
	NoVerify      bool
}

// Header is a header of a webhook's requests; one of Value, Env and File is set.
type Header struct {
	Name, Value, Env, File string
}

// severities are the least numbers of the labels.
var severities = []struct {
	label string
	least int
}{{"info", 0}, {"low", 20}, {"medium", 40}, {"high", 60}, {"critical", 80}}

var facilities = []string{
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock",
	"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
}

func defaultOutput() Output {
	return Output{Spool: 64 << 20, Transport: "udp", Format: "json", Facility: "local4", MaxMessage: 8 << 10, Batch: 100, Timeout: 10 * time.Second, HEC: HEC{Flows: "sessions", Source: "weir"}}
}

func outputKeys(o *Output) []key {
	return slices.Concat([]key{
		{name: "type", kind: "`syslog`, `webhook` or `hec`", doc: "What the receiver is; `hec` is Splunk's HTTP Event Collector, which gets flows as well. Required.", read: func(d *decoder, n *yaml.Node) { d.oneOf(n, &o.Type, "syslog", "webhook", "hec") }},
		{name: "min_severity", kind: "`info`, `low`, `medium`, `high`, `critical` or 0 to 100", def: "info", doc: "Alerts below it are not told. One that was told is told of to its end.",
			read: func(d *decoder, n *yaml.Node) { d.severity(n, &o.MinSeverity) }},
		{name: "detectors", kind: "list of detectors", def: "all", doc: "Only their alerts are told; `dos.*` is all below it.", read: func(d *decoder, n *yaml.Node) { d.detectors(n, &o.Detectors) }},
		{name: "on", kind: "list of `raised`, `changed`, `ended`", def: "all of them", doc: "What is told of an alert.",
			read: func(d *decoder, n *yaml.Node) {
				d.list(n, "changes", func(item *yaml.Node) {
					word := ""
					if d.oneOf(item, &word, "raised", "changed", "ended"); word != "" {
						o.On = append(o.On, word)
					}
				})
			}},
		{name: "spool", kind: "size", def: "64MiB", doc: "What may wait on disk for the receiver; beyond it the oldest is dropped and counted. hec: 1GiB unless given; alerts have at most 64MiB besides.",
			read: func(d *decoder, n *yaml.Node) { d.size(n, &o.Spool, 1<<20, 1<<40) }},
	}, syslogKeys(o), webhookKeys(o), requestKeys(o), hecKeys(o), tlsKeys(o))
}

func textKey(name, kind, def, doc string, at *string) key {
	return key{name: name, kind: kind, def: def, doc: doc, read: func(d *decoder, n *yaml.Node) {
		if s, ok := d.text(n, "a text"); ok {
			*at = s
		}
	}}
}

func syslogKeys(o *Output) []key {
	return []key{
		{name: "address", kind: "address", doc: "syslog: HOST:PORT of the receiver. Required.",
			read: func(d *decoder, n *yaml.Node) {
				if a, ok := d.address(n, "logs.example.net:6514"); ok {
					o.Address = a
				}
			}},
		{name: "transport", kind: "`udp`, `tcp` or `tls`", def: "udp", doc: "syslog: how. Over UDP messages may be lost unseen.", read: func(d *decoder, n *yaml.Node) { d.oneOf(n, &o.Transport, "udp", "tcp", "tls") }},
		{name: "format", kind: "`json` or `cef`", def: "json", doc: "syslog: what messages hold.", read: func(d *decoder, n *yaml.Node) { d.oneOf(n, &o.Format, "json", "cef") }},
		{name: "facility", kind: "name like `local4`", def: "local4", doc: "syslog: the facility.", read: func(d *decoder, n *yaml.Node) { d.oneOf(n, &o.Facility, facilities...) }},
		textKey("hostname", "name", "the machine's", "syslog: the sender's name in messages.", &o.Hostname),
		{name: "max_message", kind: "size", def: "8KiB", doc: "syslog: longest message; in longer ones lists are cut. rsyslog takes 8 KiB by default.",
			read: func(d *decoder, n *yaml.Node) { d.size(n, &o.MaxMessage, 2<<10, 1<<20) }},
	}
}

func webhookKeys(o *Output) []key {
	return []key{
		{name: "headers", named: "header", doc: "webhook: headers of the requests, e.g. Authorization.", keys: headerKeys(&Header{}),
			read: func(d *decoder, n *yaml.Node) { d.headers(n, o) }},
		{name: "batch", kind: "number", def: "100", doc: "webhook: most alerts a request; 1 posts one at a time.",
			read: func(d *decoder, n *yaml.Node) {
				if v, ok := d.integer(n, 1, 10000); ok {
					o.Batch = int(v)
				}
			}},
	}
}

// requestKeys are those of outputs that post.
func requestKeys(o *Output) []key {
	return []key{
		{name: "url", kind: "URL, or a list of them", doc: "webhook: where alerts are posted. hec: the collector, like `https://splunk.example.net:8088`, or several. Required. Only its host is ever logged.",
			read: func(d *decoder, n *yaml.Node) { d.urls(n, o) }},
		{name: "timeout", kind: "duration", def: "10s", doc: "webhook, hec: how long a request may take. hec: 30s unless given.",
			read: func(d *decoder, n *yaml.Node) { d.duration(n, &o.Timeout, 100*time.Millisecond, 10*time.Minute) }},
	}
}

func headerKeys(h *Header) []key {
	return []key{
		textKey("value", "text", "", "The header's value.", &h.Value),
		textKey("env", "name", "", "Environment variable that holds the value.", &h.Env),
		textKey("file", "file", "", "File that holds the value; it is read for each request.", &h.File),
	}
}

func tlsKeys(o *Output) []key {
	return []key{
		textKey("ca", "file", "the system's", "TLS: certificates (PEM) of the authorities that the receiver's is checked against.", &o.CA),
		textKey("cert", "file", "none", "TLS: client certificate (PEM).", &o.Cert),
		textKey("key", "file", "none", "TLS: key of the client certificate (PEM).", &o.Key),
		textKey("server_name", "name", "the host of the address", "TLS: name that the receiver's certificate must have.", &o.ServerName),
		{name: "verify", kind: "`true` or `false`", def: "true", doc: "TLS: whether the receiver's certificate is checked. Without, who is in between can read and answer.",
			read: func(d *decoder, n *yaml.Node) {
				word := "true"
				d.oneOf(n, &word, "true", "false")
				o.NoVerify = word == "false"
			}},
	}
}

func (d *decoder) severity(n *yaml.Node, at *int) {
	labels := make([]string, 0, len(severities))
	for _, s := range severities {
		if labels = append(labels, s.label); n.Value == s.label {
			*at = s.least
			return
		}
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!int" {
		if v, ok := d.integer(n, 0, 100); ok {
			*at = int(v)
		}
		return
	}
	word := ""
	d.oneOf(n, &word, labels...)
}

// url never shows what it found: it may hold a password or a token.
func (d *decoder) url(n *yaml.Node, at *string) {
	u, err := url.Parse(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		d.fail(n, "not a URL like https://HOST/PATH (its text is not shown: it may hold secrets)")
		return
	}
	*at = n.Value
}

func (d *decoder) headers(n *yaml.Node, o *Output) {
	d.pairs(n, func(name, value *yaml.Node) {
		h, faults := Header{Name: name.Value}, len(d.errs)
		if h.Name == "" || firstOutside(h.Name, lowerCase+upperCase+digits+"-_") >= 0 {
			d.fail(name, "%q is not the name of a header", h.Name)
		}
		if value.Kind == yaml.ScalarNode {
			d.fail(value, "a header's value belongs below value, env or file, like {env: WEIR_TOKEN}")
			return
		}
		d.mapping(value, headerKeys(&h))
		given := 0
		for _, s := range []string{h.Value, h.Env, h.File} {
			if s != "" {
				given++
			}
		}
		if len(d.errs) == faults && given != 1 {
			d.fail(name, "header %s: give one of value, env and file", h.Name)
		}
		o.Headers = append(o.Headers, h)
	})
}

func (d *decoder) outputs(n *yaml.Node, c *Config) {
	d.pairs(n, func(name, value *yaml.Node) {
		o, faults := defaultOutput(), len(d.errs)
		o.Name = name.Value
		if o.Name == "" || len(o.Name) > maxName || firstOutside(o.Name, lowerCase+upperCase+digits+"_-") >= 0 {
			d.fail(name, "output %s: names have 1 to %d letters, digits, _ and -: a folder is named after it", strconv.Quote(o.Name), maxName)
		}
		for i := range c.Outputs {
			if strings.EqualFold(c.Outputs[i].Name, o.Name) {
				d.fail(name, "output %q: there is %q already, and folders may not tell them apart", o.Name, c.Outputs[i].Name)
			}
		}
		d.mapping(value, outputKeys(&o))
		if len(d.errs) == faults {
			d.outputWhole(name, value, &o)
		}
		c.Outputs = append(c.Outputs, o)
	})
}

// outputWhole checks that an output has what its type needs and nothing of the others'.
func (d *decoder) outputWhole(name, value *yaml.Node, o *Output) {
	var other []key // keys of other types
	switch o.Type {
	case "":
		d.fail(name, "output %q has no type", o.Name)
		return
	case "syslog":
		if other = slices.Concat(webhookKeys(o), requestKeys(o), hecKeys(o)); o.Address == "" {
			d.fail(name, "output %q has no address", o.Name)
		}
	case "hec":
		other = slices.Concat(syslogKeys(o), webhookKeys(o))
		d.hecWhole(name, value, o)
	default:
		if other = slices.Concat(syslogKeys(o), hecKeys(o)); o.URL == "" {
			d.fail(name, "output %q has no url", o.Name)
		}
		o.HEC.URLs = nil
	}
	if (o.Cert == "") != (o.Key == "") {
		d.fail(name, "output %q: cert and key belong together", o.Name)
	}
	d.pairs(value, func(k, _ *yaml.Node) {
		if slices.ContainsFunc(other, func(o key) bool { return o.name == k.Value }) {
			d.fail(k, "%s is not for outputs of type %s", k.Value, o.Type)
		}
	})
}
