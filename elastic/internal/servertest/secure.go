package servertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// The administrator of servers with security. The hash is bcrypt's of the password.
const (
	adminUser     = "admin"
	adminPassword = "weir-test-admin"
	adminHash     = "$2a$10$K4Gr0FT.dGVJ5eOp1sdyceAR11G6LXVPyx9uajU4ZdoI9Ds9dx75e"
)

// secure makes certificates and the first user, and returns the settings that name them.
func (s *Server) secure() ([]string, error) {
	s.User, s.Password = adminUser, adminPassword
	s.URL = fmt.Sprintf("https://127.0.0.1:%d", s.port)
	s.CA = filepath.Join(s.home, "config", "ca.crt")
	c, err := NewCertificates()
	err = errors.Join(err,
		s.write("config/ca.crt", string(c.CA)), s.write("config/http.crt", string(c.Cert)), s.write("config/http.key", string(c.Key)),
		s.write("config/users", adminUser+":"+adminHash+"\n"), s.write("config/users_roles", "superuser:"+adminUser+"\n"))
	if s.Kind == OpenSearchSecure {
		s.Password = "admin" // as its demonstration's users have it
		return openSearchSecurity, err
	}
	return []string{
		"xpack.security.enabled: true", "xpack.security.autoconfiguration.enabled: false", "xpack.license.self_generated.type: basic",
		"xpack.security.http.ssl.enabled: true", "xpack.security.http.ssl.certificate: http.crt", "xpack.security.http.ssl.key: http.key",
	}, err
}

// openSearchSecurity are the settings of OpenSearch's plugin, which wants certificates between nodes, too.
var openSearchSecurity = []string{
	"plugins.security.ssl.transport.pemcert_filepath: http.crt", "plugins.security.ssl.transport.pemkey_filepath: http.key",
	"plugins.security.ssl.transport.pemtrustedcas_filepath: ca.crt", "plugins.security.ssl.transport.enforce_hostname_verification: false",
	"plugins.security.ssl.http.enabled: true",
	"plugins.security.ssl.http.pemcert_filepath: http.crt", "plugins.security.ssl.http.pemkey_filepath: http.key",
	"plugins.security.ssl.http.pemtrustedcas_filepath: ca.crt",
	"plugins.security.allow_unsafe_democertificates: true", "plugins.security.allow_default_init_securityindex: true",
	`plugins.security.nodes_dn: ["CN=localhost"]`, `plugins.security.authcz.admin_dn: ["CN=admin"]`,
	`plugins.security.restapi.roles_enabled: ["all_access", "security_rest_api_access"]`,
}

// transport trusts the server's authority only.
func (s *Server) transport() (*http.Transport, error) {
	if s.CA == "" {
		return &http.Transport{}, nil
	}
	text, err := os.ReadFile(s.CA)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}, nil
}

// Certificates are of a server and its authority, all PEM.
type Certificates struct {
	CA, Cert, Key []byte
}

// NewCertificates makes an authority and a certificate for 127.0.0.1 and localhost that it signed; both are valid for a day.
func NewCertificates() (Certificates, error) {
	authority := template("weir test authority")
	authority.IsCA, authority.BasicConstraintsValid, authority.KeyUsage = true, true, x509.KeyUsageCertSign
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Certificates{}, err
	}
	caDER, err := x509.CreateCertificate(rand.Reader, authority, authority, &caKey.PublicKey, caKey)
	if err != nil {
		return Certificates{}, err
	}
	leaf := template("localhost")
	leaf.DNSNames, leaf.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1)}
	leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Certificates{}, err
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, authority, &leafKey.PublicKey, caKey)
	if err != nil {
		return Certificates{}, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(leafKey)
	block := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	return Certificates{CA: block("CERTIFICATE", caDER), Cert: block("CERTIFICATE", leafDER), Key: block("PRIVATE KEY", keyDER)}, err
}

func template(name string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<62)) // rand does not fail
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
	}
}
