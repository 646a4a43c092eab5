package pipeline_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// faultsOf returns the kinds of all faults of a core's exporters.
func faultsOf(core *pipeline.Core) (list []string) {
	for _, s := range core.Account.Streams() {
		r := core.Detectors.Health.Report(s.Key)
		if r == nil {
			continue
		}
		for _, f := range r.Faults {
			if !slices.Contains(list, f.Kind) {
				list = append(list, f.Kind)
			}
		}
	}
	slices.Sort(list)
	return list
}

// alertsAbout returns the titles of all alerts about exporters.
func alertsAbout(m *memory) (titles []string) {
	for _, a := range m.alerts {
		if a.Detector == health.DetectorName {
			titles = append(titles, a.Title)
		}
	}
	return titles
}

// TestHealthyExporters: nothing is said of the exporters of generated traffic, whatever attacks there are in it.
func TestHealthyExporters(t *testing.T) {
	for _, c := range []struct {
		scenario string
		protocol encode.Protocol
		sampling uint32
	}{
		{"flood", encode.NetFlow5, 1},
		{"flood", encode.NetFlow9, 1},
		{"flood", encode.NetFlow9, 100},
		{"flood", encode.IPFIX, 1},
		{"flood", encode.IPFIX, 1000},
		{"walkthrough", encode.NetFlow9, 1},
		{"quiet-day", encode.IPFIX, 1},
		{"mixed", encode.NetFlow9, 1},
	} {
		if raceEnabled && c.scenario != "flood" {
			continue
		}
		t.Run(fmt.Sprintf("%s %v 1:%d", c.scenario, c.protocol, c.sampling), func(t *testing.T) {
			cfg := scenario(c.scenario, 3, c.protocol)
			cfg.Hosts, cfg.Sampling = 20, c.sampling
			if c.scenario != "flood" {
				cfg.Scale = 0.1
			}
			core, m, _ := play(t, cfg, replaying())
			if faults, alerts := faultsOf(core), alertsAbout(m); len(faults) > 0 || len(alerts) > 0 {
				t.Errorf("faults %v, alerts %q", faults, alerts)
			}
		})
	}
}

// TestEffects: of what generated exporters really have, it is said.
func TestEffects(t *testing.T) {
	for _, c := range []struct {
		effect string
		faults []string
		alerts int
	}{
		{"skew", []string{"clock_offset"}, 2},
		{"noflags", []string{"flags_missing"}, 2},
		{"restart", nil, 1}, // silent for a minute
		{"wrap", nil, 0},
		{"duplicates", nil, 0},
	} {
		t.Run(c.effect, func(t *testing.T) {
			cfg := scenario("flood", 3, encode.NetFlow9)
			cfg.Hosts = 20
			var err error
			if cfg.Effects, err = traffic.ParseEffects(c.effect); err != nil {
				t.Fatal(err)
			}
			core, m, _ := play(t, cfg, replaying())
			if faults, alerts := faultsOf(core), alertsAbout(m); !slices.Equal(faults, c.faults) || len(alerts) != c.alerts {
				t.Errorf("faults %v, want %v; alerts %q, want %d", faults, c.faults, alerts, c.alerts)
			}
		})
	}
}
