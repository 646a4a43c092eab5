package flowinput

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
)

// running is a started input. Its records go to the sums, and to the single flows where they are wanted.
type running struct {
	in         *Input
	core       *pipeline.Core
	box        *outbox
	pipeline   *pipeline.Pipeline
	receivers  *pipeline.Receivers
	state      *state
	traffic    *traffic
	interfaces *interfaceSums
	alerts     *alertTeller
	flows      *flowTeller // nil: single flows are not told of

	latest  atomic.Int64 // when the latest record was received, ns
	stopped chan struct{}
	ticking sync.WaitGroup
	undo    []func(context.Context) error // what stop does, last first
	gathers gatherer
}

func newRunning(in *Input, box *outbox) (*running, error) {
	r := &running{in: in, core: in.core, box: box, stopped: make(chan struct{})}
	var err error
	if r.receivers, err = pipeline.NewReceivers(in.collector, in.clock, pipeline.ReceiversDeps{Now: in.Now, Log: in.log}); err != nil {
		return nil, err
	}
	started := in.Now().UnixNano()
	if in.clock != pipeline.WallClock {
		started = 0
	}
	schedule := newSchedule(time.Duration(in.Period), time.Duration(in.Hold), time.Duration(in.Lateness), started)
	cfg := in.traffic
	cfg.schedule = schedule
	sum := func(p *point) bool { return box.offer(p, classSum) }
	give := func(p *point) { box.give(p, classSum) }
	r.traffic = newTraffic(cfg, r.core.Symbols, sum)
	r.interfaces = newInterfaceSums(schedule, in.limit(byInInterface), r.now, sum)
	r.state = &state{dir: stateDir(in.State), log: in.log}
	r.alerts = newAlertTeller(alertConfig{least: in.MinSeverity, groups: in.limit(byGroup)}, r.now, give)
	r.alerts.pivots, r.alerts.keep = r.core.Pivots.OfAlert, r.state.setAlerts
	if in.Flows {
		r.flows = newFlowTeller(in.Format, r.core.Symbols, func(p *point) { box.give(p, classRaw) })
	}
	r.gathers = newGatherer(in.limit(byExporter))
	return r, nil
}

// limit returns the limit of a tag.
func (in *Input) limit(d dimension) int {
	if l, ok := in.traffic.limits[d]; ok {
		return l
	}
	return dimensions[d].Limit
}

// now is the time that decides what is told: the wall clock's, or that of the records in a laboratory.
func (r *running) now() int64 {
	if r.in.clock != pipeline.WallClock {
		return r.latest.Load()
	}
	return r.in.Now().UnixNano()
}

// start takes over what the last run left, and receives.
func (r *running) start() error {
	r.box.start()
	r.later(func(ctx context.Context) error {
		if !r.box.close(ctx) {
			return errors.New("not everything could be written before the end")
		}
		return nil
	})
	if err := r.recall(); err != nil {
		return err
	}
	var err error
	r.pipeline, err = r.core.Pipeline(pipeline.Config{
		Workers: r.receivers.Workers(), Queue: r.in.collector.Receive.Queue, Clock: r.in.clock, Blocking: r.in.clock == pipeline.ExportClock,
	}, r.sinks(), r.in.Now)
	if err != nil {
		return err
	}
	if err := r.pipeline.Start(); err != nil {
		return err
	}
	r.later(func(ctx context.Context) error {
		r.pipeline.Stop()
		r.traffic.finish(ctx, r.now())
		r.interfaces.finish(r.now())
		r.gather()
		r.keep(true)
		return nil
	})
	if err := r.receivers.Start(r.pipeline); err != nil {
		return err
	}
	r.later(func(context.Context) error { return r.receivers.Stop() })
	if err := r.core.SNMP.Start(); err != nil {
		return err
	}
	r.later(func(context.Context) error { return r.core.SNMP.Stop() })
	r.ticking.Add(1)
	go func() { defer r.ticking.Done(); r.tick() }()
	r.later(func(context.Context) error { close(r.stopped); r.ticking.Wait(); return nil })
	return nil
}

// keep saves what must survive a restart.
func (r *running) keep(last bool) {
	if r.state.alerts != nil {
		r.state.account.Take(r.traffic.marksTold(last))
		r.state.keep(r.in.Now(), last)
	}
}

// recall takes over templates, open alerts and how far streams had been taken.
func (r *running) recall() error {
	open, err := r.state.open()
	if err != nil {
		return err
	}
	if r.state.dir == "" {
		return nil
	}
	r.state.templates = pipeline.NewTemplates(filepath.Join(r.state.dir, templatesName), r.core.Decoder, r.in.log)
	r.state.account = pipeline.NewAccountFile(filepath.Join(r.state.dir, accountName), r.core.Account, r.in.log)
	if err := r.state.templates.Load(); err != nil {
		return err
	}
	taken, err := r.state.account.Load(r.in.Now())
	if err != nil {
		return err
	}
	r.core.Decoder.Restore(taken)
	r.core.Detectors.Restore(open)
	r.alerts.recall(open)
	return nil
}

func (r *running) later(f func(context.Context) error) { r.undo = append(r.undo, f) }

// stop undoes what start did, in reverse.
func (r *running) stop(ctx context.Context) error {
	var errs []error
	for _, f := range slices.Backward(r.undo) {
		errs = append(errs, f(ctx))
	}
	r.undo = nil
	return errors.Join(errs...)
}

// tickEvery is how often intervals are looked at while no records come.
const tickEvery = time.Second

func (r *running) tick() {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	for {
		select {
		case <-r.stopped:
			return
		case <-ticker.C:
			now := r.now()
			if r.in.clock == pipeline.WallClock {
				r.traffic.advance(now)
			}
			r.interfaces.advance(now)
			r.keep(false)
		}
	}
}

// WriteBatch implements sink.Records.
func (r *running) WriteBatch(ctx context.Context, b *flow.Batch) error {
	if n := len(b.Datagrams); n > 0 {
		r.latest.Store(max(r.latest.Load(), b.Datagrams[n-1].Received))
	}
	if r.flows != nil {
		r.flows.write(b)
	}
	return r.traffic.WriteBatch(ctx, b)
}
