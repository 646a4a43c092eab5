package flowinput

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
)

func openState(t *testing.T, dir string) (*state, []flow.Alert) {
	t.Helper()
	s := &state{dir: dir, log: slog.New(slog.DiscardHandler)}
	list, err := s.open()
	if err != nil {
		t.Fatal(err)
	}
	if s.dir != "" {
		d := decode.New(decode.DefaultConfig(), decode.Deps{Account: flow.NewAccount(), Symbols: flow.NewSymbols()})
		s.templates = pipeline.NewTemplates(filepath.Join(s.dir, templatesName), d, s.log)
		s.account = pipeline.NewAccountFile(filepath.Join(s.dir, accountName), flow.NewAccount(), s.log)
	}
	return s, list
}

// TestOpenAlertsAreKept: those that have not ended are there in the next run.
func TestOpenAlertsAreKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "weir")
	s, list := openState(t, dir)
	if len(list) > 0 {
		t.Errorf("open at first: %v", list)
	}
	s.setAlerts([]flow.Alert{alert("a", flow.AlertActive, 65), alert("b", flow.AlertActive, 65)})
	s.keep(time.Time{}, true)
	s.setAlerts([]flow.Alert{alert("a", flow.AlertEnded, 65)})
	s.keep(time.Time{}, true)
	_, list = openState(t, dir)
	if len(list) != 1 || list[0].ID != "b" || list[0].Detector != "dos.volumetric.host" {
		t.Errorf("open: %+v", list)
	}
}

// TestStateIsNoMust: with a broken file, or a folder that cannot be made, the input works, but forgets.
func TestStateIsNoMust(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, alertsName), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, list := openState(t, dir); len(list) > 0 {
		t.Errorf("open: %v", list)
	}
	s, _ := openState(t, filepath.Join(dir, alertsName, "below a file"))
	s.setAlerts([]flow.Alert{alert("a", flow.AlertActive, 65)})
	s.keep(time.Time{}, true)
	if s.dir != "" {
		t.Error("the folder is used")
	}
}
