//go:build !linux

package listen

import (
	"context"
	"net"
	"strings"
	"syscall"
)

// openSockets opens one socket and gives it n times: without the kernel's spreading, all workers read the same one.
func openSockets(address string, n, receiveBuffer int) ([]*net.UDPConn, error) {
	network := "udp"
	if strings.HasPrefix(address, "0.0.0.0:") {
		network = "udp4"
	}
	var lc net.ListenConfig
	packetConn, err := lc.ListenPacket(context.Background(), network, address)
	if err != nil {
		return nil, err
	}
	conn := packetConn.(*net.UDPConn)
	// Some systems refuse what is above their limit instead of granting less.
	for size := receiveBuffer; size >= 64<<10 && conn.SetReadBuffer(size) != nil; size /= 2 {
	}
	conns := make([]*net.UDPConn, n)
	for i := range conns {
		conns[i] = conn
	}
	return conns, nil
}

func grantedReceiveBuffer(syscall.RawConn) int { return 0 }

func receiveBufferAdvice(int) string { return "" }

func kernelDrops(syscall.RawConn) (drops uint32, ok bool) { return 0, false }
