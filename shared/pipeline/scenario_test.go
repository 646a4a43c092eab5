package pipeline_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// play generates a scenario straight into a pipeline on its virtual clock.
func play(t *testing.T, scenario traffic.Config, cfg pipeline.Config) (*pipeline.Core, *memory, *traffic.Result) {
	t.Helper()
	core, p, m := assemble(t, cfg)
	result, err := traffic.Generate(context.Background(), scenario, traffic.SinkFunc(func(d traffic.Datagram) error {
		p.Handle(0, []listen.Datagram{{Payload: d.Payload, Source: d.Exporter, Received: d.Time.UnixNano()}})
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(context.Background()); err != nil {
		t.Fatal(err)
	}
	return core, m, result
}

func scenario(name string, seed uint64, protocol encode.Protocol) traffic.Config {
	cfg := traffic.DefaultConfig()
	cfg.Scenario, cfg.Seed, cfg.Protocol, cfg.Hosts = name, seed, protocol, 60
	return cfg
}

// TestFlood: every protocol's flood is one reflection alert on its victim, and nothing of weight anywhere else.
func TestFlood(t *testing.T) {
	for seed, protocol := range map[uint64]encode.Protocol{1: encode.NetFlow5, 2: encode.NetFlow9, 3: encode.IPFIX, 4: encode.SFlow5} {
		t.Run(fmt.Sprintf("%v seed %d", protocol, seed), func(t *testing.T) {
			cfg := scenario("flood", seed, protocol)
			if protocol == encode.SFlow5 {
				cfg.Sampling = 200
			}
			core, m, result := play(t, cfg, replaying())
			checkAccount(t, core.Account)
			if uint64(len(m.records)) != result.Records {
				t.Errorf("%d records, generated %d", len(m.records), result.Records)
			}
			truth := result.Truth[0]
			reflections := 0
			for _, a := range m.alerts {
				onVictim := slices.Equal(a.Victims, truth.Victims)
				if strings.HasPrefix(a.Detector, "dos.reflection") && onVictim {
					reflections++
					if a.Detector != truth.Detector {
						t.Errorf("found %s, was %s", a.Detector, truth.Detector)
					}
				}
				if !onVictim && a.Severity >= 40 {
					t.Errorf("%s on %v, which was not attacked", a.Title, a.Victims)
				}
				if a.State != flow.AlertEnded && a.State != flow.AlertWatching {
					t.Errorf("%s is %s after the end", a.Title, a.State)
				}
			}
			if reflections != 1 {
				t.Errorf("%d reflection alerts on the victim", reflections)
			}
		})
	}
}

// TestSameAlerts: the same input gives the same alerts, however it is cut into batches.
func TestSameAlerts(t *testing.T) {
	var first map[string]flow.Alert
	for _, size := range []int{2048, 2048, 100, 7000} {
		cfg := replaying()
		cfg.BatchRecords = size
		_, m, _ := play(t, scenario("flood", 4, encode.NetFlow9), cfg)
		if first == nil {
			first = maps.Clone(m.alerts)
		}
		if diff := cmp.Diff(first, m.alerts); diff != "" || len(first) == 0 {
			t.Errorf("%d alerts; batches of %d records give others:\n%s", len(first), size, diff)
		}
	}
}

// TestQuietDay: a day without attacks raises nothing that wakes anybody.
func TestQuietDay(t *testing.T) {
	_, m, _ := play(t, scenario("quiet-day", 1, encode.NetFlow9), replaying())
	for _, a := range m.alerts {
		if a.Severity >= 40 {
			t.Errorf("%s (severity %d)", a.Title, a.Severity)
		}
	}
}
