package bench

import (
	"fmt"
	"net"
)

// freePort returns a port on loopback that nobody uses.
func freePort(network string) (int, error) {
	if network == "udp4" {
		c, err := net.ListenUDP(network, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return 0, fmt.Errorf("find a free port: %w", err)
		}
		defer func() { _ = c.Close() }() // nothing was sent
		return c.LocalAddr().(*net.UDPAddr).Port, nil
	}
	l, err := net.Listen(network, "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
