package sink

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/spool"
)

// lane is the way of documents: gathered, packed, kept on disk, sent. Alerts have one of their own.
type lane struct {
	cfg    Config
	deps   Deps
	name   string
	gather *gather
	spool  *spool.Spool
	marks  *marks // nil where another store settles
	bulk   *bulk
	gate   *gate
	outage *sink.Outage
	log    *slog.Logger

	mu      sync.Mutex
	pending map[uint64]*flow.Settlement // of entries on their way to disk
	sent    spool.Order

	todo     chan spool.Entry
	packing  sync.WaitGroup
	sending  sync.WaitGroup
	cancel   context.CancelFunc
	acking   sync.Mutex
	ackDone  chan struct{}
	ackAfter chan struct{} // closed: no more is sent
}

// laneConfig is what lanes of a sink differ in.
type laneConfig struct {
	name string
	size int64 // of the spool
	wait bool  // who writes waits for room in memory, rather than lose documents: it is not another store that would be kept waiting
}

func newLane(cfg Config, deps Deps, lc laneConfig) (*lane, error) {
	l := &lane{
		cfg: cfg, deps: deps, name: lc.name, log: deps.Log.With("spool", lc.name), pending: map[uint64]*flow.Settlement{}, todo: make(chan spool.Entry),
		ackDone: make(chan struct{}), ackAfter: make(chan struct{}),
	}
	l.gather = newGather(&l.cfg, lc.wait, deps.Now)
	l.outage = sink.NewOutage(l.log, deps.Now, "elastic: documents are not taken and wait on disk")
	l.gate = &gate{check: deps.Ready, outage: l.outage, most: cfg.MostWait}
	l.bulk = newBulk(&l.cfg, &l.deps, l.log, l.outage)
	dir := filepath.Join(cfg.Dir, lc.name)
	if cfg.Settle {
		l.marks = &marks{path: filepath.Join(dir, "marks")}
	}
	var err error
	l.spool, err = spool.New(spool.Config{Dir: dir, MaxBytes: lc.size, MemoryBytes: 16 << 20, KeepBegun: true}, spool.Deps{
		Log: l.log, Now: deps.Now, Weigh: weigh, Settled: l.settled,
	})
	return l, err
}

// start takes over what waits from the last run.
func (l *lane) start() error {
	if err := l.spool.Start(); err != nil {
		return err
	}
	if err := l.recall(); err != nil {
		return errors.Join(err, l.spool.Stop())
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	l.packing.Go(l.pack)
	l.sending.Go(func() { l.read(ctx) })
	for range l.cfg.Senders {
		l.sending.Go(func() { l.send(ctx) })
	}
	go l.acknowledge()
	return nil
}

func (l *lane) recall() error {
	if l.marks == nil {
		return nil
	}
	if err := l.marks.load(); err != nil {
		return err
	}
	return l.spool.Each(func(e spool.Entry) {
		if piece, err := readEntry(e.Data); err == nil {
			l.marks.recall(e.Sequence, piece.marks)
		}
	})
}

// stop brings what was gathered to disk; what is not delivered waits there for the next start.
func (l *lane) stop() error {
	l.gather.close()
	l.packing.Wait()
	if l.cancel == nil {
		return nil
	}
	l.cancel()
	l.sending.Wait()
	close(l.ackAfter)
	<-l.ackDone
	l.cancel = nil
	err := l.spool.Stop() // settles the last entries
	if l.marks != nil {
		err = errors.Join(err, l.marks.save())
	}
	return err
}

// pack brings pieces into the spool until there are no more.
func (l *lane) pack() {
	var k packer
	for p := range l.gather.full {
		if l.deps.Before != nil {
			l.deps.Before()
		}
		var list []flow.StreamMark
		if p.settlement != nil {
			list = p.settlement.Marks()
		}
		err := k.pack(p, list, func(data []byte, last bool) {
			if !last {
				l.put(data, nil)
				return
			}
			l.put(data, p.settlement)
		})
		if err != nil { // buffers do not fail
			l.log.Error("elastic: documents not packed", "err", err)
		}
		l.gather.packed(p)
	}
}

// put puts an entry into the spool; settlement is that of the piece that ends with it.
func (l *lane) put(data []byte, settlement *flow.Settlement) {
	l.mu.Lock()
	defer l.mu.Unlock()
	sequence := l.spool.Put(data)
	switch {
	case settlement == nil:
	case sequence == 0:
		settlement.Drop(flow.DroppedStore)
	default:
		l.pending[sequence] = settlement
	}
}

// settled is told by the spool what became of entries.
func (l *lane) settled(from, to uint64, saved bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n := from; n <= to; n++ {
		s := l.pending[n]
		if s == nil {
			continue
		}
		delete(l.pending, n)
		if !saved {
			s.Drop(flow.DroppedStore)
			continue
		}
		l.marks.take(n, s.Marks())
		s.Commit()
	}
}

// mark takes marks of records that no entry holds.
func (l *lane) mark(list []flow.StreamMark) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.marks.take(l.marks.at+1, list)
}

// idle tells whether nothing is being gathered, packed or delivered.
func (l *lane) idle() bool {
	return l.gather.idle() && l.spool.Stats().WaitingWeight == 0
}

// read gives entries to the senders, in order.
func (l *lane) read(ctx context.Context) {
	defer close(l.todo)
	var backoff = sink.Backoff{First: time.Second, Most: time.Minute}
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
			l.begin(e.Sequence)
			select {
			case l.todo <- e:
			case <-ctx.Done():
				return
			}
		}
	}
}

func (l *lane) begin(sequence uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent.Begin(sequence)
}

// send delivers entries.
func (l *lane) send(ctx context.Context) {
	for e := range l.todo {
		if !l.gate.pass(ctx) || !l.bulk.deliver(ctx, e.Data) {
			continue // it waits for the next start
		}
		l.mu.Lock()
		l.sent.Done(e.Sequence)
		l.mu.Unlock()
		l.spool.Delivered(e.Sequence)
	}
}

// ackEvery is how often delivered entries are acknowledged: those since are sent again after a crash.
const ackEvery = time.Second

// acknowledge acknowledges what is delivered, when the marks are safe.
func (l *lane) acknowledge() {
	defer close(l.ackDone)
	ticker := time.NewTicker(ackEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			l.ack()
		case <-l.ackAfter:
			l.ack()
			return
		}
	}
}

func (l *lane) ack() {
	l.acking.Lock()
	defer l.acking.Unlock()
	l.mu.Lock()
	sequence := l.sent.UpTo()
	_, waits := l.pending[sequence] // delivered before it was on disk: it will be soon
	l.mu.Unlock()
	if sequence == 0 || waits {
		return
	}
	if l.marks != nil {
		if err := l.marks.save(); err != nil {
			l.log.Warn("elastic: marks not saved; delivered documents stay on disk", "err", err)
			return
		}
	}
	l.spool.Ack(sequence)
}
