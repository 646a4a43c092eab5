package sink

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/sums"
)

// Sink ships to a cluster. It is a [sink.Records], [sink.Sessions], [sink.Alerts] and [sink.Interfaces]. [New] is inert.
type Sink struct {
	cfg     Config
	deps    Deps
	encoder *document.Encoder
	data    *lane
	notes   *lane // alerts
	targets [document.DeadLetter + 1]string

	sums     *sums.Sums
	minutes  *minutes
	told     *alerts
	sessions *openSessions
	expiry   *expiry
	losses   *losses
	made     [document.DeadLetter + 1]atomic.Uint64
	latest   atomic.Int64 // when the latest record was received, ns
	minute   int64        // of the last documents of exporters; of tick alone

	started, stopped bool
	finished         bool // the last documents of exporters are made
	stop             chan struct{}
	cancel           context.CancelFunc // of the expiry
	ticking          sync.WaitGroup
}

var (
	_ sink.Records    = (*Sink)(nil)
	_ sink.Sessions   = (*Sink)(nil)
	_ sink.Alerts     = (*Sink)(nil)
	_ sink.Interfaces = (*Sink)(nil)
)

// alertSpool is how much of alerts may wait on disk.
const alertSpool = 64 << 20

// New checks the configuration and returns a sink that does nothing yet.
func New(cfg Config, deps Deps) (*Sink, error) {
	cfg, err := cfg.check()
	if err != nil {
		return nil, err
	}
	if deps.Server == nil {
		return nil, errors.New("elastic: no server")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	s := &Sink{
		cfg: cfg, deps: deps, encoder: document.NewEncoder(document.Config{Tenant: cfg.Tenant}), stop: make(chan struct{}),
		sums: sums.New(cfg.Run), minutes: newMinutes(), told: newAlerts(), sessions: newOpenSessions(), expiry: newExpiry(&cfg, deps.Server), losses: newLosses(&cfg),
	}
	for _, kind := range document.Kinds() {
		s.targets[kind] = kind.Target(cfg.Namespace)
	}
	wait := cfg.Settle || cfg.EventTime
	if s.data, err = newLane(cfg, deps, laneConfig{"data", cfg.Spool, wait}); err != nil {
		return nil, err
	}
	quick := cfg
	quick.Settle, quick.Senders, quick.Piece = false, 1, min(cfg.Piece, 1<<20)
	s.notes, err = newLane(quick, deps, laneConfig{"alerts", alertSpool, wait})
	return s, err
}

func (s *Sink) lanes() []*lane { return []*lane{s.data, s.notes} }

// Start opens the spools and begins to deliver. open are alerts of earlier runs that go on, which have been told of. On an error nothing stays
// open. A Sink starts once.
func (s *Sink) Start(open []flow.Alert) error {
	if s.started {
		return errors.New("elastic: started twice")
	}
	s.started = true
	s.told.recall(open)
	s.losses.start(s.deps.Now())
	if err := s.data.start(); err != nil {
		return err
	}
	if err := s.notes.start(); err != nil {
		return errors.Join(err, s.data.stop())
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.ticking.Go(s.tick)
	if s.expiry.keep > 0 {
		s.ticking.Go(func() { s.expire(ctx) })
	}
	return nil
}

// Marks returns the marks of the streams whose records are safe since an earlier run, for the decoder; none where another store settles.
func (s *Sink) Marks() []flow.StreamMark {
	if s.data.marks == nil {
		return nil
	}
	return s.data.marks.all()
}

// Stop makes documents of all that is gathered, brings them to disk, and ends. What is not delivered waits for the next start. It is idempotent.
func (s *Sink) Stop() error {
	if !s.started || s.stopped {
		return nil
	}
	s.stopped = true
	close(s.stop)
	if s.cancel != nil { // else Start failed
		s.cancel()
	}
	s.ticking.Wait()
	s.finish()
	return errors.Join(s.data.stop(), s.notes.stop())
}

// finish makes documents of all that is gathered.
func (s *Sink) finish() {
	now := s.now()
	s.sums.Tell(now, true, s.putSum)
	s.minutes.tell(now, true, s.putMinute)
	s.sessions.tell(s.putSessions)
	s.told.tell(s.deps.Now(), true, s.putAlert)
	if !s.finished {
		s.tellExporters()
	}
	s.finished = true
}

// Drain makes documents of all that is gathered and waits until the server has taken or refused everything, or the context ends.
func (s *Sink) Drain(ctx context.Context) error {
	s.finish()
	for {
		waiting := false
		for _, l := range s.lanes() {
			l.gather.age(true)
			l.ack()
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

// now is the time by which minutes are over.
func (s *Sink) now() int64 {
	if s.cfg.EventTime {
		return s.latest.Load()
	}
	return s.deps.Now().UnixNano()
}

// tickEvery is how often what has waited is looked at.
const tickEvery = 200 * time.Millisecond

func (s *Sink) tick() {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-ticker.C:
		}
		if !s.cfg.EventTime {
			s.tellDue()
		}
		s.told.tell(s.deps.Now(), false, s.putAlert)
		if minute := s.deps.Now().Unix() / 60; minute != s.minute {
			if s.minute != 0 {
				s.tellExporters()
			}
			s.minute = minute
		}
		for _, l := range s.lanes() {
			l.gather.age(false)
		}
	}
}

// tellDue makes documents of the minutes that are over.
func (s *Sink) tellDue() {
	now := s.now()
	s.sums.Tell(now, false, s.putSum)
	s.minutes.tell(now, false, s.putMinute)
}

// tellExporters makes documents of how exporters do now.
func (s *Sink) tellExporters() {
	if s.deps.Exporters == nil {
		return
	}
	list, at := s.deps.Exporters(), s.deps.Now()
	for i := range list {
		x := &list[i]
		lost := s.losses.since(x, at)
		s.put(document.Exporter, string(x.AppendID(nil, at)), func(dst []byte) ([]byte, error) { return s.encoder.AppendExporter(dst, x, at, lost) })
	}
	if err := s.losses.told(at); err != nil {
		s.deps.Log.Warn("elastic: when exporters were told of is not kept", "err", err)
	}
}

// put makes a document of those that are few.
func (s *Sink) put(kind document.Kind, id string, write func(dst []byte) ([]byte, error)) {
	l := s.data
	if kind == document.AlertEvent {
		l = s.notes
	}
	l.gather.add(1, func(p *piece) {
		s.write(p, kind, appendAction(p.text, opCreate, s.targets[kind], id), write)
	})
}

// write appends a document behind its action line; one that cannot be made is left out.
func (s *Sink) write(p *piece, kind document.Kind, text []byte, write func(dst []byte) ([]byte, error)) {
	text, err := write(text)
	if err != nil {
		s.deps.Log.Warn("elastic: a document that cannot be written is left out", "kind", kind, "err", err)
		p.docs-- // add counts it
		return
	}
	p.text = append(text, '\n')
	s.made[kind].Add(1)
}

// WriteInterfaces takes note of what passed interfaces; documents are made when a minute is over.
func (s *Sink) WriteInterfaces(_ context.Context, list []interfaces.Minute) error {
	s.minutes.take(list)
	return nil
}

func (s *Sink) putMinute(m *interfaces.Minute, part uint64) {
	s.put(document.Interface, string(document.AppendInterfaceID(nil, m, part)), func(dst []byte) ([]byte, error) {
		return s.encoder.AppendInterface(dst, m, part), nil
	})
}
