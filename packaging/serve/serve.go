// Package serve serves HTTP on a socket until it is stopped, has the probes of services, and knows requests for this machine.
package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/weirflow/weir/shared/listen/certificate"
)

// Bounds of a connection. Bodies have a bound of their own, and answers take what questions take.
const (
	headerWithin   = 10 * time.Second
	idleWithin     = 2 * time.Minute
	maxHeaderBytes = 64 << 10
)

// Config says where to serve.
type Config struct {
	Network string // "tcp" or "unix"
	Address string
	TLS     certificate.Files // without Cert there is no TLS
}

// Server is a server that runs.
type Server struct {
	http    http.Server
	address net.Addr
	ended   chan error
}

// Start opens the socket and answers on it by the handler.
func Start(cfg Config, handler http.Handler, log *slog.Logger) (*Server, error) {
	s := &Server{ended: make(chan error, 1)}
	s.http = http.Server{
		Handler: handler, ReadHeaderTimeout: headerWithin, IdleTimeout: idleWithin, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug), // of clients' faults, mostly
	}
	serve := s.http.Serve
	if cfg.TLS.Cert != "" {
		certs, err := certificate.NewReloader(cfg.TLS, log, "h2", "http/1.1")
		if err != nil {
			return nil, fmt.Errorf("api.tls: %w", err)
		}
		s.http.TLSConfig = certs.Config()
		serve = func(l net.Listener) error { return s.http.ServeTLS(l, "", "") }
	}
	l, err := net.Listen(cfg.Network, cfg.Address)
	if err != nil {
		return nil, fmt.Errorf("api: %w%s", err, hint(cfg.Network, cfg.Address))
	}
	s.address = l.Addr()
	go func() { s.ended <- serve(l) }()
	return s, nil
}

// Address is where the server listens.
func (s *Server) Address() net.Addr { return s.address }

// longestSocket is how long the path of a Unix socket may be on every system.
const longestSocket = 103

// hint says what to do when an address cannot be had.
func hint(network, address string) string {
	switch {
	case network == "tcp":
		return " (is another Weir running? api.listen in weir.yaml chooses another address, off none)"
	case len(address) > longestSocket:
		return fmt.Sprintf(" (a socket's path may have %d characters; choose a data folder with a shorter one)", longestSocket)
	}
	return ""
}

// stopWithin is how long questions in progress may take when a server stops.
const stopWithin = 5 * time.Second

// Stop ends serving; what takes longer than some seconds is cut off. It is called once.
func (s *Server) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close() // questions that take longer are cut off
	}
	if err := <-s.ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("api: %w", err)
	}
	return nil
}
