package send

import (
	"net"

	"golang.org/x/net/ipv4"
)

// batchWriter sends many datagrams with one system call (sendmmsg).
type batchWriter struct {
	conn     *ipv4.PacketConn // the family does not matter on a connected socket
	messages []ipv4.Message
}

func newBatchWriter(conn *net.UDPConn) *batchWriter {
	return &batchWriter{conn: ipv4.NewPacketConn(conn)}
}

// write sends payloads in order and returns how many went; the error is about the one after them.
func (w *batchWriter) write(payloads [][]byte) (int, error) {
	for len(w.messages) < len(payloads) {
		w.messages = append(w.messages, ipv4.Message{Buffers: make([][]byte, 1)})
	}
	for i, p := range payloads {
		w.messages[i].Buffers[0] = p
	}
	n, err := w.conn.WriteBatch(w.messages[:len(payloads)], 0)
	return max(n, 0), err
}
