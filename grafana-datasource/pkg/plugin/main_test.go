//go:build cgo

package plugin_test

import (
	"context"
	"flag"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/weirflow/weir/grafana-datasource/internal/weirtest"
)

var update = flag.Bool("update", false, "write golden files anew")

// lab is what the tests share: a collector with the walk-through and a flood, which takes some seconds to fill.
var lab struct {
	once      sync.Once
	err       error
	dir, weir string
	collector *weirtest.Collector
}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if lab.collector != nil {
		lab.collector.Stop()
	}
	if lab.dir != "" {
		_ = os.RemoveAll(lab.dir)
	}
	os.Exit(code)
}

// collector returns the collector that tests share.
func collector(t *testing.T) *weirtest.Collector {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a collector")
	}
	lab.once.Do(func() {
		if lab.dir, lab.err = os.MkdirTemp("", "weir-grafana-"); lab.err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
		defer cancel()
		if lab.weir, lab.err = weirtest.Build(ctx, lab.dir); lab.err != nil {
			return
		}
		lab.collector, lab.err = weirtest.Start(ctx, lab.weir, lab.dir, labConfig,
			weirtest.Scenario{Name: "walkthrough", Args: []string{"--seed", "4", "--scale", "0.01", "--hosts", "15"}},
			weirtest.Scenario{Name: "flood", Args: []string{"--seed", "4", "--scale", "0.05", "--hosts", "15", "--protocol", "sflow"}})
	})
	if lab.err != nil {
		t.Fatal(lab.err)
	}
	return lab.collector
}

// labConfig has links into every kind of tool.
const labConfig = `
pivots:
  collector: {url: "https://weir.example.net"}
  splunk: {url: "https://splunk.example.net:8000"}
  kibana: {url: "https://kibana.example.net", data_view: weir-records}
`
