// Package daemon builds weir-elastic from a configuration and runs it: receivers, a pipeline, and the sink that ships what it finds. There is
// no store: what is accepted is in the sink's spool, and marks, templates and open alerts are kept in files beside it.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/elastic/sink"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/durable"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/query"
	coresink "github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/shared/sink/route"
)

// Files of the data folder.
const (
	spoolName     = "elastic" // folder of the sink
	templatesName = "templates.json"
	alertsName    = "alerts.json"
	outputsName   = "outputs" // folder of the other outputs' spools
	lockName      = "lock"
)

// Config says what is run: weir.yaml, whose section elastic names the cluster.
type Config struct {
	config.Config
	Clock pipeline.Clock // of a replay: pipeline.ReceiveClock
	Run   uint64         // names the process, or the captures that are replayed
}

// Deps is what a daemon is given from outside.
type Deps struct {
	Server sink.Server
	Log    *slog.Logger
	Now    func() time.Time // nil: the wall clock
}

// Daemon receives flow exports and ships them. [New] is inert.
type Daemon struct {
	cfg       Config
	deps      Deps
	core      *pipeline.Core
	sink      *sink.Sink
	outputs   *route.Outputs      // syslog, webhooks
	receivers *pipeline.Receivers // nil for a replay
	pipeline  *pipeline.Pipeline
	templates *pipeline.Templates
	alerts    *pipeline.OpenAlerts
	metrics   net.Addr // where counters are served; nil: nowhere
	up        atomic.Bool
	started   bool

	stopping sync.Mutex
	undo     []func() error // what Stop does, last first
}

// New checks the configuration by building all that can be built without opening anything.
func New(cfg Config, deps Deps) (*Daemon, error) {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if cfg.Run == 0 {
		cfg.Run = uint64(deps.Now().UnixNano())
	}
	d := &Daemon{cfg: cfg, deps: deps}
	var err error
	if d.core, err = pipeline.Assemble(cfg.Config, deps.Log); err != nil {
		return nil, err
	}
	d.templates = pipeline.NewTemplates(filepath.Join(cfg.Data, templatesName), d.core.Decoder, deps.Log)
	d.alerts = pipeline.NewOpenAlerts(filepath.Join(cfg.Data, alertsName), deps.Log)
	c := sink.FromConfig(cfg.Elastic, filepath.Join(cfg.Data, spoolName))
	c.Settle, c.EventTime, c.Run = true, cfg.Clock != pipeline.WallClock, cfg.Run
	if d.sink, err = sink.New(c, sink.Deps{
		Server: deps.Server, Log: deps.Log, Now: deps.Now, Exporters: d.exporters, Ready: sink.Templates(deps.Server), Before: d.templates.Keep,
	}); err != nil {
		return nil, err
	}
	d.outputs, err = route.New(route.Config{
		Outputs: cfg.Outputs, Dir: filepath.Join(cfg.Data, outputsName), EventTime: cfg.Clock != pipeline.WallClock, Run: cfg.Run,
	}, route.Deps{Log: deps.Log, Now: deps.Now, Pivots: d.core.Pivots.OfAlert, Exporters: d.exporters,
		Status: func() cim.Report { return d.core.Report("weir-elastic", d.receivers, d.exporters()) },
	})
	if err != nil {
		return nil, err
	}
	if cfg.Clock == pipeline.ReceiveClock { // captures take the place of receivers
		return d, nil
	}
	if err := checkAPI(&cfg.API); err != nil {
		return nil, err
	}
	d.receivers, err = pipeline.NewReceivers(cfg.Config, cfg.Clock, pipeline.ReceiversDeps{Now: deps.Now, Log: deps.Log})
	return d, err
}

// exporters tells how exporters do.
func (d *Daemon) exporters() []query.Exporter {
	var list []query.Exporter
	for _, s := range d.core.Account.Streams() {
		x := query.ExporterOf(s)
		x.Health = d.core.Detectors.Health.Report(s.Key)
		list = append(list, x)
	}
	return list
}

// Start takes over what the last run left, and receives. On an error nothing stays open. A Daemon starts once.
func (d *Daemon) Start(ctx context.Context) error {
	if err := d.start(ctx, d.startSinks, d.startPipeline, d.serve, d.receive, d.keep); err != nil {
		return err
	}
	d.up.Store(true)
	return nil
}

func (d *Daemon) start(ctx context.Context, steps ...func(context.Context) error) error {
	if d.started {
		return errors.New("daemon: started twice")
	}
	d.started = true
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return errors.Join(err, d.Stop())
		}
	}
	return nil
}

// Stop ends everything in the reverse order of Start; what was received is brought to disk. It is idempotent.
func (d *Daemon) Stop() error {
	d.stopping.Lock()
	defer d.stopping.Unlock()
	d.up.Store(false)
	var errs []error
	for _, f := range slices.Backward(d.undo) {
		errs = append(errs, f())
	}
	d.undo = nil
	return errors.Join(errs...)
}

func (d *Daemon) later(f func() error) { d.undo = append(d.undo, f) }

func (d *Daemon) startSinks(context.Context) error {
	if err := os.MkdirAll(d.cfg.Data, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	lock, err := durable.TakeLock(filepath.Join(d.cfg.Data, lockName), false)
	if err != nil {
		return fmt.Errorf("data folder %s: %w (--data names another)", d.cfg.Data, err)
	}
	d.later(lock.Release)
	open, err := d.alerts.Load()
	if err != nil {
		return err
	}
	if err := d.templates.Load(); err != nil {
		return err
	}
	if err := d.sink.Start(open); err != nil {
		return err
	}
	d.later(d.sink.Stop)
	if err := d.outputs.Start(open); err != nil {
		return err
	}
	d.later(d.outputs.Stop)
	if d.cfg.Clock != pipeline.ReceiveClock { // captures begin anew
		d.core.Decoder.Restore(d.sink.Marks())
	}
	d.core.Detectors.Restore(open)
	d.core.Detectors.Interfaces.SetRun(d.cfg.Run)
	return nil
}

// WriteAlerts remembers which alerts are open, and passes them on with their links.
func (d *Daemon) WriteAlerts(ctx context.Context, list []flow.Alert) error {
	d.alerts.Take(list)
	told := slices.Clone(list)
	for i := range told {
		told[i].Pivots = d.core.Pivots.OfAlert(&told[i])
	}
	return d.sink.WriteAlerts(ctx, told)
}

// WriteBatch tells the outputs of records, and the sink, which settles them.
func (d *Daemon) WriteBatch(ctx context.Context, b *flow.Batch) error {
	return errors.Join(d.outputs.WriteBatch(ctx, b), d.sink.WriteBatch(ctx, b))
}

// WriteSessions tells the outputs of sessions, and the sink.
func (d *Daemon) WriteSessions(ctx context.Context, b *flow.SessionBatch) error {
	return errors.Join(d.outputs.WriteSessions(ctx, b), d.sink.WriteSessions(ctx, b))
}

func (d *Daemon) startPipeline(context.Context) error {
	workers := 1
	if d.receivers != nil {
		workers = d.receivers.Workers()
	}
	var err error
	d.pipeline, err = d.core.Pipeline(pipeline.Config{
		Workers: workers, Queue: d.cfg.Receive.Queue, Clock: d.cfg.Clock, Blocking: d.cfg.Clock != pipeline.WallClock,
	}, pipeline.Sinks{Records: d, Sessions: d, Alerts: []coresink.Alerts{d, d.outputs}, Minutes: d.sink}, d.deps.Now)
	if err != nil {
		return err
	}
	if err := d.pipeline.Start(); err != nil {
		return err
	}
	d.later(func() error {
		d.pipeline.Stop()
		d.templates.Keep()
		d.alerts.Keep(d.deps.Now(), true)
		return nil
	})
	return nil
}

func (d *Daemon) receive(context.Context) error {
	if err := d.receivers.Start(d.pipeline); err != nil {
		return err
	}
	d.later(d.receivers.Stop)
	if err := d.core.SNMP.Start(); err != nil {
		return err
	}
	d.later(d.core.SNMP.Stop)
	return nil
}

// keepEvery is how often open alerts are looked at.
const keepEvery = time.Second

// keep saves open alerts now and then.
func (d *Daemon) keep(context.Context) error {
	stop := make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		ticker := time.NewTicker(keepEvery)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				return
			case <-ticker.C:
				d.alerts.Keep(d.deps.Now(), false)
			}
		}
	})
	d.later(func() error { close(stop); done.Wait(); return nil })
	return nil
}

// Replay runs captures through the pipeline in place of receiving, and waits until the server has taken everything. The clock must be
// pipeline.ReceiveClock. Stop comes after it.
func (d *Daemon) Replay(ctx context.Context, files []string, cfg pipeline.ReplayConfig) error {
	if err := d.start(ctx, d.startSinks, d.startPipeline); err != nil {
		return err
	}
	if err := d.pipeline.Replay(ctx, files, cfg); err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	if err := d.pipeline.Finish(ctx); err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	return errors.Join(d.sink.Drain(ctx), d.outputs.Drain(ctx))
}

// Stats returns the counters of the sink.
func (d *Daemon) Stats() sink.Stats { return d.sink.Stats() }

// Account returns the loss account.
func (d *Daemon) Account() *flow.Account { return d.core.Account }

// Sockets returns the UDP sockets' counters; they tell which ports were taken.
func (d *Daemon) Sockets() []listen.SocketStats { return d.receivers.Sockets() }
