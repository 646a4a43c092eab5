package quality

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/score"
	"github.com/weirflow/weir/shared/sink"
)

// Names of the files of a labeled set. The traffic is one of the first two.
const (
	captureName = "traffic.pcap"
	linesName   = "traffic.jsonl"
	truthName   = "truth.jsonl"
	configName  = "weir.yaml"
)

// Deps is what playing is told to.
type Deps struct {
	Log      *slog.Logger
	Progress func(share float64) // nil: none
	Trouble  func(error)         // lines that are no records, captures that are cut; the rest goes on
}

// Play plays the folder's traffic.pcap or traffic.jsonl with its weir.yaml and scores the alerts by its truth.jsonl.
func Play(ctx context.Context, dir string, deps Deps) (score.Tally, error) {
	traffic, err := trafficOf(dir)
	if err != nil {
		return score.Tally{}, err
	}
	truth, err := truthOf(dir)
	if err != nil {
		return score.Tally{}, err
	}
	cfg := config.Default()
	if path := filepath.Join(dir, configName); exists(path) {
		if cfg, err = config.Load(path); err != nil {
			return score.Tally{}, err
		}
	}
	heard, err := play(ctx, cfg, traffic, deps)
	if err != nil {
		return score.Tally{}, fmt.Errorf("%s: %w", dir, err)
	}
	tally := score.Compare(heard.last(), truth, score.Config{})
	tally.Records = heard.records
	if heard.records > 0 {
		tally.Days = float64(heard.newest-heard.oldest) / float64(24*time.Hour)
	}
	return tally, nil
}

func trafficOf(dir string) (string, error) {
	for _, name := range []string{captureName, linesName} {
		if path := filepath.Join(dir, name); exists(path) {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s has neither %s nor %s: name folders as weir gen makes them", dir, captureName, linesName)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func truthOf(dir string) ([]score.Truth, error) {
	path := filepath.Join(dir, truthName)
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("truth about the traffic: %w", err)
	}
	defer f.Close()
	return score.ReadTruth(f, path)
}

func play(ctx context.Context, cfg config.Config, file string, deps Deps) (*listener, error) {
	core, err := pipeline.Assemble(cfg, deps.Log)
	if err != nil {
		return nil, err
	}
	heard := &listener{alerts: map[string]flow.Alert{}}
	p, err := core.Pipeline(pipeline.Config{Clock: pipeline.ReceiveClock, Blocking: true}, pipeline.Sinks{Records: heard, Alerts: []sink.Alerts{heard}}, time.Now)
	if err != nil {
		return nil, err
	}
	if err := p.Start(); err != nil {
		return nil, err
	}
	defer p.Stop()
	err = p.Replay(ctx, []string{file}, pipeline.ReplayConfig{Progress: deps.Progress, Trouble: deps.Trouble})
	return heard, errors.Join(err, p.Finish(ctx))
}

// listener keeps the last state of every alert, and how much traffic there was. The pipeline calls it from one goroutine.
type listener struct {
	alerts         map[string]flow.Alert
	order          []string
	records        uint64
	oldest, newest int64 // ends of records
}

// WriteBatch implements sink.Records: records are counted and let go.
func (l *listener) WriteBatch(_ context.Context, b *flow.Batch) error {
	for i := range b.Records {
		end := b.Records[i].End
		if b.Records[i].Invalid != flow.ReasonNone || end == 0 {
			continue
		}
		if l.oldest == 0 {
			l.oldest = end
		}
		l.oldest, l.newest = min(l.oldest, end), max(l.newest, end)
	}
	l.records += uint64(len(b.Records))
	s := flow.NewSettlement()
	s.Add(b, nil)
	s.Commit()
	return nil
}

// WriteAlerts implements sink.Alerts.
func (l *listener) WriteAlerts(_ context.Context, alerts []flow.Alert) error {
	for i := range alerts {
		if _, ok := l.alerts[alerts[i].ID]; !ok {
			l.order = append(l.order, alerts[i].ID)
		}
		l.alerts[alerts[i].ID] = alerts[i]
	}
	return nil
}

func (l *listener) last() []flow.Alert {
	list := make([]flow.Alert, len(l.order))
	for i, id := range l.order {
		list[i] = l.alerts[id]
	}
	return list
}
