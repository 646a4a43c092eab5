// Package certificate reads the certificates by which servers make themselves known and know who connects, and takes renewed ones
// into use without a restart.
package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Files names the files by which a server makes itself known, and clients.
type Files struct {
	Cert, Key string // certificate chain and key (PEM)
	ClientCA  string // certificates of the clients' authorities (PEM): each must have a certificate of theirs; "": none need one
}

// Load reads the files.
func (f Files) Load() (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	if f.ClientCA == "" {
		return c, nil
	}
	pem, err := os.ReadFile(f.ClientCA)
	if err != nil {
		return nil, fmt.Errorf("certificates of clients' authorities: %w", err)
	}
	c.ClientCAs, c.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
	if !c.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("certificates of clients' authorities: none in %s (want PEM)", f.ClientCA)
	}
	return c, nil
}

// Reloader gives what the files hold to each connection: certificates are renewed every few weeks.
type Reloader struct {
	files     Files
	protocols []string
	log       *slog.Logger

	mu      sync.Mutex
	current *tls.Config
	changed time.Time // newest change of a file that current is of
}

// NewReloader reads the files for the first time. Protocols are offered to clients in the order of preference (ALPN); none are
// where there is no choice.
func NewReloader(files Files, log *slog.Logger, protocols ...string) (*Reloader, error) {
	r := &Reloader{files: files, log: log, protocols: protocols}
	changed, err := files.changed()
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	r.changed = changed
	r.current, err = r.load()
	return r, err
}

func (r *Reloader) load() (*tls.Config, error) {
	c, err := r.files.Load()
	if err == nil {
		c.NextProtos = r.protocols
	}
	return c, err
}

// Config returns a configuration whose every connection is of the files as they are then.
func (r *Reloader) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: r.ForClient, NextProtos: r.protocols}
}

// ForClient returns the configuration for a connection. Files that cannot be read leave what was there.
func (r *Reloader) ForClient(*tls.ClientHelloInfo) (*tls.Config, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	changed, err := r.files.changed()
	if err != nil || changed.Equal(r.changed) {
		return r.current, nil
	}
	r.changed = changed
	next, err := r.load()
	if err != nil {
		r.log.Warn("new certificate is not usable, the old one stays", "error", err)
		return r.current, nil
	}
	r.current = next
	return next, nil
}

// changed returns when a file was changed last.
func (f Files) changed() (last time.Time, err error) {
	for _, name := range []string{f.Cert, f.Key, f.ClientCA} {
		if name == "" {
			continue
		}
		info, statErr := os.Stat(name)
		if statErr != nil {
			err = errors.Join(err, statErr)
			continue
		}
		if info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last, err
}
