package traffic

import (
	"net/netip"
	"time"
)

// Datagram is one UDP datagram on its way from an exporter to the collector.
type Datagram struct {
	Time                time.Time // when it passes the wire, never before its export time
	Exporter, Collector netip.AddrPort
	Payload             []byte // valid until the sink returns
}

// Sink takes datagrams in the order of their times. An error ends the
// generation.
type Sink interface {
	WriteDatagram(Datagram) error
}

// SinkFunc is a function as a Sink.
type SinkFunc func(Datagram) error

// WriteDatagram calls f.
func (f SinkFunc) WriteDatagram(d Datagram) error { return f(d) }
