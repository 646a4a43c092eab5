package hec

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/shared/sink/cim"
)

// Sink takes events and delivers them. It is a [cim.Putter]. [New] is inert.
type Sink struct {
	cfg  Config
	data *lane
	note *lane // alerts
	made [maxKind]atomic.Uint64

	started, stopped bool
	stop             chan struct{}
	ticking          sync.WaitGroup
}

// alertSpool is how much of alerts may wait on disk.
const alertSpool = 64 << 20

// New checks the configuration and returns a sink that does nothing yet.
func New(cfg Config, deps Deps) (*Sink, error) {
	cfg, err := cfg.check()
	if err != nil {
		return nil, err
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Getenv == nil {
		deps.Getenv = os.Getenv
	}
	s := &Sink{cfg: cfg, stop: make(chan struct{})}
	names := newEnvelope(&cfg.Names)
	if s.data, err = newLane(cfg, deps, "data", names); err != nil {
		return nil, err
	}
	quick := cfg
	quick.Senders, quick.Spool = 1, min(cfg.Spool, alertSpool)
	s.note, err = newLane(quick, deps, "alerts", names)
	return s, err
}

func (s *Sink) lanes() []*lane { return []*lane{s.data, s.note} }

// Start reads certificates, checks that the token can be read, opens the spools and begins to deliver; a server that is not there is waited for.
// On an error nothing stays open. A Sink starts once.
func (s *Sink) Start() error {
	if s.started {
		return errors.New("hec: started twice")
	}
	transport, err := s.cfg.transport()
	if err != nil {
		return err
	}
	if _, err := s.cfg.token(s.data.client.getenv); err != nil {
		return err
	}
	s.started = true
	if err := s.data.start(transport); err != nil {
		return err
	}
	if err := s.note.start(transport); err != nil {
		return errors.Join(err, s.data.stop())
	}
	s.ticking.Go(s.tick)
	return nil
}

// Stop brings what is gathered to disk, waits a little for acknowledgements, and ends. What is not delivered waits for the next start. It is
// idempotent.
func (s *Sink) Stop() error {
	if !s.started || s.stopped {
		return nil
	}
	s.stopped = true
	close(s.stop)
	s.ticking.Wait()
	var errs [2]error
	var both sync.WaitGroup
	for i, l := range s.lanes() {
		both.Go(func() { errs[i] = l.stop() })
	}
	both.Wait()
	return errors.Join(errs[:]...)
}

// Put takes an event, whose text it copies. It never waits for disk or network, unless so configured; what finds no room is counted as dropped. An error says that the
// sink has stopped, or that the context has ended.
func (s *Sink) Put(ctx context.Context, ev *cim.Event) error {
	l := s.data
	if ev.Kind == cim.Alert {
		l = s.note
	}
	s.made[ev.Kind%maxKind].Add(1)
	return l.gather.add(ctx, ev)
}

// Drain waits until the server has taken or refused everything, or the context ends.
func (s *Sink) Drain(ctx context.Context) error {
	for {
		waiting := false
		for _, l := range s.lanes() {
			l.gather.age(ctx, true)
			waiting = !l.idle() || waiting
		}
		if !waiting {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err() //nolint:wrapcheck // it is the caller's own
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// tickEvery is how often what has waited is looked at.
const tickEvery = 100 * time.Millisecond

func (s *Sink) tick() {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-ticker.C:
		}
		for _, l := range s.lanes() {
			l.gather.age(context.Background(), false)
		}
	}
}
