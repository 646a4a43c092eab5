//go:build cgo

package daemon_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/audit"
	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/collector/internal/token"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/listen/stream/streamtest"
	"github.com/weirflow/weir/shared/query"
)

// TestOtherMachines: with TLS and tokens, as beyond loopback; a renewed certificate is used without a restart, a revoked token is not.
func TestOtherMachines(t *testing.T) {
	ours := streamtest.NewAuthority(t)
	cert, key := ours.Issue("api")
	cfg := testConfig(t.TempDir(), anyPort)
	cfg.API.Listen, cfg.API.Auth, cfg.API.TLS = freePort(t).String(), "required", config.APITLS{Cert: cert, Key: key, ClientCA: ours.CA}
	start(t, cfg)
	tokens := token.New(cfg.Data, time.Now)
	secret, err := tokens.Create("grafana", token.Read, 0)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(certificate, secret string) error {
		transport := &http.Transport{TLSClientConfig: ours.Client(certificate), ForceAttemptHTTP2: true}
		defer transport.CloseIdleConnections()
		c, err := query.NewClient(query.ClientConfig{URL: "https://" + cfg.API.Listen, Token: secret, HTTP: &http.Client{Transport: transport}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Exporters(t.Context())
		return err
	}
	for _, c := range []struct{ name, certificate, secret, says string }{
		{"both", "client", secret, ""},
		{"no token", "client", "", "a token with the scope read is needed"},
		{"a wrong token", "client", "weir_x", "not known"},
		{"no certificate", "", secret, "ask collector"},
	} {
		if err := ask(c.certificate, c.secret); (err == nil) != (c.says == "") || (err != nil && !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	others := streamtest.NewAuthority(t) // renewed by another authority, so that it shows
	renew(t, others, cert, key)
	if err := ask("client", secret); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("the renewed certificate is not used: %v", err)
	}
	if err := tokens.Revoke("grafana"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(cfg.Data, audit.FileName))
	if err != nil || strings.Contains(string(text), secret) || strings.Count(string(text), `"status":401`) != 2 || strings.Count(string(text), `"token":"grafana"`) != 1 {
		t.Errorf("audit: %v\n%s", err, text)
	}
}

// renew puts a certificate of another authority into the files.
func renew(t *testing.T, by *streamtest.Authority, cert, key string) {
	t.Helper()
	newCert, newKey := by.Issue("api")
	later := time.Now().Add(time.Minute)
	for from, to := range map[string]string{newCert: cert, newKey: key} {
		text, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, text, 0o600)
		}
		if err == nil {
			err = os.Chtimes(to, later, later)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestInClear: the API is not opened to other machines in clear unless the configuration says so.
func TestInClear(t *testing.T) {
	cfg := testConfig(t.TempDir(), anyPort)
	cfg.API.Listen = "0.0.0.0:0"
	d, err := daemon.New(cfg, daemon.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "api.tls") {
		t.Errorf("%v", err)
	}
	stop(t, d)
}
