//go:build cgo

package daemon_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/query"
)

// elasticFake takes all documents, once it is switched on.
type elasticFake struct {
	mu   sync.Mutex
	on   bool
	docs map[string]map[string]bool // index to id
}

func (f *elasticFake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	if f.on && r.Method == http.MethodGet {
		var list []any
		for _, kind := range document.Kinds() {
			list = append(list, map[string]any{"name": assets.Name(kind)})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"index_templates": list})
		return
	}
	z, err := gzip.NewReader(r.Body)
	if !f.on || err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(z); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	items := []any{}
	for lines := bytes.Split(bytes.TrimSpace(text.Bytes()), []byte("\n")); len(lines) > 1; lines = lines[2:] {
		var action map[string]struct {
			Index string `json:"_index"`
			ID    string `json:"_id"`
		}
		if err := json.Unmarshal(lines[0], &action); err != nil {
			panic(err)
		}
		for op, a := range action {
			if f.docs[a.Index] == nil {
				f.docs[a.Index] = map[string]bool{}
			}
			f.docs[a.Index][a.ID] = true
			items = append(items, map[string]any{op: map[string]any{"status": 201}})
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": false, "items": items})
}

func (f *elasticFake) count(index string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.docs[index])
}

// TestElastic: a server that was away while the daemon received, and was stopped and started again, has the records and alerts that are in the
// store.
func TestElastic(t *testing.T) {
	f := &elasticFake{docs: map[string]map[string]bool{}}
	s := httptest.NewServer(f)
	defer s.Close()
	list, _, base := flood(t)
	cfg := daemon.Config{Config: base, Clock: pipeline.ExportClock}
	cfg.Data, cfg.Listen, cfg.API.Listen = t.TempDir(), []string{anyPort}, ""
	cfg.Elastic.Nodes, cfg.Elastic.Namespace = []string{s.URL}, "soc"
	d := start(t, cfg)
	feed(t, d, list)
	if err := d.Pipeline().Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Store().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	alerts, err := d.Store().Alerts(t.Context(), query.AlertQuestion{})
	if err != nil {
		t.Fatal(err)
	}
	records := total(t, d.Store(), query.Question{Measure: query.Flows})
	stop(t, d)
	f.mu.Lock()
	f.on = true
	f.mu.Unlock()
	d = start(t, cfg)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if f.count("logs-weir.flow-soc") >= int(records) && f.count("weir-alerts-soc") >= len(alerts) && f.count("metrics-weir.exporter-soc") > 0 {
			break
		}
	}
	stop(t, d)
	got := fmt.Sprint(f.count("logs-weir.flow-soc"), f.count("weir-alerts-soc"), f.count("logs-weir.alert-soc") > 0, f.count("logs-weir.session-soc") > 0, f.count("metrics-weir.exporter-soc") > 0)
	if want := fmt.Sprint(records, len(alerts), true, true, true); got != want || records == 0 || len(alerts) == 0 {
		t.Errorf("%s, want %s", got, want)
	}
}
