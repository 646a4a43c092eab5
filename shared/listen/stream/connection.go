package stream

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/listen/proxy"
)

// connection is one transport session.
type connection struct {
	l       *Listener
	door    *door
	conn    net.Conn
	source  netip.AddrPort // the exporter: what a proxy says, else the peer
	proxied bool           // a PROXY protocol header must come first
	session uint64
	last    [1]listen.Datagram // given to the handler
}

// ending is why a connection was closed.
type ending struct {
	why string // of the counters
	err error  // for people; nil where all is well
}

func (e *ending) Error() string { return fmt.Sprintf("%s: %v", e.why, e.err) }

func (e *ending) Unwrap() error { return e.err }

func (c *connection) run() {
	peer, raw := c.source.Addr(), c.conn
	err := c.serve()
	_ = c.conn.Close()
	c.l.leave(peer, raw)
	if c.session != 0 {
		c.l.handing.Lock()
		c.l.deps.Ended(c.session)
		c.l.handing.Unlock()
	}
	end := c.ending(err)
	c.door.change(func(s *Stats) { s.Open--; s.Closed[end.why]++ })
	if end.err != nil {
		c.l.warn(c.door, "connection closed", end.err, c.source)
	}
}

// ending tells what an error means.
func (c *connection) ending(err error) *ending {
	end := new(ending)
	switch {
	case c.l.stopping():
		return &ending{why: ClosedStopped}
	case errors.As(err, &end):
		return end
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &ending{why: ClosedIdle, err: errors.New("no message within the idle timeout")}
	}
	return &ending{why: ClosedByExporter}
}

// serve reads messages to the end, whose error it returns.
func (c *connection) serve() error {
	c.deadline(c.l.finish)
	if err := c.introduce(); err != nil {
		return err
	}
	if c.door.tls {
		if err := c.secure(); err != nil {
			return &ending{ClosedTLS, err}
		}
	}
	c.session = c.l.session()
	r := messages{r: bufio.NewReaderSize(c.conn, listen.MaxMessage+1), idle: func() { c.deadline(c.l.cfg.IdleTimeout) }, begun: func() { c.deadline(c.l.finish) }}
	for {
		m, err := r.next()
		if err != nil {
			return c.fault(err)
		}
		c.hand(m)
	}
}

// deadline bounds the time of what is read next. One that Stop has set must stay.
func (c *connection) deadline(d time.Duration) {
	c.l.mu.Lock()
	defer c.l.mu.Unlock()
	if c.l.state == running {
		_ = c.conn.SetReadDeadline(time.Unix(0, c.l.deps.Now()).Add(d))
	}
}

// introduce takes the header of a proxy, which comes before all else.
func (c *connection) introduce() error {
	if !c.proxied {
		return nil
	}
	h, err := readHeader(c.conn)
	if err != nil {
		c.l.refuse(c.source, 0, flow.RefusedProxy)
		return &ending{ClosedProxy, err}
	}
	if !h.Local {
		c.source = h.Source
	}
	if !c.l.allowed(c.source.Addr()) {
		c.l.refuse(c.source, 0, flow.RefusedNotAllowed)
		return &ending{why: RefusedNotAllowed}
	}
	return nil
}

// readHeader reads a PROXY protocol header and not a byte more.
func readHeader(r io.Reader) (h proxy.Header, err error) {
	b := make([]byte, proxy.HeadSize, proxy.MaxSize)
	if _, err = io.ReadFull(r, b); err != nil {
		return h, err
	}
	n, err := proxy.Size(b)
	if err != nil {
		return h, err
	}
	b = b[:n]
	if _, err = io.ReadFull(r, b[proxy.HeadSize:]); err != nil {
		return h, err
	}
	return proxy.Parse(b)
}

// secure agrees on TLS.
func (c *connection) secure() error {
	secured := tls.Server(c.conn, c.l.certs.Config())
	ctx, cancel := context.WithTimeout(context.Background(), c.l.finish)
	defer cancel()
	if err := secured.HandshakeContext(ctx); err != nil {
		return err
	}
	c.conn = secured // its deadlines are those of the connection below
	return nil
}

func (c *connection) hand(message []byte) {
	c.l.handing.Lock()
	c.last[0] = listen.Datagram{Payload: message, Source: c.source, Received: c.l.deps.Now(), Session: c.session, Port: c.door.stats.Address.Port()}
	c.l.deps.Handle(c.last[:])
	c.l.handing.Unlock()
	c.door.change(func(s *Stats) { s.Messages++; s.Bytes += uint64(len(message)) })
}

// fault counts what is wrong with the bytes and says why the connection ends.
func (c *connection) fault(err error) error {
	framing, part := new(listen.FramingError), new(partError)
	switch {
	case errors.As(err, &framing):
		c.l.refuse(c.source, listen.MessageHead, framing.Reason)
		return &ending{ClosedFraming, err}
	case errors.As(err, &part) && errors.Is(err, os.ErrDeadlineExceeded):
		c.l.refuse(c.source, part.got, flow.RefusedShort)
		return &ending{ClosedSlow, err}
	case errors.As(err, &part):
		c.l.refuse(c.source, part.got, flow.RefusedShort)
		return &ending{ClosedCut, err}
	}
	return err
}
