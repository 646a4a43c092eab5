package syslog_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// rsyslogd is a real receiver with a configuration, ports and files of its own, on the loopback interface.
type rsyslogd struct {
	t                         *testing.T
	bin, dir, transport       string
	port                      int
	cmd                       *exec.Cmd
	ca, clientCert, clientKey string
}

func newRsyslogd(t *testing.T, transport string) *rsyslogd {
	t.Helper()
	bin, err := exec.LookPath("rsyslogd")
	if err != nil {
		bin, err = exec.LookPath("/usr/sbin/rsyslogd")
	}
	if err == nil && transport == "tls" {
		found, _ := filepath.Glob("/usr/lib*/*/rsyslog/lmnsd_gtls.so")
		flat, _ := filepath.Glob("/usr/lib*/rsyslog/lmnsd_gtls.so")
		if len(found)+len(flat) == 0 {
			err = exec.ErrNotFound
		}
	}
	if err != nil {
		if os.Getenv("WEIR_CI") != "" {
			t.Fatal("rsyslogd or its gnutls driver is not installed: scripts/setup test")
		}
		t.Skip("SKIPPED: rsyslogd or its gnutls driver is not installed, the test against a real receiver does not run")
	}
	r := &rsyslogd{t: t, bin: bin, dir: t.TempDir(), transport: transport, port: freePort(t, transport)}
	if transport == "tls" {
		r.certificates()
	}
	return r
}

func (r *rsyslogd) address() string { return fmt.Sprintf("127.0.0.1:%d", r.port) }

func (r *rsyslogd) path(name string) string { return filepath.Join(r.dir, name) }

// freePort returns a port that nobody listens on now.
func freePort(t *testing.T, transport string) int {
	t.Helper()
	if transport == "udp" {
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.LocalAddr().(*net.UDPAddr).Port
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// config writes one line a message, of what rsyslog itself has parsed.
func (r *rsyslogd) config() string {
	const template = `template(name="parsed" type="list") {
  property(name="syslogfacility-text") constant(value="\t") property(name="syslogseverity-text") constant(value="\t")
  property(name="hostname") constant(value="\t") property(name="app-name") constant(value="\t") property(name="msgid") constant(value="\t")
  property(name="structured-data") constant(value="\t") property(name="msg" droplastlf="on") constant(value="\n")
}
action(type="omfile" file="%s" template="parsed" flushOnTXEnd="on")
`
	head := fmt.Sprintf("global(workDirectory=%q maxMessageSize=\"64k\"", r.dir)
	input := fmt.Sprintf("module(load=\"imtcp\")\ninput(type=\"imtcp\" address=\"127.0.0.1\" port=\"%d\")\n", r.port)
	switch r.transport {
	case "udp":
		input = fmt.Sprintf("module(load=\"imudp\")\ninput(type=\"imudp\" address=\"127.0.0.1\" port=\"%d\")\n", r.port)
	case "tls":
		head += fmt.Sprintf(" defaultNetstreamDriver=\"gtls\" defaultNetstreamDriverCAFile=%q defaultNetstreamDriverCertFile=%q defaultNetstreamDriverKeyFile=%q",
			r.path("ca.pem"), r.path("server.pem"), r.path("server.key"))
		input = fmt.Sprintf("module(load=\"imtcp\" streamDriver.name=\"gtls\" streamDriver.mode=\"1\" streamDriver.authMode=\"x509/certvalid\")\n"+
			"input(type=\"imtcp\" address=\"127.0.0.1\" port=\"%d\")\n", r.port)
	}
	return head + ")\n" + input + fmt.Sprintf(template, r.path("messages"))
}

func (r *rsyslogd) start() {
	r.t.Helper()
	if err := os.WriteFile(r.path("rsyslog.conf"), []byte(r.config()), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.cmd = exec.Command(r.bin, "-n", "-C", "-f", r.path("rsyslog.conf"), "-i", r.path("pid"))
	output, err := os.OpenFile(r.path("output"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		r.t.Fatal(err)
	}
	defer output.Close()
	r.cmd.Stdout, r.cmd.Stderr = output, output
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(r.kill)
	if r.transport == "udp" {
		return // the test sends until something comes
	}
	r.eventually("rsyslogd to listen", func() bool {
		c, err := net.Dial("tcp", r.address())
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

// kill ends it as a crash does.
func (r *rsyslogd) kill() {
	if r.cmd != nil {
		_ = r.cmd.Process.Kill()
		_ = r.cmd.Wait()
		r.cmd = nil
	}
}

// stop ends it in order.
func (r *rsyslogd) stop() {
	_ = r.cmd.Process.Signal(syscall.SIGTERM)
	_ = r.cmd.Wait()
	r.cmd = nil
}

// message is what rsyslog wrote of one.
type message struct{ facility, severity, host, app, id, data, text string }

func (r *rsyslogd) messages() (list []message) {
	r.t.Helper()
	b, err := os.ReadFile(r.path("messages"))
	if err != nil {
		return nil
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		f := strings.SplitN(lines.Text(), "\t", 7)
		if len(f) == 7 {
			list = append(list, message{f[0], f[1], f[2], f[3], f[4], f[5], f[6]})
		}
	}
	return list
}

func (r *rsyslogd) eventually(what string, ok func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			output, _ := os.ReadFile(r.path("output"))
			r.t.Fatalf("waited for %s in vain; rsyslogd says:\n%s", what, output)
		}
	}
}

// certificates makes an authority, and of it a certificate for the receiver and one for the sender.
func (r *rsyslogd) certificates() {
	r.t.Helper()
	ca := authority(r.t, "authority")
	r.write("ca.pem", "CERTIFICATE", ca.Leaf.Raw)
	for _, name := range []string{"server", "client"} {
		c := issue(r.t, ca, name)
		r.write(name+".pem", "CERTIFICATE", c.Leaf.Raw)
		r.writeKey(name+".key", c)
	}
	r.ca, r.clientCert, r.clientKey = r.path("ca.pem"), r.path("client.pem"), r.path("client.key")
}

func (r *rsyslogd) writeKey(name string, c tls.Certificate) {
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		r.t.Fatal(err)
	}
	r.write(name, "PRIVATE KEY", der)
}

func (r *rsyslogd) write(name, kind string, der []byte) {
	if err := os.WriteFile(r.path(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func authority(t *testing.T, name string) tls.Certificate {
	return sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}, nil)
}

func issue(t *testing.T, ca tls.Certificate, name string) tls.Certificate {
	return sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{name + ".test"},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, &ca)
}

func sign(t *testing.T, c *x509.Certificate, ca *tls.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	parent, signer := c, any(key)
	if ca != nil {
		parent, signer = ca.Leaf, ca.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
