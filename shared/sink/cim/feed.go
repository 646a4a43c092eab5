package cim

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/sums"
)

// Feed makes events of what a pipeline gives. It is a [sink.Records], [sink.Sessions] and [sink.Alerts]. What it gives to its Putter may come from
// several goroutines at a time.
type Feed struct {
	cfg     FeedConfig
	deps    FeedDeps
	encoder *Encoder

	data, notes, ticks lane // of records and sessions; of alerts; of what is due by the clock

	sums     *sums.Sums
	sessions *openSessions
	told     *sink.Told
	sequence uint64       // of the last event of an alert, under notes: µs since the Unix epoch, so that it grows over restarts
	latest   atomic.Int64 // when the latest record was received, ns
	minute   int64        // of the last events of exporters; under ticks

	made, lost [len(kindTexts)]atomic.Uint64

	started, stopped bool
	stop             context.CancelFunc
	ticking          sync.WaitGroup
}

var (
	_ sink.Records  = (*Feed)(nil)
	_ sink.Sessions = (*Feed)(nil)
	_ sink.Alerts   = (*Feed)(nil)
)

// lane is the memory of events that are made one after the other.
type lane struct {
	mu    sync.Mutex
	event Event
	hosts map[flow.Addr]string
}

// NewFeed checks the configuration and returns a feed that has not started.
func NewFeed(cfg FeedConfig, deps FeedDeps) (*Feed, error) {
	if err := cfg.check(deps); err != nil {
		return nil, err
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	return &Feed{
		cfg: cfg, deps: deps, encoder: NewEncoder(Config{Flows: cfg.Flows}), sums: sums.New(cfg.Run), sessions: newOpenSessions(), told: sink.NewTold(maxOpenAlerts),
	}, nil
}

// maxOpenAlerts is how many open alerts are known; the longest known is forgotten first, and may be told of as raised once more, under its id.
const maxOpenAlerts = 1 << 16

// Start begins to tell of what is due by the clock. open are alerts of earlier runs that go on, which have been told of. A feed starts once.
func (f *Feed) Start(open []flow.Alert) error {
	if f.started {
		return errors.New("a feed starts once")
	}
	f.started = true
	f.told.Recall(open)
	ctx, cancel := context.WithCancel(context.Background())
	f.stop = cancel
	if !f.cfg.EventTime {
		f.ticking.Go(func() { f.tick(ctx) })
	}
	return nil
}

// Stop tells of all that is gathered, sessions that go on included, and ends. It is idempotent.
func (f *Feed) Stop() error {
	if !f.started || f.stopped {
		return nil
	}
	f.stopped = true
	f.stop()
	f.ticking.Wait()
	f.finish(context.Background())
	return nil
}

const tickEvery = time.Second

func (f *Feed) tick(ctx context.Context) {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			f.Advance(ctx, f.deps.Now())
		}
	}
}

// Advance tells of what is due at a time. [Feed.Start] has it called each second, where time does not pass with the records: how exporters and the
// sender do in a replay is told at its end.
func (f *Feed) Advance(ctx context.Context, now time.Time) {
	f.ticks.mu.Lock()
	defer f.ticks.mu.Unlock()
	f.tellSums(ctx, now.UnixNano(), false)
	minute := now.Unix() / 60
	switch {
	case f.minute == 0: // the first is early: somebody may be waiting to see that it works
		f.tellStatus(ctx, now)
	case minute != f.minute:
		f.tellExporters(ctx, now)
		f.tellStatus(ctx, now)
	}
	f.minute = minute
}

func (f *Feed) finish(ctx context.Context) {
	f.ticks.mu.Lock()
	defer f.ticks.mu.Unlock()
	now := f.deps.Now()
	f.tellSums(ctx, now.UnixNano(), true)
	f.tellExporters(ctx, now)
	f.tellStatus(ctx, now)
	f.data.mu.Lock()
	defer f.data.mu.Unlock()
	f.sessions.rest(func(b *flow.SessionBatch, s *flow.Session, part Part) { _ = f.putSession(ctx, b, s, part) }) // counted
}

func (f *Feed) tellSums(ctx context.Context, now int64, all bool) {
	f.sums.Tell(now, all, func(b *flow.Batch, r *flow.Record, records uint64) { f.putSum(ctx, &f.ticks, b, r, records) })
}

func (f *Feed) tellExporters(ctx context.Context, now time.Time) {
	if f.deps.Exporters == nil {
		return
	}
	list, ev := f.deps.Exporters(), &f.ticks.event
	for i := range list {
		x := &list[i]
		ev.Kind, ev.Time, ev.Host = Exporter, now.UnixNano(), x.IP
		ev.ID = x.AppendID(ev.ID[:0], now)
		ev.JSON = f.encoder.AppendExporter(ev.JSON[:0], x, now)
		_ = f.put(ctx, ev) // counted
	}
}

func (f *Feed) tellStatus(ctx context.Context, now time.Time) {
	if f.deps.Status == nil {
		return
	}
	report, ev := f.deps.Status(), &f.ticks.event
	ev.Kind, ev.Time, ev.Host = Status, now.UnixNano(), f.cfg.Host
	ev.ID = now.UTC().AppendFormat(append(ev.ID[:0], report.Component+"-"...), time.RFC3339)
	ev.JSON = f.encoder.AppendStatus(ev.JSON[:0], &report, now)
	_ = f.put(ctx, ev) // counted
}

// put gives an event away, and counts it.
func (f *Feed) put(ctx context.Context, ev *Event) error {
	f.made[ev.Kind].Add(1)
	if err := f.deps.Put.Put(ctx, ev); err != nil {
		f.lost[ev.Kind].Add(1)
		return err //nolint:wrapcheck // it is the Putter's own
	}
	return nil
}

// KindStats counts events of a kind.
type KindStats struct {
	Made uint64 // given to the Putter
	Lost uint64 // of them: not taken
}

// FeedStats counts what a feed did.
type FeedStats struct {
	Kinds        map[Kind]KindStats
	OpenSessions int    // remembered: they go on
	Unremembered uint64 // states of sessions that go on for which there was no room: they are told of when they end
	Flushes      uint64 // minutes of sums told of early for want of room
}

// Stats returns the counters.
func (f *Feed) Stats() FeedStats {
	s := FeedStats{Kinds: map[Kind]KindStats{}, Flushes: f.sums.Flushes()}
	for _, k := range Kinds() {
		s.Kinds[k] = KindStats{Made: f.made[k].Load(), Lost: f.lost[k].Load()}
	}
	s.OpenSessions, s.Unremembered = int(f.sessions.open.Load()), f.sessions.over.Load()
	return s
}
