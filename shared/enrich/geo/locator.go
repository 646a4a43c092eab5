package geo

import (
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Locator tells places from files that it keeps up to date. [New] is inert; before [Locator.Start] it knows no address.
type Locator struct {
	cfg     Config
	deps    Deps
	current atomic.Pointer[tables]

	mu       sync.Mutex // held while files are loaded
	sources  []*source
	started  bool
	quit     chan struct{} // closed by Stop: ends the watching goroutine
	watching sync.WaitGroup

	idle struct {
		sync.Mutex
		readers []*Reader
	}
	lookups, cached, found, reloads, failed atomic.Uint64
}

// tables are the files in use at a time. They never change.
type tables struct{ country, asn *file }

// New returns a locator of the files of cfg, none of which is opened yet.
func New(cfg Config, deps Deps) (*Locator, error) {
	if cfg.Every < 0 {
		return nil, errors.New("geo: files can't be looked at more often than always")
	}
	if cfg.Every == 0 {
		cfg.Every = DefaultConfig().Every
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	l := &Locator{cfg: cfg, deps: deps, sources: sources(cfg), quit: make(chan struct{})}
	l.current.Store(&tables{})
	return l, nil
}

// Check loads the files of cfg and forgets them. Its errors say of every file which it is, what is wrong and how to mend it.
func Check(cfg Config) error {
	l, err := New(cfg, Deps{})
	if err != nil {
		return err
	}
	return l.loadAll()
}

// Enabled tells whether there are files at all.
func (l *Locator) Enabled() bool { return len(l.sources) > 0 }

// Start loads the files, all of which must be right, and watches them from then on. A Locator with files starts once.
func (l *Locator) Start() error {
	if !l.Enabled() {
		return nil
	}
	if err := l.loadAll(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.started {
		return errors.New("geo: started twice")
	}
	l.started = true
	l.watching.Add(1)
	go func() { defer l.watching.Done(); l.watch() }()
	return nil
}

// Stop ends the watching. Places are still told. It is idempotent.
func (l *Locator) Stop() error {
	l.mu.Lock()
	if l.started {
		select {
		case <-l.quit:
		default:
			close(l.quit)
		}
	}
	l.mu.Unlock()
	l.watching.Wait()
	return nil
}

func (l *Locator) loadAll() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, s := range l.sources {
		errs = append(errs, s.load())
	}
	l.swap()
	return errors.Join(errs...)
}

// Reload looks at the files and takes those that have changed. An error is of a new file that is of no use, told once for each
// such file; the last one stays in use.
func (l *Locator) Reload() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, s := range l.sources {
		if !s.changed() {
			continue
		}
		if err := s.load(); err != nil {
			l.failed.Add(1)
			errs = append(errs, err)
			continue
		}
		l.reloads.Add(1)
		l.swap()
	}
	return errors.Join(errs...)
}

// swap puts the loaded files into use. Readers take them at their next turn; the garbage collector frees the old ones after the
// last has done so. The caller holds the lock.
func (l *Locator) swap() {
	t := &tables{}
	for _, s := range l.sources {
		if s.country {
			t.country = s.file
		}
		if s.asn {
			t.asn = s.file
		}
	}
	l.current.Store(t)
}

func (l *Locator) watch() {
	ticks := l.deps.Ticks
	if ticks == nil {
		ticker := time.NewTicker(l.cfg.Every)
		defer ticker.Stop()
		ticks = ticker.C
	}
	for {
		select {
		case <-l.quit:
			return
		case <-ticks:
		}
		before := l.reloads.Load()
		if err := l.Reload(); err != nil {
			l.deps.Log.Warn("country and AS number: the last file stays in use", "error", err)
		}
		if l.reloads.Load() != before {
			l.deps.Log.Info("country and AS number: new file in use")
		}
	}
}

// Stats returns the counters. Look-ups are counted when their reader is released.
func (l *Locator) Stats() Stats {
	s := Stats{
		Cached: l.cached.Load(), Found: l.found.Load(), Reloads: l.reloads.Load(), FailedReloads: l.failed.Load(),
	}
	s.Lookups = max(l.lookups.Load(), s.Found)
	s.Missed = s.Lookups - s.Found
	t := l.current.Load()
	if t.country != nil {
		s.CountryBuilt = t.country.built
	}
	if t.asn != nil {
		s.ASNBuilt = t.asn.built
	}
	return s
}
