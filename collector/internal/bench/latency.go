package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/weirflow/weir/collector/internal/bench/history"
	"github.com/weirflow/weir/shared/query"
)

// LatencyConfig says how a collector with a history is asked.
type LatencyConfig struct {
	Dir    string // folder of the history, see package history
	Weir   string // path of the weir binary
	Rate   int    // records a second that the collector takes meanwhile
	Rounds int    // how often each occasion is asked
	Warmup time.Duration
	// InPlace lets the collector write into the history instead of into a copy.
	InPlace bool
}

// DefaultLatencyConfig is the run that docs/benchmarks.md reports.
func DefaultLatencyConfig() LatencyConfig {
	return LatencyConfig{Dir: ".bench/history", Weir: "bin/weir", Rate: 20_000, Rounds: 10, Warmup: time.Minute}
}

func latencyCommand(ctx context.Context, args []string, std Streams) error {
	cfg := DefaultLatencyConfig()
	fs := newFlags("weir-bench latency", std)
	fs.StringVar(&cfg.Dir, "dir", cfg.Dir, "folder of the history")
	fs.StringVar(&cfg.Weir, "weir", cfg.Weir, "weir binary")
	fs.IntVar(&cfg.Rate, "rate", cfg.Rate, "records a second that are received meanwhile")
	fs.IntVar(&cfg.Rounds, "rounds", cfg.Rounds, "how often each is asked")
	fs.DurationVar(&cfg.Warmup, "warmup", cfg.Warmup, "how long it receives before it is asked")
	fs.BoolVar(&cfg.InPlace, "in-place", false, "let the collector write into the history instead of into a copy")
	if err := parse(fs, args); err != nil {
		return err
	}
	return Latency(ctx, cfg, std.Out, std.Log)
}

// latency is one run.
type latency struct {
	cfg    LatencyConfig
	log    io.Writer
	marker history.Marker
	p      *process
	port   int    // where it takes records
	api    string // where it answers
	client *query.Client
	ready  time.Duration // from start to ready
}

// Latency starts a collector on a history, sends it records, asks it what dashboards ask, and writes the report as Markdown to w.
func Latency(ctx context.Context, cfg LatencyConfig, w, log io.Writer) (err error) {
	l := &latency{cfg: cfg, log: log}
	if l.marker, err = history.ReadMarker(cfg.Dir); err != nil {
		return fmt.Errorf("no history to ask about, make one with weir-bench history: %w", err)
	}
	if err := l.choosePorts(); err != nil {
		return err
	}
	if l.client, err = query.NewClient(query.ClientConfig{URL: "http://" + l.api, HTTP: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}}); err != nil {
		return err
	}
	defer func() { _ = l.client.Close() }() // closes idle connections
	if err := l.start(ctx); err != nil {
		return err
	}
	results, load, err := l.measure(ctx)
	used, usageErr := l.p.usage()
	if err := errors.Join(err, usageErr, l.p.stop()); err != nil {
		return err
	}
	return l.report(w, results, load, used)
}

// start runs the collector, on a copy of the history, and waits until it has nothing to do.
func (l *latency) start(ctx context.Context) error {
	dir, err := filepath.Abs(filepath.Join(l.cfg.Dir, "run"))
	if err != nil {
		return err
	}
	data, err := filepath.Abs(history.DataDir(l.cfg.Dir))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("working folder: %w", err)
	}
	if !l.cfg.InPlace {
		fmt.Fprintln(l.log, "bench: copying the history")
		if err := cloneFolder(data, filepath.Join(dir, "data")); err != nil {
			return err
		}
		data = filepath.Join(dir, "data")
	}
	conf := fmt.Sprintf("listen: [\"127.0.0.1:%d\"]\napi:\n  listen: %s\n%s", l.port, l.api, history.Settings())
	if err := os.WriteFile(filepath.Join(dir, "weir.yaml"), []byte(conf), 0o600); err != nil {
		return fmt.Errorf("write config: %w", err)
	}
	begun := time.Now()
	if l.p, err = startProcess(ctx, dir, absolute(l.cfg.Weir), "run", "--config", "weir.yaml", "--data", data); err != nil {
		return err
	}
	if err := l.awaitReady(ctx); err != nil {
		return errors.Join(err, l.p.stop())
	}
	l.ready = time.Since(begun)
	fmt.Fprintf(l.log, "bench: ready after %s\n", show(l.ready))
	err = awaitIdle(ctx, l.log, func() (time.Duration, error) { u, err := l.p.usage(); return u.cpu, err })
	if err != nil {
		return errors.Join(err, l.p.stop())
	}
	return nil
}

// awaitReady waits until the collector receives.
func (l *latency) awaitReady(ctx context.Context) error {
	for begun := time.Now(); time.Since(begun) < 5*time.Minute; time.Sleep(50 * time.Millisecond) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+l.api+"/readyz", nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = res.Body.Close() // of no interest
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errors.New("weir is not ready after five minutes: see output.log in the folder run")
}

// timing is what an occasion came to.
type timing struct {
	occasion occasion
	together times
	each     []times
	panels   []panel
	outcomes []outcome
}

// measure asks everything while records come in.
func (l *latency) measure(ctx context.Context) (list []timing, load sending, err error) {
	all, err := occasions(ctx, l.client, l.marker)
	if err != nil {
		return nil, load, err
	}
	s, err := l.startSending(ctx)
	if err != nil {
		return nil, load, err
	}
	select {
	case <-time.After(l.cfg.Warmup):
	case <-ctx.Done():
	}
	if err := l.sees(ctx, s); err != nil {
		_, sendErr := s.end(ctx, l.client)
		return nil, load, errors.Join(err, sendErr)
	}
	for _, o := range all {
		fmt.Fprintf(l.log, "bench: %s\n", o.name)
		t := timing{occasion: o}
		for range l.cfg.Rounds {
			if err = l.round(ctx, &t); err != nil {
				break
			}
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", o.name, err)
			break
		}
		list = append(list, t)
	}
	load, sendErr := s.end(ctx, l.client)
	return list, load, errors.Join(err, sendErr)
}

// sees makes sure that answers hold what has come in: those that lack it would be fast.
func (l *latency) sees(ctx context.Context, s *sender) error {
	now, err := account(ctx, l.client)
	if err != nil {
		return err
	}
	res, err := l.client.Aggregate(ctx, query.Question{From: s.begun.Add(-time.Minute), Measure: query.Flows})
	if err != nil {
		return err
	}
	if stored, seen := now.stored-s.before.stored, number(res.Rows[0][0]); seen < stored/10*9 {
		return fmt.Errorf("%d records were stored, an answer holds %d", stored, seen)
	}
	return nil
}

// round asks the panels of an occasion together, once.
func (l *latency) round(ctx context.Context, t *timing) error {
	t.panels = t.occasion.panels()
	if t.each == nil {
		t.each, t.outcomes = make([]times, len(t.panels)), make([]outcome, len(t.panels))
	}
	begun := time.Now()
	all, ctx := errgroup.WithContext(ctx)
	for i, p := range t.panels {
		all.Go(func() error {
			o, err := p.ask(ctx, l.client)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			t.each[i], t.outcomes[i] = append(t.each[i], time.Since(begun)), o
			return nil
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	t.together = append(t.together, time.Since(begun))
	return nil
}

// choosePorts finds free ports on loopback.
func (l *latency) choosePorts() (err error) {
	if l.port, err = freePort("udp4"); err != nil {
		return err
	}
	port, err := freePort("tcp4")
	l.api = fmt.Sprintf("127.0.0.1:%d", port)
	return err
}
