//go:build !linux

package send

import "net"

// batchWriter sends one datagram at a time.
type batchWriter struct{ conn *net.UDPConn }

func newBatchWriter(conn *net.UDPConn) *batchWriter { return &batchWriter{conn} }

// write sends payloads in order and returns how many went; the error is about the one after them.
func (w *batchWriter) write(payloads [][]byte) (int, error) {
	for i, p := range payloads {
		if _, err := w.conn.Write(p); err != nil {
			return i, err
		}
	}
	return len(payloads), nil
}
