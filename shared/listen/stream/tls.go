package stream

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

// TLS names the files by which the collector makes itself known, and exporters.
type TLS struct {
	Cert, Key string // certificate chain and key (PEM)
	ClientCA  string // certificates of the authorities of exporters (PEM): each must have a certificate of theirs; "": none need one
}

// Load reads the files.
func (t TLS) Load() (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	if t.ClientCA == "" {
		return c, nil
	}
	pem, err := os.ReadFile(t.ClientCA)
	if err != nil {
		return nil, fmt.Errorf("certificates of exporters' authorities: %w", err)
	}
	c.ClientCAs, c.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
	if !c.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("certificates of exporters' authorities: none in %s (want PEM)", t.ClientCA)
	}
	return c, nil
}

// certificates gives what the files hold to each connection: certificates are renewed every few weeks.
type certificates struct {
	files TLS
	log   *slog.Logger

	mu      sync.Mutex
	current *tls.Config
	changed time.Time // newest change of a file that current is of
}

// load reads the files for the first time.
func (c *certificates) load() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed, err := c.files.changed()
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	c.current, err = c.files.Load()
	c.changed = changed
	return err
}

// forClient returns the configuration for a connection. Files that cannot be read leave what was there.
func (c *certificates) forClient(*tls.ClientHelloInfo) (*tls.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed, err := c.files.changed()
	if err != nil || changed.Equal(c.changed) {
		return c.current, nil
	}
	c.changed = changed
	next, err := c.files.Load()
	if err != nil {
		c.log.Warn("new certificate is not usable, the old one stays", "error", err)
		return c.current, nil
	}
	c.current = next
	return next, nil
}

// changed returns when a file was changed last.
func (t TLS) changed() (last time.Time, err error) {
	for _, name := range []string{t.Cert, t.Key, t.ClientCA} {
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
