//go:build cgo

package daemon_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink/hec/hectest"
)

// TestHEC: a Splunk that was away while the daemon received, and was stopped and started again, has the alerts that are in the
// store, sessions and exporters, in the indexes of their kinds; and the counters are among the metrics.
func TestHEC(t *testing.T) {
	server := hectest.New(t, hectest.Config{Token: "let-me-in", Ack: true, Keep: true, Indexes: []string{"netflow", "security", "main"}})
	server.Stop()
	list, _, base := flood(t)
	cfg := daemon.Config{Config: base, Clock: pipeline.ExportClock}
	cfg.Data, cfg.Listen = t.TempDir(), []string{anyPort}
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("let-me-in\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	parsed, err := config.Parse("weir.yaml", fmt.Appendf(nil,
		"outputs: {splunk: {type: hec, url: '%s', ca: '%s', token: {file: '%s'}, flows: sessions, index: {session: netflow, alert: security, exporter: main}}}", server.URL(), server.CA(), token))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Outputs, cfg.API.Listen = parsed.Outputs, ""
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
	if _, text := get(t, cfg.Data, "/metrics"); !strings.Contains(text, `weir_hec_events_total{kind="session",output="splunk"} `) || !strings.Contains(text, `weir_output_waiting_events{output="splunk",type="hec"} `) {
		t.Error("the counters are not among the metrics")
	}
	stop(t, d)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	start(t, cfg)
	found := map[string]map[string]bool{} // sourcetype and index to ids
	await(t, func() bool {
		clear(found)
		for _, ev := range server.Events() {
			at := ev.Sourcetype + " " + ev.Index
			if found[at] == nil {
				found[at] = map[string]bool{}
			}
			found[at][ev.Subject()] = true
		}
		return len(found["weir:alert security"]) >= len(alerts) && len(found["weir:exporter main"]) > 0 && len(found["weir:session netflow"]) > 0
	})
	if len(found["weir:alert security"]) != len(alerts) || len(alerts) == 0 {
		t.Errorf("%d alerts, want %d", len(found["weir:alert security"]), len(alerts))
	}
	for _, a := range alerts {
		if !found["weir:alert security"][a.ID] {
			t.Errorf("alert %s is missing", a.ID)
		}
	}
	if list := server.Changed(); len(list) > 0 {
		t.Errorf("came again with another text: %v", list)
	}
}
