package daemon_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/elastic/internal/servertest"
	"github.com/weirflow/weir/elastic/setup"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/traffic"
)

// TestSizes measures what documents take on disk for each choice of flows and prints the rows of the table in docs/elastic.md. It takes minutes:
// WEIR_SIZES=1 go test ./elastic/internal/daemon -run TestSizes -v.
func TestSizes(t *testing.T) {
	if os.Getenv("WEIR_SIZES") == "" {
		t.Skip("WEIR_SIZES is not set")
	}
	capture, cfg := officeHour(t)
	records := len(refer(t, cfg, capture).records)
	t.Logf("%d records", records)
	for _, server := range []struct {
		name   string
		kind   servertest.Kind
		logsDB bool
	}{{"Elasticsearch 8.19", servertest.Elasticsearch, false}, {"Elasticsearch 8.19, logsdb", servertest.Elasticsearch, true}, {"OpenSearch 2.19", servertest.OpenSearch, false}} {
		s := servertest.Start(t, server.kind)
		for _, flows := range []string{"all", "sessions", "aggregated"} {
			namespace := strings.ToLower(fmt.Sprintf("size_%s_%v", flows, server.logsDB))
			install(t, s, setup.Config{Options: assets.Options{Shards: 1, LogsDB: server.logsDB}, Namespace: namespace})
			cfg.Elastic.Flows = flows
			replay(t, s, cfg, namespace, capture)
			docs, bytes := 0, 0
			for _, kind := range []document.Kind{document.Flow, document.Session} {
				d, b := size(t, s, kind.Target(namespace))
				docs, bytes = docs+d, bytes+b
				if d > 0 {
					t.Logf("%s, %s: %s: %d documents of %d bytes", server.name, flows, kind, d, b/d)
				}
			}
			t.Logf("| %s | `%s` | %.2f | %d | %.1f GB |", server.name, flows, float64(docs)/float64(records), bytes/max(docs, 1), float64(bytes)/float64(records)*1000*86400/1e9)
		}
	}
}

func install(t *testing.T, s *servertest.Server, cfg setup.Config) {
	t.Helper()
	su, err := setup.New(connect(t, s), cfg)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := su.Plan(t.Context())
	if err == nil {
		err = su.Apply(t.Context(), plan, func(*setup.Step) {})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// officeHour is half an hour of a network without attacks.
func officeHour(t *testing.T) (string, config.Config) {
	t.Helper()
	scenario := traffic.DefaultConfig()
	scenario.Scenario, scenario.Seed, scenario.Scale = "walkthrough", 4, 0.1
	dir := filepath.Join(t.TempDir(), "set")
	if _, err := traffic.WriteDir(t.Context(), scenario, dir); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(filepath.Join(dir, "weir.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	capture, noon := filepath.Join(dir, "traffic.pcap"), scenario.Start.Truncate(24*time.Hour).Add(14*time.Hour)
	cut(t, capture, noon, noon.Add(30*time.Minute))
	return capture, cfg
}

// size merges a target's segments into one, and returns its documents and bytes.
func size(t *testing.T, s *servertest.Server, target string) (docs, bytes int) {
	t.Helper()
	if count(t, s, target) == 0 {
		return 0, 0
	}
	s.Must(t, http.MethodPost, "/"+target+"/_forcemerge?max_num_segments=1", nil, nil)
	s.Must(t, http.MethodPost, "/"+target+"/_flush?force=true", nil, nil)
	var answer struct {
		All struct {
			Primaries struct {
				Docs struct {
					Count int `json:"count"`
				} `json:"docs"`
				Store struct {
					Bytes int `json:"size_in_bytes"`
				} `json:"store"`
			} `json:"primaries"`
		} `json:"_all"`
	}
	s.Must(t, http.MethodGet, "/"+target+"/_stats/docs,store", nil, &answer)
	return answer.All.Primaries.Docs.Count, answer.All.Primaries.Store.Bytes
}
