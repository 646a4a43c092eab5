package listen

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen/proxy"
)

// socket is one UDP socket with the goroutine that reads it.
type socket struct {
	deps          Deps
	worker        int
	allow         Prefixes
	proxies       Prefixes
	conn          *net.UDPConn
	raw           syscall.RawConn
	reader        *batchReader
	batch         []Datagram // given to the handler, reused
	address       netip.AddrPort
	receiveBuffer int
	pause         time.Duration // after it has been read empty

	datagrams, bytes, delivered, truncated, refused, badProxy, readErrors atomic.Uint64

	drops dropCounter
}

func newSocket(conn *net.UDPConn, worker int, cfg Config, deps Deps) (*socket, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &socket{
		deps:          deps,
		worker:        worker,
		conn:          conn,
		raw:           raw,
		reader:        newBatchReader(conn, cfg.Batch, cfg.MaxDatagram),
		batch:         make([]Datagram, 0, cfg.Batch),
		receiveBuffer: grantedReceiveBuffer(raw),
		address:       sourceOf(conn.LocalAddr()),
		allow:         NewPrefixes(cfg.Allow),
		proxies:       NewPrefixes(cfg.Proxies),
	}
	s.pause = gatherTime(s.receiveBuffer)
	return s, nil
}

// run reads until the deadline that interrupt sets.
func (s *socket) run() {
	failures := 0
	for {
		n, err := s.reader.read(true)
		s.take(n)
		switch {
		case err == nil:
			failures = 0
			s.gather(n)
		case errors.Is(err, os.ErrDeadlineExceeded):
			s.drain()
			return
		case errors.Is(err, net.ErrClosed):
			return
		default:
			failures++
			s.fail(err, failures)
		}
	}
}

// gather lets datagrams come together in the kernel's buffer where the last read took all there was.
func (s *socket) gather(n int) {
	if !s.reader.more(n) {
		time.Sleep(s.pause)
	}
}

// fail counts a failed read and waits a little longer each time in a row, so that a broken socket does not keep a CPU busy.
func (s *socket) fail(err error, failures int) {
	s.readErrors.Add(1)
	if failures == 1 {
		s.deps.Log.Warn("reading a socket failed", "address", s.address, "worker", s.worker, "error", err)
	}
	time.Sleep(time.Duration(min(failures, 100)) * time.Millisecond)
}

// drain takes what waits in the socket. More than a buffer's worth was not there when Stop was called.
func (s *socket) drain() {
	if s.conn.SetReadDeadline(time.Time{}) != nil {
		return
	}
	for left := max(s.receiveBuffer, 1); left > 0; {
		n, err := s.reader.read(false)
		left -= s.take(n) + n
		if err != nil || n == 0 {
			return
		}
	}
}

// take hands the n datagrams of the last read to the handler and returns their bytes.
func (s *socket) take(n int) (bytes int) {
	if n == 0 {
		return 0
	}
	now := s.deps.Now()
	s.batch = s.batch[:0]
	for i := range n {
		payload, source, truncated := s.reader.message(i)
		bytes += len(payload)
		d := Datagram{Payload: payload, Source: source, Received: now, Port: s.address.Port()}
		if why := s.judge(&d, truncated); why != flow.ReasonNone {
			s.refuse(d.Source, len(d.Payload), why)
			continue
		}
		s.batch = append(s.batch, d)
	}
	s.datagrams.Add(uint64(n))
	s.bytes.Add(uint64(bytes))
	if len(s.batch) > 0 {
		s.deps.Handle(s.worker, s.batch)
	}
	s.delivered.Add(uint64(len(s.batch)))
	return bytes
}

// judge tells why a datagram is not handed over, after taking off the header of a proxy.
func (s *socket) judge(d *Datagram, truncated bool) flow.Reason {
	if truncated {
		return flow.RefusedLength
	}
	switch {
	case len(s.proxies) > 0 && s.proxies.Contain(d.Source.Addr()):
		h, err := proxy.Parse(d.Payload)
		if err != nil {
			return flow.RefusedProxy
		}
		d.Payload = d.Payload[h.Size:]
		if !h.Local {
			d.Source = h.Source
		}
	case proxy.Has(d.Payload):
		return flow.RefusedUntrusted
	}
	if len(s.allow) > 0 && !s.allow.Contain(d.Source.Addr()) {
		return flow.RefusedNotAllowed
	}
	return flow.ReasonNone
}

// refuse counts a datagram that is not handed over.
func (s *socket) refuse(source netip.AddrPort, size int, why flow.Reason) {
	switch why {
	case flow.RefusedLength:
		s.truncated.Add(1)
	case flow.RefusedNotAllowed:
		s.refused.Add(1)
	default:
		s.badProxy.Add(1)
	}
	if s.deps.Refused != nil {
		s.deps.Refused(s.worker, source.Addr(), size, why)
	}
}

// interrupt makes run come to its end.
func (s *socket) interrupt() { _ = s.conn.SetReadDeadline(past()) }

func (s *socket) close() error {
	s.drops.update(s.raw)
	if err := s.conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

func (s *socket) stats() SocketStats {
	return SocketStats{
		Worker:        s.worker,
		Address:       s.address,
		ReceiveBuffer: s.receiveBuffer,
		Datagrams:     s.datagrams.Load(),
		Bytes:         s.bytes.Load(),
		Delivered:     s.delivered.Load(),
		Truncated:     s.truncated.Load(),
		Refused:       s.refused.Load(),
		BadProxy:      s.badProxy.Load(),
		ReadErrors:    s.readErrors.Load(),
		KernelDrops:   s.drops.update(s.raw),
	}
}

// sourceOf converts an address; zones are dropped, for an exporter is told by its address.
func sourceOf(a net.Addr) netip.AddrPort {
	u, ok := a.(*net.UDPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ip, _ := netip.AddrFromSlice(u.IP)
	return netip.AddrPortFrom(ip.Unmap(), uint16(u.Port))
}
