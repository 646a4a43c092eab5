package pipeline_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// scene generates a scenario into a folder and replays it with the weir.yaml beside it.
func scene(t *testing.T, cfg traffic.Config) (*memory, *traffic.Result) {
	t.Helper()
	dir := t.TempDir()
	result, err := traffic.WriteDir(context.Background(), cfg, dir)
	if err != nil {
		t.Fatal(err)
	}
	conf, err := config.Load(filepath.Join(dir, "weir.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	core, err := pipeline.Assemble(conf, discard())
	if err != nil {
		t.Fatal(err)
	}
	m := newMemory()
	m.drop = true
	p, err := core.Pipeline(replaying(), pipeline.Sinks{Records: m, Alerts: []sink.Alerts{m}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	if err := p.Replay(context.Background(), []string{filepath.Join(dir, "traffic.pcap")}, pipeline.ReplayConfig{}); err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(context.Background()); err != nil {
		t.Fatal(err)
	}
	return m, result
}

// TestSamplingNoise: a day without attacks raises nothing above low at any sampling.
func TestSamplingNoise(t *testing.T) {
	intervals := []uint32{2, 10, 100, 1000, 4096}
	if raceEnabled {
		intervals = []uint32{1000}
	}
	for i, n := range intervals {
		t.Run(fmt.Sprintf("1:%d", n), func(t *testing.T) {
			cfg := scenario("quiet-day", uint64(i+1), encode.NetFlow9)
			cfg.Sampling = n
			m, _ := scene(t, cfg)
			for _, a := range m.alerts {
				if a.Severity >= 40 {
					t.Errorf("%s (severity %d)", a.Title, a.Severity)
				}
			}
		})
	}
}

// TestSampledMix: what looks like attacks raises nothing under sampling that it may not, scans by hosts whose role it is included; every
// alert says what sampling means for it.
func TestSampledMix(t *testing.T) {
	intervals := []uint32{1, 10, 100}
	if raceEnabled {
		intervals = []uint32{100}
	}
	for i, n := range intervals {
		t.Run(fmt.Sprintf("1:%d", n), func(t *testing.T) {
			cfg := scenario("mixed", uint64(i+1), encode.NetFlow9)
			cfg.Sampling = n
			m, result := scene(t, cfg)
			for _, a := range m.alerts {
				if a.Severity >= 20 && !explained(&a, result.Truth) {
					t.Errorf("%s: %s (%s)", a.Detector, a.Title, a.SeverityLabel)
				}
				if n > 1 && !strings.HasPrefix(a.Sampling, fmt.Sprintf("Sampled 1:%d: ", n)) {
					t.Errorf("%s: sampling %q", a.Detector, a.Sampling)
				}
			}
		})
	}
}

// explained tells whether an alert touches something that is no benign traffic, or benign traffic that may raise it.
func explained(a *flow.Alert, truth []traffic.Truth) bool {
	return slices.ContainsFunc(truth, func(e traffic.Truth) bool {
		if a.Start.After(e.End.Add(2*time.Minute)) || a.Last.Before(e.Start.Add(-2*time.Minute)) {
			return false
		}
		if e.Kind == traffic.KindBenign && !slices.Contains(e.Allowed, a.Detector) {
			return false
		}
		return slices.ContainsFunc(append(slices.Clone(e.Actors), e.Victims...), func(host string) bool {
			return slices.Contains(a.Actors, host) || slices.Contains(a.Victims, host)
		})
	})
}
