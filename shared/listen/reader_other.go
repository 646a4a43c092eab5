//go:build !linux

package listen

import (
	"net"
	"net/netip"
)

// batchReader reads one datagram at a time.
type batchReader struct {
	conn   *net.UDPConn
	buffer []byte
	n      int
	limit  int
	source netip.AddrPort
}

// newBatchReader makes the buffer a byte longer than a datagram may be, which tells those that are cut.
func newBatchReader(conn *net.UDPConn, _, size int) *batchReader {
	return &batchReader{conn: conn, buffer: make([]byte, size+1), limit: size}
}

// read waits for a datagram; without wait it takes none, since only Linux can be asked for what is there.
func (r *batchReader) read(wait bool) (int, error) {
	if !wait {
		return 0, nil
	}
	var err error
	if r.n, r.source, err = r.conn.ReadFromUDPAddrPort(r.buffer); err != nil {
		return 0, err
	}
	return 1, nil
}

// more tells whether more than the datagram of the last read may wait.
func (r *batchReader) more(int) bool { return true }

func (r *batchReader) message(int) (payload []byte, source netip.AddrPort, truncated bool) {
	source = netip.AddrPortFrom(r.source.Addr().Unmap().WithZone(""), r.source.Port())
	return r.buffer[:min(r.n, r.limit)], source, r.n > r.limit
}
