package pipeline_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
)

func TestOpenAlerts(t *testing.T) {
	path, log := filepath.Join(t.TempDir(), "alerts.json"), slog.New(slog.DiscardHandler)
	now := time.Unix(1772438545, 0)
	load := func() []flow.Alert {
		t.Helper()
		list, err := pipeline.NewOpenAlerts(path, log).Load()
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if list := load(); len(list) > 0 {
		t.Errorf("a file that is not there has %v", list)
	}
	o := pipeline.NewOpenAlerts(path, log)
	o.Take([]flow.Alert{{ID: "b", State: flow.AlertActive}, {ID: "a", State: flow.AlertActive}})
	o.Keep(now, false)
	if list := load(); len(list) != 2 || list[0].ID != "a" {
		t.Errorf("%v", list)
	}
	o.Take([]flow.Alert{{ID: "a", State: flow.AlertEnded}})
	o.Keep(now.Add(time.Second), false)
	if list := load(); len(list) != 2 {
		t.Errorf("saved before its time: %v", list)
	}
	o.Keep(now.Add(time.Second), true)
	if list := load(); len(list) != 1 || list[0].ID != "b" {
		t.Errorf("%v", list)
	}
	if err := os.WriteFile(path, []byte("[{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if list := load(); len(list) > 0 {
		t.Errorf("a broken file has %v", list)
	}
}
