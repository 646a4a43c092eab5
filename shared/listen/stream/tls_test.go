package stream

import (
	"crypto/tls"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/listen/stream/streamtest"
)

// dialTLS returns the error of the exchange, which with TLS 1.3 a client may only see when it reads.
func dialTLS(l *Listener, cfg *tls.Config) (*tls.Conn, error) {
	d := &net.Dialer{Timeout: time.Minute}
	return tls.DialWithDialer(d, "tcp", l.Stats()[0].Address.String(), cfg)
}

func TestTLS(t *testing.T) {
	ours, others := streamtest.NewAuthority(t), streamtest.NewAuthority(t)
	cert, key := ours.Issue("collector")
	cases := []struct {
		name     string
		clientCA string
		client   *tls.Config
		taken    bool
	}{
		{"any exporter", "", ours.Client(""), true},
		{"exporter with a certificate", ours.CA, ours.Client("exporter"), true},
		{"exporter without one", ours.CA, ours.Client(""), false},
		{"certificate of another authority", others.CA, ours.Client("exporter"), false},
		{"exporter that does not trust us", "", others.Client(""), false},
		{"old version", "", &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := newHeard()
			l := listener(t, Config{Addresses: []Address{{Address: "127.0.0.1:0", TLS: true}}, TLS: TLS{Cert: cert, Key: key, ClientCA: c.clientCA}}, h.deps())
			conn, err := dialTLS(l, c.client)
			if err == nil {
				_, _ = conn.Write(append(message("one"), message("two")...))
			}
			if c.taken {
				if err != nil {
					t.Fatal(err)
				}
				<-h.messages
				<-h.messages
				_ = conn.Close()
				<-h.ended
				if s := settled(t, l); s.Closed[ClosedByExporter] != 1 || s.Messages != 2 || !s.TLS {
					t.Errorf("%+v", s)
				}
				return
			}
			if s := settled(t, l); s.Closed[ClosedTLS] != 1 || s.Messages != 0 {
				t.Errorf("%+v, %v", s, err)
			}
			if conn != nil {
				_ = conn.Close()
			}
		})
	}
	t.Run("plain text", func(t *testing.T) {
		h := newHeard()
		l := listener(t, Config{Addresses: []Address{{Address: "127.0.0.1:0", TLS: true}}, TLS: TLS{Cert: cert, Key: key}}, h.deps())
		conn := dial(t, l)
		write(t, conn, message("in clear"))
		closed(t, conn)
		if s := settled(t, l); s.Closed[ClosedTLS] != 1 {
			t.Errorf("%+v", s)
		}
		if err := l.Stop(); err != nil || strings.Contains(h.log.String(), "PRIVATE") {
			t.Error(err, h.log.String())
		}
	})
}

// TestNewCertificate: a renewed one is used without a restart; a broken file leaves the old one.
func TestNewCertificate(t *testing.T) {
	ca := streamtest.NewAuthority(t)
	cert, key := ca.Issue("collector")
	h := newHeard()
	l := listener(t, Config{Addresses: []Address{{Address: "127.0.0.1:0", TLS: true}}, TLS: TLS{Cert: cert, Key: key}}, h.deps())
	serial := func() string {
		conn, err := dialTLS(l, ca.Client(""))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
	}
	first := serial()
	ca.Issue("collector")
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(cert, later, later); err != nil {
		t.Fatal(err)
	}
	second := serial()
	if first == second {
		t.Error("the renewed certificate is not used")
	}
	if err := os.WriteFile(key, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	later = later.Add(time.Minute)
	if err := os.Chtimes(key, later, later); err != nil {
		t.Fatal(err)
	}
	if third := serial(); third != second {
		t.Error("a broken key changes the certificate")
	}
}

func TestTLSFiles(t *testing.T) {
	ca := streamtest.NewAuthority(t)
	cert, key := ca.Issue("collector")
	for name, files := range map[string]TLS{
		"no such certificate": {Cert: cert + "x", Key: key},
		"key of another":      {Cert: cert, Key: cert},
		"no such authority":   {Cert: cert, Key: key, ClientCA: cert + "x"},
		"no certificate":      {Cert: cert, Key: key, ClientCA: key},
	} {
		l, err := New(Config{Addresses: []Address{{Address: "127.0.0.1:0", TLS: true}}, TLS: files}, newHeard().deps())
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Start(); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
