package syslog

import "golang.org/x/sys/unix"

// unconfirmed returns how many bytes the peer's system has not acknowledged; without an answer 0.
func (l *link) unconfirmed() (n int) {
	c, ok := l.tcp()
	if !ok {
		return 0
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return 0
	}
	// A failure leaves n at 0: then the age decides alone, as on systems that do not tell.
	_ = raw.Control(func(fd uintptr) {
		if v, err := unix.IoctlGetInt(int(fd), unix.SIOCOUTQ); err == nil {
			n = v
		}
	})
	return n
}
