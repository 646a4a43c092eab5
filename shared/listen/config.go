package listen

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"time"
)

const (
	// DefaultReceiveBuffer is the socket buffer asked for: 8 MiB hold about a second of 4,000 large datagrams.
	DefaultReceiveBuffer = 8 << 20
	// DefaultBatch is how many datagrams one read takes at most.
	DefaultBatch = 64
	// MaxDatagram is the most bytes a UDP payload can have, by its 16-bit length field.
	MaxDatagram = 65535

	// gatherMost is how long a socket that has been read empty is left alone at most, so that datagrams come together: waking
	// for each costs more than reading it. Receive times are late by at most as much.
	gatherMost = 25 * time.Millisecond
	// gatherRate is the burst, in datagrams a second, that the kernel's buffer must hold meanwhile, and skbSize what it charges
	// for a datagram of up to 1,500 bytes.
	gatherRate = 100_000
	skbSize    = 2304

	maxWorkers = 64
	maxBatch   = 1024
)

// Config says where a [Listener] listens and how.
type Config struct {
	// Addresses to listen on, as HOST:PORT. An empty host means all addresses, IPv4 and IPv6; 0.0.0.0 means IPv4 only.
	// Port 0 takes any free port; [Listener.Sockets] tells which.
	Addresses []string
	// Workers is the number of sockets and goroutines an address; 0 means one a CPU, at most 8. Workers are numbered through
	// all addresses: 0 to [Listener.Workers]-1. The kernel keeps one exporter's address and port on one socket.
	Workers int
	// Batch is the most datagrams a read takes; 0 means [DefaultBatch].
	Batch int
	// MaxDatagram is the size in bytes of each of a socket's buffers; 0 means [MaxDatagram], which no datagram exceeds. Longer
	// datagrams are refused and counted, never handed over cut short. Memory is touched only as far as datagrams reach.
	MaxDatagram int
	// ReceiveBuffer is the size in bytes of the kernel's buffer a socket (SO_RCVBUF); 0 means [DefaultReceiveBuffer].
	ReceiveBuffer int
	// Allow lists the exporters taken; empty means all.
	Allow []netip.Prefix
	// Proxies lists the senders that put a PROXY protocol header (version 2) in front of each datagram; the exporter is the source it
	// names. Without a sound header they are refused, as are headers of all others.
	Proxies []netip.Prefix
}

// DefaultConfig listens on the ports of NetFlow, IPFIX and sFlow on all addresses. Any protocol may come on any port.
func DefaultConfig() Config {
	return Config{
		Addresses:     []string{":2055", ":4739", ":6343"},
		Batch:         DefaultBatch,
		MaxDatagram:   MaxDatagram,
		ReceiveBuffer: DefaultReceiveBuffer,
	}
}

func (c Config) withDefaults() Config {
	if c.Workers == 0 {
		c.Workers = min(runtime.GOMAXPROCS(0), 8)
	}
	if c.Batch == 0 {
		c.Batch = DefaultBatch
	}
	if c.MaxDatagram == 0 {
		c.MaxDatagram = MaxDatagram
	}
	if c.ReceiveBuffer == 0 {
		c.ReceiveBuffer = DefaultReceiveBuffer
	}
	return c
}

// gatherTime returns how long a socket with a receive buffer of so many bytes may be left alone: 25 ms with the default buffer,
// 2 ms where the kernel grants its usual 208 KiB only.
func gatherTime(buffer int) time.Duration {
	return min(gatherMost, time.Duration(2*buffer/skbSize)*time.Second/gatherRate)
}

func (c Config) check() error {
	if len(c.Addresses) == 0 {
		return errors.New("no address to listen on")
	}
	seen := map[string]bool{}
	for _, a := range c.Addresses {
		if err := checkAddress(a); err != nil {
			return err
		}
		if _, port, _ := net.SplitHostPort(a); seen[a] && port != "0" {
			return fmt.Errorf("address %q is listed twice", a)
		}
		seen[a] = true
	}
	for _, n := range []struct {
		name       string
		value, max int
	}{
		{"workers", c.Workers, maxWorkers},
		{"batch", c.Batch, maxBatch},
		{"max datagram", c.MaxDatagram, MaxDatagram},
		{"receive buffer", c.ReceiveBuffer, 1 << 30},
	} {
		if n.value < 1 || n.value > n.max {
			return fmt.Errorf("%s is %d, must be 1 to %d", n.name, n.value, n.max)
		}
	}
	for _, p := range append(c.Allow[:len(c.Allow):len(c.Allow)], c.Proxies...) {
		if !p.IsValid() {
			return errors.New("allow-list or list of proxies holds an invalid prefix")
		}
	}
	return nil
}

func checkAddress(a string) error {
	_, port, err := net.SplitHostPort(a)
	if err != nil {
		return fmt.Errorf("address %q: want HOST:PORT: %w", a, err)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("address %q: port: %w", a, err)
	}
	return nil
}
