package config

import (
	"net/url"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Elastic says which Elasticsearch or OpenSearch gets documents, and how its indices are set up.
type Elastic struct {
	Nodes       []string // URLs; empty: none is configured
	Username    string
	Password    Secret
	APIKey      Secret
	Fingerprint string // SHA-256 of the authority's certificate
	Gzip        bool
	Timeout     time.Duration // of a request

	CA, Cert, Key string // files (PEM)
	ServerName    string
	NoVerify      bool

	Namespace string // end of the names of data streams
	Tenant    string // organization.id of documents; "": none
	Flows     string // "all", "sessions", "aggregated" or "none"
	Spool     int64  // bytes that may wait on disk

	Setup ElasticSetup
}

// ElasticSetup says how indices are set up.
type ElasticSetup struct {
	Lifecycle string // "auto", "ilm", "ism", "stream" or "none": who deletes old documents
	Shards    int    // of an index
	Replicas  int    // copies of a shard; -1: one, where there are two nodes
	LogsDB    bool   // the index mode logsdb

	// Retention is how long documents are kept; 0: until somebody deletes them.
	Retention ElasticRetention
}

// ElasticRetention is how long documents of each kind are kept.
type ElasticRetention struct {
	Flow, Session, Alert, Exporter, Interface, DeadLetter time.Duration
}

func defaultElastic() Elastic {
	const day = 24 * time.Hour
	return Elastic{
		Gzip: true, Timeout: time.Minute, Namespace: "default", Flows: "all", Spool: 1 << 30,
		Setup: ElasticSetup{
			Lifecycle: "auto", Shards: 1, Replicas: -1,
			Retention: ElasticRetention{Flow: 30 * day, Session: 90 * day, Alert: 365 * day, Exporter: 365 * day, Interface: 365 * day, DeadLetter: 30 * day},
		},
	}
}

func elasticKeys(e *Elastic) []key {
	return append([]key{
		{name: "nodes", kind: "list of URLs", doc: "Nodes of the cluster, like `https://search.example.net:9200`; they are asked in turn.",
			read: func(d *decoder, n *yaml.Node) {
				d.list(n, "URLs", func(item *yaml.Node) {
					at := ""
					if d.url(item, &at); at != "" && d.bareURL(item, at) {
						e.Nodes = append(e.Nodes, at)
					}
				})
			}},
		textKey("username", "name", "none", "User, with `password`.", &e.Username),
		secretKey("password", "The user's password.", &e.Password),
		secretKey("api_key", "API key, as the server shows it under `encoded`; it goes before a user. OpenSearch has none.", &e.APIKey),
		textKey("ca", "file", "the system's", "Certificates (PEM) of the authorities that the nodes' are checked against.", &e.CA),
		textKey("fingerprint", "hexadecimal digits", "none", "SHA-256 of the authority's certificate, as Elasticsearch prints it at its first start; it goes before `ca`, and names are not compared.", &e.Fingerprint),
		textKey("cert", "file", "none", "Client certificate (PEM).", &e.Cert),
		textKey("key", "file", "none", "Key of the client certificate (PEM).", &e.Key),
		textKey("server_name", "name", "the node's host", "Name that the nodes' certificates must have.", &e.ServerName),
		boolKey("verify", true, "Whether certificates are checked. Without, who is in between can read and answer.", func(v bool) { e.NoVerify = !v }),
		boolKey("gzip", true, "Whether what is sent is compressed.", func(v bool) { e.Gzip = v }),
		{name: "timeout", kind: "duration", def: "1m", doc: "How long a request may take.", read: func(d *decoder, n *yaml.Node) { d.duration(n, &e.Timeout, 100*time.Millisecond, 10*time.Minute) }},
		{name: "namespace", kind: "name", def: "default", doc: "End of the names of data streams, as in `logs-weir.flow-default`.", read: func(d *decoder, n *yaml.Node) { d.namespace(n, &e.Namespace) }},
		textKey("tenant", "text", "none", "`organization.id` of all documents.", &e.Tenant),
		{name: "flows", kind: "`all`, `sessions`, `aggregated` or `none`", def: "all", doc: "What is sent of flows: all records and sessions; sessions; sums by the minute, ephemeral ports folded; or nothing.",
			read: func(d *decoder, n *yaml.Node) { d.oneOf(n, &e.Flows, "all", "sessions", "aggregated", "none") }},
		{name: "spool", kind: "size", def: "1GiB", doc: "What may wait on disk for the server; beyond it documents are dropped and counted.", read: func(d *decoder, n *yaml.Node) { d.size(n, &e.Spool, 1<<20, 1<<44) }},
	}, key{name: "setup", doc: "How `weir-elastic setup` makes indices.", keys: elasticSetupKeys(&e.Setup)})
}

func elasticSetupKeys(s *ElasticSetup) []key {
	keep := func(name, def, of string, at *time.Duration) key {
		return key{name: name, kind: "duration", def: def, doc: of + "; 0 keeps them until somebody deletes them.",
			read: func(d *decoder, n *yaml.Node) { d.duration(n, at, 0, 100*365*24*time.Hour) }}
	}
	return []key{
		{name: "lifecycle", kind: "`auto`, `ilm`, `ism`, `stream` or `none`", def: "auto", doc: "Who deletes old documents: policies of ILM (Elasticsearch) or ISM (OpenSearch), the data streams' own lifecycle, or nobody. `auto` takes the first that the server has.",
			read: func(d *decoder, n *yaml.Node) { d.oneOf(n, &s.Lifecycle, "auto", "ilm", "ism", "stream", "none") }},
		{name: "shards", kind: "number", def: "1", doc: "Shards of an index.",
			read: func(d *decoder, n *yaml.Node) {
				if v, ok := d.integer(n, 1, 1024); ok {
					s.Shards = int(v)
				}
			}},
		{name: "replicas", kind: "number or `auto`", def: "auto", doc: "Copies of each shard. `auto` is one where the cluster has two nodes or more.",
			read: func(d *decoder, n *yaml.Node) {
				if n.Kind == yaml.ScalarNode && n.Value == "auto" {
					s.Replicas = -1
				} else if v, ok := d.integer(n, 0, 16); ok {
					s.Replicas = int(v)
				}
			}},
		boolKey("logsdb", false, "Index mode logsdb for flows and sessions (Elasticsearch 8.17): less disk, slower to read.", func(v bool) { s.LogsDB = v }),
		{name: "retention", doc: "How long documents are kept.", keys: []key{
			keep("flow", "30d", "Flows", &s.Retention.Flow),
			keep("session", "90d", "Sessions", &s.Retention.Session),
			keep("alert", "365d", "Alerts that have ended, and events of alerts", &s.Retention.Alert),
			keep("exporter", "365d", "Health of exporters", &s.Retention.Exporter),
			keep("interface", "365d", "Interfaces' minutes", &s.Retention.Interface),
			keep("deadletter", "30d", "Documents that were refused", &s.Retention.DeadLetter),
		}},
	}
}

func boolKey(name string, def bool, doc string, set func(bool)) key {
	text := map[bool]string{true: "true", false: "false"}
	return key{name: name, kind: "`true` or `false`", def: text[def], doc: doc, read: func(d *decoder, n *yaml.Node) {
		word := ""
		if d.oneOf(n, &word, "true", "false"); word != "" {
			set(word == "true")
		}
	}}
}

// bareURL refuses URLs that hold user and password: they are logged.
func (d *decoder) bareURL(n *yaml.Node, at string) bool {
	if u, err := url.Parse(at); err != nil || u.User != nil {
		d.fail(n, "user and password do not belong into a node's URL: give username and password (its text is not shown)")
		return false
	}
	return true
}

func (d *decoder) namespace(n *yaml.Node, at *string) {
	s, ok := d.text(n, "a name")
	switch {
	case !ok:
	case len(s) > 100 || s != strings.ToLower(s) || strings.ContainsAny(s, `-*\/?"<>|, #:`):
		d.fail(n, "namespace %q: want at most 100 lower-case characters without - and without any of "+`* \ / ? " < > | , # : and space`, s)
	default:
		*at = s
	}
}

// elastic reads the section and checks what belongs together.
func (d *decoder) elastic(n *yaml.Node, e *Elastic) {
	faults := len(d.errs)
	d.mapping(n, elasticKeys(e))
	none := Secret{}
	switch {
	case len(d.errs) > faults || isNull(n):
	case (e.Username != "") != (e.Password != none):
		d.fail(n, "elastic: username and password belong together")
	case (e.Cert == "") != (e.Key == ""):
		d.fail(n, "elastic: cert and key belong together")
	}
}
