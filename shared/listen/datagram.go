package listen

import "net/netip"

// Datagram is one UDP payload with its sender, as it was received, or a message of a transport session (IPFIX over TCP, IPFIX files).
type Datagram struct {
	// Payload is lent to whoever gets the Datagram; the giver says until when. Copy what has to live longer.
	Payload []byte
	// Source is the exporter's transport address; IPv4 unmapped, without zone. Behind a trusted proxy it is what the proxy says;
	// of a file's messages it is 0.0.0.0:0.
	Source netip.AddrPort
	// Received is the time of receipt in nanoseconds since the Unix epoch: the clock's for sockets, the packet's for captures.
	// Messages of an IPFIX file were received when they were exported.
	Received int64
	// Session is the number of the transport session, in which templates hold (RFC 7011, 8); 0 for datagrams.
	Session uint64
	// Port is where it was received; 0 for captures.
	Port uint16
}

// Handler takes the datagrams of one read, oldest first. The slice and every payload hold until the call returns. A worker
// number belongs to one goroutine, so state kept by worker needs no lock; see [Config.Workers] for the range of numbers.
// While a Handler works, its socket is not read: what it does not keep up with waits in the socket's buffer, and when that is
// full the kernel drops and counts.
type Handler func(worker int, batch []Datagram)

// Source yields datagrams one by one, for example from a [Capture].
type Source interface {
	// Next returns the next datagram, valid until the following call, or [io.EOF] after the last one. After any other error
	// the source is at its end.
	Next() (Datagram, error)
}
