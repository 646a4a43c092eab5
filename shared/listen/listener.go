package listen

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// Deps is what a [Listener] needs from outside.
type Deps struct {
	// Handle takes the datagrams. Required.
	Handle Handler
	// Now is the receive clock in nanoseconds since the Unix epoch, asked once a batch. Required.
	Now func() int64
	// Refused, where set, is told of each datagram that is not handed over: flow.RefusedNotAllowed by the allow-list,
	// flow.RefusedLength when it did not fit [Config.MaxDatagram] (size is then what was read of it), flow.RefusedProxy and
	// flow.RefusedUntrusted for its PROXY protocol header (see [Config.Proxies]). Called by the socket's goroutine.
	Refused func(worker int, source netip.Addr, size int, why flow.Reason)
	// Log takes warnings; nil means none.
	Log *slog.Logger
}

// Listener receives datagrams on UDP sockets.
type Listener struct {
	cfg  Config
	deps Deps

	mu      sync.Mutex // guards the fields below
	state   state
	sockets []*socket
	done    sync.WaitGroup
}

type state uint8

const (
	created state = iota
	running
	stopped
)

// New checks cfg and returns a Listener that has opened nothing yet.
func New(cfg Config, deps Deps) (*Listener, error) {
	if deps.Handle == nil || deps.Now == nil {
		return nil, errors.New("listen: Handle and Now are required")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return &Listener{cfg: cfg, deps: deps}, nil
}

// Workers returns how many workers call the handler: [Config.Workers] times the number of addresses.
func (l *Listener) Workers() int { return l.cfg.Workers * len(l.cfg.Addresses) }

// Start opens the sockets and begins to read them. Where one cannot be opened, none stays open and Start
// may be tried again; otherwise a Listener starts once.
func (l *Listener) Start() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state != created {
		return errors.New("listen: a listener starts once")
	}
	for _, address := range l.cfg.Addresses {
		if err := l.open(address); err != nil {
			err = errors.Join(err, l.close())
			l.sockets = nil
			return fmt.Errorf("listen: %s: %w", address, err)
		}
	}
	l.warnReceiveBuffer()
	l.state = running
	for _, s := range l.sockets {
		l.done.Go(s.run)
	}
	return nil
}

func (l *Listener) open(address string) error {
	conns, err := openSockets(address, l.cfg.Workers, l.cfg.ReceiveBuffer)
	if err != nil {
		return err
	}
	for i, conn := range conns {
		s, err := newSocket(conn, len(l.sockets), l.cfg, l.deps)
		if err != nil {
			for _, c := range conns[i:] {
				_ = c.Close()
			}
			return err
		}
		l.sockets = append(l.sockets, s)
	}
	return nil
}

// warnReceiveBuffer tells once, not once a socket: the limit is the system's.
func (l *Listener) warnReceiveBuffer() {
	for _, s := range l.sockets {
		if s.receiveBuffer > 0 && s.receiveBuffer < l.cfg.ReceiveBuffer {
			l.deps.Log.Warn("socket receive buffer is smaller than asked for: bursts will be dropped by the kernel",
				"asked", l.cfg.ReceiveBuffer, "granted", s.receiveBuffer, "mend", receiveBufferAdvice(l.cfg.ReceiveBuffer))
			return
		}
	}
}

// Stop takes what the sockets still hold to the handler (at most one buffer's worth each), closes them and waits until every
// handler has returned. It is idempotent; the counters stay readable. It must not be called by a handler, which it waits for.
func (l *Listener) Stop() error {
	l.mu.Lock()
	started := l.state == running
	l.state = stopped
	if started {
		for _, s := range l.sockets {
			s.interrupt()
		}
	}
	l.mu.Unlock()
	l.done.Wait()
	if started {
		return l.close()
	}
	return nil
}

func (l *Listener) close() error {
	var errs []error
	for _, s := range l.sockets {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}

// Sockets returns the account of every socket, by worker; none before Start.
func (l *Listener) Sockets() []SocketStats {
	l.mu.Lock()
	defer l.mu.Unlock()
	stats := make([]SocketStats, len(l.sockets))
	for i, s := range l.sockets {
		stats[i] = s.stats()
	}
	return stats
}

// past is a deadline that has always been missed.
func past() time.Time { return time.Unix(1, 0) }
