package engine_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/elastic/engine"
	"github.com/weirflow/weir/elastic/internal/servertest"
	"github.com/weirflow/weir/elastic/setup"
	"github.com/weirflow/weir/shared/flow"
)

// server is a real server with indices of one test.
type server struct {
	*servertest.Server
	encoder *document.Encoder
}

func start(t *testing.T, kind servertest.Kind) *server {
	t.Helper()
	if raceEnabled {
		t.Skip("questions to real servers are asked without the race detector, which makes them too slow: make test-go does both")
	}
	return &server{servertest.Start(t, kind), document.NewEncoder(document.Config{})}
}

// each runs a test on every kind of server.
func each(t *testing.T, test func(t *testing.T, s *server)) {
	t.Helper()
	for _, kind := range servertest.Plain() {
		t.Run(string(kind), func(t *testing.T) { test(t, start(t, kind)) })
	}
}

// Perform sends a request to the server.
func (s *server) Perform(r *http.Request) (*http.Response, error) {
	base, err := url.Parse(s.URL)
	if err != nil {
		return nil, err
	}
	r.URL.Scheme, r.URL.Host = base.Scheme, base.Host
	return http.DefaultClient.Do(r)
}

// indices counts indices, whose names must differ.
var indices atomic.Int64

// index makes an index for documents of a kind.
func (s *server) index(t *testing.T, kind document.Kind, shards int) string {
	t.Helper()
	name := fmt.Sprintf("engine-%s-%d", kind, indices.Add(1))
	s.make(t, name, kind, shards)
	return name
}

// setUp installs what weir-elastic setup does.
func (s *server) setUp(t *testing.T) {
	t.Helper()
	c, err := client.New(client.Config{Nodes: []string{s.URL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	keep := map[document.Kind]time.Duration{}
	for _, k := range document.Kinds() {
		keep[k] = 24 * time.Hour * 30000 // the documents are of long ago
	}
	up, err := setup.New(c, setup.Config{Namespace: "default", Options: assets.Options{Replicas: -1, Retention: keep, LogsDB: s.Kind == servertest.Elasticsearch}})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := up.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := up.Apply(t.Context(), plan, func(*setup.Step) {}); err != nil {
		t.Fatal(err)
	}
}

// namespace returns one of its own for data streams.
func (s *server) namespace(t *testing.T) string {
	t.Helper()
	name := fmt.Sprintf("engine%d", indices.Add(1))
	t.Cleanup(func() {
		for _, kind := range []document.Kind{document.Flow, document.Session} {
			s.Do(t, http.MethodDelete, "/_data_stream/"+kind.Target(name), nil)
		}
	})
	return name
}

// make makes an index of a name.
func (s *server) make(t *testing.T, name string, kind document.Kind, shards int) {
	t.Helper()
	s.Must(t, http.MethodPut, "/"+name, map[string]any{
		"settings": map[string]any{"number_of_shards": shards, "number_of_replicas": 0, "refresh_interval": "-1"},
		"mappings": map[string]any{"dynamic": "strict", "properties": properties(kind, s.Kind)},
	}, nil)
	t.Cleanup(func() { s.Do(t, http.MethodDelete, "/"+name, nil) })
}

func properties(kind document.Kind, server servertest.Kind) map[string]any {
	list := map[string]any{}
	for _, f := range document.Fields(kind) {
		p := map[string]any{"type": f.Type}
		switch {
		case f.Type == "object":
			p["enabled"] = false
		case f.Type == "flattened" && server != servertest.Elasticsearch && server != servertest.ElasticsearchSecure:
			p["type"] = "flat_object"
		}
		list[f.Name] = p
	}
	return list
}

// put stores documents in an index.
func (s *server) put(t *testing.T, index string, documents ...[]byte) {
	t.Helper()
	var body bytes.Buffer
	for _, d := range documents {
		var identity struct {
			ID string `json:"event.id"`
		}
		if err := json.Unmarshal(d, &identity); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&body, "{\"create\":{\"_id\":%q}}\n", identity.ID)
		body.Write(d)
		body.WriteByte('\n')
	}
	if len(documents) == 0 {
		return
	}
	var answer struct {
		Errors bool
		Items  []map[string]struct{ Error any }
	}
	s.Must(t, http.MethodPost, "/"+index+"/_bulk?refresh=true", body.Bytes(), &answer)
	if answer.Errors {
		for _, item := range answer.Items {
			if e := item["create"].Error; e != nil {
				t.Fatalf("the server refuses a document: %v", e)
			}
		}
	}
}

// config is of an engine that finds flows in an index.
func (s *server) config() engine.Config {
	cfg := engine.DefaultConfig()
	cfg.OpenSearch = strings.HasPrefix(string(s.Kind), "opensearch")
	cfg.KeepAlive = time.Minute
	return cfg
}

func (s *server) open(t *testing.T, cfg engine.Config) *engine.Engine {
	t.Helper()
	e, err := engine.New(cfg, engine.Deps{Client: s})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (s *server) records(b *flow.Batch) (list [][]byte) {
	for i := range b.Records {
		list = append(list, s.encoder.AppendRecord(nil, b, &b.Records[i]))
	}
	return list
}

func (s *server) sessions(b *flow.SessionBatch) (list [][]byte) {
	for i := range b.Sessions {
		list = append(list, s.encoder.AppendSession(nil, b, &b.Sessions[i]))
	}
	return list
}
