//go:build cgo

package cli

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/audit"
	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/collector/internal/token"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/listen/stream/streamtest"
)

// TestTokens: made, shown once, used from another machine over TLS, listed, revoked, as a user does it.
func TestTokens(t *testing.T) {
	ca := streamtest.NewAuthority(t)
	cert, key := ca.Issue("api")
	cfg := config.Default()
	cfg.Data, cfg.Listen = filepath.Join(t.TempDir(), "d"), []string{"127.0.0.1:0"}
	cfg.API.Listen, cfg.API.Auth, cfg.API.TLS = freeTCP(t), "required", config.APITLS{Cert: cert, Key: key}
	d, err := daemon.New(daemon.Config{Config: cfg}, daemon.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Stop(); err != nil {
			t.Error(err)
		}
	})
	data, url := []string{"--data", cfg.Data}, []string{"--url", "https://" + cfg.API.Listen, "--ca", ca.CA}
	out := must(t, append([]string{"token", "create", "grafana", "--expires", "90d"}, data...)...)
	secret := strings.TrimSpace(out)
	ask := append([]string{"exporters"}, url...)
	for _, c := range []struct {
		name string
		args []string
		env  string
		says string
	}{
		{"by flag", append(ask, "--token", secret), "", ""},
		{"by the environment", ask, secret, ""},
		{"none", ask, "", "weir token create"},
		{"a wrong one", append(ask, "--token", "x"), secret, "not known"},
		{"an authority that is not known", []string{"exporters", "--url", "https://" + cfg.API.Listen}, secret, "certificate"},
		{"half of a client certificate", append(ask, "--cert", cert), secret, "belong together"},
		{"the socket needs none", append([]string{"exporters"}, data...), "", ""},
	} {
		t.Setenv(tokenVariable, c.env)
		code, _, errs := weir(t, c.args...)
		if (code == command.OK) != (c.says == "") || !strings.Contains(errs, c.says) {
			t.Errorf("%s: exit %d, %s", c.name, code, errs)
		}
	}
	list := jsonOf[[]token.Token](t, must(t, append([]string{"token", "list", "--format", "json"}, data...)...))
	if len(list) != 1 || list[0].Name != "grafana" || list[0].Scope != token.Read || list[0].Expires.Sub(list[0].Created) != 90*24*time.Hour {
		t.Errorf("%+v", list)
	}
	if text := must(t, append([]string{"token", "list"}, data...)...); strings.Contains(text, secret) || !strings.Contains(text, "grafana") {
		t.Errorf("%s", text)
	}
	must(t, append([]string{"token", "revoke", "grafana"}, data...)...)
	if code, _, errs := weir(t, append(ask, "--token", secret)...); code != command.Failed || !strings.Contains(errs, "revoked") {
		t.Errorf("revoked: exit %d, %s", code, errs)
	}
	text, err := os.ReadFile(filepath.Join(cfg.Data, audit.FileName))
	if err != nil || strings.Contains(string(text), secret) || !strings.Contains(string(text), `"method":"token create","path":"grafana read"`) {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestTokensWrongUse(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"token"}, 2, "create, list or revoke"},
		{[]string{"token", "create"}, 2, "1 arg"},
		{[]string{"token", "create", "a", "--scope", "root", "--data", dir}, 2, "read, act or admin"},
		{[]string{"token", "create", "a", "--expires", "soon", "--data", dir}, 2, "90d"},
		{[]string{"token", "create", "a", "--expires", "0d", "--data", dir}, 2, "90d"},
		{[]string{"token", "create", "a", "--expires", "9999999999w", "--data", dir}, 2, "90d"},
		{[]string{"token", "create", "a b", "--data", dir}, 1, "letters"},
		{[]string{"token", "revoke", "a", "--data", dir}, 1, "no token"},
		{[]string{"token", "list", "--data", dir + "/none"}, 1, "--data DIR"},
	} {
		if code, _, errs := weir(t, c.args...); code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%v: exit %d, %s", c.args, code, errs)
		}
	}
}

// freeTCP returns a TCP address that nobody uses just now.
func freeTCP(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
