package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"time"

	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/spool"
)

// Times of connections.
const (
	dialWithin  = 10 * time.Second
	writeWithin = 30 * time.Second
	stopWithin  = 2 * time.Second // for the receiver to close when Weir stops
	stalled     = time.Minute     // after which a peer that acknowledges nothing is given up
	batch       = 64
)

// Sender takes events from a queue and sends them. Counts may be read at any time.
type Sender struct {
	Counts sink.Delivery

	cfg    Config
	deps   Deps
	format Formatter
	outage *sink.Outage
	tls    *tls.Config
	cancel context.CancelFunc
	done   chan struct{}
}

// Start reads certificates and sends from now on; a receiver that is not there is waited for. A Sender starts once.
func (s *Sender) Start() error {
	if s.cfg.Transport == TLS {
		c, err := s.cfg.TLS.Load()
		if err != nil {
			return fmt.Errorf("syslog: %w", err)
		}
		if c.ServerName == "" {
			c.ServerName, _, _ = net.SplitHostPort(s.cfg.Address) // checked by New
		}
		s.tls = c
	}
	var ctx context.Context
	ctx, s.cancel = context.WithCancel(context.Background())
	s.done = make(chan struct{})
	go s.run(ctx)
	return nil
}

// Stop ends sending; what is not delivered stays in the queue. It is idempotent.
func (s *Sender) Stop() {
	if s.cancel == nil {
		return
	}
	s.cancel()
	<-s.done
}

func (s *Sender) run(ctx context.Context) {
	defer close(s.done)
	backoff := sink.Backoff{First: s.cfg.RetryFirst, Most: s.cfg.RetryMost}
	for ctx.Err() == nil {
		began := s.deps.Now()
		err := s.connect(ctx)
		if ctx.Err() != nil {
			return
		}
		s.Counts.Failures.Add(1)
		s.outage.Failed(err)
		s.deps.Queue.Rewind()
		if s.deps.Now().Sub(began) > s.cfg.RetryMost {
			backoff.Reset()
		}
		if !backoff.Wait(ctx, 0) {
			return
		}
	}
}

// connect sends over one connection until it breaks or the context ends.
func (s *Sender) connect(ctx context.Context) error {
	within, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	var conn net.Conn
	var err error
	dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}}
	switch s.cfg.Transport {
	case TLS:
		conn, err = (&tls.Dialer{NetDialer: dialer, Config: s.tls}).DialContext(within, "tcp", s.cfg.Address)
	default:
		conn, err = dialer.DialContext(within, s.cfg.Transport, s.cfg.Address)
	}
	if err != nil {
		return err
	}
	defer conn.Close()
	if s.cfg.Transport == UDP {
		return s.datagrams(ctx, conn)
	}
	s.outage.Worked()
	return s.stream(ctx, newLink(ctx, conn))
}

// message returns an entry as a message; what cannot be one is dropped and counted.
func (s *Sender) message(entry spool.Entry) ([]byte, bool) {
	e, err := sink.Decode(entry)
	var m []byte
	if err == nil {
		m, err = s.format.Message(e)
	}
	if err != nil {
		s.Counts.Refused.Add(1)
		s.outage.Failed(err)
		return nil, false
	}
	return m, true
}

// datagrams sends over UDP: sent is delivered, as far as anyone can tell. That nobody listens is learned, if at all, from an
// answer to an earlier datagram when the next one is sent, which is then tried again.
func (s *Sender) datagrams(ctx context.Context, conn net.Conn) error {
	for {
		list, err := s.deps.Queue.Next(ctx, batch)
		if err != nil {
			return err
		}
		for i := range list {
			if m, ok := s.message(list[i]); ok {
				switch _, err := conn.Write(m); {
				case errors.Is(err, syscall.EMSGSIZE):
					s.Counts.Refused.Add(1)
					s.outage.Failed(err)
				case err != nil:
					return err
				default:
					s.Counts.Delivered.Add(1)
					s.outage.Worked()
				}
			}
			s.deps.Queue.Ack(list[i].Sequence)
		}
	}
}

// stream sends over TCP or TLS. See [Config].Settle for when a message is delivered.
func (s *Sender) stream(ctx context.Context, l *link) error {
	defer l.close()
	var young written
	for {
		list, err := s.next(l.ctx, &young)
		if ctx.Err() != nil {
			s.finish(l, &young)
			return ctx.Err()
		}
		if err == nil {
			err = s.sendAll(l, list, &young)
		}
		if err == nil {
			err = s.settle(l, &young)
		}
		if err != nil {
			s.Counts.Again.Add(young.events)
			return l.cause(err)
		}
	}
}

// next waits for entries, but not beyond the time when some written before may be settled.
func (s *Sender) next(ctx context.Context, young *written) ([]spool.Entry, error) {
	if len(young.batches) == 0 {
		return s.deps.Queue.Next(ctx, batch)
	}
	wait, cancel := context.WithTimeout(ctx, max(s.cfg.Settle-s.deps.Now().Sub(young.batches[0].at), s.cfg.Settle/8))
	defer cancel()
	list, err := s.deps.Queue.Next(wait, batch)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, nil
	}
	return list, err
}

// sendAll writes messages with their lengths before them (RFC 6587 section 3.4.1, RFC 5425 section 4.3).
func (s *Sender) sendAll(l *link, list []spool.Entry, young *written) error {
	if len(list) == 0 {
		return nil
	}
	var b []byte
	n := uint64(0)
	for i := range list {
		if m, ok := s.message(list[i]); ok {
			b = append(append(strconv.AppendInt(b, int64(len(m)), 10), ' '), m...)
			n++
		}
	}
	young.add(s.deps.Now(), list[len(list)-1].Sequence, n)
	return l.write(b)
}

// settle acknowledges what was written long enough ago, if the peer's system has confirmed all that was sent to it.
func (s *Sender) settle(l *link, young *written) error {
	if len(young.batches) == 0 {
		return nil
	}
	now := s.deps.Now()
	if l.unconfirmed() > 0 {
		if now.Sub(young.batches[0].at) > s.cfg.Settle+stalled {
			return errors.New("the receiver's system does not confirm what is sent")
		}
		return nil
	}
	for len(young.batches) > 0 && now.Sub(young.batches[0].at) >= s.cfg.Settle {
		s.acknowledge(young)
	}
	return nil
}

func (s *Sender) acknowledge(young *written) {
	b := young.take()
	s.deps.Queue.Ack(b.last)
	s.Counts.Delivered.Add(b.events)
}

// finish closes the sending side when Weir stops. A receiver that closes its side then has read all; one that does not gets the youngest
// messages again after the next start.
func (s *Sender) finish(l *link, young *written) {
	if len(young.batches) == 0 || !l.closeSending() {
		return
	}
	for len(young.batches) > 0 {
		s.acknowledge(young)
	}
}

// written are the batches on a connection that do not count as delivered yet, oldest first.
type written struct {
	batches []sent
	events  uint64
}

type sent struct {
	at     time.Time
	last   uint64 // sequence number
	events uint64
}

func (w *written) add(at time.Time, last, events uint64) {
	w.batches = append(w.batches, sent{at, last, events})
	w.events += events
}

func (w *written) take() sent {
	b := w.batches[0]
	w.batches = w.batches[1:]
	w.events -= b.events
	return b
}
