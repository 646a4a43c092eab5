//go:build cgo && linux

package plugin_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/weirflow/weir/grafana-datasource/pkg/plugin"
)

// maxPanel is how long a panel may take that nobody has asked for before.
const maxPanel = time.Second

// TestSoakPanels asks what every panel of every dashboard asks, one after the other, of the last hour of a collector that is running at
// WEIR_PANELS_URL, such as one on the folder of make bench-history. WEIR_PANELS_TO is the end of the hour; without it it is now.
func TestSoakPanels(t *testing.T) {
	url := os.Getenv("WEIR_PANELS_URL")
	if url == "" {
		t.Skip("WEIR_PANELS_URL names no collector")
	}
	to := time.Now()
	if text := os.Getenv("WEIR_PANELS_TO"); text != "" {
		var err error
		if to, err = time.Parse(time.RFC3339, text); err != nil {
			t.Fatal(err)
		}
	}
	if worst := askPanels(t, sourceOf(t, settingsOf(url, `{"shareSeconds":0}`, nil)), backend.TimeRange{From: to.Add(-time.Hour), To: to}); worst > maxPanel {
		t.Errorf("a panel takes %s", worst)
	}
}

// askPanels asks what every panel asks, tells how long they took, and returns the longest time.
func askPanels(t *testing.T, d *plugin.Datasource, of backend.TimeRange) time.Duration {
	t.Helper()
	files, err := filepath.Glob("../../src/dashboards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no dashboards", err)
	}
	var took []time.Duration
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var board shown
		if err := json.Unmarshal(text, &board); err != nil {
			t.Fatal(file, err)
		}
		for _, p := range board.Panels {
			for _, target := range p.Targets {
				begun := time.Now()
				must(t, d, interpolated(t, target), of)
				took = append(took, time.Since(begun))
				if last := took[len(took)-1]; last > maxPanel/2 {
					t.Logf("%s, %s: %s", filepath.Base(file), p.Title, last)
				}
			}
		}
	}
	t.Logf("%d panels: median %s, p95 %s, worst %s", len(took), at(took, 0.5), at(took, 0.95), at(took, 1))
	return at(took, 1)
}
