package daemon

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/collector/internal/audit"
	"github.com/weirflow/weir/collector/internal/losses"
	"github.com/weirflow/weir/collector/internal/settings"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/collector/internal/token"
	elastic "github.com/weirflow/weir/elastic/sink"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/headers"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/listen/forward"
	"github.com/weirflow/weir/shared/listen/stream"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/shared/sink/route"
)

// Files of the data folder besides the store's.
const (
	SocketName    = "weir.sock"
	HeadersName   = "headers" // folder of captures around alerts
	templatesName = "templates.json"
	OutputsName   = "outputs" // folder of the outputs' spools
)

// Config says what a daemon runs. All of it but Clock comes from weir.yaml and flags.
type Config struct {
	config.Config
	Clock pipeline.Clock // ExportClock: laboratory
	// FileAlone leaves out the settings in the data folder: what weir.yaml says is all.
	FileAlone bool
}

// Deps is what a daemon is given from outside.
type Deps struct {
	Log    *slog.Logger
	Now    func() time.Time // nil: the wall clock
	Alerts []sink.Alerts    // told of every change besides the store
}

// Daemon is a collector: store, pipeline, listeners, API. [New] is inert.
type Daemon struct {
	cfg  Config
	deps Deps

	core      *pipeline.Core
	store     *duckdb.Store
	pipeline  *pipeline.Pipeline
	outputs   *route.Outputs
	elastic   *elastic.Sink   // nil: nothing is shipped
	ring      *headers.Ring   // nil: no headers are kept, as the next
	keeper    *headers.Keeper // of the headers around alerts
	receivers *pipeline.Receivers
	templates *pipeline.Templates
	lost      query.Loss // in earlier runs
	losses    *losses.Ledger
	live      *api.Live // alerts as they change, for readers of the API
	tokens    *token.Store
	settings  *settings.Manager
	audit     *audit.Log
	up        atomic.Bool
	started   atomic.Bool
	began     time.Time // when Start was called

	stopping sync.Mutex     // held by Stop, so that a second one returns when all is done
	undo     []func() error // what Stop does, last first
}

// New checks the configuration, with what was changed through the API, by building all that can be built without opening anything but that.
func New(cfg Config, deps Deps) (*Daemon, error) {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	d := &Daemon{cfg: cfg, deps: deps, tokens: token.New(cfg.Data, deps.Now)}
	if err := d.newSettings(); err != nil {
		return nil, err
	}
	cfg = d.cfg
	var err error
	if d.core, err = pipeline.Assemble(cfg.Config, deps.Log); err != nil {
		return nil, err
	}
	d.live = api.NewLive(d.core.Pivots.Attach)
	d.templates = pipeline.NewTemplates(filepath.Join(cfg.Data, templatesName), d.core.Decoder, deps.Log)
	d.outputs, err = route.New(route.Config{
		Outputs: cfg.Outputs, Dir: filepath.Join(cfg.Data, OutputsName), EventTime: cfg.Clock != pipeline.WallClock, Run: uint64(deps.Now().UnixNano()),
	}, route.Deps{Log: deps.Log, Now: deps.Now, Pivots: d.core.Pivots.OfAlert, Exporters: d.exporters,
		Status: func() cim.Report { return d.core.Report("weir", d.receivers, d.exporters()) },
	})
	if err != nil {
		return nil, err
	}
	if err := d.newHeaders(); err != nil {
		return nil, err
	}
	if d.receivers, err = pipeline.NewReceivers(cfg.Config, cfg.Clock, pipeline.ReceiversDeps{Now: deps.Now, Log: deps.Log}); err != nil {
		return nil, err
	}
	return d, nil
}

// newSettings reads what was changed through the API, and takes it into the configuration.
func (d *Daemon) newSettings() (err error) {
	from := settings.Config{File: d.cfg.Config, Dir: d.cfg.Data}
	if d.cfg.FileAlone {
		from.Dir = ""
	}
	if d.settings, err = settings.Open(from, settings.Deps{Now: d.deps.Now, Log: d.deps.Log}); err != nil {
		return err
	}
	d.cfg.Config = d.settings.Effective()
	return nil
}

// change puts settings into force in the running pipeline.
func (d *Daemon) change(cfg config.Config) (func(context.Context) error, error) {
	ch, err := d.core.Prepare(cfg)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error { return d.core.Apply(ctx, d.pipeline, ch) }, nil
}

// newHeaders makes what keeps the headers of sampled packets.
func (d *Daemon) newHeaders() (err error) {
	c := d.cfg.SFlow
	if c.Headers == 0 {
		return nil
	}
	d.ring = headers.NewRing(c.Headers)
	d.core.Decoder.KeepHeaders(d.ring)
	d.keeper, err = headers.New(headers.Config{
		Dir: filepath.Join(d.cfg.Data, HeadersName), Before: c.Before, After: c.After, FileSize: c.FileSize, Files: c.Files,
	}, headers.Deps{Ring: d.ring, Now: d.deps.Now, Log: d.deps.Log})
	return err
}

// Start opens the store, takes over what the last run left, and receives. On an error nothing stays open. A Daemon starts once.
func (d *Daemon) Start(ctx context.Context) error {
	if d.started.Swap(true) {
		return errors.New("daemon: started twice")
	}
	d.began = d.deps.Now()
	for _, step := range []func(context.Context) error{d.openStore, d.startOutputs, d.startElastic, d.startHeaders, d.startPipeline, d.serve, d.receive, d.poll} {
		if err := step(ctx); err != nil {
			return errors.Join(err, d.Stop())
		}
	}
	d.up.Store(true)
	return nil
}

// Stop ends everything in the reverse order of Start; records on the way are stored first. It is idempotent.
func (d *Daemon) Stop() error {
	d.stopping.Lock()
	defer d.stopping.Unlock()
	d.up.Store(false)
	var errs []error
	for i := len(d.undo) - 1; i >= 0; i-- {
		errs = append(errs, d.undo[i]())
	}
	d.undo = nil
	return errors.Join(errs...)
}

// later adds to what Stop does.
func (d *Daemon) later(f func() error) { d.undo = append(d.undo, f) }

func (d *Daemon) openStore(ctx context.Context) error {
	s := d.cfg.Store
	var err error
	d.store, err = duckdb.Open(ctx, duckdb.Config{
		Dir: d.cfg.Data, MemoryLimit: s.MemoryLimit, Retention: s.Retention, RetentionSize: s.RetentionSize, KeepFree: s.KeepFree, SealRows: s.SealRows, CommitEvery: s.CommitEvery,
	}, duckdb.Deps{Now: d.deps.Now, Log: d.deps.Log, Symbols: d.core.Symbols, Account: d.core.Account, Loss: d.loss, LossIn: d.lossIn, Before: d.templates.Keep,
		Health: d.core.Detectors.Health.Report})
	if err != nil {
		return err
	}
	d.later(d.store.Close)
	return nil
}

// startOutputs begins to deliver what waits from the last run; the pipeline's last alerts are in the spools before they are closed.
func (d *Daemon) startOutputs(context.Context) error {
	if err := d.outputs.Start(d.store.OpenAlerts()); err != nil {
		return err
	}
	d.later(d.outputs.Stop)
	return nil
}

// startHeaders begins to save headers around alerts; it ends behind the pipeline, whose last alerts it is told of.
func (d *Daemon) startHeaders(context.Context) error {
	if d.keeper == nil {
		return nil
	}
	if err := d.keeper.Start(); err != nil {
		return err
	}
	d.later(d.keeper.Stop)
	return nil
}

// alertSinks is who is told of alerts.
func (d *Daemon) alertSinks() []sink.Alerts {
	list := []sink.Alerts{d.store, d.outputs, d.live}
	if d.keeper != nil {
		list = append(list, d.keeper)
	}
	if d.elastic != nil {
		list = append(list, linked{d})
	}
	return append(list, d.deps.Alerts...)
}

func (d *Daemon) startPipeline(ctx context.Context) error {
	if err := d.startLosses(ctx); err != nil {
		return err
	}
	if err := d.templates.Load(); err != nil {
		return err
	}
	d.core.Decoder.Restore(d.store.Marks())
	d.core.Detectors.Restore(d.store.OpenAlerts())
	d.core.Detectors.Interfaces.SetRun(uint64(d.deps.Now().UnixNano()))
	var err error
	d.pipeline, err = d.core.Pipeline(pipeline.Config{
		Workers: d.receivers.Workers(), Queue: d.cfg.Receive.Queue, Clock: d.cfg.Clock,
		Blocking: d.cfg.Clock == pipeline.ExportClock, // a laboratory waits rather than drops
	}, pipeline.Sinks{Records: stored{d}, Sessions: stored{d}, Alerts: d.alertSinks(), Minutes: stored{d}}, d.deps.Now)
	if err != nil {
		return err
	}
	if err := d.pipeline.Start(); err != nil {
		return err
	}
	d.later(func() error { d.templates.Keep(); return nil })
	d.later(func() error { d.pipeline.Stop(); return nil })
	d.settings.Attach(d.change)
	d.later(func() error { d.settings.Attach(nil); return nil })
	return nil
}

func (d *Daemon) receive(context.Context) error {
	if err := d.receivers.Start(d.pipeline); err != nil {
		return err
	}
	d.later(d.receivers.Stop)
	return nil
}

// poll begins to ask exporters for their interfaces.
func (d *Daemon) poll(context.Context) error {
	if err := d.core.SNMP.Start(); err != nil {
		return err
	}
	d.later(d.core.SNMP.Stop)
	return nil
}

// Pipeline returns the running pipeline.
func (d *Daemon) Pipeline() *pipeline.Pipeline { return d.pipeline }

// Store returns the open store.
func (d *Daemon) Store() *duckdb.Store { return d.store }

// Sockets returns the UDP sockets' counters; they tell which ports were taken.
func (d *Daemon) Sockets() []listen.SocketStats { return d.receivers.Sockets() }

// Streams returns the counters of the addresses where connections are accepted; they tell which ports were taken.
func (d *Daemon) Streams() []stream.Stats { return d.receivers.Streams() }

// Forwarded returns the counters of the collectors to which datagrams are sent on.
func (d *Daemon) Forwarded() []forward.Stats { return d.receivers.Forwarded() }
