package setup_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/elastic/internal/servertest"
	"github.com/weirflow/weir/elastic/setup"
)

// the marks that assets of another version have, and what an older version did not know yet.
var (
	marks   = regexp.MustCompile(`"version":\d+`)
	digests = regexp.MustCompile(`"digest":"[0-9a-f]+"`)
	added   = map[string]string{"event": "id", "weir": ""} // properties, or all below them
)

// install puts the assets that setup makes as another version would have made them: with its marks, and without some fields.
func install(t *testing.T, s *servertest.Server, version string) {
	t.Helper()
	server, err := connect(t, s).Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := assets.For(server, config().Options)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		if strings.HasSuffix(a.Name, "@mappings") {
			forget(t, a.Body)
		}
		text, err := json.Marshal(a.Body)
		if err != nil {
			t.Fatal(err)
		}
		text = marks.ReplaceAll(text, []byte(`"version":`+version))
		s.Must(t, http.MethodPut, a.Path, digests.ReplaceAll(text, []byte(`"digest":"0000"`)), nil)
	}
	alias := document.Alert.Target("default")
	s.Must(t, http.MethodPut, "/"+alias+"-000001", map[string]any{"aliases": map[string]any{alias: map[string]any{"is_write_index": true}}}, nil)
}

// forget takes fields out of mappings.
func forget(t *testing.T, body map[string]any) {
	t.Helper()
	properties := body["template"].(map[string]any)["mappings"].(map[string]any)["properties"].(map[string]any)
	for parent, name := range added {
		if p, ok := properties[parent].(map[string]any); ok && name != "" {
			delete(p["properties"].(map[string]any), name)
		} else if name == "" {
			delete(properties, parent)
		}
	}
}

func TestUpgrade(t *testing.T) {
	for _, kind := range servertest.Plain() {
		t.Run(string(kind), func(t *testing.T) {
			s := servertest.Start(t, kind)
			t.Cleanup(func() { erase(t, s) })
			install(t, s, "0")
			documents(t, s)
			s.Must(t, http.MethodPut, "/_component_template/weir-flow@custom", `{"template":{"settings":{"index.refresh_interval":"7s"}}}`, nil)

			_, did := run(t, connect(t, s), config())
			for _, want := range []string{
				"upgrade component template weir-flow@mappings", "upgrade component template weir-alert@settings", "upgrade index template weir-session",
				"roll over data stream logs-weir.flow-default", "roll over data stream metrics-weir.interface-default", "upgrade index of alerts weir-alerts-default",
			} {
				if !slices.Contains(did, want) {
					t.Errorf("%q lacks %q", did, want)
				}
			}
			if slices.ContainsFunc(did, func(d string) bool { return strings.Contains(d, "@custom") }) {
				t.Errorf("what is the user's was changed: %q", did)
			}
			if _, did = run(t, connect(t, s), config()); len(did) != 0 {
				t.Errorf("again: %q", did)
			}
			afterUpgrade(t, s)
		})
	}
}

// afterUpgrade checks that old documents are still there, that new ones are found by what the old version did not know, and that the user's
// settings hold.
func afterUpgrade(t *testing.T, s *servertest.Server) {
	t.Helper()
	for _, kind := range []document.Kind{document.Flow, document.Alert} {
		target := kind.Target("default")
		s.Must(t, http.MethodPut, "/"+target+"/_create/new?refresh=true", `{"@timestamp":"2026-01-01T00:00:01Z","event":{"id":"x"}}`, nil)
		for query, want := range map[string]int{`{"match_all":{}}`: 2, `{"term":{"event.id":"x"}}`: 1} {
			var r struct{ Count int }
			if s.Must(t, http.MethodPost, "/"+target+"/_count", `{"query":`+query+`}`, &r); r.Count != want {
				t.Errorf("%s %s: %d documents, want %d", target, query, r.Count, want)
			}
		}
	}
	var set map[string]struct {
		Settings map[string]any
	}
	s.Must(t, http.MethodGet, "/logs-weir.flow-default/_settings?flat_settings=true", nil, &set)
	last := slices.Max(keys(set))
	if got := set[last].Settings["index.refresh_interval"]; len(set) != 2 || got != "7s" {
		t.Errorf("%d indices, refresh interval of %s is %q", len(set), last, got)
	}
}

func keys[V any](m map[string]V) (list []string) {
	for k := range m {
		list = append(list, k)
	}
	return list
}

// TestNewer: what a newer version has made is left alone, but for --force.
func TestNewer(t *testing.T) {
	s := servertest.Start(t, servertest.Elasticsearch)
	t.Cleanup(func() { erase(t, s) })
	install(t, s, "1000000")
	documents(t, s)
	p, did := run(t, connect(t, s), config())
	if len(did) != 0 || !slices.ContainsFunc(p.Notes, func(n string) bool { return strings.Contains(n, "newer weir-elastic") }) {
		t.Errorf("%q, notes %q", did, p.Notes)
	}
	cfg := config()
	cfg.Force = true
	if _, did = run(t, connect(t, s), cfg); len(did) == 0 {
		t.Error("nothing forced")
	}
	if _, did = run(t, connect(t, s), config()); len(did) != 0 {
		t.Errorf("after --force: %q", did)
	}
}

// TestMadeBeforeSetup: an index in place of the alias, as documents make it that are sent before setup, is told.
func TestMadeBeforeSetup(t *testing.T) {
	s := servertest.Start(t, servertest.Elasticsearch)
	t.Cleanup(func() { erase(t, s) })
	s.Must(t, http.MethodPut, "/weir-alerts-default", nil, nil)
	u, err := setup.New(connect(t, s), config())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Plan(t.Context()); err == nil || !strings.Contains(err.Error(), "must be an alias") {
		t.Error(err)
	}
}
