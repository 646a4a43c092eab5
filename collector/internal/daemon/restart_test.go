//go:build cgo

package daemon_test

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/traffic"
)

// TestRestartKeepsTemplates: data of the second run is decoded by templates of the first, and a datagram lost between them shows.
func TestRestartKeepsTemplates(t *testing.T) {
	cfg := testConfig(t.TempDir(), anyPort)
	list := benchDatagrams(t, 6)
	d := start(t, cfg)
	feed(t, d, list[:4])
	stop(t, d)
	d = start(t, cfg)
	feed(t, d, list[5:]) // the fifth is lost
	a := askExporters(t, cfg.Data)
	if len(a) != 1 || a[0].Records != 5*24 || a[0].Gaps != 1 || a[0].Waiting != 0 || len(a[0].SetsExpired) > 0 {
		t.Errorf("accounts %+v", a)
	}
	stop(t, d)
	d = start(t, cfg)
	r, err := d.Store().Aggregate(t.Context(), query.Question{Measure: query.Flows, AllCopies: true})
	if err != nil || r.Loss.Gaps != 1 || r.Loss.InRange == nil || r.Loss.InRange.Gaps != 1 || r.Rows[0][0] != uint64(120) {
		t.Errorf("after another start: %+v, %v", r, err)
	}
	// What is missing was not lost yesterday, as far as the collector knows.
	yesterday := query.Question{Measure: query.Flows, From: time.Now().Add(-48 * time.Hour), To: time.Now().Add(-24 * time.Hour)}
	if r, err = d.Store().Aggregate(t.Context(), yesterday); err != nil || r.Loss.Gaps != 1 || *r.Loss.InRange != (query.LossInRange{}) {
		t.Errorf("yesterday: %+v, %v", r.Loss, err)
	}
}

// flood generates half an hour with a flood, its exporters on addresses of loopback, and its configuration.
func flood(t *testing.T) (list []sent, truth traffic.Truth, cfg config.Config) {
	t.Helper()
	gen := traffic.DefaultConfig()
	gen.Scenario, gen.Seed, gen.Hosts = "flood", 5, 50
	dir := t.TempDir()
	result, err := traffic.WriteDir(t.Context(), gen, dir)
	if err != nil {
		t.Fatal(err)
	}
	if cfg, err = config.Load(filepath.Join(dir, traffic.ConfigFile)); err != nil {
		t.Fatal(err)
	}
	from := map[string]string{}
	_, err = traffic.Generate(t.Context(), gen, traffic.SinkFunc(func(d traffic.Datagram) error {
		key := d.Exporter.Addr().String()
		if from[key] == "" {
			from[key] = fmt.Sprintf("127.0.0.%d:0", 2+len(from))
		}
		list = append(list, sent{from[key], slices.Clone(d.Payload)})
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	return list, result.Truth[0], cfg
}

// middle returns where in the list the middle of the attack is, by the export times in the headers of NetFlow v9.
func middle(t *testing.T, list []sent, truth traffic.Truth) int {
	t.Helper()
	half := truth.Start.Add(truth.End.Sub(truth.Start) / 2).Unix()
	for i, s := range list {
		if int64(binary.BigEndian.Uint32(s.payload[8:])) >= half {
			return i
		}
	}
	t.Fatal("the attack has no middle")
	return 0
}

// alertsOf returns the alerts about an entry of truth.
func alertsOf(t *testing.T, d *daemon.Daemon, truth traffic.Truth) (found []flow.Alert) {
	t.Helper()
	if err := d.Store().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := d.Store().Alerts(t.Context(), query.AlertQuestion{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if a.Detector == truth.Detector && slices.Contains(a.Victims, truth.Victims[0]) {
			found = append(found, a)
		}
	}
	return found
}

func open(a *flow.Alert) bool { return a.State != flow.AlertEnded }

// TestRestartKeepsAlerts: an alert that is open when the daemon stops goes on in the next run under its id, which is the same as
// without a restart.
func TestRestartKeepsAlerts(t *testing.T) {
	list, truth, base := flood(t)
	run := func(parts ...[]sent) []flow.Alert {
		cfg := daemon.Config{Config: base, Clock: pipeline.ExportClock}
		cfg.Data, cfg.Listen, cfg.API.Listen = t.TempDir(), []string{anyPort}, ""
		var d *daemon.Daemon
		for i, part := range parts {
			if d != nil {
				stop(t, d)
			}
			d = start(t, cfg)
			feed(t, d, part)
			if i < len(parts)-1 {
				if a := alertsOf(t, d, truth); len(a) != 1 || !open(&a[0]) {
					t.Fatalf("before the restart: %+v", a)
				}
			}
		}
		defer stop(t, d)
		return alertsOf(t, d, truth)
	}
	half := middle(t, list, truth)
	whole, restarted := run(list), run(list[:half], list[half:])
	if len(whole) != 1 || len(restarted) != 1 || whole[0].ID != restarted[0].ID {
		t.Fatalf("alerts without restart %+v\nwith one %+v", whole, restarted)
	}
	if !whole[0].Start.Equal(restarted[0].Start) || !restarted[0].Last.Equal(whole[0].Last) {
		t.Errorf("without restart %+v\nwith one %+v", whole[0], restarted[0])
	}
}
