package certificate_test

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/listen/certificate"
	"github.com/weirflow/weir/shared/listen/stream/streamtest"
)

// TestReloader: renewed files are used with the next connection; broken or missing ones leave what was there.
func TestReloader(t *testing.T) {
	ca := streamtest.NewAuthority(t)
	cert, key := ca.Issue("server")
	var log bytes.Buffer
	r, err := certificate.NewReloader(certificate.Files{Cert: cert, Key: key, ClientCA: ca.CA}, slog.New(slog.NewTextHandler(&log, nil)), "h2")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	serial := func() string {
		c, err := r.ForClient(nil)
		if err != nil || len(c.NextProtos) != 1 || c.ClientCAs == nil {
			t.Fatalf("%+v, %v", c, err)
		}
		return string(c.Certificates[0].Certificate[0])
	}
	touch := func(path string) {
		now = now.Add(time.Minute)
		if err := os.Chtimes(path, now, now); err != nil {
			t.Fatal(err)
		}
	}
	first := serial()
	ca.Issue("server")
	touch(cert)
	second := serial()
	if second == first {
		t.Error("the renewed certificate is not used")
	}
	if err := os.WriteFile(key, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	touch(key)
	if serial() != second || strings.Count(log.String(), "level=WARN") != 1 {
		t.Errorf("a broken key: %s", log.String())
	}
	serial()
	if strings.Count(log.String(), "level=WARN") != 1 {
		t.Error("the same broken key is logged again")
	}
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	if serial() != second {
		t.Error("a missing file changes the certificate")
	}
}

func TestMissingFiles(t *testing.T) {
	ca := streamtest.NewAuthority(t)
	cert, key := ca.Issue("server")
	for name, files := range map[string]certificate.Files{
		"no certificate": {Cert: cert + "x", Key: key}, "key of another": {Cert: cert, Key: cert}, "no authority": {Cert: cert, Key: key, ClientCA: key},
	} {
		if _, err := certificate.NewReloader(files, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
