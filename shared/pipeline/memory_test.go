package pipeline_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
)

// remember opens the memory in a folder, and returns the alerts that it knows to be open.
func remember(t *testing.T, dir string) (*pipeline.Memory, []flow.Alert) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	core, err := pipeline.Assemble(config.Default(), log)
	if err != nil {
		t.Fatal(err)
	}
	m := pipeline.NewMemory(dir, core, log)
	open, err := m.Load(time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return m, open
}

func alertIn(id string, state flow.AlertState) flow.Alert {
	return flow.Alert{ID: id, Detector: "dos.volumetric.host", State: state}
}

// TestMemory: alerts that have not ended are there in the next run.
func TestMemory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "weir")
	m, open := remember(t, dir)
	if len(open) > 0 {
		t.Errorf("open at first: %v", open)
	}
	m.Alerts.Take([]flow.Alert{alertIn("a", flow.AlertActive), alertIn("b", flow.AlertActive)})
	m.Keep(time.Time{}, true)
	m.Alerts.Take([]flow.Alert{alertIn("a", flow.AlertEnded)})
	m.Keep(time.Time{}, true)
	if _, open = remember(t, dir); len(open) != 1 || open[0].ID != "b" || open[0].Detector != "dos.volumetric.host" {
		t.Errorf("open: %+v", open)
	}
}

// TestMemoryIsNoMust: with a broken file, a folder that cannot be made, or none, there is no error, and nothing is remembered.
func TestMemoryIsNoMust(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "alerts.json")
	if err := os.WriteFile(broken, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, open := remember(t, dir); len(open) > 0 {
		t.Errorf("open: %v", open)
	}
	for _, dir := range []string{filepath.Join(broken, "below a file"), ""} {
		m, _ := remember(t, dir)
		m.Alerts.Take([]flow.Alert{alertIn("a", flow.AlertActive)})
		m.Keep(time.Time{}, true)
		if _, open := remember(t, dir); len(open) > 0 {
			t.Errorf("%q: open: %v", dir, open)
		}
	}
}
