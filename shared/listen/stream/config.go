package stream

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"
)

const (
	// DefaultMaxConnections is how many connections are open at most; each takes 64 KiB of buffer.
	DefaultMaxConnections = 256
	// DefaultIdleTimeout is how long a connection may be without a message.
	DefaultIdleTimeout = 10 * time.Minute

	// finishTimeout is how long the rest of a message that has begun may take, and the exchange before the first one.
	finishTimeout = 30 * time.Second
)

// Address is where connections are accepted.
type Address struct {
	Address string // HOST:PORT; an empty host means all addresses, port 0 any free port
	TLS     bool
}

// Config says where a [Listener] listens and what connections may take.
type Config struct {
	Addresses      []Address
	MaxConnections int            // in all; 0: [DefaultMaxConnections]. From one address at most a quarter of it, proxies apart
	IdleTimeout    time.Duration  // 0: [DefaultIdleTimeout]
	Allow          []netip.Prefix // exporters taken; empty: all
	// Proxies lists the senders that begin each connection with a PROXY protocol header (version 2), before TLS.
	Proxies []netip.Prefix
	TLS     TLS // required where an address wants it
}

func (c Config) withDefaults() Config {
	if c.MaxConnections == 0 {
		c.MaxConnections = DefaultMaxConnections
	}
	if c.IdleTimeout == 0 {
		c.IdleTimeout = DefaultIdleTimeout
	}
	return c
}

func (c Config) check() error {
	if len(c.Addresses) == 0 {
		return errors.New("no address to listen on")
	}
	for _, a := range c.Addresses {
		_, port, err := net.SplitHostPort(a.Address)
		if err == nil {
			_, err = strconv.ParseUint(port, 10, 16)
		}
		if err != nil {
			return fmt.Errorf("address %q: want HOST:PORT: %w", a.Address, err)
		}
		if a.TLS && (c.TLS.Cert == "" || c.TLS.Key == "") {
			return fmt.Errorf("address %q: TLS needs a certificate and its key", a.Address)
		}
	}
	if c.MaxConnections < 0 || c.IdleTimeout < 0 {
		return errors.New("number of connections and idle timeout must be above 0")
	}
	for _, p := range append(c.Allow[:len(c.Allow):len(c.Allow)], c.Proxies...) {
		if !p.IsValid() {
			return errors.New("allow-list or list of proxies holds an invalid prefix")
		}
	}
	return nil
}
