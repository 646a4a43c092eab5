package history

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
)

// Generate makes the history, or what is missing of it, and returns what there is now. When ctx ends it stops at the next batch; what
// is whole is kept, and the next call goes on behind it.
func Generate(ctx context.Context, cfg Config, deps Deps) (Marker, error) {
	deps = deps.complete()
	if err := cfg.check(); err != nil {
		return Marker{}, err
	}
	m, err := recall(cfg)
	if err != nil {
		return m, err
	}
	hours := max(int(cfg.Until.Sub(m.Start)/time.Hour), cfg.Days*24)
	if m.Hours >= hours {
		fmt.Fprintf(deps.Log, "history in %s: %d records up to %s are there\n", cfg.Dir, m.Stored, m.End().Format(time.RFC3339))
		return m, nil
	}
	g := &generator{cfg: cfg, deps: deps, marker: m, hours: hours}
	err = g.run(ctx)
	return g.marker, err
}

// generator makes the hours from marker.Hours on: one goroutine makes portions, another stores them.
type generator struct {
	cfg    Config
	deps   Deps
	marker Marker
	hours  int
	now    atomic.Int64 // the store's clock, ns
	store  *duckdb.Store
	mix    *Mix
	maker  *maker
	bar    progress
}

func (g *generator) run(ctx context.Context) (err error) {
	if g.mix, err = NewMix(g.marker.Start, g.cfg.Days, g.cfg.Records, g.cfg.Seed); err != nil {
		return err
	}
	if g.maker, err = newMaker(); err != nil {
		return err
	}
	g.now.Store(g.marker.End().UnixNano())
	g.store, err = duckdb.Open(ctx, store.Config{
		Dir: DataDir(g.cfg.Dir), CommitEvery: time.Hour, CommitRows: math.MaxInt32, MemoryLimit: 1 << 30,
	}, store.Deps{Now: func() time.Time { return time.Unix(0, g.now.Load()).UTC() }, Account: g.maker.account, Symbols: g.maker.symbols})
	if err != nil {
		return err
	}
	total := g.mix.plan.upTo(g.hours) * RecordsPerDatagram
	g.bar = newProgress(g.deps, uint64(total), g.marker.Stored)
	err = g.fill(ctx)
	g.bar.end()
	if err == nil {
		err = errors.Join(g.check(), g.store.SealAll(ctx))
	}
	return errors.Join(err, g.store.Close())
}

// fill makes and stores all hours that are missing.
func (g *generator) fill(ctx context.Context) error {
	all, ctx := errgroup.WithContext(ctx)
	full, empty := make(chan *portion, portions), make(chan *portion, portions)
	for range portions {
		empty <- g.maker.newPortion()
	}
	all.Go(func() error {
		defer close(full)
		return g.produce(&assembler{ctx: ctx, maker: g.maker, empty: empty, full: full})
	})
	all.Go(func() error {
		for p := range full {
			if err := g.take(ctx, p); err != nil {
				return err
			}
			empty <- p
		}
		return ctx.Err()
	})
	return all.Wait()
}

// portions is how many portions are on their way from the maker to the store.
const portions = 8

// produce makes the portions of the hours that are missing.
func (g *generator) produce(a *assembler) error {
	for hour := g.marker.Hours; hour < g.hours; hour++ {
		if err := g.mix.Hour(hour, a.datagram); err != nil {
			return err
		}
		if err := a.end(hour); err != nil {
			return err
		}
	}
	return nil
}

// take stores a portion. At the end of an hour what was stored is committed, so that it lies in parts of that hour.
func (g *generator) take(ctx context.Context, p *portion) error {
	if len(p.records.Datagrams) > 0 {
		g.now.Store(p.at.UnixNano())
		if err := g.store.WriteBatch(ctx, p.records); err != nil {
			return err
		}
		if err := g.store.WriteSessions(ctx, &p.sessions); err != nil {
			return err
		}
	}
	g.bar.add(uint64(len(p.records.Records)))
	g.marker.Stored += uint64(len(p.records.Records))
	g.marker.Sessions += uint64(len(p.sessions.Sessions))
	if !p.ends {
		return nil
	}
	if err := g.store.Flush(ctx); err != nil {
		return err
	}
	g.marker.Hours = p.hour + 1
	if err := g.marker.write(g.cfg.Dir); err != nil {
		return err
	}
	g.now.Store(g.marker.End().UnixNano())
	return g.keepUp(ctx)
}

// maxHot is how many hot files may wait to be sealed: storing is faster than sealing.
const maxHot = 8

// keepUp waits while sealing lies behind.
func (g *generator) keepUp(ctx context.Context) error {
	for {
		st := g.store.Stats()
		if st.SealErrors > 0 {
			return errors.New("history: hours could not be sealed")
		}
		if st.HotFiles <= maxHot {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// check tells whether everything came to be stored.
func (g *generator) check() error {
	for _, s := range g.maker.account.Streams() {
		if n := s.Refused.Sum() + s.SetAside.Sum() + s.Dropped.Sum() + s.Gaps.Load(); n > 0 {
			return fmt.Errorf("history: %d records or datagrams of %s were not stored", n, s.Key.Source())
		}
	}
	return nil
}
