package sink_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/elastic/internal/servertest"
	"github.com/weirflow/weir/elastic/setup"
	"github.com/weirflow/weir/elastic/sink"
)

// targets makes what documents go to in a namespace: data streams that take nothing but the fields of their kind, and the alias of alerts.
func targets(t *testing.T, s *servertest.Server, namespace string) {
	t.Helper()
	for _, kind := range document.Kinds() {
		properties := map[string]any{}
		for _, f := range document.Fields(kind) {
			p := map[string]any{"type": f.Type}
			switch {
			case f.Type == "object":
				p["enabled"] = false
			case f.Type == "flattened" && s.Kind == servertest.OpenSearch:
				p["type"] = "flat_object"
			case f.Name == "event.original":
				p["index"], p["doc_values"] = false, false
			}
			properties[f.Name] = p
		}
		template := map[string]any{
			"settings": map[string]any{"number_of_replicas": 0},
			"mappings": map[string]any{"dynamic": "strict", "properties": properties},
		}
		name := kind.Target(namespace)
		if kind == document.Alert {
			template["aliases"] = map[string]any{name: map[string]any{"is_write_index": true}}
			s.Must(t, http.MethodPut, "/"+name+"-000001", template, nil)
			continue
		}
		s.Must(t, http.MethodPut, "/_index_template/"+name, map[string]any{
			"index_patterns": []string{name}, "priority": 500, "data_stream": map[string]any{}, "template": template,
		}, nil)
	}
}

// count returns how many documents a target has.
func count(t *testing.T, s *servertest.Server, target string) int {
	t.Helper()
	var answer struct {
		Count int `json:"count"`
	}
	status, _ := s.Do(t, http.MethodPost, "/"+target+"/_refresh", nil)
	if status == http.StatusNotFound {
		return 0
	}
	s.Must(t, http.MethodGet, "/"+target+"/_count", nil, &answer)
	return answer.Count
}

func connect(t *testing.T, s *servertest.Server) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{Nodes: []string{s.URL}, Timeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

// TestServerKilledMidLoad: a real server that is killed while it takes documents, and started again, has each record that was accepted once. All
// the records have random values in all their fields, none of which it refuses.
func TestServerKilledMidLoad(t *testing.T) {
	for _, kind := range servertest.Plain() {
		t.Run(string(kind), func(t *testing.T) {
			s := servertest.Start(t, kind)
			targets(t, s, "killed")
			cfg := settings(t)
			cfg.Namespace, cfg.Piece, cfg.Age = "killed", 256<<10, 50*time.Millisecond
			w, out := newTraffic(), start(t, cfg, sink.Deps{Server: connect(t, s)})
			const batches, size, killAt = 40, 200, 12
			for i := range batches {
				w.write(t, out, 1, size)
				if i == killAt {
					for out.Stats().Delivered == 0 {
						time.Sleep(time.Millisecond)
					}
					s.Kill(t)
				}
			}
			if out.Stats().Waiting == 0 {
				t.Error("the server was not killed amid the load")
			}
			s.Restart(t)
			drain(t, out)
			st := out.Stats()
			if st.Delivered+st.Already != batches*size || st.Refused > 0 || len(st.Dropped) > 0 || w.stream.Stored.Load() != batches*size {
				t.Errorf("%+v, %d accepted", st, w.stream.Stored.Load())
			}
			if n := count(t, s, "logs-weir.flow-killed"); n != batches*size {
				t.Errorf("%d documents of %d records", n, batches*size)
			}
			showDead(t, s, "killed")
		})
	}
}

// showDead shows the first dead letters, where there are some.
func showDead(t *testing.T, s *servertest.Server, namespace string) {
	t.Helper()
	if count(t, s, document.DeadLetter.Target(namespace)) == 0 {
		return
	}
	_, body := s.Do(t, http.MethodGet, "/"+document.DeadLetter.Target(namespace)+"/_search?size=3", nil)
	t.Errorf("dead letters: %s", body)
}

// TestKindsOnRealServers: documents of all kinds are taken.
func TestKindsOnRealServers(t *testing.T) {
	for _, kind := range servertest.Plain() {
		t.Run(string(kind), func(t *testing.T) {
			s := servertest.Start(t, kind)
			targets(t, s, "kinds")
			cfg := settings(t)
			cfg.Namespace = "kinds"
			out := start(t, cfg, sink.Deps{Server: connect(t, s), Exporters: exporters, Now: stopped()})
			writeKinds(t, out)
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if err := out.Drain(ctx); err != nil {
				t.Fatalf("%v: %+v", err, out.Stats())
			}
			showDead(t, s, "kinds")
			for kind, want := range map[document.Kind]int{document.Session: 40, document.Alert: 1, document.AlertEvent: 3, document.Exporter: 1, document.Interface: 1} {
				if n := count(t, s, kind.Target("kinds")); n != want {
					t.Errorf("%s: %d documents, want %d", kind, n, want)
				}
			}
		})
	}
}

// TestNothingIsSentBeforeTheTemplates: a server without them gets nothing until it has them.
func TestNothingIsSentBeforeTheTemplates(t *testing.T) {
	s := servertest.Start(t, servertest.Elasticsearch)
	c := connect(t, s)
	ready := sink.Templates(c)
	if err := ready(t.Context()); err == nil || !strings.Contains(err.Error(), "no index template weir-flow: run weir-elastic setup") {
		t.Fatal(err)
	}
	cfg := settings(t)
	cfg.Namespace = "early"
	w, out := newTraffic(), start(t, cfg, sink.Deps{Server: c, Ready: ready})
	w.write(t, out, 1, 100)
	for out.Stats().Waiting == 0 {
		time.Sleep(time.Millisecond)
	}
	su, err := setup.New(c, setup.Config{Options: assets.Options{Shards: 1}, Namespace: "early"})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := su.Plan(t.Context())
	if err == nil {
		if st := out.Stats(); st.Requests > 0 || count(t, s, "logs-weir.flow-early") > 0 {
			t.Errorf("before the templates were there: %+v", st)
		}
		err = su.Apply(t.Context(), plan, func(*setup.Step) {})
	}
	if err != nil {
		t.Fatal(err)
	}
	drain(t, out)
	if n := count(t, s, "logs-weir.flow-early"); n != 100 {
		t.Errorf("%d documents", n)
	}
}
