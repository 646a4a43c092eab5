package forward

import (
	"errors"
	"net"
	"net/netip"
	"time"
)

const (
	// maxSockets is how many exporters have a socket of their own, a target; further ones share.
	maxSockets = 256
	// idleSocket is how long a socket is unused before another exporter may have its place.
	idleSocket = 10 * time.Minute
)

// sockets sends datagrams of each source from a port of its own.
type sockets struct {
	to       netip.AddrPort
	bySource map[netip.AddrPort]*socket
	list     []*socket
}

type socket struct {
	conn   *net.UDPConn
	source netip.AddrPort
	used   int64 // ns
}

func newSockets() *sockets { return &sockets{bySource: map[netip.AddrPort]*socket{}} }

func (s *sockets) aim(to netip.AddrPort) error {
	err := s.close() // those of the old address
	s.to = to
	return err
}

func (s *sockets) write(payload []byte, source netip.AddrPort, now int64) error {
	k, err := s.of(source, now)
	if err != nil {
		return err
	}
	k.used = now
	_, err = k.conn.Write(payload)
	return err
}

// of returns the source's socket.
func (s *sockets) of(source netip.AddrPort, now int64) (*socket, error) {
	if k := s.bySource[source]; k != nil {
		return k, nil
	}
	if len(s.list) >= maxSockets {
		k := s.oldest()
		if now-k.used < int64(idleSocket) {
			return s.shared(source), nil
		}
		// The new source must not go on where the old one was: its port changes, too.
		s.remove(k)
	}
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(s.to))
	if err != nil {
		if len(s.list) > 0 {
			return s.shared(source), nil
		}
		return nil, err
	}
	k := &socket{conn: conn, source: source}
	s.bySource[source] = k
	s.list = append(s.list, k)
	return k, nil
}

// shared returns another source's socket, always the same while they are all there.
func (s *sockets) shared(source netip.AddrPort) *socket {
	b := source.Addr().As16()
	h := uint32(source.Port())
	for _, v := range b {
		h = h*31 + uint32(v)
	}
	return s.list[int(h%uint32(len(s.list)))]
}

func (s *sockets) oldest() *socket {
	old := s.list[0]
	for _, k := range s.list {
		if k.used < old.used {
			old = k
		}
	}
	return old
}

func (s *sockets) remove(gone *socket) {
	_ = gone.conn.Close()
	delete(s.bySource, gone.source)
	for i, k := range s.list {
		if k == gone {
			last := len(s.list) - 1
			s.list[i] = s.list[last]
			s.list = s.list[:last]
			return
		}
	}
}

func (s *sockets) close() error {
	var errs []error
	for _, k := range s.list {
		errs = append(errs, k.conn.Close())
	}
	clear(s.bySource)
	s.list = nil
	return errors.Join(errs...)
}
