package client

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	productHeader = "X-Elastic-Product"
	userAgent     = "Weir"
)

// transport authenticates requests and makes go-elasticsearch and OpenSearch understand each other.
type transport struct {
	next   http.RoundTripper
	cfg    Config
	getenv func(string) string
}

// RoundTrip sends a request with the secrets as of now.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if err := t.authenticate(r); err != nil {
		return nil, &Error{Kind: ErrSecret, Node: r.URL.Scheme + "://" + r.URL.Host, Err: err}
	}
	r.Header.Set("User-Agent", userAgent)
	for _, name := range []string{"Accept", "Content-Type"} {
		if v := r.Header.Get(name); strings.Contains(v, "vnd.elasticsearch+") {
			v, _, _ = strings.Cut(strings.Replace(v, "vnd.elasticsearch+", "", 1), ";")
			r.Header.Set(name, v) // OpenSearch takes no other; Elasticsearch takes it too
		}
	}
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, fmt.Errorf("%s://%s: %w", r.URL.Scheme, r.URL.Host, err)
	}
	resp.Header.Set(productHeader, "Elasticsearch") // else go-elasticsearch refuses the answer, though what it asked is done; Probe looks closer
	return resp, nil
}

func (t *transport) authenticate(r *http.Request) error {
	switch {
	case t.cfg.APIKey.set():
		key, err := t.cfg.APIKey.read(t.getenv)
		if err != nil {
			return fmt.Errorf("API key: %w", err)
		}
		r.Header.Set("Authorization", "ApiKey "+key)
	case t.cfg.Username != "":
		password, err := t.cfg.Password.read(t.getenv)
		if err != nil {
			return fmt.Errorf("password: %w", err)
		}
		r.SetBasicAuth(t.cfg.Username, password)
	}
	return nil
}

// connections are what one node is asked with at the same time, at most, without new connections each time.
const connections = 16

func newBase(cfg *Config) (*http.Transport, error) {
	trust, err := cfg.TLS.Load()
	if err != nil {
		return nil, err
	}
	if cfg.Fingerprint != "" {
		pin(trust, cfg.Fingerprint)
	}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: min(cfg.Timeout, 10*time.Second), KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       trust,
		TLSHandshakeTimeout:   min(cfg.Timeout, 10*time.Second),
		ResponseHeaderTimeout: cfg.Timeout,
		MaxIdleConnsPerHost:   connections,
		IdleConnTimeout:       90 * time.Second,
	}, nil
}

// errFingerprint is an error of the TLS handshake.
var errFingerprint = fmt.Errorf("no certificate of the server has the fingerprint")

// pin trusts what the certificate with the fingerprint has signed, or itself, whatever the name.
func pin(c *tls.Config, fingerprint string) {
	c.InsecureSkipVerify = true // the check is this one
	c.VerifyConnection = func(s tls.ConnectionState) error {
		between := x509.NewCertPool()
		var root *x509.Certificate
		for _, cert := range s.PeerCertificates {
			if sum := sha256.Sum256(cert.Raw); hex.EncodeToString(sum[:]) == fingerprint {
				root = cert
			}
			between.AddCert(cert)
		}
		if root == nil {
			return errFingerprint
		}
		if root == s.PeerCertificates[0] {
			return nil
		}
		roots := x509.NewCertPool()
		roots.AddCert(root)
		_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
		return err
	}
}

// mediaType is what the body of a request to a path is.
func mediaType(path string) string {
	if strings.HasSuffix(path, "/_bulk") || strings.HasSuffix(path, "/_msearch") {
		return "application/x-ndjson"
	}
	return "application/json"
}
