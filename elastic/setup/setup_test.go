package setup_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/elastic/internal/servertest"
	"github.com/weirflow/weir/elastic/setup"
	"github.com/weirflow/weir/shared/sink"
)

func connect(t *testing.T, s *servertest.Server) *client.Client {
	t.Helper()
	cfg := client.Config{Nodes: []string{s.URL}, TLS: sink.TLS{CA: s.CA}, Username: s.User, Password: client.Secret{Value: s.Password}}
	c, err := client.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

func config() setup.Config {
	keep := map[document.Kind]time.Duration{}
	for _, k := range document.Kinds() {
		keep[k] = 30 * 24 * time.Hour
	}
	return setup.Config{Namespace: "default", Options: assets.Options{Replicas: -1, Retention: keep}}
}

// run plans and applies, and returns the actions that did something.
func run(t *testing.T, c *client.Client, cfg setup.Config) (*setup.Plan, []string) {
	t.Helper()
	s, err := setup.New(c, cfg)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var did []string
	if err := s.Apply(t.Context(), p, func(step *setup.Step) { did = append(did, string(step.Action)+" "+step.What) }); err != nil {
		t.Fatal(err)
	}
	if len(did) != p.Changes() {
		t.Errorf("%d steps done, %d planned", len(did), p.Changes())
	}
	return p, did
}

// erase removes what setup makes.
func erase(t *testing.T, s *servertest.Server) {
	t.Helper()
	for _, path := range []string{"/_data_stream/logs-weir.*", "/_data_stream/metrics-weir.*", "/_index_template/weir-*", "/_component_template/weir-*"} {
		s.Do(t, http.MethodDelete, path, nil)
	}
	var indices map[string]any
	s.Must(t, http.MethodGet, "/weir-alerts-*/_alias", nil, &indices)
	for name := range indices {
		s.Must(t, http.MethodDelete, "/"+name, nil, nil)
	}
}

// TestTwice: a second run changes nothing, also with data. The command's tests do it with security and ILM.
func TestTwice(t *testing.T) {
	for kind, lifecycle := range map[servertest.Kind]assets.Lifecycle{servertest.Elasticsearch: assets.Stream, servertest.OpenSearch: assets.None, servertest.OpenSearch3: assets.None} {
		t.Run(string(kind), func(t *testing.T) {
			s := servertest.Start(t, kind)
			c := connect(t, s)
			t.Cleanup(func() { erase(t, s) })
			p, did := run(t, c, config())
			if p.Lifecycle != lifecycle || len(did) < 7*4 || slices.ContainsFunc(did, func(d string) bool { return !strings.HasPrefix(d, "create ") }) {
				t.Errorf("%s: first: %q", p.Lifecycle, did)
			}
			if p, did = run(t, c, config()); len(did) != 0 || p.Changes() != 0 {
				t.Errorf("second: %q", did)
			}
			documents(t, s)
			if p, did = run(t, c, config()); len(did) != 0 {
				t.Errorf("third, with data: %q", did)
			}
			if note := strings.Join(p.Notes, " "); strings.Contains(note, "nothing deletes") != (lifecycle == assets.None) {
				t.Errorf("notes: %s", note)
			}
		})
	}
}

// documents sends one to each target, and finds each where it belongs, in an index of the right template.
func documents(t *testing.T, s *servertest.Server) {
	t.Helper()
	for _, kind := range document.Kinds() {
		target := kind.Target("default")
		s.Must(t, http.MethodPut, "/"+target+"/_create/1?refresh=true", `{"@timestamp":"2026-01-01T00:00:00.123456789Z","unknown":{"field":[1,"x"]}}`, nil)
		var r map[string]struct {
			Mappings struct {
				Dynamic any
				Meta    map[string]any `json:"_meta"`
			}
		}
		s.Must(t, http.MethodGet, "/"+target+"/_mapping", nil, &r)
		for index, m := range r {
			if index == target || m.Mappings.Dynamic != "false" || m.Mappings.Meta["weir"] == nil {
				t.Errorf("%s: index %s has mappings %+v", target, index, m)
			}
		}
	}
}

// TestOptions: what is changed in the configuration is changed on the server, and data streams roll over to it.
func TestOptions(t *testing.T) {
	s := servertest.Start(t, servertest.Elasticsearch)
	c := connect(t, s)
	t.Cleanup(func() { erase(t, s) })
	run(t, c, config())
	documents(t, s)
	cfg := config()
	cfg.Retention[document.Flow] = 7 * 24 * time.Hour
	_, did := run(t, c, cfg)
	if want := []string{"change component template weir-flow@settings", "change lifecycle of data stream logs-weir.flow-default"}; !slices.Equal(did, want) {
		t.Errorf("retention: %q, want %q", did, want)
	}
	streams, err := setup.Streams(t.Context(), c, document.Flow)
	if err != nil || len(streams) != 1 || streams[0].Lifecycle["data_retention"] != "7d" {
		t.Errorf("data streams %+v, %v", streams, err)
	}
	cfg.LogsDB = true
	_, did = run(t, c, cfg)
	for _, want := range []string{"change component template weir-flow@settings", "roll over data stream logs-weir.flow-default", "roll over data stream logs-weir.session-default"} {
		if !slices.Contains(did, want) {
			t.Errorf("logsdb: %q lacks %q", did, want)
		}
	}
	if _, did = run(t, c, cfg); len(did) != 0 {
		t.Errorf("again: %q", did)
	}
	var set map[string]struct {
		Settings struct{ Index map[string]any }
	}
	s.Must(t, http.MethodGet, "/logs-weir.flow-default/_settings", nil, &set)
	modes := 0
	for _, v := range set {
		if v.Settings.Index["mode"] == "logsdb" {
			modes++
		}
	}
	if len(set) != 2 || modes != 1 {
		t.Errorf("indices after the roll-over: %v", set)
	}
	takesLogsDB(t, s)
}

// takesLogsDB checks that a logsdb index takes documents.
func takesLogsDB(t *testing.T, s *servertest.Server) {
	t.Helper()
	s.Must(t, http.MethodPut, "/logs-weir.flow-default/_create/2?refresh=true", `{"@timestamp":"2026-01-01T00:00:00Z","observer.ip":"192.0.2.1","source.ip":"192.0.2.9"}`, nil)
}
