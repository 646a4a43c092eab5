// Package losses remembers when a collector noticed that something is missing, so that an answer can say what may be missing from its own
// time range, rather than since the collector was installed. It keeps a line a minute in the data folder, and none for minutes without loss.
package losses

import (
	"log/slog"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/query"
)

// FileName is the file in the data folder.
const FileName = "losses.jsonl"

const (
	// every is how often the counters are looked at.
	every = 5 * time.Second
	// span is how long a period becomes.
	span = time.Minute
	// maxPeriods is how many periods are remembered; beyond it the oldest become one.
	maxPeriods = 20_000
	// resuming is how long after its start a run may notice what was lost before it.
	resuming = 2 * time.Minute
	// late is how long after its end a flow is exported, mostly: what is missing then is of the time before.
	late = time.Minute
)

// Period is a time in which a loss was noticed. Its beginning is zero where nobody knows it.
type Period struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to"`
	query.LossInRange
}

// Config says where the ledger is.
type Config struct {
	Path string
}

// Deps is what a ledger is given from outside.
type Deps struct {
	Now func() time.Time
	Log *slog.Logger
	// Total returns all that is known to be missing, of this run and of those before; of kernel drops, of this run.
	Total func() query.Loss
}

// Ledger remembers losses. It is safe for concurrent use.
type Ledger struct {
	cfg  Config
	deps Deps

	mu      sync.Mutex
	periods []Period // oldest first
	written int      // how many of them are in the file
	looked  time.Time
	known   query.LossInRange // when looked
	began   time.Time         // this run
	before  time.Time         // until when the last run looked
	failing bool              // the file could not be written
	stop    chan struct{}
	running sync.WaitGroup
}

// New makes a ledger; nothing is read before [Ledger.Start].
func New(cfg Config, deps Deps) *Ledger { return &Ledger{cfg: cfg, deps: deps} }

// Start reads what earlier runs remembered, and begins to look at the counters. What these have lost beyond it (before there was a ledger, or
// in a run that was killed) is taken to have been lost at any time until now.
func (l *Ledger) Start() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	periods, whole, err := read(l.cfg.Path)
	if err != nil {
		return err
	}
	if !whole {
		l.deps.Log.Warn("lines of the ledger of losses cannot be read", "file", l.cfg.Path)
	}
	l.periods, l.written = periods, len(periods)
	var told query.LossInRange
	for i := range periods {
		told = plus(told, periods[i].LossInRange)
	}
	if n := len(periods); n > 0 {
		l.before = periods[n-1].To
	}
	l.began = l.deps.Now().UTC()
	l.bound()
	told.KernelDrops = 0 // those of earlier runs are no part of the total
	l.known = told
	l.look()
	stop := make(chan struct{})
	l.stop = stop
	l.running.Go(func() { l.watch(stop) })
	return nil
}

// Stop writes what is remembered. It is idempotent.
func (l *Ledger) Stop() error {
	l.mu.Lock()
	if l.stop == nil {
		l.mu.Unlock()
		return nil
	}
	close(l.stop)
	l.stop = nil
	l.mu.Unlock()
	l.running.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.look()
	// A line without loss says until when there was none: what the next run misses first is of the time since.
	l.periods = append(l.periods, Period{From: l.looked, To: l.looked})
	return l.write(len(l.periods))
}

func (l *Ledger) watch(stop <-chan struct{}) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			l.mu.Lock()
			l.look()
			err := l.writeClosed()
			if err != nil && !l.failing {
				l.deps.Log.Error("the ledger of losses cannot be written", "error", err)
			}
			l.failing = err != nil
			l.mu.Unlock()
		}
	}
}

// look adds what was lost since the last look; the lock is held.
func (l *Ledger) look() {
	now, total := l.deps.Now().UTC(), l.deps.Total()
	all := query.LossInRange{Gaps: total.Gaps, KernelDrops: total.KernelDrops, Dropped: total.Dropped}
	if lost := minus(all, l.known); lost != (query.LossInRange{}) {
		if n := len(l.periods); n > l.written && now.Sub(l.periods[n-1].From) < span {
			last := &l.periods[n-1]
			last.To, last.LossInRange = now, plus(last.LossInRange, lost)
		} else {
			l.periods = append(l.periods, Period{From: l.since(now), To: now, LossInRange: lost})
			l.bound()
		}
	}
	l.known, l.looked = all, now
}

// since is from when on what is noticed now may have been lost; zero: nobody knows.
func (l *Ledger) since(now time.Time) time.Time {
	if now.Sub(l.began) < resuming && (l.looked.IsZero() || !l.before.IsZero()) {
		return l.before
	}
	return l.looked
}

// bound makes one of the oldest periods while they are too many.
func (l *Ledger) bound() {
	for len(l.periods) > maxPeriods {
		l.periods[1].From, l.periods[1].LossInRange = l.periods[0].From, plus(l.periods[0].LossInRange, l.periods[1].LossInRange)
		l.periods = l.periods[1:]
		l.written = max(l.written-1, 0)
	}
}

// Within returns what was noticed to be missing at about the time of a range, from <= t < to, in which records that are missing may have
// been; zero times have no bound.
func (l *Ledger) Within(from, to time.Time) *query.LossInRange {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stop != nil {
		l.look()
	}
	return within(l.periods, from, to)
}

func within(periods []Period, from, to time.Time) *query.LossInRange {
	var sum query.LossInRange
	for i := len(periods) - 1; i >= 0; i-- {
		p := &periods[i]
		if p.To.Before(from) {
			break
		}
		if to.IsZero() || p.From.Before(to.Add(late)) {
			sum = plus(sum, p.LossInRange)
		}
	}
	return &sum
}

func plus(a, b query.LossInRange) query.LossInRange {
	return query.LossInRange{Gaps: a.Gaps + b.Gaps, KernelDrops: a.KernelDrops + b.KernelDrops, Dropped: a.Dropped + b.Dropped}
}

// minus is what a has more than b. Counters do not fall but when somebody else has written the file.
func minus(a, b query.LossInRange) query.LossInRange {
	less := func(x, y uint64) uint64 { return max(x, y) - y }
	return query.LossInRange{Gaps: less(a.Gaps, b.Gaps), KernelDrops: less(a.KernelDrops, b.KernelDrops), Dropped: less(a.Dropped, b.Dropped)}
}
