//go:build cgo

package daemon_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/pivot"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
)

// pager takes events once it is switched on.
type pager struct {
	mu     sync.Mutex
	on     bool
	events []sink.Event
}

func (p *pager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var doc struct{ Alerts []sink.Event }
	if !p.on || json.NewDecoder(r.Body).Decode(&doc) != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	p.events = append(p.events, doc.Alerts...)
}

func (p *pager) of(id string) (list []sink.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.events {
		if e.ID == id {
			list = append(list, e)
		}
	}
	return list
}

// TestOutputs: a receiver that was away while an attack was found, and while the daemon was restarted in its middle, learns of it as one
// alert that is raised once.
func TestOutputs(t *testing.T) {
	p := &pager{}
	s := httptest.NewServer(p)
	defer s.Close()
	list, truth, base := flood(t)
	cfg := daemon.Config{Config: base, Clock: pipeline.ExportClock}
	cfg.Data, cfg.Listen, cfg.API.Listen = t.TempDir(), []string{anyPort}, ""
	parsed, err := config.Parse("weir.yaml", []byte("outputs: {pager: {type: webhook, url: '"+s.URL+"/x'}}"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Outputs = parsed.Outputs
	cfg.Pivots.Custom = []pivot.Custom{{Name: "case", URL: "https://soc.example.net/{alert}"}}
	half := middle(t, list, truth)
	d := start(t, cfg)
	feed(t, d, list[:half])
	stop(t, d)
	if _, err := os.Stat(filepath.Join(cfg.Data, "outputs", "pager")); err != nil {
		t.Error(err)
	}
	p.mu.Lock()
	p.on = true
	p.mu.Unlock()
	d = start(t, cfg)
	feed(t, d, list[half:])
	found := alertsOf(t, d, truth)
	if len(found) != 1 {
		t.Fatalf("%d alerts", len(found))
	}
	last := found[0]
	await(t, func() bool { e := p.of(last.ID); return len(e) > 1 && e[len(e)-1].State == last.State })
	if len(last.Pivots) > 0 {
		t.Errorf("links are stored: %v", last.Pivots)
	}
	c, err := query.NewClient(query.ClientConfig{Socket: filepath.Join(cfg.Data, daemon.SocketName)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	linked, err := c.Pivots(t.Context(), query.PivotQuestion{Subject: last.ID})
	shown, errShown := c.Alerts(t.Context(), query.AlertQuestion{Host: last.Victims[0]})
	if err != nil || errShown != nil || len(linked) < 2 || len(shown) == 0 || len(shown[0].Pivots) < 2 {
		t.Errorf("%v %v, %v %v", linked, err, shown, errShown)
	}
	for i, e := range p.of(last.ID) {
		if len(e.Pivots) == 0 || e.Pivots[0] != (flow.AlertPivot{Title: "case", URL: "https://soc.example.net/" + e.ID}) {
			t.Errorf("event %d has links %v", i, e.Pivots)
		}
		if (e.Change == sink.Raised) != (i == 0) {
			t.Errorf("event %d says %s", i, e.Change)
		}
		if i > 0 && e.Sequence <= p.of(last.ID)[i-1].Sequence {
			t.Errorf("event %d has sequence number %d", i, e.Sequence)
		}
	}
}
