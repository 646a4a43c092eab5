package flowinput

import (
	"context"
	"errors"
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
	memory     *pipeline.Memory
	lag        *pipeline.Lag // of marks: until the intervals of their records have been told of
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
	dir := stateDir(in.State)
	if dir == "" {
		in.log.Warn("no folder for templates, open alerts and the loss account: after a restart data waits until exporters send templates again; set state")
	}
	r.memory = pipeline.NewMemory(dir, r.core, in.log)
	r.lag = pipeline.NewLag(time.Duration(schedule.period + max(schedule.hold, schedule.late) + int64(time.Second)))
	r.alerts = newAlertTeller(alertConfig{least: in.MinSeverity, groups: in.limit(byGroup)}, r.now, give)
	r.alerts.pivots, r.alerts.keep = r.core.Pivots.OfAlert, r.memory.Alerts.Take
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
	open, err := r.memory.Load(r.in.Now())
	if err != nil {
		return err
	}
	r.alerts.recall(open)
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
		r.memory.Account.Take(r.lag.Rest())
		r.memory.Keep(r.in.Now(), true)
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
			r.memory.Keep(r.in.Now(), false)
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
	err := r.traffic.WriteBatch(ctx, b)
	r.memory.Account.Take(r.lag.Pass(b, r.in.Now()))
	return err
}
