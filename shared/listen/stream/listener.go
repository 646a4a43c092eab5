package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/listen/certificate"
)

// Deps is what a [Listener] needs from outside.
type Deps struct {
	// Handle takes messages, one call at a time. The slice and the payload hold until the call returns. While it works, no
	// connection is read. Required.
	Handle func(messages []listen.Datagram)
	// Ended is told of each session that was handed over, after its last message. Required.
	Ended func(session uint64)
	// Refused, where set, is told of what is not handed over: flow.RefusedVersion, RefusedLength or RefusedShort of bytes that are no
	// message, flow.RefusedNotAllowed and RefusedProxy of a connection.
	Refused func(source netip.Addr, size int, why flow.Reason)
	// Now is the wall clock in nanoseconds since the Unix epoch: for receive times and timeouts. Required.
	Now func() int64
	// Log takes warnings, at most one a minute an address; nil means none.
	Log *slog.Logger
}

// Listener receives IPFIX messages over TCP and TLS.
type Listener struct {
	cfg     Config
	deps    Deps
	allow   listen.Prefixes
	proxies listen.Prefixes
	certs   *certificate.Reloader // nil: no address with TLS is open
	finish  time.Duration         // finishTimeout, but in tests
	done    sync.WaitGroup
	handing sync.Mutex // one call of Handle at a time

	mu       sync.Mutex // guards the fields below
	state    state
	doors    []*door
	open     map[net.Conn]bool
	from     map[netip.Addr]int // open connections by address, proxies' left out
	sessions uint64             // numbers given so far
}

type state uint8

const (
	created state = iota
	running
	stopped
)

// door is one listening socket.
type door struct {
	account
	listener net.Listener
	tls      bool
	told     int64 // time of the last warning
}

// New checks cfg and returns a Listener that has opened nothing yet.
func New(cfg Config, deps Deps) (*Listener, error) {
	if deps.Handle == nil || deps.Ended == nil || deps.Now == nil {
		return nil, errors.New("listen: Handle, Ended and Now are required")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return &Listener{
		cfg: cfg, deps: deps, allow: listen.NewPrefixes(cfg.Allow), proxies: listen.NewPrefixes(cfg.Proxies),
		finish: finishTimeout, open: map[net.Conn]bool{}, from: map[netip.Addr]int{},
	}, nil
}

// Start reads the certificates and opens the sockets. Where one cannot be opened, none stays open and Start may be tried
// again; otherwise a Listener starts once.
func (l *Listener) Start() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state != created {
		return errors.New("listen: a listener starts once")
	}
	for _, a := range l.cfg.Addresses {
		if err := l.openDoor(a); err != nil {
			err = errors.Join(err, l.closeDoors())
			l.doors = nil
			return fmt.Errorf("listen: %s: %w", a.Address, err)
		}
	}
	l.state = running
	for _, d := range l.doors {
		l.done.Go(func() { l.accept(d) })
	}
	return nil
}

func (l *Listener) openDoor(a Address) error {
	if a.TLS && l.certs == nil {
		certs, err := certificate.NewReloader(l.cfg.TLS, l.deps.Log)
		if err != nil {
			return err
		}
		l.certs = certs
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(context.Background(), "tcp", a.Address)
	if err != nil {
		return err
	}
	d := &door{listener: listener, tls: a.TLS}
	d.stats = Stats{Address: addressOf(listener.Addr()), TLS: a.TLS, Refused: map[string]uint64{}, Closed: map[string]uint64{}}
	l.doors = append(l.doors, d)
	return nil
}

func (l *Listener) closeDoors() error {
	var errs []error
	for _, d := range l.doors {
		if err := d.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// accept takes connections until the socket is closed. Where none can be had, mostly for want of file descriptors, it waits a
// little longer each time in a row.
func (l *Listener) accept(d *door) {
	failures := 0
	for {
		conn, err := d.listener.Accept()
		switch {
		case err == nil:
			failures = 0
			l.admit(d, conn)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			failures++
			l.warn(d, "accepting a connection failed", err, netip.AddrPort{})
			time.Sleep(time.Duration(min(failures, 100)) * 10 * time.Millisecond)
		}
	}
}

// admit starts on a connection, or refuses it.
func (l *Listener) admit(d *door, conn net.Conn) {
	source := addressOf(conn.RemoteAddr())
	why := l.enter(source.Addr(), conn)
	if why == RefusedNotAllowed {
		l.refuse(source, 0, flow.RefusedNotAllowed)
	}
	d.change(func(s *Stats) {
		s.Accepted++
		if why == "" {
			s.Open++
		} else {
			s.Refused[why]++
		}
	})
	if why != "" {
		_ = conn.Close()
		l.warn(d, "connection refused", errors.New(why), source)
		return
	}
	c := &connection{l: l, door: d, conn: conn, source: source, proxied: l.proxies.Contain(source.Addr())}
	l.done.Go(c.run)
}

// enter notes an open connection, or says why it cannot be.
func (l *Listener) enter(source netip.Addr, conn net.Conn) (why string) {
	proxied := l.proxies.Contain(source)
	if !proxied && !l.allowed(source) {
		return RefusedNotAllowed
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.state != running || len(l.open) >= l.cfg.MaxConnections:
		return RefusedLimit
	case !proxied && l.from[source] >= max(l.cfg.MaxConnections/4, 1):
		return RefusedSource
	}
	l.open[conn] = true
	l.from[source]++
	return ""
}

// leave is the end of a connection that entered.
func (l *Listener) leave(source netip.Addr, conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, conn)
	if l.from[source]--; l.from[source] == 0 {
		delete(l.from, source)
	}
}

func (l *Listener) allowed(a netip.Addr) bool { return len(l.allow) == 0 || l.allow.Contain(a) }

// session returns a number that no session had before.
func (l *Listener) session() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sessions++
	return l.sessions
}

func (l *Listener) stopping() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state == stopped
}

func (l *Listener) refuse(source netip.AddrPort, size int, why flow.Reason) {
	if l.deps.Refused != nil {
		l.deps.Refused(source.Addr(), size, why)
	}
}

// warn logs what is wrong with a connection, at most once a minute: who may connect must not be able to fill the log.
func (l *Listener) warn(d *door, text string, err error, source netip.AddrPort) {
	now := l.deps.Now()
	l.mu.Lock()
	quiet := d.told != 0 && now-d.told < int64(time.Minute)
	if !quiet {
		d.told = now
	}
	l.mu.Unlock()
	if !quiet {
		l.deps.Log.Warn(text, "address", d.stats.Address, "exporter", source, "error", err)
	}
}

// Stop closes the sockets and connections after the messages that have been read whole, and waits until every handler has returned. It is
// idempotent; the counters stay readable. It must not be called by a handler, which it waits for.
func (l *Listener) Stop() error {
	l.mu.Lock()
	started := l.state == running
	l.state = stopped
	var err error
	if started {
		err = l.closeDoors()
		for conn := range l.open {
			_ = conn.SetReadDeadline(time.Unix(1, 0)) // has always been missed
		}
	}
	l.mu.Unlock()
	l.done.Wait()
	return err
}

// Stats returns the account of every address, in the order of the configuration; none before Start.
func (l *Listener) Stats() []Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Stats, len(l.doors))
	for i, d := range l.doors {
		list[i] = d.copy()
	}
	return list
}

func addressOf(a net.Addr) netip.AddrPort {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ip, _ := netip.AddrFromSlice(t.IP)
	return netip.AddrPortFrom(ip.Unmap(), uint16(t.Port))
}
