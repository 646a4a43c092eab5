package forward

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"

	"github.com/weirflow/weir/shared/listen"
)

// Forwarder sends datagrams on.
type Forwarder struct {
	targets []*target
	cancel  context.CancelFunc
	done    sync.WaitGroup

	mu    sync.Mutex // guards state
	state state
}

type state uint8

const (
	created state = iota
	running
	stopped
)

// New checks cfg and returns a Forwarder that has opened nothing yet. Without targets it does nothing.
func New(cfg Config, deps Deps) (*Forwarder, error) {
	if deps.Now == nil {
		return nil, errors.New("forward: Now is required")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Resolve == nil {
		deps.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	f := &Forwarder{}
	for _, t := range cfg.Targets {
		if err := t.check(); err != nil {
			return nil, fmt.Errorf("forward: %w", err)
		}
		if slices.ContainsFunc(f.targets, func(o *target) bool { return o.To == t.To }) {
			return nil, fmt.Errorf("forward: target %q is listed twice", t.To)
		}
		f.targets = append(f.targets, newTarget(t, deps))
	}
	return f, nil
}

// Start opens raw sockets, where sources are to be spoofed, and begins to send. A Forwarder starts once.
func (f *Forwarder) Start() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.state != created {
		return errors.New("forward: a forwarder starts once")
	}
	for i, t := range f.targets {
		if err := t.open(); err != nil {
			for _, opened := range f.targets[:i] {
				err = errors.Join(err, opened.close())
			}
			return fmt.Errorf("forward to %s: %w", t.To, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.cancel = cancel
	f.state = running
	for _, t := range f.targets {
		f.done.Go(func() { t.run(ctx) })
	}
	return nil
}

// Offer copies the datagrams for the targets that want them. It never waits, and may be called by several goroutines.
func (f *Forwarder) Offer(batch []listen.Datagram) {
	for _, t := range f.targets {
		for i := range batch {
			if t.wants(&batch[i]) {
				t.take(&batch[i])
			}
		}
	}
}

// Stop sends what waits, where the target is known, and closes the sockets. It is idempotent; the counters stay readable.
func (f *Forwarder) Stop() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.state != running {
		f.state = stopped
		return nil
	}
	f.state = stopped
	f.cancel()
	f.done.Wait()
	var errs []error
	for _, t := range f.targets {
		errs = append(errs, t.close())
	}
	return errors.Join(errs...)
}

// Stats returns the account of every target, in the order of the configuration.
func (f *Forwarder) Stats() []Stats {
	list := make([]Stats, len(f.targets))
	for i, t := range f.targets {
		list[i] = t.stats()
	}
	return list
}
