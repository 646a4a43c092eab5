package input

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/splunk-app/internal/modinput"
)

// instance runs a stanza. newInstance is inert; start takes over what the last run left, and receives; stop undoes it in reverse.
type instance struct {
	settings  Settings
	log       *slog.Logger
	now       func() time.Time
	core      *pipeline.Core
	receivers *pipeline.Receivers
	pipeline  *pipeline.Pipeline
	feed      *cim.Feed
	box       *outbox
	lag       *pipeline.Lag // of the marks; nil: none
	memory    *pipeline.Memory

	stopping atomic.Bool
	stopped  chan struct{}
	undo     []func(context.Context) error
}

// instanceDeps is what an instance is given from outside.
type instanceDeps struct {
	to     io.Writer // takes events
	failed func(error)
	log    *slog.Logger
	now    func() time.Time
}

func newInstance(stanza, checkpoints string, s Settings, deps instanceDeps) (*instance, error) {
	i := &instance{settings: s, log: deps.log, now: deps.now, stopped: make(chan struct{})}
	var err error
	if i.core, err = pipeline.Assemble(s.Collector, deps.log); err != nil {
		return nil, err
	}
	if i.receivers, err = pipeline.NewReceivers(s.Collector, s.Clock, pipeline.ReceiversDeps{Now: deps.now, Log: deps.log}); err != nil {
		return nil, err
	}
	if s.Flows == cim.FlowsAggregated {
		i.lag = pipeline.NewLag(sumLag)
	}
	dir := stateDir(checkpoints, stanza)
	if dir == "" {
		deps.log.Warn("there is no checkpoint folder: templates, open alerts and the loss account are not kept over a restart")
	}
	i.memory = pipeline.NewMemory(dir, i.core, deps.log)
	i.box = newOutbox(deps.to, s.Buffer, heads(stanza, &s))
	i.box.failed = deps.failed
	i.box.passed = func(marks map[flow.StreamKey]flow.StreamMark) { i.memory.Account.Take(marks) }
	i.feed, err = cim.NewFeed(cim.FeedConfig{
		Flows: s.Flows, Settle: true, EventTime: s.Clock != pipeline.WallClock, Run: uint64(deps.now().UnixNano()),
	}, cim.FeedDeps{Put: i.box, Exporters: i.exporters, Status: i.status, Log: deps.log, Now: deps.now})
	return i, err
}

// sumLag is how long after its receipt a record may wait in the sums of its minute: the minute, 65 s of patience, and a tick.
const sumLag = 127 * time.Second

// heads returns what events say beside their data.
func heads(stanza string, s *Settings) (list [numKinds]modinput.Event) {
	for _, kind := range cim.Kinds() {
		list[kind] = modinput.Event{Stanza: stanza, Sourcetype: kind.Sourcetype(), Index: s.Index[kind]}
		if t := s.Sourcetype[kind]; t != "" {
			list[kind].Sourcetype = t
		}
	}
	return list
}

func (i *instance) later(f func(context.Context) error) { i.undo = append(i.undo, f) }

// start opens everything; on an error nothing stays open.
func (i *instance) start() error {
	for _, step := range []func() error{i.startFeed, i.startPipeline, i.receive} {
		if err := step(); err != nil {
			return errors.Join(err, i.stop(context.Background()))
		}
	}
	return nil
}

// stop ends receiving and writes all that was received, for as long as the context lasts.
func (i *instance) stop(ctx context.Context) error {
	i.stopping.Store(true)
	var errs []error
	for _, f := range slices.Backward(i.undo) {
		errs = append(errs, f(ctx))
	}
	i.undo = nil
	return errors.Join(errs...)
}

func (i *instance) startFeed() error {
	open, err := i.memory.Load(i.now())
	if err != nil {
		return err
	}
	i.later(func(context.Context) error { i.memory.Keep(i.now(), true); return nil })
	i.box.start()
	i.later(i.box.close)
	if err := i.feed.Start(open); err != nil {
		return err
	}
	i.later(func(context.Context) error {
		err := i.feed.Stop()
		if i.lag != nil { // all has been told of
			i.box.mark(i.lag.Rest())
		}
		return err
	})
	return nil
}

func (i *instance) startPipeline() (err error) {
	s := &i.settings
	i.pipeline, err = i.core.Pipeline(pipeline.Config{
		Workers: i.receivers.Workers(), Queue: s.Collector.Receive.Queue, Clock: s.Clock, Blocking: s.Clock == pipeline.ExportClock, EndSessions: true,
	}, pipeline.Sinks{Records: i, Sessions: i.feed, Alerts: []sink.Alerts{i}}, i.now)
	if err != nil {
		return err
	}
	if err := i.pipeline.Start(); err != nil {
		return err
	}
	i.later(func(context.Context) error { i.pipeline.Stop(); return nil })
	return nil
}

func (i *instance) receive() error {
	if err := i.receivers.Start(i.pipeline); err != nil {
		return err
	}
	i.later(func(context.Context) error { return i.receivers.Stop() })
	if err := i.core.SNMP.Start(); err != nil {
		return err
	}
	i.later(func(context.Context) error { return i.core.SNMP.Stop() })
	var keeping sync.WaitGroup
	keeping.Go(i.keep)
	i.later(func(context.Context) error { close(i.stopped); keeping.Wait(); return nil })
	return nil
}

// keepEvery is how often the state is looked at.
const keepEvery = time.Second

func (i *instance) keep() {
	drops := dropTeller{log: i.log}
	ticker := time.NewTicker(keepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-i.stopped:
			return
		case <-ticker.C:
			i.memory.Keep(i.now(), false)
			_, dropped := i.box.counts()
			drops.look(i.now(), dropped)
		}
	}
}

// WriteBatch implements sink.Records: how far the streams have been taken goes with the events.
func (i *instance) WriteBatch(ctx context.Context, b *flow.Batch) error {
	err := i.feed.WriteBatch(ctx, b)
	if i.lag == nil {
		i.box.markBatch(b)
	} else {
		i.box.mark(i.lag.Pass(b, i.now()))
	}
	return err
}

// WriteAlerts implements sink.Alerts: it remembers which alerts are open, and passes them on with their links.
func (i *instance) WriteAlerts(ctx context.Context, list []flow.Alert) error {
	i.memory.Alerts.Take(list)
	told := slices.Clone(list)
	for k := range told {
		told[k].Pivots = i.core.Pivots.OfAlert(&told[k])
	}
	return i.feed.WriteAlerts(ctx, told)
}

// exporters tells how exporters do, over all runs.
func (i *instance) exporters() []query.Exporter {
	return i.memory.Account.Exporters(i.core.Detectors.Health.Report)
}

// addresses returns where the instance listens.
func (i *instance) addresses() (list []string) {
	for _, s := range i.receivers.Sockets() {
		if a := s.Address.String(); !slices.Contains(list, a) { // several sockets share an address
			list = append(list, a)
		}
	}
	for _, s := range i.receivers.Streams() {
		list = append(list, fmt.Sprintf("tcp://%s", s.Address))
	}
	return list
}
