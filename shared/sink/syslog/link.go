package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// link is a connection whose receiving side is watched: a syslog receiver sends nothing, so what comes is its end. Without that the first
// message after it would be written to nobody.
type link struct {
	conn   net.Conn
	ctx    context.Context // ends with the connection
	cancel context.CancelCauseFunc
	ended  chan struct{}
	hurry  func() bool // lets go of what ends a write soon when Weir stops
	clean  bool        // ended in order; valid when ended is closed
}

func newLink(ctx context.Context, conn net.Conn) *link {
	l := &link{conn: conn, ended: make(chan struct{})}
	l.ctx, l.cancel = context.WithCancelCause(ctx)
	l.hurry = context.AfterFunc(ctx, func() {
		_ = conn.SetWriteDeadline(time.Now().Add(stopWithin)) // a connection that is closed already needs none
	})
	go l.watch()
	return l
}

func (l *link) watch() {
	defer close(l.ended)
	if _, err := io.Copy(io.Discard, l.conn); err != nil {
		l.cancel(fmt.Errorf("connection lost: %w", err))
		return
	}
	l.clean = true
	l.cancel(errClosed)
}

// errClosed: the peer has ended the connection in order.
var errClosed = errors.New("connection closed by the receiver")

func (l *link) close() {
	l.hurry()
	l.conn.Close()
	<-l.ended
}

// cause returns why the connection ended, err where nothing is known.
func (l *link) cause(err error) error {
	if c := context.Cause(l.ctx); c != nil {
		return c
	}
	return err
}

func (l *link) write(b []byte) error {
	if err := l.conn.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	if l.ctx.Err() != nil { // asked after the deadline is set: what ends the context shortens it
		return l.cause(nil)
	}
	_, err := l.conn.Write(b)
	return err
}

// closeSending ends the sending side and tells whether the peer ended its side in order thereafter.
func (l *link) closeSending() bool {
	c, ok := l.conn.(interface{ CloseWrite() error })
	if !ok || c.CloseWrite() != nil {
		return false
	}
	t := time.NewTimer(stopWithin)
	defer t.Stop()
	select {
	case <-t.C:
		return false
	case <-l.ended:
		return l.clean
	}
}

// tcp returns the connection below TLS.
func (l *link) tcp() (*net.TCPConn, bool) {
	conn := l.conn
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	c, ok := conn.(*net.TCPConn)
	return c, ok
}
