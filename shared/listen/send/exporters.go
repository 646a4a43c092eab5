package send

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
)

// exporters opens a socket for each exporter of the source.
type exporters struct {
	target *net.UDPAddr
	max    int
	byAddr map[netip.Addr]*exporter
	opened []*exporter
	last   *exporter // most sources are runs of one exporter
	lastIP netip.Addr
}

// exporter is a socket that stands for one or more of the source's exporters.
type exporter struct {
	conn   *net.UDPConn
	writer *batchWriter
}

// maxKnown is how many exporters are told apart; those beyond share the sockets by the last byte of their address.
const maxKnown = 65536

// newExporters opens one socket only where the target is beyond this machine: source addresses cannot be chosen there.
func newExporters(target *net.UDPAddr, most int) *exporters {
	if len(target.IP) == 0 || target.IP.IsUnspecified() {
		target = &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: target.Port}
	}
	if !target.IP.IsLoopback() {
		most = 1
	}
	return &exporters{target: target, max: most, byAddr: map[netip.Addr]*exporter{}}
}

// seen is the number of different exporters so far.
func (x *exporters) seen() int { return len(x.byAddr) }

// of returns the socket that stands for the exporter at ip.
func (x *exporters) of(ip netip.Addr) (*exporter, error) {
	if x.last != nil && x.lastIP == ip {
		return x.last, nil
	}
	e := x.byAddr[ip]
	if e == nil && len(x.byAddr) >= maxKnown {
		last := ip.As16()[15]
		return x.opened[int(last)%len(x.opened)], nil
	}
	if e == nil {
		var err error
		if e, err = x.next(); err != nil {
			return nil, err
		}
		x.byAddr[ip] = e
	}
	x.last, x.lastIP = e, ip
	return e, nil
}

func (x *exporters) next() (*exporter, error) {
	n := len(x.byAddr)
	if n >= x.max {
		return x.opened[n%x.max], nil
	}
	conn, err := x.dial(n)
	if err != nil {
		return nil, err
	}
	e := &exporter{conn: conn, writer: newBatchWriter(conn)}
	x.opened = append(x.opened, e)
	return e, nil
}

// dial connects the socket of the n-th exporter, for a connected one tells when nothing listens.
func (x *exporters) dial(n int) (*net.UDPConn, error) {
	if local := loopback(n); x.target.IP.IsLoopback() && x.target.IP.To4() != nil {
		if conn, err := net.DialUDP("udp4", &net.UDPAddr{IP: local}, x.target); err == nil {
			return conn, nil
		}
	}
	return net.DialUDP("udp", nil, x.target)
}

// loopback returns 127.0.0.2 for 0 and counts on from there.
func loopback(n int) net.IP {
	return binary.BigEndian.AppendUint32(nil, 0x7f000002+uint32(n))
}

func (x *exporters) close() error {
	var errs []error
	for _, e := range x.opened {
		errs = append(errs, e.conn.Close())
	}
	return errors.Join(errs...)
}
