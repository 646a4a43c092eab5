// Package route tells outputs of alerts: it chooses by severity and detector, leaves out what tells nothing new, and puts each event
// into the output's own spool, so that no output waits for another and the pipeline waits for none. Outputs of type hec are told of flows, sessions
// and exporters as well.
package route

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/shared/sink/spool"
	"github.com/weirflow/weir/shared/sink/syslog"
	"github.com/weirflow/weir/shared/sink/webhook"
)

// Config says which outputs there are.
type Config struct {
	Outputs []config.Output
	Dir     string // each output has a folder of its name below it
	// EventTime says that time passes with the records, as in a replay: sums of minutes are over by it, and what finds no room is waited for.
	EventTime bool
	Run       uint64 // names the process, or the captures that are replayed: sums of one run add to those of another
}

// Deps is what outputs are given from outside.
type Deps struct {
	Log       *slog.Logger
	Now       func() time.Time
	Pivots    func(*flow.Alert) []flow.AlertPivot // the links that an alert is told with; nil: those that it has
	Exporters func() []query.Exporter             // how exporters do, which outputs of type hec are told each minute; nil: they are not
	Status    func() cim.Report                   // how what tells does, likewise
}

// Outputs are all outputs. It is a [sink.Alerts], and for those that are told of flows a [sink.Records] and [sink.Sessions].
type Outputs struct {
	now    func() time.Time
	pivots func(*flow.Alert) []flow.AlertPivot
	mu     sync.Mutex // of the outputs' choices
	list   []*output
}

var (
	_ sink.Alerts   = (*Outputs)(nil)
	_ sink.Records  = (*Outputs)(nil)
	_ sink.Sessions = (*Outputs)(nil)
)

// sender delivers from a spool.
type sender interface {
	Start() error
	Stop()
}

// output is a chosen part of the alerts, a spool and a sender.
type output struct {
	cfg    config.Output
	dir    string // of the spool
	choice *choice
	spool  *spool.Spool
	sender sender
	counts *sink.Delivery
	splunk *splunk // of type hec, in place of the three
}

// New checks the configuration and returns outputs that do nothing yet.
func New(cfg Config, deps Deps) (*Outputs, error) {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Pivots == nil {
		deps.Pivots = func(a *flow.Alert) []flow.AlertPivot { return a.Pivots }
	}
	o := &Outputs{now: deps.Now, pivots: deps.Pivots}
	for i := range cfg.Outputs {
		out, err := newOutput(&cfg.Outputs[i], &cfg, deps)
		if err != nil {
			return nil, fmt.Errorf("output %s: %w", cfg.Outputs[i].Name, err)
		}
		o.list = append(o.list, out)
	}
	return o, nil
}

func newOutput(c *config.Output, cfg *Config, deps Deps) (*output, error) {
	dir := filepath.Join(cfg.Dir, c.Name)
	if c.Type == "hec" {
		to, err := newSplunk(c, dir, cfg, deps)
		return &output{cfg: *c, dir: dir, choice: newChoice(c), splunk: to}, err
	}
	sc := spool.DefaultConfig()
	sc.Dir, sc.MaxBytes = dir, c.Spool
	sp, err := spool.New(sc, spool.Deps{Log: deps.Log.With("output", c.Name), Now: deps.Now})
	if err != nil {
		return nil, err
	}
	out := &output{cfg: *c, dir: sc.Dir, choice: newChoice(c), spool: sp}
	secure := sink.TLS{CA: c.CA, Cert: c.Cert, Key: c.Key, ServerName: c.ServerName, NoVerify: c.NoVerify}
	switch c.Type {
	case "syslog":
		cfg := syslog.DefaultConfig()
		cfg.Name, cfg.Address, cfg.Transport, cfg.Format = c.Name, c.Address, c.Transport, c.Format
		cfg.Facility, cfg.Hostname, cfg.MaxMessage, cfg.TLS = c.Facility, c.Hostname, int(c.MaxMessage), secure
		s, err := syslog.New(cfg, syslog.Deps{Queue: sp, Log: deps.Log, Now: deps.Now})
		if err != nil {
			return nil, err
		}
		out.sender, out.counts = s, &s.Counts
	case "webhook":
		cfg := webhook.DefaultConfig()
		cfg.Name, cfg.URL, cfg.Batch, cfg.Timeout, cfg.TLS = c.Name, c.URL, c.Batch, c.Timeout, secure
		for _, h := range c.Headers {
			cfg.Headers = append(cfg.Headers, webhook.Header(h))
		}
		s, err := webhook.New(cfg, webhook.Deps{Queue: sp, Log: deps.Log, Now: deps.Now})
		if err != nil {
			return nil, err
		}
		out.sender, out.counts = s, &s.Counts
	default:
		return nil, fmt.Errorf("no such type: %q", c.Type)
	}
	return out, nil
}

// Start opens the spools and begins to deliver. open are alerts of earlier runs that go on: outputs that were there then have been
// told of them, new ones hear of them when they are told again. On an error nothing stays open.
func (o *Outputs) Start(open []flow.Alert) error {
	for _, out := range o.list {
		if err := out.start(open); err != nil {
			return errors.Join(fmt.Errorf("output %s: %w", out.cfg.Name, err), o.Stop())
		}
	}
	return nil
}

func (out *output) start(open []flow.Alert) error {
	if _, err := os.Stat(out.dir); err != nil {
		open = nil
	}
	for i := range open {
		out.choice.recall(&open[i])
	}
	if out.splunk != nil {
		return out.splunk.start(out.choice.known(open))
	}
	if err := out.spool.Start(); err != nil {
		return err
	}
	return out.sender.Start()
}

// Stop ends delivering; what is not delivered waits in the spools for the next start. It is idempotent.
func (o *Outputs) Stop() error {
	var stopped sync.WaitGroup
	errs := make([]error, len(o.list))
	for i, out := range o.list {
		stopped.Go(func() { errs[i] = out.stop() })
	}
	stopped.Wait()
	return errors.Join(errs...)
}

func (out *output) stop() error {
	if out.splunk != nil {
		return out.splunk.stop()
	}
	out.sender.Stop()
	return out.spool.Stop()
}

// drainEvery is how often it is looked whether all is delivered.
const drainEvery = 20 * time.Millisecond

// Drain tells of all that is gathered, which ends with it, and waits until everything is delivered or refused, or the context ends. It is for replays,
// behind their last record.
func (o *Outputs) Drain(ctx context.Context) error {
	for _, out := range o.list {
		if out.splunk != nil {
			if err := out.splunk.drain(ctx); err != nil {
				return fmt.Errorf("output %s: %w", out.cfg.Name, err)
			}
			continue
		}
		for out.spool.Stats().Waiting > 0 {
			select {
			case <-ctx.Done():
				return fmt.Errorf("output %s: %w", out.cfg.Name, ctx.Err())
			case <-time.After(drainEvery):
			}
		}
	}
	return nil
}

// WriteAlerts puts what is new into the spools of the outputs that want it. It waits for nothing; what finds no room is counted there.
func (o *Outputs) WriteAlerts(ctx context.Context, alerts []flow.Alert) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now().UTC()
	var errs []error
	for _, out := range o.list {
		var told []flow.Alert // of type hec
		for i := range alerts {
			change, ok := out.choice.take(&alerts[i])
			if !ok {
				continue
			}
			e := sink.Event{Change: change, ToldAt: now, Alert: alerts[i]} // a copy: the alert is others', too
			e.Pivots = o.pivots(&e.Alert)
			if out.splunk != nil {
				told = append(told, e.Alert)
				continue
			}
			data, err := sink.Encode(&e)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			out.spool.Put(data)
		}
		if len(told) > 0 {
			errs = append(errs, out.splunk.feed.WriteAlerts(ctx, told))
		}
	}
	return errors.Join(errs...)
}

// WriteBatch tells the outputs of flows that want them. Another sink settles the records.
func (o *Outputs) WriteBatch(ctx context.Context, b *flow.Batch) error {
	var errs []error
	for _, out := range o.list {
		if out.splunk != nil {
			errs = append(errs, out.splunk.feed.WriteBatch(ctx, b))
		}
	}
	return errors.Join(errs...)
}

// WriteSessions tells the outputs of sessions that want them.
func (o *Outputs) WriteSessions(ctx context.Context, b *flow.SessionBatch) error {
	var errs []error
	for _, out := range o.list {
		if out.splunk != nil {
			errs = append(errs, out.splunk.feed.WriteSessions(ctx, b))
		}
	}
	return errors.Join(errs...)
}
