package hec

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/spool"
)

// lane is the way of events: gathered, packed, kept on disk, posted. Alerts have one of their own.
type lane struct {
	cfg       Config
	envelope  *envelope
	targets   []target
	now       func() time.Time
	log       *slog.Logger
	gather    *gather
	spool     *spool.Spool
	client    *client
	transport http.RoundTripper
	outage    *sink.Outage // of collectors
	refusals  *sink.Outage // of events
	counts    counts
	unacked   atomic.Bool // the token has no acknowledgements

	mu    sync.Mutex
	order spool.Order
	moved chan struct{} // of capacity 1: pieces are done
	inUse map[*sender]holding

	todo     chan spool.Entry
	closing  chan struct{} // closed: nothing more is posted
	packing  sync.WaitGroup
	sending  sync.WaitGroup
	cancel   context.CancelFunc
	stopRead context.CancelFunc
}

// holding is what a sender has in memory.
type holding struct{ pieces, bytes int }

// spoolMemory is what of a lane may wait for the disk in memory.
const spoolMemory = 8 << 20

// mostAhead is how many pieces may be read beyond the first that is not delivered: those are sent again after a crash.
const mostAhead = 4096

func newLane(cfg Config, deps Deps, name string, e *envelope) (*lane, error) {
	l := &lane{
		cfg: cfg, envelope: e, now: deps.Now, log: deps.Log.With("output", cfg.Name, "spool", name), inUse: map[*sender]holding{},
		moved: make(chan struct{}, 1), todo: make(chan spool.Entry), closing: make(chan struct{}),
	}
	for _, u := range cfg.URLs {
		t, err := targetOf(u)
		if err != nil {
			return nil, err
		}
		l.targets = append(l.targets, t)
	}
	l.gather = newGather(&l.cfg, e, deps.Now)
	l.outage = sink.NewOutage(l.log, deps.Now, "hec: events are not taken and wait on disk")
	l.refusals = sink.NewOutage(l.log, deps.Now, "hec: an event was refused and is dropped")
	l.client = &client{cfg: &l.cfg, getenv: deps.Getenv, now: deps.Now, counts: &l.counts}
	var err error
	l.spool, err = spool.New(spool.Config{Dir: filepath.Join(cfg.Dir, name), MaxBytes: cfg.Spool, MemoryBytes: spoolMemory, KeepBegun: true},
		spool.Deps{Log: l.log, Now: deps.Now, Weigh: weigh})
	return l, err
}

// start takes over what waits from the last run.
func (l *lane) start(transport http.RoundTripper) error {
	if err := l.spool.Start(); err != nil {
		return err
	}
	l.transport = transport
	ctx, cancel := context.WithCancel(context.Background())
	reading, stop := context.WithCancel(ctx)
	l.cancel, l.stopRead = cancel, stop
	l.packing.Go(l.pack)
	l.sending.Go(func() { l.read(reading) })
	for i := range l.cfg.Senders {
		s := newSender(l, i)
		l.sending.Go(func() { s.run(ctx) })
	}
	return nil
}

// stop brings what was gathered to disk, and waits a little for acknowledgements; what has none waits there for the next start.
func (l *lane) stop() error {
	l.gather.close()
	l.packing.Wait()
	if l.cancel == nil {
		return nil
	}
	l.stopRead()
	close(l.closing)
	lingering := time.AfterFunc(l.cfg.Linger, l.cancel)
	l.sending.Wait()
	lingering.Stop()
	l.cancel()
	l.cancel = nil
	return l.spool.Stop()
}

// pack brings pieces into the spool until there are no more.
func (l *lane) pack() {
	k := packer{sum: l.envelope.sum}
	for p := range l.gather.full {
		l.waitForRoom()
		if err := k.pack(p, func(data []byte) { l.spool.Put(data) }); err != nil { // buffers do not fail
			l.log.Error("hec: events not packed", "err", err)
		}
		l.gather.packed(p)
	}
}

// roomEvery is how often it is looked whether there is room.
const roomEvery = 10 * time.Millisecond

// waitForRoom waits until the spool is not half full, where there is time for it.
func (l *lane) waitForRoom() {
	for l.cfg.Wait && l.spool.Stats().Bytes > l.cfg.Spool/2 {
		select {
		case <-l.closing:
			return
		case <-time.After(roomEvery):
		}
	}
}

// idle tells whether nothing is being gathered, packed or delivered.
func (l *lane) idle() bool {
	return l.gather.idle() && l.spool.Stats().WaitingWeight == 0
}

// read gives entries to the senders, in order.
func (l *lane) read(ctx context.Context) {
	backoff := sink.Backoff{First: time.Second, Most: time.Minute}
	for ctx.Err() == nil {
		list, err := l.spool.Next(ctx, 1)
		if err != nil {
			if ctx.Err() == nil {
				l.outage.Failed(err)
				backoff.Wait(ctx, 0)
			}
			continue
		}
		for _, e := range list {
			if !l.begin(ctx, e.Sequence) {
				return
			}
			select {
			case l.todo <- e:
			case <-ctx.Done():
				return
			}
		}
	}
}

// begin waits until an entry is not too far ahead of the first that is not delivered.
func (l *lane) begin(ctx context.Context, sequence uint64) bool {
	for {
		l.mu.Lock()
		ok := l.order.Ahead() < mostAhead
		if ok {
			l.order.Begin(sequence)
		}
		l.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-l.moved:
		}
	}
}

// done takes note that an entry is delivered or refused.
func (l *lane) done(sequence uint64) {
	l.mu.Lock()
	before := l.order.UpTo()
	l.order.Done(sequence)
	upTo := l.order.UpTo()
	l.mu.Unlock()
	l.spool.Delivered(sequence)
	if upTo == before {
		return
	}
	l.spool.Ack(upTo)
	select {
	case l.moved <- struct{}{}:
	default:
	}
}

func (l *lane) held(s *sender, pieces, bytes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inUse[s] = holding{pieces, bytes}
}
