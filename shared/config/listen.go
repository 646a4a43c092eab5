package config

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Streams says where IPFIX is received over TCP and TLS, and what connections may take.
type Streams struct {
	TCP, TLS       []string // addresses HOST:PORT
	Cert, Key      string   // files of the certificate and its key (PEM); "": none
	ClientCA       string   // file with the authorities of exporters' certificates (PEM); "": exporters need none
	MaxConnections int
	IdleTimeout    time.Duration
}

// Forward is a collector that gets copies of datagrams.
type Forward struct {
	To        string         // HOST:PORT
	Exporters []netip.Prefix // only those of these exporters; empty: all
	Ports     []uint16       // only those received on these ports; empty: all
	Proxy     bool           // with a PROXY protocol header in front
	Spoof     bool           // with the exporter's own address
	Queue     int64          // bytes that may wait
}

// defaultQueue is what may wait for a forward target.
const defaultQueue = 4 << 20

func listenKeys(c *Config, tls *yaml.Node) []key {
	return []key{
		{name: "addresses", kind: "list of addresses", def: `[":2055", ":4739", ":6343"]`,
			doc: "UDP addresses, and `tcp://HOST:PORT` and `tls://HOST:PORT` for IPFIX over TCP and TLS. Any protocol may come on any UDP port. " +
				"Without a host: all addresses, IPv4 and IPv6.",
			read: func(d *decoder, n *yaml.Node) { d.addresses(n, c, tls) }},
		{name: "tls", doc: "Certificates for `tls://` addresses. New files are used without a restart.", keys: listenTLSKeys(&c.Streams)},
		{name: "max_connections", kind: "number", def: "256", doc: "TCP and TLS connections that may be open at once, from one address at most a quarter of it.",
			read: func(d *decoder, n *yaml.Node) {
				if v, ok := d.integer(n, 1, 65536); ok {
					c.Streams.MaxConnections = int(v)
				}
			}},
		{name: "idle_timeout", kind: "duration", def: "10m", doc: "How long a connection may be without a message.",
			read: func(d *decoder, n *yaml.Node) { d.duration(n, &c.Streams.IdleTimeout, time.Second, 7*24*time.Hour) }},
		{name: "proxy_protocol", kind: "list of CIDRs", def: "none",
			doc: "Load balancers and replicators that put a PROXY protocol header (version 2) in front of each datagram, or at the start of a connection: " +
				"the exporter is the source it names. Without such a header they are refused; headers of all others are.",
			read: func(d *decoder, n *yaml.Node) { d.prefixes(n, &c.Proxies) }},
		{name: "forward", kind: "list of addresses HOST:PORT, or of keys", def: "none", keys: forwardKeys(&Forward{}),
			doc:  "Collectors to which datagrams are sent on unchanged: see [receiving.md](receiving.md).",
			read: func(d *decoder, n *yaml.Node) { d.forwards(n, c) }},
	}
}

func listenTLSKeys(s *Streams) []key {
	return []key{
		textKey("cert", "file", "none", "Certificate, with those of intermediate authorities (PEM). Required for `tls://`.", &s.Cert),
		textKey("key", "file", "none", "Key of the certificate (PEM). Required for `tls://`.", &s.Key),
		textKey("client_ca", "file", "none", "Certificates of authorities (PEM): exporters must then have a certificate of one of them.", &s.ClientCA),
	}
}

func forwardKeys(f *Forward) []key {
	truth := func(n *yaml.Node, d *decoder, at *bool) {
		word := "false"
		d.oneOf(n, &word, "true", "false")
		*at = word == "true"
	}
	return []key{
		{name: "to", kind: "address", doc: "HOST:PORT of the collector. Required.",
			read: func(d *decoder, n *yaml.Node) {
				if a, ok := d.target(n); ok {
					f.To = a
				}
			}},
		{name: "exporters", kind: "list of CIDRs", def: "all", doc: "Only datagrams of these exporters.", read: func(d *decoder, n *yaml.Node) { d.prefixes(n, &f.Exporters) }},
		{name: "ports", kind: "list of ports", def: "all", doc: "Only datagrams received on these ports.",
			read: func(d *decoder, n *yaml.Node) {
				d.list(n, "ports", func(item *yaml.Node) {
					if v, ok := d.integer(item, 1, 65535); ok {
						f.Ports = append(f.Ports, uint16(v))
					}
				})
			}},
		{name: "proxy", kind: "`true` or `false`", def: "false", doc: "Puts a PROXY protocol header (version 2) with the exporter's address in front of each datagram.",
			read: func(d *decoder, n *yaml.Node) { truth(n, d, &f.Proxy) }},
		{name: "spoof", kind: "`true` or `false`", def: "false", doc: "Sends with the exporter's own address: IPv4 on Linux, with CAP_NET_RAW.",
			read: func(d *decoder, n *yaml.Node) { truth(n, d, &f.Spoof) }},
		{name: "queue", kind: "size", def: "4MiB", doc: "What may wait for the collector; what comes on top is dropped and counted.",
			read: func(d *decoder, n *yaml.Node) { d.size(n, &f.Queue, 128<<10, 1<<30) }},
	}
}

// listen reads a list of addresses, or the keys of listening.
func (d *decoder) listen(n *yaml.Node, c *Config) {
	var tls yaml.Node // the first tls:// address
	if n.Kind == yaml.MappingNode {
		d.mapping(n, listenKeys(c, &tls))
		d.notToItself(n, c)
	} else {
		d.addresses(n, c, &tls)
	}
	if s := &c.Streams; tls.Line != 0 && (s.Cert == "" || s.Key == "") {
		d.fail(&tls, "%s needs a certificate and its key: listen: {addresses: [...], tls: {cert: FILE, key: FILE}}", tls.Value)
	}
}

// addresses reads where to listen, and sets tls to the first address with TLS.
func (d *decoder) addresses(n *yaml.Node, c *Config, tls *yaml.Node) {
	c.Listen, c.Streams.TCP, c.Streams.TLS = nil, nil, nil
	seen := map[string]bool{}
	d.list(n, "addresses", func(item *yaml.Node) {
		scheme, host, found := strings.Cut(item.Value, "://")
		if scheme == "tls" && found && tls.Line == 0 {
			*tls = *item
		}
		bare := *item
		if !found {
			scheme = "udp"
		} else {
			bare.Value = host
		}
		into := map[string]*[]string{"udp": &c.Listen, "tcp": &c.Streams.TCP, "tls": &c.Streams.TLS}[scheme]
		if into == nil {
			d.fail(item, "%q: want udp://, tcp:// or tls:// in front of HOST:PORT, or nothing for UDP", item.Value)
			return
		}
		a, ok := d.address(&bare, ":2055")
		if !ok {
			return
		}
		transport := "tcp" // tcp:// and tls:// share ports
		if scheme == "udp" {
			transport = scheme
		}
		if seen[transport+a] {
			d.fail(item, "address %q is listed twice", item.Value)
			return
		}
		seen[transport+a] = true
		*into = append(*into, a)
	})
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		d.fail(n, "no address to listen on: leave the key out for the default")
	}
}

// target reads the address of another collector.
func (d *decoder) target(n *yaml.Node) (string, bool) {
	a, ok := d.address(n, "collector.example.net:2055")
	if host, port, err := net.SplitHostPort(a); ok && (err != nil || host == "" || port == "0") {
		d.fail(n, "%q: a collector to send to has a host and a port", a)
		return "", false
	}
	return a, ok
}

func (d *decoder) forwards(n *yaml.Node, c *Config) {
	c.Forward = nil
	d.list(n, "collectors", func(item *yaml.Node) {
		f, faults := Forward{Queue: defaultQueue}, len(d.errs)
		if item.Kind == yaml.ScalarNode {
			f.To, _ = d.target(item)
		} else {
			d.mapping(item, forwardKeys(&f))
		}
		switch {
		case len(d.errs) > faults:
			return
		case f.To == "":
			d.fail(item, "a collector to forward to needs `to: HOST:PORT`")
		case f.Proxy && f.Spoof:
			d.fail(item, "proxy and spoof exclude each other: with the exporter's own address no header is needed")
		}
		for _, other := range c.Forward {
			if other.To == f.To {
				d.fail(item, "forward to %s is listed twice", f.To)
				return
			}
		}
		c.Forward = append(c.Forward, f)
	})
}

// notToItself finds targets on loopback addresses that are where datagrams are received: each would go round without end.
func (d *decoder) notToItself(n *yaml.Node, c *Config) {
	ports := map[string]bool{}
	for _, a := range c.Listen {
		if host, port, err := net.SplitHostPort(a); err == nil && (host == "" || local(host)) {
			ports[port] = true
		}
	}
	for _, f := range c.Forward {
		host, port, err := net.SplitHostPort(f.To)
		if err == nil && local(host) && ports[port] && (len(f.Ports) == 0 || hasPort(f.Ports, port)) {
			d.fail(n, "forward to %s is where datagrams are received: they would go round without end", f.To)
		}
	}
}

func hasPort(ports []uint16, port string) bool {
	for _, p := range ports {
		if strconv.Itoa(int(p)) == port {
			return true
		}
	}
	return false
}

// local tells whether a host is this machine, for sure.
func local(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && (a.IsLoopback() || a.IsUnspecified())
}
