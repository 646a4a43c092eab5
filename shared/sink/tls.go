package sink

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// TLS says how an output's receiver is known, and how the output makes itself known. The zero value verifies by the system's
// authorities.
type TLS struct {
	CA         string // file with the authorities' certificates (PEM); "": the system's
	Cert, Key  string // files with a client certificate and its key (PEM); "": none
	ServerName string // name that the receiver's certificate must have; "": the host of the address
	NoVerify   bool   // take any certificate: what is sent can be read by who is in between
}

// Load reads the files.
func (t *TLS) Load() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName, InsecureSkipVerify: t.NoVerify}
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, fmt.Errorf("authorities' certificates: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("authorities' certificates: none in %s (want PEM)", t.CA)
		}
	}
	if t.Cert != "" || t.Key != "" {
		pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, fmt.Errorf("client certificate: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
