package client_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/internal/servertest"
	"github.com/weirflow/weir/shared/sink"
)

func made(t *testing.T, cfg client.Config) *client.Client {
	t.Helper()
	c, err := client.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

// says checks an error's kind and that its sentence holds some words, and no secret.
func says(t *testing.T, err, kind error, words ...string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("%v is not %v", err, kind)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), "hush") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%q shows a secret or has lines", err)
	}
}

func TestConfig(t *testing.T) {
	cases := map[string]client.Config{
		"no nodes":        {},
		"not a URL":       {Nodes: []string{"search:9200"}},
		"do not belong":   {Nodes: []string{"https://u:hush@search:9200"}},
		"belong together": {Nodes: []string{"https://s"}, Username: "u"},
		"64 hexadecimal":  {Nodes: []string{"https://s"}, Fingerprint: "abc"},
		"/none.pem":       {Nodes: []string{"https://s"}, TLS: sink.TLS{CA: "/none.pem"}},
	}
	for want, cfg := range cases {
		_, err := client.New(cfg)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if s := fmt.Sprintf("%v %+v %#v", client.Config{Password: client.Secret{Value: "hush"}}, client.Config{APIKey: client.Secret{Value: "hush"}}, client.Secret{Value: "hush"}); strings.Contains(s, "hush") {
		t.Errorf("shows a secret: %s", s)
	}
}

func TestFaults(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer silent.Close()
	kibana := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }))
	defer kibana.Close()
	old := httptest.NewServer(answering(`{"cluster_name":"c","version":{"number":"7.17.9"},"tagline":"You Know, for Search"}`))
	defer old.Close()
	strange := httptest.NewServer(answering(`{"version":{"number":"9.0"},"tagline":"something else"}`))
	defer strange.Close()
	encrypted := httptest.NewTLSServer(answering(`{}`))
	defer encrypted.Close()
	cases := []struct {
		name string
		cfg  client.Config
		kind error
		say  []string
	}{
		{"nobody listens", client.Config{Nodes: []string{"http://" + closed.Addr().String()}}, client.ErrUnreachable, []string{closed.Addr().String(), "connection refused"}},
		{"no answer", client.Config{Nodes: []string{silent.URL}, Timeout: 50 * time.Millisecond}, client.ErrTimeout, []string{silent.URL, "did not answer in time"}},
		{"Kibana's port", client.Config{Nodes: []string{kibana.URL}}, client.ErrNotElastic, []string{"5601"}},
		{"another server", client.Config{Nodes: []string{strange.URL}}, client.ErrNotElastic, nil},
		{"old", client.Config{Nodes: []string{old.URL}}, client.ErrTooOld, []string{"7.17.9", "8.0"}},
		{"authority unknown", client.Config{Nodes: []string{encrypted.URL}}, client.ErrCertificate, []string{"not trusted", "name the certificate of its authority as ca"}},
		{"https for http", client.Config{Nodes: []string{strings.Replace(kibana.URL, "http:", "https:", 1)}}, client.ErrUnreachable, []string{"write http://"}},
		{"fingerprint of another", client.Config{Nodes: []string{encrypted.URL}, Fingerprint: strings.Repeat("ab:", 31) + "ab"}, client.ErrCertificate, []string{"fingerprint"}},
		{"key's file is gone", client.Config{Nodes: []string{kibana.URL}, APIKey: client.Secret{File: "/does/not/exist"}}, client.ErrSecret, []string{"/does/not/exist"}},
		{"password's variable is empty", client.Config{Nodes: []string{kibana.URL}, Username: "u", Password: client.Secret{Env: "WEIR_TEST_NONE"}}, client.ErrSecret, []string{"WEIR_TEST_NONE"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := made(t, c.cfg).Probe(t.Context())
			says(t, err, c.kind, c.say...)
		})
	}
	t.Run("canceled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := made(t, client.Config{Nodes: []string{silent.URL}}).Probe(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func answering(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
}

// TestNodes: a node that is down is passed over, whatever the request.
func TestNodes(t *testing.T) {
	var asked atomic.Int64
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		fmt.Fprint(w, `{}`)
	}))
	defer up.Close()
	down := httptest.NewServer(answering(""))
	down.Close()
	c := made(t, client.Config{Nodes: []string{down.URL, up.URL}, Gzip: true})
	for range 10 {
		if err := c.JSON(t.Context(), http.MethodPost, "/_bulk", []int{1}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if asked.Load() != 10 {
		t.Errorf("asked %d times", asked.Load())
	}
}

func TestProbe(t *testing.T) {
	for kind, want := range map[servertest.Kind]client.Server{
		servertest.Elasticsearch: {Product: client.Elasticsearch, Version: servertest.ElasticsearchVersion, Cluster: "weir", DataStreams: true, Lifecycle: true, LogsDB: true},
		servertest.OpenSearch:    {Product: client.OpenSearch, Version: servertest.OpenSearchVersion, Cluster: "weir", DataStreams: true},
	} {
		t.Run(string(kind), func(t *testing.T) {
			s := servertest.Start(t, kind)
			c := made(t, client.Config{Nodes: []string{s.URL}, Gzip: true})
			got, err := c.Probe(t.Context())
			if err != nil || got != want {
				t.Errorf("%+v, %v; want %+v", got, err, want)
			}
			// go-elasticsearch's own requests, with its media type that OpenSearch does not take.
			header := http.Header{"Content-Type": {"application/vnd.elasticsearch+json;compatible-with=8"}}
			res, err := esapi.IndexRequest{Index: "weir-client", Body: strings.NewReader(`{"a":1}`), Header: header}.Do(t.Context(), c)
			if err != nil || res.IsError() || res.Header.Get("X-Elastic-Product") == "" {
				t.Fatal(res, err)
			}
			res.Body.Close()
			says(t, c.JSON(t.Context(), http.MethodGet, "/none/_doc/1", nil, nil), client.ErrNotFound, "no such index [none]")
			says(t, c.JSON(t.Context(), http.MethodPut, "/weir-client", nil, nil), client.ErrConflict)
			says(t, c.JSON(t.Context(), http.MethodPut, "/weir-client/_settings", map[string]int{"index.number_of_shards": 3}, nil), client.ErrRejected)
			if err := c.JSON(t.Context(), http.MethodPut, "/weir-client/_settings", map[string]any{"index.blocks.read_only_allow_delete": true}, nil); err != nil {
				t.Fatal(err)
			}
			says(t, c.JSON(t.Context(), http.MethodPost, "/weir-client/_doc", map[string]int{"a": 1}, nil), client.ErrReadOnly, "disks are full")
		})
	}
}

func TestSecurity(t *testing.T) {
	s := servertest.Start(t, servertest.ElasticsearchSecure)
	admin := client.Config{Nodes: []string{s.URL}, TLS: sink.TLS{CA: s.CA}, Username: s.User, Password: client.Secret{Value: s.Password}}
	got, err := made(t, admin).Probe(t.Context())
	if err != nil || !got.Security || got.User != s.User {
		t.Errorf("%+v, %v", got, err)
	}
	var key struct{ Encoded string }
	s.Must(t, http.MethodPost, "/_security/api_key", `{"name":"w","role_descriptors":{"w":{"cluster":["monitor"],"index":[{"names":["logs-weir.*"],"privileges":["create_doc"]}]}}}`, &key)
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(key.Encoded+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	withKey := client.Config{Nodes: []string{s.URL}, TLS: sink.TLS{CA: s.CA}, APIKey: client.Secret{File: file}}

	t.Run("API key", func(t *testing.T) {
		c := made(t, withKey)
		if got, err := c.Probe(t.Context()); err != nil || !got.Security {
			t.Errorf("%+v, %v", got, err)
		}
		err := c.JSON(t.Context(), http.MethodGet, "/logs-weir.flow-a/_search", nil, nil)
		says(t, err, client.ErrForbidden, "indices:data/read/search", "index privilege", "read")
		err = c.JSON(t.Context(), http.MethodPut, "/_index_template/x", map[string]any{"index_patterns": "x"}, nil)
		says(t, err, client.ErrForbidden, "cluster privilege", "manage_index_templates")
	})
	wrong := []struct {
		name string
		set  func(*client.Config)
		kind error
		say  string
	}{
		{"nobody", func(c *client.Config) { c.Username, c.Password = "", client.Secret{} }, client.ErrUnauthorized, "none is configured"},
		{"password", func(c *client.Config) { c.Password.Value = "hush" }, client.ErrUnauthorized, "does not know user admin"},
		{"key", func(c *client.Config) {
			c.Username, c.Password, c.APIKey.Value = "", client.Secret{}, "aHVzaDpodXNo"
		}, client.ErrUnauthorized, "does not know the API key"},
		{"authority", func(c *client.Config) { c.TLS.CA = authority(t) }, client.ErrCertificate, "ca"},
		{"http", func(c *client.Config) { c.Nodes = []string{strings.Replace(s.URL, "https:", "http:", 1)} }, client.ErrUnreachable, "write https://"},
	}
	for _, w := range wrong {
		t.Run("wrong "+w.name, func(t *testing.T) {
			cfg := admin
			w.set(&cfg)
			_, err := made(t, cfg).Probe(t.Context())
			says(t, err, w.kind, w.say)
		})
	}
}

// authority writes the certificate of another authority.
func authority(t *testing.T) string {
	t.Helper()
	c, err := servertest.NewCertificates()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, c.CA, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
