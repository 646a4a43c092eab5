//go:build cgo

package daemon_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/listen/send"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/traffic"
)

// lastAlerts keeps the last state of alerts.
type lastAlerts map[string]flow.Alert

func (l lastAlerts) WriteAlerts(_ context.Context, alerts []flow.Alert) error {
	for _, a := range alerts {
		l[a.ID] = a
	}
	return nil
}

// TestLiveEqualsReplay: traffic sent through sockets as fast as it goes, on the clock of the exporters, gives the alerts that a replay
// of the capture gives.
func TestLiveEqualsReplay(t *testing.T) {
	dir := t.TempDir()
	scenario := traffic.DefaultConfig()
	scenario.Scenario, scenario.Seed, scenario.Scale, scenario.Hosts = "walkthrough", 4, 0.01, 15
	if _, err := traffic.WriteDir(t.Context(), scenario, filepath.Join(dir, "set")); err != nil {
		t.Fatal(err)
	}
	capture := filepath.Join(dir, "set", "traffic.pcap")
	cfg, err := config.Load(filepath.Join(dir, "set", "weir.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := replayed(t, cfg, capture)
	cfg.Data, cfg.Listen, cfg.API.Listen = filepath.Join(dir, "data"), []string{"127.0.0.1:0"}, "127.0.0.1:0"
	d := start(t, daemon.Config{Config: cfg, Clock: pipeline.ExportClock})
	sendAll(t, d, capture)
	if err := d.Pipeline().Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Store().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := d.Store().Alerts(t.Context(), query.AlertQuestion{})
	if err != nil {
		t.Fatal(err)
	}
	if s := d.Sockets()[0]; s.KernelDrops > 0 {
		t.Skipf("the kernel dropped %d datagrams: its buffers are too small here (net.core.rmem_max)", s.KernelDrops)
	}
	if a, b := idsOf(got), idsOf(want); !slices.Equal(a, b) || len(a) < 5 {
		t.Errorf("live %v\nreplay %v", a, b)
	}
}

func replayed(t *testing.T, cfg config.Config, capture string) (list []flow.Alert) {
	t.Helper()
	core, err := pipeline.Assemble(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	heard := lastAlerts{}
	p, err := core.Pipeline(pipeline.Config{Clock: pipeline.ReceiveClock, Blocking: true}, pipeline.Sinks{Alerts: []sink.Alerts{heard}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	if err := p.Replay(t.Context(), []string{capture}, pipeline.ReplayConfig{}); err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, a := range heard {
		list = append(list, a)
	}
	return list
}

func idsOf(alerts []flow.Alert) (list []string) {
	for _, a := range alerts {
		list = append(list, a.Start.Format(time.RFC3339Nano)+" "+a.Detector+" "+a.ID)
	}
	slices.Sort(list)
	return list
}

// sendAll sends a capture, never more at a time than the socket of a laboratory holds.
func sendAll(t *testing.T, d *daemon.Daemon, capture string) {
	t.Helper()
	const window = 4096
	captures, err := listen.MergeCaptures([]string{capture}, listen.CaptureConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer captures.Close()
	admit := func(ctx context.Context, upTo uint64) error {
		for d.Sockets()[0].Delivered+window < upTo && ctx.Err() == nil {
			time.Sleep(50 * time.Microsecond)
		}
		return ctx.Err()
	}
	sender, err := send.New(send.Config{To: d.Sockets()[0].Address.String(), Batch: 64}, send.Deps{Admit: admit})
	if err != nil {
		t.Fatal(err)
	}
	sent, err := sender.Send(t.Context(), captures)
	if err != nil {
		t.Fatal(err)
	}
	if err := admit(t.Context(), sent.Datagrams+window); err != nil {
		t.Fatal(err)
	}
}
