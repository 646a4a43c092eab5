package listen

import (
	"context"
	"fmt"
	"net"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// openSockets binds n sockets to address. Only the first is bound without SO_REUSEPORT and given it afterwards: that way
// another program on the port is an error here, where a group of sockets would silently share its datagrams with it.
func openSockets(address string, n, receiveBuffer int) (conns []*net.UDPConn, err error) {
	defer func() {
		if err != nil {
			for _, c := range conns {
				_ = c.Close()
			}
			conns = nil
		}
	}()
	for i := range n {
		conn, err := openSocket(address, i > 0, receiveBuffer)
		if err != nil {
			return conns, err
		}
		conns = append(conns, conn)
		if i == 0 && n > 1 {
			address = withPortOf(address, conn)
			if err := shareAddress(conn); err != nil {
				return conns, err
			}
		}
	}
	return conns, nil
}

func openSocket(address string, share bool, receiveBuffer int) (*net.UDPConn, error) {
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return control(c, func(fd int) error {
			if err := setReceiveBuffer(fd, receiveBuffer); err != nil || !share {
				return err
			}
			return setReusePort(fd)
		})
	}}
	conn, err := lc.ListenPacket(context.Background(), networkOf(address), address)
	if err != nil {
		return nil, err
	}
	return conn.(*net.UDPConn), nil
}

// networkOf keeps an IPv4 wildcard to IPv4, which the net package would open for IPv6 too.
func networkOf(address string) string {
	if strings.HasPrefix(address, "0.0.0.0:") {
		return "udp4"
	}
	return "udp"
}

func withPortOf(address string, conn *net.UDPConn) string {
	host, _, _ := net.SplitHostPort(address)
	_, port, _ := net.SplitHostPort(conn.LocalAddr().String())
	return net.JoinHostPort(host, port)
}

func shareAddress(conn *net.UDPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	return control(raw, setReusePort)
}

func setReusePort(fd int) error {
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
		return fmt.Errorf("set SO_REUSEPORT: %w", err)
	}
	return nil
}

// setReceiveBuffer asks for more than net.core.rmem_max where the process may (CAP_NET_ADMIN), else for what that allows.
func setReceiveBuffer(fd, size int) error {
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, size) == nil {
		return nil
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, size); err != nil {
		return fmt.Errorf("set SO_RCVBUF: %w", err)
	}
	return nil
}

// grantedReceiveBuffer halves what the kernel tells: it doubles what is asked, for its own bookkeeping (socket(7)).
func grantedReceiveBuffer(raw syscall.RawConn) (size int) {
	_ = control(raw, func(fd int) (err error) {
		size, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
		return err
	})
	return size / 2
}

func receiveBufferAdvice(size int) string {
	return fmt.Sprintf("sysctl -w net.core.rmem_max=%d", size)
}

// kernelDrops reads the socket's drop counter from SO_MEMINFO, nine 32-bit numbers of which the last is the drops
// (SK_MEMINFO_DROPS in linux/sock_diag.h). Unlike SO_RXQ_OVFL it needs no datagram to follow the loss. Of the typed calls of
// x/sys only that for TCP_INFO takes an answer of this length; the ninth number lies in its field Lost, at byte 32.
func kernelDrops(raw syscall.RawConn) (drops uint32, ok bool) {
	err := control(raw, func(fd int) error {
		info, err := unix.GetsockoptTCPInfo(fd, unix.SOL_SOCKET, unix.SO_MEMINFO)
		if err == nil {
			drops = info.Lost
		}
		return err
	})
	return drops, err == nil
}

// control runs f with the connection's file descriptor and joins the two errors.
func control(raw syscall.RawConn, f func(fd int) error) error {
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}
