package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/sink"
)

// Config sizes a pipeline.
type Config struct {
	Workers      int           // receive workers: as many as the listener has; 0 is 1
	BatchRecords int           // records a batch; 0 is 2048
	BatchAge     time.Duration // a batch goes on at this age even if not full (wall clock only); 0 is 200 ms
	Queue        int           // batches that wait before the detector, and again before the sinks; 0 is 64
	Clock        Clock
	Blocking     bool // queues block instead of dropping: for replays
	// EndSessions has Stop end all sessions and tell of them: for packagings that keep nothing by which they could go on.
	EndSessions bool
}

// DefaultConfig returns the sizes of a collector: at most 2*(64+1)+workers batches of about 0.9 MB.
func DefaultConfig() Config {
	return Config{Workers: 1, BatchRecords: 2048, BatchAge: 200 * time.Millisecond, Queue: 64}
}

func (c Config) withDefaults() Config {
	d := DefaultConfig()
	if c.Workers == 0 {
		c.Workers = d.Workers
	}
	if c.BatchRecords == 0 {
		c.BatchRecords = d.BatchRecords
	}
	if c.BatchAge == 0 {
		c.BatchAge = d.BatchAge
	}
	if c.Queue == 0 {
		c.Queue = d.Queue
	}
	return c
}

// Decoder turns datagrams, and messages of transport sessions, into records and ages what it keeps.
type Decoder interface {
	DecodeSession(session uint64, payload []byte, source netip.AddrPort, received int64, out *flow.Batch) error
	EndSession(session uint64)
	Expire(now int64)
}

// Stage changes the records of a batch in place.
type Stage interface{ Batch(b *flow.Batch) }

// Detector finds attacks in batches; now is the processing time in ns since the Unix epoch.
type Detector interface {
	Observe(b *flow.Batch, now int64)
	Advance(now int64)
	Changes() []flow.Alert
}

// Finisher is a detector that can close what is open at the end of a replay.
type Finisher interface{ Finish(now int64) }

// SessionTeller is a detector that makes sessions. It calls tell for those that began, grew or ended, as the last of them has been
// looked at; the list is valid during the call.
type SessionTeller interface {
	TellSessions(tell func([]flow.Session))
}

// SessionEnder is a detector that can end its sessions, and nothing else, at the end of the input.
type SessionEnder interface{ EndSessions() }

// Component is a part of a step that has files or goroutines of its own.
type Component interface {
	Start() error
	Stop() error // idempotent
}

// Deps is what a pipeline works with.
type Deps struct {
	Account   *flow.Account
	Symbols   *flow.Symbols
	Decoder   Decoder
	Normalize Stage // nil: left out, as are the next three
	Enrich    Stage
	Detector  Detector
	Records   sink.Records
	Sessions  sink.Sessions // told by a Detector that is a SessionTeller
	Alerts    []sink.Alerts
	Minutes   sink.Interfaces  // told by a Detector that is an InterfaceTeller
	Parts     []Component      // started before the pipeline's own goroutines, stopped after them in reverse
	Now       func() time.Time // wall clock; nil is time.Now
	Log       *slog.Logger     // nil: none
}

// Stats are the counters of the pipeline itself; those of the records are in the loss account.
type Stats struct {
	QueuedDetect, QueuedSinks int    // batches waiting
	DroppedBatches            uint64 // batches that found no place before the detector
	DroppedForSinks           uint64 // batches that were seen by the detector but found no place before the sinks
	AlertErrors               uint64 // alert changes that a sink refused
	InterfaceErrors           uint64 // minutes of interfaces that the sink refused
	DroppedSessions           uint64 // tellings of sessions for which the sinks had no room, or that they refused
}

// Pipeline is a running way of the data. [New] is inert.
type Pipeline struct {
	cfg      Config
	deps     Deps
	workers  []*worker
	pool     *pool
	detectq  chan item
	sinkq    chan item
	tellings *tellings
	lost     []flow.Loss // dropped before the sinks since the last batch that went on
	ending   bool        // all batches have been taken; under the detecting goroutine
	timeline timeline
	muted    *muted

	started, stopped atomic.Bool
	tick             chan struct{} // closed by Stop: ends the ticking goroutine
	wg, ticking      sync.WaitGroup

	droppedBatches, droppedForSinks, alertErrors, minuteErrors atomic.Uint64
}

// item is what goes through a queue: a batch, sessions, alerts, minutes of interfaces, or something to be done in order.
type item struct {
	batch    *flow.Batch
	sessions *flow.SessionBatch
	alerts   []flow.Alert
	minutes  []interfaces.Minute
	do       func()
}

// New returns a pipeline that does nothing until [Pipeline.Start].
func New(cfg Config, deps Deps) (*Pipeline, error) {
	if deps.Account == nil || deps.Symbols == nil || deps.Decoder == nil {
		return nil, errors.New("pipeline: account, symbols and decoder are required")
	}
	cfg = cfg.withDefaults()
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	p := &Pipeline{
		cfg: cfg, deps: deps, tick: make(chan struct{}),
		detectq: make(chan item, cfg.Queue), sinkq: make(chan item, cfg.Queue),
		pool:     newPool(2*(cfg.Queue+1)+cfg.Workers+1, cfg.BatchRecords, deps.Symbols),
		timeline: timeline{clock: cfg.Clock, wall: deps.Now},
		tellings: newTellings(deps.Symbols), muted: newMuted(deps.Log, deps.Now),
	}
	if t, ok := deps.Detector.(SessionTeller); ok && deps.Sessions != nil {
		t.TellSessions(p.tellSessions)
	}
	if t, ok := deps.Detector.(InterfaceTeller); ok && deps.Minutes != nil {
		t.TellInterfaces(p.tellInterfaces)
	}
	for range cfg.Workers {
		p.workers = append(p.workers, &worker{p: p})
	}
	return p, nil
}

// Start starts the goroutines. It may be called once.
func (p *Pipeline) Start() error {
	if p.started.Swap(true) {
		return errors.New("pipeline: started twice")
	}
	for _, part := range p.deps.Parts {
		if err := part.Start(); err != nil {
			return errors.Join(err, p.stopParts())
		}
	}
	p.wg.Add(2)
	go func() { defer p.wg.Done(); p.runDetect() }()
	go func() { defer p.wg.Done(); p.runSinks() }()
	if p.cfg.Clock != ReceiveClock || !p.cfg.Blocking {
		p.ticking.Add(1)
		go func() { defer p.ticking.Done(); p.runTicks() }()
	}
	return nil
}

// Stop flushes what the workers hold, lets the queues run empty and ends the goroutines. The source of datagrams must have
// been stopped. It is idempotent.
func (p *Pipeline) Stop() {
	if !p.started.Load() || p.stopped.Swap(true) {
		return
	}
	close(p.tick)
	p.ticking.Wait()
	p.flushWorkers(0)
	close(p.detectq)
	p.wg.Wait()
	p.muted.flush()
	if err := p.stopParts(); err != nil {
		p.deps.Log.Warn("stop", "error", err)
	}
}

func (p *Pipeline) stopParts() error {
	var errs []error
	for _, part := range slices.Backward(p.deps.Parts) {
		errs = append(errs, part.Stop())
	}
	return errors.Join(errs...)
}

// Drain waits until everything taken so far has gone through the queues to the sinks.
func (p *Pipeline) Drain(ctx context.Context) error {
	p.flushWorkers(0)
	return p.inOrder(ctx, p.sendSessions)
}

// Finish drains the pipeline and lets the detector close what is open, as the passing of time would have: the end of a replay.
func (p *Pipeline) Finish(ctx context.Context) error {
	p.flushWorkers(0)
	return p.inOrder(ctx, func() {
		if f, ok := p.deps.Detector.(Finisher); ok {
			f.Finish(p.timeline.at(nil))
			p.sendSessions()
			p.sinkq <- item{alerts: p.deps.Detector.Changes()}
		}
	})
}

// inOrder runs f on the detecting goroutine behind everything queued, and waits until the sinks have passed that point too.
func (p *Pipeline) inOrder(ctx context.Context, f func()) error {
	done := make(chan struct{})
	select {
	case p.detectq <- item{do: func() { f(); p.sinkq <- item{do: func() { close(done) }} }}:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Stats returns the pipeline's own counters.
func (p *Pipeline) Stats() Stats {
	return Stats{
		QueuedDetect: len(p.detectq), QueuedSinks: len(p.sinkq), DroppedBatches: p.droppedBatches.Load(),
		DroppedForSinks: p.droppedForSinks.Load(), AlertErrors: p.alertErrors.Load(), InterfaceErrors: p.minuteErrors.Load(), DroppedSessions: p.tellings.dropped.Load(),
	}
}
