package listen

import (
	"net"
	"net/netip"

	"golang.org/x/net/ipv4"
	"golang.org/x/sys/unix"
)

// batchReader reads many datagrams with one system call (recvmmsg).
type batchReader struct {
	conn     *ipv4.PacketConn // the family does not matter for reading
	messages []ipv4.Message
}

// newBatchReader allocates all buffers in one piece; pages that no datagram reaches cost no memory.
func newBatchReader(conn *net.UDPConn, batch, size int) *batchReader {
	r := &batchReader{conn: ipv4.NewPacketConn(conn), messages: make([]ipv4.Message, batch)}
	buffers := make([]byte, batch*size)
	for i := range r.messages {
		r.messages[i].Buffers = [][]byte{buffers[i*size : (i+1)*size : (i+1)*size]}
	}
	return r
}

// read takes what is there, waiting for the first datagram where wait is set.
func (r *batchReader) read(wait bool) (int, error) {
	flags := 0
	if !wait {
		flags = unix.MSG_DONTWAIT
	}
	n, err := r.conn.ReadBatch(r.messages, flags)
	return max(n, 0), err
}

// more tells whether more than the n datagrams of the last read may wait.
func (r *batchReader) more(n int) bool { return n == len(r.messages) }

// message returns the datagram i of the last read.
func (r *batchReader) message(i int) (payload []byte, source netip.AddrPort, truncated bool) {
	m := &r.messages[i]
	return m.Buffers[0][:m.N], sourceOf(m.Addr), m.Flags&unix.MSG_TRUNC != 0
}
