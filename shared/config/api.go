package config

import (
	"net"
	"net/netip"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// API says where questions and metrics are answered, to whom, and what they may cost.
type API struct {
	Listen string   // TCP address HOST:PORT; "" where there is none
	Auth   string   // "auto": questions from other machines need a token; "required": all do; "off": none does
	Plain  string   // "allowed": beyond loopback without TLS, too; else "refused"
	Hosts  []string // names that the Host header may have on loopback besides localhost, for proxies
	TLS    APITLS
	Limits APILimits
}

// APITLS names the files of TLS; all are "" without it.
type APITLS struct {
	Cert, Key string // certificate chain and key (PEM)
	ClientCA  string // authorities of clients' certificates (PEM); "": clients need none
}

// APILimits bound what questions cost.
type APILimits struct {
	Timeout    time.Duration // of a question
	Concurrent int           // questions at a time
	PerToken   int           // of those, of one token or address
	Body       int64         // bytes of a question
	Budget     float64       // groups times hours of a question; 0: no bound
}

// Secure tells whether the API is served with TLS.
func (a *API) Secure() bool { return a.TLS.Cert != "" }

// Loopback tells whether only this machine reaches the API's address.
func (a *API) Loopback() bool {
	host, _, err := net.SplitHostPort(a.Listen)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// NeedsToken tells whether questions over TCP need a token.
func (a *API) NeedsToken() bool {
	return a.Auth == "required" || (a.Auth != "off" && !a.Loopback())
}

func defaultAPI() API {
	return API{
		Listen: "127.0.0.1:8474", Auth: "auto", Plain: "refused",
		Limits: APILimits{Timeout: time.Minute, Concurrent: 8, PerToken: 6, Body: 1 << 20, Budget: 10e9},
	}
}

func apiKeys(a *API) []key {
	return []key{
		{name: "listen", kind: "TCP address or `off`", def: "127.0.0.1:8474", doc: "Where the API and `/metrics` are served. On addresses that other machines reach, TLS and tokens are needed: see [api.md](api.md).",
			read: func(d *decoder, n *yaml.Node) { d.apiListen(n, a) }},
		{name: "auth", kind: "`auto`, `required` or `off`", def: "auto", doc: "Whether questions need a token: `auto` beyond loopback only, `required` everywhere, `off` nowhere. The data folder's socket needs none, and what changes something always needs one elsewhere.",
			read: func(d *decoder, n *yaml.Node) { d.oneOf(n, &a.Auth, "auto", "required", "off") }},
		{name: "plain", kind: "`refused` or `allowed`", def: "refused", doc: "Whether the API may be served to other machines without TLS, as behind a proxy that does it.",
			read: func(d *decoder, n *yaml.Node) { d.oneOf(n, &a.Plain, "refused", "allowed") }},
		{name: "hosts", kind: "list of names", def: "[]", doc: "Names that requests on loopback may ask for besides localhost and its addresses: those that a proxy in front passes on.",
			read: func(d *decoder, n *yaml.Node) { d.hosts(n, &a.Hosts) }},
		{name: "tls", doc: "Certificate of the API. Renewed files are taken into use without a restart.", keys: []key{
			fileKey("cert", "Certificate, with those of intermediate authorities (PEM).", &a.TLS.Cert),
			fileKey("key", "Key of the certificate (PEM).", &a.TLS.Key),
			fileKey("client_ca", "Certificates of authorities (PEM): clients must then have a certificate of one of them, besides their token.", &a.TLS.ClientCA),
		}},
		{name: "limits", doc: "What questions may cost.", keys: limitKeys(&a.Limits)},
	}
}

func fileKey(name, doc string, at *string) key {
	return key{name: name, kind: "file or `off`", def: "off", doc: doc, read: func(d *decoder, n *yaml.Node) { d.fileOrOff(n, at) }}
}

func limitKeys(l *APILimits) []key {
	number := func(at *int) func(d *decoder, n *yaml.Node) {
		return func(d *decoder, n *yaml.Node) {
			if v, ok := d.integer(n, 1, 1024); ok {
				*at = int(v)
			}
		}
	}
	return []key{
		{name: "timeout", kind: "duration", def: "1m", doc: "How long a question may take, waiting for its turn included.", read: func(d *decoder, n *yaml.Node) { d.duration(n, &l.Timeout, time.Second, time.Hour) }},
		{name: "concurrent", kind: "number", def: "8", doc: "Questions that are answered at a time; more wait.", read: number(&l.Concurrent)},
		{name: "per_token", kind: "number", def: "6", doc: "Of those, the questions of one token or, without tokens, of one address.", read: number(&l.PerToken)},
		{name: "body", kind: "size", def: "1MiB", doc: "The longest question.", read: func(d *decoder, n *yaml.Node) { d.size(n, &l.Body, 1<<10, 64<<20) }},
		{name: "budget", kind: "number", def: "10G", doc: "The most that a question for groups may cost: its hours times the groups that its fields are assumed to make. 0 is no bound.",
			read: func(d *decoder, n *yaml.Node) { d.rate(n, &l.Budget) }},
	}
}

func (d *decoder) api(n *yaml.Node, a *API) {
	faults := len(d.errs)
	d.mapping(n, apiKeys(a))
	if len(d.errs) > faults {
		return
	}
	switch t := a.TLS; {
	case (t.Cert == "") != (t.Key == ""):
		d.fail(n, "api.tls needs a certificate and its key: tls: {cert: FILE, key: FILE}")
	case t.ClientCA != "" && t.Cert == "":
		d.fail(n, "api.tls.client_ca is of no use without a certificate: tls: {cert: FILE, key: FILE, client_ca: FILE}")
	case a.Listen != "" && !a.Loopback() && !a.Secure() && a.Plain != "allowed":
		d.fail(n, "other machines reach api.listen %s, and tokens would pass in clear: give it api.tls: {cert: FILE, key: FILE}, or write api.plain: allowed where a proxy in front does TLS", a.Listen)
	}
}

func (d *decoder) apiListen(n *yaml.Node, api *API) {
	if n.Kind == yaml.ScalarNode && (n.Value == "off") {
		api.Listen = ""
		return
	}
	if a, ok := d.address(n, "127.0.0.1:8474"); ok {
		api.Listen = a
	}
}

// hosts reads names of hosts, without ports.
func (d *decoder) hosts(n *yaml.Node, at *[]string) {
	var list []string
	d.list(n, "names", func(item *yaml.Node) {
		name, ok := d.text(item, "a name like weir.example.net")
		if !ok {
			return
		}
		name = strings.ToLower(name)
		if _, err := netip.ParseAddr(name); err != nil && firstOutside(name, lowerCase+digits+".-_") >= 0 {
			d.fail(item, "%q is not the name of a host: leave the port out", item.Value)
			return
		}
		list = append(list, name)
	})
	*at = list
}
