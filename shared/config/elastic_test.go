package config

import (
	"strings"
	"testing"
)

func exampleElastic() Elastic {
	e := defaultElastic()
	e.Nodes = []string{"https://search-1.example.net:9200", "https://search-2.example.net:9200"}
	e.Username, e.Password, e.APIKey = "weir", Secret{Env: "WEIR_ELASTIC_PASSWORD"}, Secret{File: "/etc/weir/elastic-key"}
	e.CA, e.Fingerprint = "/etc/weir/search-ca.pem", "5a7ea9b9ccd0ae5a1ca4f4d4c2fd0d7ff0b8bd5e3ac2d0a4d41fe1f5e3d8a6c1"
	e.Cert, e.Key, e.ServerName, e.Tenant = "/etc/weir/weir.pem", "/etc/weir/weir.key", "search.example.net", "acme"
	return e
}

func TestElasticErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a password in a URL", "elastic:\n  nodes: ['https://u:hush@h:9200']\n", "w:2:11: user and password do not belong into a node's URL"},
		{"no URL", "elastic:\n  nodes: [search:9200]\n", "w:2:11: not a URL"},
		{"a user without a password", "elastic: {nodes: ['http://h'], username: u}\n", "username and password belong together"},
		{"a password that is not hidden", "elastic:\n  password: hush\n", "w:2:13: password: the secret belongs below value, env or file"},
		{"half a client certificate", "elastic: {cert: x}\n", "cert and key belong together"},
		{"a namespace with a dash", "elastic:\n  namespace: a-b\n", `namespace "a-b": want at most`},
		{"an unknown choice", "elastic:\n  flows: session\n", `did you mean "sessions"?`},
		{"an unknown lifecycle", "elastic: {setup: {lifecycle: ilmm}}\n", `did you mean "ilm"?`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("w", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hush") {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestElasticReplicas(t *testing.T) {
	c, err := Parse("w", []byte("elastic:\n  verify: false\n  gzip: false\n  setup: {replicas: 2, shards: 3, retention: {flow: 7d}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	e := c.Elastic
	if !e.NoVerify || e.Gzip || e.Setup.Replicas != 2 || e.Setup.Shards != 3 || e.Setup.Retention.Flow.Hours() != 7*24 {
		t.Errorf("%+v", e)
	}
}
