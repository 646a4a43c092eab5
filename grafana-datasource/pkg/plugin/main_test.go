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

// sharedLab is what the tests share: a collector with the walk-through and a flood, which takes some seconds to fill, and the executable.
type sharedLab struct {
	once, built sync.Once
	err, broken error
	dir, weir   string
	gpx         string
	collector   *weirtest.Collector
}

var lab sharedLab

// plugin returns the path of the plugin's executable.
func (l *sharedLab) plugin(t *testing.T) string {
	t.Helper()
	l.built.Do(func() { l.gpx, l.broken = weirtest.BuildPlugin(context.Background(), l.dir) })
	if l.broken != nil {
		t.Fatal(l.broken)
	}
	return l.gpx
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

// labConfig has links into tools, and none that come and go with what the collector has built in.
const labConfig = `
pivots:
  splunk: {url: "https://splunk.example.net:8000"}
  kibana: {url: "https://kibana.example.net", data_view: weir-records}
  custom:
    case: {title: Case, url: "https://soar.example.net/new?alert={alert}&host={ip}"}
    assets: {title: Assets, url: "https://assets.example.net/{ip}?at={from:unix}"}
  disabled: [sans-isc, otx, spamhaus, project-honey-pot, abuseipdb, ripestat]
`
