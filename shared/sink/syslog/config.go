// Package syslog sends alerts to a syslog receiver: RFC 5424 messages over UDP (RFC 5426), TCP (RFC 6587, octet counting) or TLS
// (RFC 5425), with the alert as JSON or as CEF.
package syslog

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/sink"
)

// Transports and formats.
const (
	UDP = "udp"
	TCP = "tcp"
	TLS = "tls"

	JSON = "json"
	CEF  = "cef"
)

// Config says where messages go and what they look like.
type Config struct {
	Name      string // of the output, for the log
	Address   string // HOST:PORT
	Transport string // UDP, TCP or TLS
	Format    string // JSON or CEF
	Facility  string // one of Facilities
	Hostname  string // "": the machine's
	TLS       sink.TLS
	// MaxMessage is the most bytes of a message: longer ones are shortened ([sink.Event.Shorten]). Receivers cut what is longer than
	// their own limit; rsyslog's is 8 KiB.
	MaxMessage int
	// Settle is how long a message must have been written to a connection that is still open until it counts as delivered:
	// over TCP nothing tells what the receiver has read. Where the connection breaks, all younger ones are sent again.
	Settle time.Duration
	// Retry bounds the wait between attempts to connect.
	RetryFirst, RetryMost time.Duration
}

// DefaultConfig returns a Config without an address.
func DefaultConfig() Config {
	return Config{
		Transport: UDP, Format: JSON, Facility: "local4", MaxMessage: 8 << 10, Settle: 10 * time.Second,
		RetryFirst: 250 * time.Millisecond, RetryMost: 15 * time.Second,
	}
}

// MinMessage is the least that MaxMessage may be: what an alert without its lists needs.
const MinMessage = 2 << 10

// MaxDatagram is the most bytes of a message over UDP.
const MaxDatagram = 65507

// Facilities are the facilities' names by their codes (RFC 5424, table 1; names as in most configurations).
var Facilities = []string{
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock",
	"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
}

// Deps is what a Sender is given from outside.
type Deps struct {
	Queue sink.Queue
	Log   *slog.Logger
	Now   func() time.Time
}

// New checks the configuration and returns a Sender that does nothing yet.
func New(cfg Config, deps Deps) (*Sender, error) {
	def := DefaultConfig()
	cfg.Transport, cfg.Format, cfg.Facility = cmp.Or(cfg.Transport, def.Transport), cmp.Or(cfg.Format, def.Format), cmp.Or(cfg.Facility, def.Facility)
	cfg.MaxMessage, cfg.Settle = cmp.Or(cfg.MaxMessage, def.MaxMessage), cmp.Or(cfg.Settle, def.Settle)
	cfg.RetryFirst, cfg.RetryMost = cmp.Or(cfg.RetryFirst, def.RetryFirst), cmp.Or(cfg.RetryMost, def.RetryMost)
	if _, _, err := net.SplitHostPort(cfg.Address); err != nil {
		return nil, fmt.Errorf("syslog: %w", err)
	}
	facility := slices.Index(Facilities, cfg.Facility)
	switch {
	case deps.Queue == nil || deps.Now == nil:
		return nil, errors.New("syslog: no queue or no clock")
	case cfg.Transport != UDP && cfg.Transport != TCP && cfg.Transport != TLS:
		return nil, fmt.Errorf("syslog: transport %q: want udp, tcp or tls", cfg.Transport)
	case cfg.Format != JSON && cfg.Format != CEF:
		return nil, fmt.Errorf("syslog: format %q: want json or cef", cfg.Format)
	case facility < 0:
		return nil, fmt.Errorf("syslog: facility %q: want one of %s", cfg.Facility, strings.Join(Facilities, ", "))
	case cfg.MaxMessage < MinMessage:
		return nil, fmt.Errorf("syslog: messages of at most %d bytes: want at least %d", cfg.MaxMessage, MinMessage)
	case cfg.Transport == UDP:
		cfg.MaxMessage = min(cfg.MaxMessage, MaxDatagram)
	}
	if cfg.Hostname == "" {
		cfg.Hostname, _ = os.Hostname() // NILVALUE where unknown
	}
	return &Sender{
		cfg: cfg, deps: deps, outage: sink.NewOutage(deps.Log, deps.Now, "output "+cfg.Name+": alerts not delivered to the syslog receiver"),
		format: Formatter{Facility: facility, Hostname: cfg.Hostname, Process: os.Getpid(), Format: cfg.Format, MaxMessage: cfg.MaxMessage},
	}, nil
}
