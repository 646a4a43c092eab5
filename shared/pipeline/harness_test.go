package pipeline_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/sink"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a sink that keeps copies of all records and the last state of every alert. With gate set, it waits for it before
// each batch.
type memory struct {
	gate chan struct{}
	drop bool // keep no records

	mu      sync.Mutex
	records []flow.Record
	alerts  map[string]flow.Alert
	told    int // changes of alerts
}

func newMemory() *memory { return &memory{alerts: map[string]flow.Alert{}} }

func (m *memory) WriteBatch(_ context.Context, b *flow.Batch) error {
	if m.gate != nil {
		<-m.gate
	}
	m.mu.Lock()
	if !m.drop {
		m.records = append(m.records, b.Records...)
	}
	m.mu.Unlock()
	s := flow.NewSettlement()
	s.Add(b, nil)
	s.Commit()
	return nil
}

func (m *memory) WriteAlerts(_ context.Context, alerts []flow.Alert) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.told += len(alerts)
	for _, a := range alerts {
		m.alerts[a.ID] = a
	}
	return nil
}

// assemble builds a pipeline with a memory sink and stops it at the end of the test.
func assemble(t *testing.T, cfg pipeline.Config) (*pipeline.Core, *pipeline.Pipeline, *memory) {
	t.Helper()
	return assembleWith(t, cfg, newMemory())
}

func assembleWith(t *testing.T, cfg pipeline.Config, m *memory) (*pipeline.Core, *pipeline.Pipeline, *memory) {
	t.Helper()
	core, err := pipeline.Assemble(config.Default(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	p, err := core.Pipeline(cfg, pipeline.Sinks{Records: m, Alerts: []sink.Alerts{m}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return core, p, m
}

// replaying is the configuration of a replay.
func replaying() pipeline.Config {
	return pipeline.Config{Clock: pipeline.ReceiveClock, Blocking: true}
}

// checkAccount holds the identities of the loss account.
func checkAccount(t *testing.T, a *flow.Account) {
	t.Helper()
	for _, s := range a.Streams() {
		if in, out := s.Datagrams.Load(), s.Decoded.Load()+s.Refused.Sum(); in != out {
			t.Errorf("%v: %d datagrams, %d accounted for", s.Key, in, out)
		}
		if in, out := s.Sets.Load(), s.SetsDecoded.Load()+uint64(s.Waiting.Load())+s.SetsExpired.Sum(); in != out {
			t.Errorf("%v: %d sets, %d accounted for", s.Key, in, out)
		}
		out := s.Stored.Load() + s.AlreadyStored.Load() + s.SetAside.Sum() + s.Dropped.Sum() + uint64(s.InFlight.Load())
		if in := s.Records.Load(); in != out {
			t.Errorf("%v: %d records, %d accounted for", s.Key, in, out)
		}
	}
}

// eventually waits until ok holds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func defaultConfig() config.Config { return config.Default() }

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
